"""What divides groups of people: gaps, what explains them, and how apart the groups live."""
