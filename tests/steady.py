"""What makes a test the same everywhere: its name, its order and its result, on any machine and at any time.

A name is made of what is written in the file, never of bytes (a compressed text carries the clock) nor of the last
digits of a number that was worked out (they are the processor's). What hypothesis draws follows from the test's own
text, and no machine is too slow for it. ``SPATIALJUSTICE_NEW_CASES=1 make test`` looks for cases nobody has seen yet.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

NEW_CASES = bool(os.environ.get("SPATIALJUSTICE_NEW_CASES"))
LONGEST_NUMBER = 12

settings.register_profile(
    "steady",
    derandomize=not NEW_CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Call bytes by the name of the argument and a number, and round numbers that nobody would write like this."""
    if isinstance(val, bytes | bytearray):
        return argname
    if isinstance(val, float) and len(repr(val)) > LONGEST_NUMBER:
        return f"{val:.6g}"
    return None
