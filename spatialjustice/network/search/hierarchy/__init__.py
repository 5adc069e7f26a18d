"""A hierarchy of junctions with shortcuts: many to many without searching."""
