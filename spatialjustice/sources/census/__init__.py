"""Census offices: tables and zones by theme, from the United States and from Europe."""
