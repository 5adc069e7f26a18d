"""The words of questions about a city as a whole; part of the one vocabulary (``vocabulary.py``)."""

from __future__ import annotations

from spatialjustice._core.names.word import Word

ENVIRONMENT: dict[str, Word] = {}
"""What people are exposed to."""

PARTICIPATION: dict[str, Word] = {}
"""Reports, ballots and projects."""

CITIES: dict[str, Word] = {}
"""Cities beside one another, and their frame of components and dimensions."""

MONITORING: dict[str, Word] = {}
"""Indicators over time."""

PREDICTION: dict[str, Word] = {
    "model": Word("what was learned from zones where it is known, by ``risk_model``"),
    "blocks": Word("what is held out together: the side of squares, or the region of each zone", "metres"),
    "folds": Word("in how many parts the blocks are held out, one after the other"),
    "called": Word("what readers know columns and groups by; by language if need be"),
}
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
