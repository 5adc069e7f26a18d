"""Drawn ways of trips: how far along them calls lie, and how they look on a map."""
