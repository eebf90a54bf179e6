"""From an announced object to recorded counts."""
