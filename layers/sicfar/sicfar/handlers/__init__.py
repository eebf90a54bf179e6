"""What the handlers of `functions/` share."""
