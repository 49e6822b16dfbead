"""The one training loop, and all it needs to stop anywhere and go on exactly."""
