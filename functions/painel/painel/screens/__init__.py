"""One module per screen: its route, what it asks the database, which template shows it."""
