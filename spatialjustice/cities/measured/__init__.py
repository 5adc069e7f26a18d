"""What is measured in each city, and how sure it is."""
