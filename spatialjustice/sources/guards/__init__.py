"""What every reader asks of a file: that it is whole, undamaged, and makes no library open anything else."""
