"""Streets and places cut into square tiles, so that a country is searched piece by piece with the same answers."""
