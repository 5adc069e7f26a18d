"""The words of questions about a city as a whole; part of the one vocabulary (``vocabulary.py``)."""

from __future__ import annotations

from spatialjustice._core.names.word import Word

ENVIRONMENT: dict[str, Word] = {}
"""What people are exposed to."""

PARTICIPATION: dict[str, Word] = {
    "reports": Word("what residents report to their city: how many in each zone, or a row for each", "reports"),
    "incidents": Word("what is reported, a row for each with its observed life and repeated reports"),
    "lagged": Word("whether the need of neighbouring zones explains, too"),
    "spread": Word("whether the spread by chance is taken from the middle half of the zones, or from the model"),
    "distribution": Word("which distribution counts have by chance"),
    "overdispersion": Word("how it is allowed for that counts vary more than by chance"),
    "ends": Word("columns that say when something was not there any more"),
    "life": Word("how long something lasts if nobody reports it", "days"),
    "time_zone": Word("where the clocks stand of times that do not say it"),
    "time_format": Word("how times are written, as for strptime"),
}
"""Reports, ballots and projects."""

CITIES: dict[str, Word] = {}
"""Cities beside one another, and their frame of components and dimensions."""

MONITORING: dict[str, Word] = {}
"""Indicators over time."""

PREDICTION: dict[str, Word] = {}
"""Models of what nobody has measured."""

REMOTE_AND_POVERTY: dict[str, Word] = {}
"""Services that are also given online, several lacks at once, baskets of services."""

CITY_WORDS: dict[str, Word] = {
    **ENVIRONMENT,
    **PARTICIPATION,
    **CITIES,
    **MONITORING,
    **PREDICTION,
    **REMOTE_AND_POVERTY,
}
