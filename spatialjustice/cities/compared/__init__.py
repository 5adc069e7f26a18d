"""Cities beside one another: drawn together, ranked, taken apart, held against their class."""
