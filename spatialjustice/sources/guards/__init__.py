"""What every way in asks of a file: that it is whole, undamaged, and opens nothing else."""
