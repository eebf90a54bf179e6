"""Followed files: which stream lies in which file, what is new in it, and what its lines mean."""
