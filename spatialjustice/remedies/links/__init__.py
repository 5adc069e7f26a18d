"""Links of the street network that are missing."""
