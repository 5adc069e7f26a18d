"""Who votes on a city's budget, where, how old, and in which way: ballots, which are not people."""
