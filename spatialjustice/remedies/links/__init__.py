"""What is missing between people and places: links of the street network, and vehicles of a line."""
