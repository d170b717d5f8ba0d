"""One notebook: read from its bytes, matched with its exercise, run apart."""
