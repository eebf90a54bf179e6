"""Lots that are complete close."""
