"""What people of the cloud half run: the command `sicfar`, the audit, the steps of a restoration."""
