"""Rasters of people and of heights."""
