"""Finished steps of a run, kept so that a run that was killed goes on."""
