"""Areas on the map: the ground within reach of places."""
