"""How far a risk can be trusted: scores with ranges, calibration, errors by group, and which variables matter."""
