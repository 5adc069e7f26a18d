"""Every minute of a window in one pass: the search, its kernels, and its answers as they are kept."""
