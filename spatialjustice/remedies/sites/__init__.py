"""Where places could stand, open, close or move, and who goes where when they hold only so many."""
