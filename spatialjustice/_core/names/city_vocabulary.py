"""The words of questions about a city as a whole; part of the one vocabulary (``vocabulary.py``)."""

from __future__ import annotations

from spatialjustice._core.names.word import Word

ENVIRONMENT: dict[str, Word] = {}
"""What people are exposed to."""

PARTICIPATION: dict[str, Word] = {}
"""Reports, ballots and projects."""

CITIES: dict[str, Word] = {}
"""Cities beside one another."""

COMPONENTS_AND_DIMENSIONS: dict[str, Word] = {
    "outcomes": Word("what is to be explained, a column each, by dimension of sustainability", "their own"),
    "controls": Word("what is held equal when an indicator and an outcome are looked at, a column each"),
    "effects": Word("what goes with what: the table of cities.effects"),
    "ratio": Word("how many times as likely something is", "1 where it is as likely"),
    "t_value": Word("an estimate divided by its standard error"),
    "degrees_of_freedom": Word("rows less coefficients"),
}
"""Which component goes with which dimension."""

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
    **COMPONENTS_AND_DIMENSIONS,
    **MONITORING,
    **PREDICTION,
    **REMOTE_AND_POVERTY,
}
