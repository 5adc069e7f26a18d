"""OpenStreetMap: streets, services and what they offer, buildings and the ground of a map."""
