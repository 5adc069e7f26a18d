"""What a run leaves so that it can be checked, cited and repeated, and what is done with it."""
