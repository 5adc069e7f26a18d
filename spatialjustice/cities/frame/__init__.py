"""A city in the frame of components and dimensions."""
