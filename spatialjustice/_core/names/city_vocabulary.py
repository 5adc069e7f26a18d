"""The words of questions about a city as a whole; part of the one vocabulary (``vocabulary.py``)."""

from __future__ import annotations

from spatialjustice._core.names.word import Word

ENVIRONMENT: dict[str, Word] = {}
"""What people are exposed to."""

PARTICIPATION: dict[str, Word] = {}
"""Reports, ballots and projects."""

BALLOTS: dict[str, Word] = {
    "ballots": Word("ballots of a vote, counted by kind; a ballot is no person", "ballots"),
    "elections": Word("votes on a budget: where, when, for whom"),
    "votes": Word("votes on a budget that were read from their own files, by id"),
    "projects": Word("projects that people voted on: what each costs, whether it was selected, where it is"),
    "meta": Word("what a vote says about itself, by key"),
    "money": Word("what a person of each zone has of projects: their cost within reach, or for each person", "money"),
    "clusters": Word("the column of what is drawn anew as a whole, for example districts"),
    "category": Word("the class that is looked at, for example a way to vote"),
}
"""Votes on a city's budget, and what they pay for."""

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
    **BALLOTS,
    **CITIES,
    **MONITORING,
    **PREDICTION,
    **REMOTE_AND_POVERTY,
}
