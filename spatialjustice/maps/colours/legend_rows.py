"""A legend: its classes, who is in each, and which of them lie within the limits of the study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from spatialjustice.maps.colours import palette

BADLY_OFF = ("beyond_cutoff", "unreachable", "off_network")
"""Reasons that are no gap in what is known: these people are the worst off."""


@dataclass(frozen=True, slots=True)
class Row:
    """One class: its key, label and swatch, the zones in it, and the people who live there (None when not known)."""

    key: str
    label: str
    swatch: palette.Swatch
    zones: int
    people: float | None

    @property
    def value(self) -> bool:
        """Whether zones of this class are drawn by value, and not by a reason for having none."""
        return self.key.startswith("class_")


@dataclass(frozen=True, slots=True)
class Legend:
    """The legend of one indicator and the class (position of the row) of each zone."""

    rows: tuple[Row, ...]
    classes: np.ndarray
    method: str
    limits: tuple[tuple[int, float], ...] = ()
    """The limits of the study, rising, each with the position of the last row within it."""
    upper: tuple[float, ...] = ()
    """The upper limit of each class of numbers, itself included."""
    scale: tuple[tuple[float, str, palette.Swatch], ...] = ()
    """Every class of ways, those too in which nobody is today, up to an open one: upper limit, label, look."""

    @property
    def limit(self) -> float | None:
        """The widest limit of the study; None where there is none."""
        return self.limits[-1][1] if self.limits else None

    @property
    def beyond(self) -> np.ndarray:
        """Whether each zone lies beyond the widest limit, or without any way."""
        if not self.limits:
            return np.zeros(len(self.classes), dtype=bool)
        last = self.limits[-1][0]
        rows = [n for n, row in enumerate(self.rows) if (row.value and n > last) or row.key in BADLY_OFF]
        return np.isin(self.classes, rows)

    @property
    def within(self) -> np.ndarray:
        """Whether each zone lies within the widest limit."""
        rows = [n for n, row in enumerate(self.rows) if self.limits and row.value and n <= self.limits[-1][0]]
        return np.isin(self.classes, rows)

    @property
    def people(self) -> float | None:
        """All people on the map, in whichever class; None when not known."""
        known = [row.people for row in self.rows if row.people is not None]
        return float(sum(known)) if known else None
