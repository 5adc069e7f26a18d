"""Matrices of other routers: whatever they are called and however they lie, they become travel costs here."""
