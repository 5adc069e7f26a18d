"""Goals that are more than one sum over people, and all goals by their names."""
