"""Tables: their letters and numbers as they were meant, joined to zones, or read as points."""
