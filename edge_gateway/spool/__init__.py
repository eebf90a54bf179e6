"""The spool: what was read and is not yet in the cloud, on the own disk of the gateway."""
