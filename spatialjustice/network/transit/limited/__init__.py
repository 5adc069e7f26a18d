"""Public transport with limits: on boardings and on money, and windows of arrivals."""
