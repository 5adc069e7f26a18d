"""Values shuffled between zones: random permutations, and exact sums over pairs."""
