"""An installation on AWS: what it needs first, how a version gets there, whether it works."""
