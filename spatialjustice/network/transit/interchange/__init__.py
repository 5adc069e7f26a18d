"""Where one gets on, changes and stays seated, as feeds tell of it: doors of stations, changes, blocks of trips."""
