"""Classes, colours and legends."""
