"""When places are open: opening hours at one moment, with the public holidays of each country."""
