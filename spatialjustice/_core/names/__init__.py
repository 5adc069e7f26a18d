"""Public names: loaded on first use, one vocabulary, and help for whoever writes another word."""
