"""What webhooks of all senders have in common."""
