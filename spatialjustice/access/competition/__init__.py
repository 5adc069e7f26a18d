"""Access where others want the same places: supply shared among all who come near."""
