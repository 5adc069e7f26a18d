"""Curves of inequality and bars of groups, as the page shows them, each with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice.catalogue import LANGUAGES, text_in, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    Text = str | Mapping[str, str]

SMOOTH = 5e-4
"""How far a drawn curve may be from the true one, as a share of its side."""


@dataclass(frozen=True)
class Curve:
    """A curve of inequality.

    Parameters
    ----------
    corners
        What ``inequality.lorenz_curve`` or ``concentration_curve`` returned: ``population_share``, ``value_share``.
    index
        The Gini or the concentration index that belongs to it.
    title
        What is spread, for example ``Libraries within 500 m``: one text, or one per language.
    low, high
        The interval of the index, where there is one.
    kind
        ``lorenz`` or ``concentration``.
    """

    corners: pd.DataFrame
    index: float
    title: Text
    low: float | None = None
    high: float | None = None
    kind: Literal["lorenz", "concentration"] = "lorenz"

    def __post_init__(self) -> None:
        missing = [name for name in ("population_share", "value_share") if name not in self.corners]
        if missing:
            raise InputError(
                "curve", f"there is no column {', '.join(missing)}", "Give what inequality.lorenz_curve returned."
            )
        shares = self.corners[["population_share", "value_share"]].to_numpy(dtype=float)
        if not np.isfinite(shares).all() or (shares < -1e-9).any() or (shares > 1 + 1e-9).any():
            raise InputError("curve", "some shares are not between 0 and 1", "Shares run from 0 to 1.")

    def as_record(self) -> dict[str, Any]:
        """Return the curve as the page draws it: corners that lie on a straight line are left out."""
        line = shapely.linestrings(self.corners[["population_share", "value_share"]].to_numpy(dtype=float))
        drawn = shapely.get_coordinates(shapely.simplify(line, SMOOTH)).round(5)
        measure = "gini" if self.kind == "lorenz" else "concentration_index"
        return {
            "kind": self.kind,
            "title": in_every_language(self.title),
            "x": drawn[:, 0].tolist(),
            "y": drawn[:, 1].tolist(),
            "index": {
                "name": {lang: words(lang)[f"measure.{measure}.title"] for lang in LANGUAGES},
                "value": self.index,
                "low": number_or_none(self.low),
                "high": number_or_none(self.high),
            },
        }


@dataclass(frozen=True)
class Bars:
    """One number for each group, with its interval; bars begin at 0 and go to both sides of it.

    Parameters
    ----------
    rows
        A row for each group: ``label`` (one text, or one per language), ``value``, ``low`` and ``high`` (NaN where
        there is no interval), ``same`` (whether its gap cannot be told from none), ``note``.
    title
        What the numbers are: one text, or one per language.
    percent
        Whether they are shares from 0 to 1.
    digits
        Decimals to write.
    """

    rows: Sequence[Mapping[str, Any]]
    title: Text
    percent: bool = False
    digits: int = 1

    def as_record(self) -> dict[str, Any]:
        """Return the bars as the page draws them."""
        return {
            "title": in_every_language(self.title),
            "percent": self.percent,
            "digits": self.digits,
            "rows": [
                {
                    "label": in_every_language(row["label"]),
                    **{name: number_or_none(row.get(name)) for name in ("value", "low", "high")},
                    "same": bool(row.get("same", False)),
                    "note": in_every_language(row.get("note", "")),
                }
                for row in self.rows
            ],
        }


def in_every_language(text: Text) -> str | dict[str, str]:
    """Return a text in every language of the catalogue; one that is the same everywhere stays as it is.

    Examples
    --------
    >>> in_every_language({"en": "Schools"})
    'Schools'
    """
    said = {lang: text_in(text, lang) for lang in LANGUAGES}
    return next(iter(said.values())) if len(set(said.values())) == 1 else said


def number_or_none(value: Any) -> float | None:
    """Return a number as JSON can hold it: None where there is none.

    Examples
    --------
    >>> number_or_none(float("nan")) is None
    True
    """
    if value is None or not math.isfinite(float(value)):
        return None
    return float(value)
