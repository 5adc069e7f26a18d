"""What lies on a map: zones, places and ground, packed small and drawn by our own canvas."""
