"""Timetables of public transport, as GTFS feeds give them: which vehicle calls where, and when, on one day."""
