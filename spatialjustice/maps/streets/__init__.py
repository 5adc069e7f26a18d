"""Streets inside a page, from which it computes by itself."""
