"""Pages without a map: sentences, tables and charts that are read from top to bottom."""
