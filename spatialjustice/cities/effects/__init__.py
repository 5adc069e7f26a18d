"""What goes with what: components against dimensions, with grades of evidence and what is missing."""
