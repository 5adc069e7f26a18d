"""One engine for nearly all goals: which sites make the sum over people of what they bear the least."""
