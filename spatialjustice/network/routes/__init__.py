"""Ways that can be drawn: the streets that are within reach, and the cheapest way between two places."""
