"""What citizens told their city: votes on projects, and reports."""
