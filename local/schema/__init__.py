"""The database's definition: what a catalog says, how two differ, and the migration from one to the other."""
