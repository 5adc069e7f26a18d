"""What the machine gives: compiled loops, memory and threads."""
