"""What every webhook has in common, whoever sends it."""
