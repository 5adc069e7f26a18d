"""Files on disk: written whole or not at all, received, kept for a run that goes on, and read with care."""
