"""Dead letters: why they failed, and their way back to their source queue or out, on record with who asked for it."""
