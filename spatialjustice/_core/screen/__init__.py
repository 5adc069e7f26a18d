"""What is shown at once: on a terminal and in a notebook."""
