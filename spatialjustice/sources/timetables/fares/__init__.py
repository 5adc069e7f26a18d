"""What rides cost: rules, and where they are read from."""
