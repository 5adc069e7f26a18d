"""Pictures of maps, for print and for lists."""
