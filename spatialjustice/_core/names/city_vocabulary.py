"""The words of questions about a city as a whole; part of the one vocabulary (``vocabulary.py``)."""

from __future__ import annotations

from spatialjustice._core.names.word import Word

ENVIRONMENT: dict[str, Word] = {}
"""What people are exposed to."""

PARTICIPATION: dict[str, Word] = {}
"""Reports, ballots and projects."""

CITIES: dict[str, Word] = {
    "city": Word("the column that says which city a row is in; of one city, its id"),
    "cut_at": Word("the value at which measurements were cut: it stands for so much or more", "unit of the values"),
    "blocks": Word("which cells are drawn together, since neighbours are alike"),
    "cells": Word("how many cells, or blocks of them, each estimate rests on"),
    "compared": Word("what is compared: folders of finished runs, or one table of cells or cities"),
    "about": Word("a table with a row for each city, joined by its id"),
    "standard_error": Word("the standard error of each estimate", "unit of the estimates"),
}
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
