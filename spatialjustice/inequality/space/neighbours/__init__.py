"""Which zones are neighbours: by where they lie, or by the time it takes to travel between them."""
