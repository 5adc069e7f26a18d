"""A city looked at again and again: what is measured, on which dates, and what is said of it."""
