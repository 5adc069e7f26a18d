"""Departures one by one: where each gets when and by which vehicles, and several draws of when vehicles leave."""
