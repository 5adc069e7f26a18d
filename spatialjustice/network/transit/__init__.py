"""Public transport on top of streets: door to door, for every minute of a window."""
