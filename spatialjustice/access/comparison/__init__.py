"""One measure over several settings, and several measures side by side."""
