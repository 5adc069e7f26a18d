"""Plans side by side: what each does, what it costs to choose otherwise, and how far it can be relied upon."""
