"""How tenor keeps things on disk: whole or not at all, checked, and never executable."""
