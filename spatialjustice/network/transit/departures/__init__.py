"""One departure at a time: where it gets when, and by which vehicles."""
