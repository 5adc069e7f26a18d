"""The words of questions about a city as a whole; part of the one vocabulary (``vocabulary.py``)."""

from __future__ import annotations

from spatialjustice._core.names.word import Word

ENVIRONMENT: dict[str, Word] = {}
"""What people are exposed to."""

PARTICIPATION: dict[str, Word] = {}
"""Reports, ballots and projects."""

CITIES: dict[str, Word] = {}
"""Cities beside one another, and their frame of components and dimensions."""

MONITORING: dict[str, Word] = {
    "history": Word("indicators of zones on several dates, as ``history`` reads them"),
    "since": Word("the date from which a change is counted"),
    "until": Word("the date up to which a change is counted"),
    "statistic": Word("the one number that stands for all zones: mean, worst_tenth, gap"),
    "rules": Word("when to look at an indicator, stated beforehand"),
    "inputs": Word("what a measure is made of, by name: each as it was and as it is"),
    "reason": Word("why nothing was measured"),
    "bridge": Word("whether an earlier date is measured again with what is used now"),
    "replace": Word("whether what is there is to be replaced"),
    "wait": Word("how long to wait for another call to end", "seconds"),
}
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
