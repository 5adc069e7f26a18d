"""What is asked of zones: who is excluded, what describes every zone, who lives there, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice._core.frames import require_crs, require_geometry, require_ids
from spatialjustice._core.ground.metres import metres_of
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice.inequality._inputs import Floats, aligned_by_id, checked_choice, refuse_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

Direction = Literal["higher is worse", "lower is worse"]
DIRECTIONS = ("higher is worse", "lower is worse")
FEWEST_ZONES = 30
"""Measured zones below which nothing is learned."""
FEWEST_OF_A_CLASS = 10
"""Zones of the rarer class below which nothing is learned."""
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked, checked; zones in the order of their ids as text, so that the order of rows changes nothing.

    Parameters
    ----------
    ids
        Ids of the zones.
    outcome
        Share of each zone that is excluded, or 1 for an excluded zone and 0 for another; NaN where not measured.
    people
        What each zone counts.
    described
        A column for each variable; NaN where not known.
    names
        What the variables are called.
    xy
        Middle of each zone in metres.
    income
        What the simple rule looks at; None where there is none.
    what
        What the outcome is called.
    line, direction
        Beyond which value a zone is excluded, and on which side; a share is looked at where the line is None.
    counted
        Whether people were given.
    """

    ids: pd.Index[Any]
    outcome: Floats
    people: Floats
    described: Floats
    names: tuple[str, ...]
    xy: Floats
    income: Floats | None
    what: str
    line: float | None
    direction: Direction
    counted: bool

    @property
    def classes(self) -> bool:
        """Whether zones are excluded or not, rather than a share of them."""
        return self.line is not None

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Zones that can teach: somebody lives there, the outcome is known, and so is a variable."""
        return self.usable & ~np.isnan(self.outcome)

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Zones of which something can be said: somebody lives there, and a variable is known."""
        return (self.people > 0) & ~np.isnan(self.described).all(axis=1)

    def only(self, rows: NDArray[Any]) -> Question:
        """Return the question about some of the zones."""
        return Question(
            self.ids[rows],
            self.outcome[rows],
            self.people[rows],
            self.described[rows],
            self.names,
            self.xy[rows],
            None if self.income is None else self.income[rows],
            self.what,
            self.line,
            self.direction,
            self.counted,
        )


def asked(
    zones: gpd.GeoDataFrame,
    *,
    outcome: str | pd.Series[Any],
    variables: Sequence[str],
    line: float | None = None,
    direction: Direction = "higher is worse",
    people: str | pd.Series[Any] | None = None,
    rank_by: str | None = None,
    needs_outcome: bool = True,
) -> Question:
    """Check zones and columns, and return the question.

    Raises
    ------
    InputError
        When a column is missing or holds no numbers, an outcome without a line is no share, or the outcome describes
        itself.
    """
    require_ids(zones, "zones")
    require_crs(zones, "zones")
    require_geometry(zones, "zones")
    checked_choice(direction, DIRECTIONS, "direction")
    names = _names(zones, variables, outcome)
    order = np.argsort(zones.index.astype(str).to_numpy(), kind="stable")
    known = isinstance(outcome, pd.Series) or needs_outcome or outcome in zones
    found = column_of(zones, outcome, "outcome") if known else np.full(len(zones), np.nan)
    values = np.column_stack([column_of(zones, name, name) for name in names])
    refuse_rows(
        np.asarray(np.isinf(values).any(axis=1)),
        zones.index,
        "variables",
        "zones have an infinite value",
        "Check them.",
    )
    middles = shapely.get_coordinates(shapely.centroid(np.asarray(zones.to_crs(metres_of(zones).crs).geometry.array)))
    return Question(
        zones.index[order],
        excluded(found, zones.index, line, direction)[order],
        _people(zones, people)[order],
        values[order],
        names,
        middles[order],
        None if rank_by is None else column_of(zones, rank_by, "rank_by")[order],
        outcome if isinstance(outcome, str) else str(outcome.name or "outcome"),
        line,
        direction,
        people is not None,
    )


def _names(zones: gpd.GeoDataFrame, variables: Sequence[str], outcome: str | pd.Series[Any]) -> tuple[str, ...]:
    names = (variables,) if isinstance(variables, str) else tuple(variables)
    if not names:
        raise InputError("variables", "there are none", "Name columns of the zones that describe them.")
    missing = [name for name in names if name not in zones]
    if missing:
        columns = ", ".join(map(str, zones.columns))
        raise InputError("variables", f"the zones have no column {', '.join(missing)}", f"They have: {columns}.")
    itself = outcome if isinstance(outcome, str) else outcome.name
    if itself in names:
        raise InputError(
            "variables", f"{itself} is the outcome itself", "What is to be guessed cannot describe itself."
        )
    if len(set(names)) < len(names):
        raise InputError("variables", "a column is named twice", "Name each once.")
    return names


def column_of(zones: gpd.GeoDataFrame, column: str | pd.Series[Any], name: str) -> Floats:
    """Return a column of numbers by its name, or a Series matched by id, in the order of the zones.

    Raises
    ------
    InputError
        When it is missing, or holds no numbers.
    """
    if isinstance(column, pd.Series):
        like = pd.Series(0.0, index=zones.index)
        return aligned_by_id(column, name, like, "zones")
    if column not in zones:
        columns = ", ".join(map(str, zones.columns))
        raise InputError(name, f"the zones have no column {column}", f"They have: {columns}.")
    return as_floats(zones[column], column)


def _people(zones: gpd.GeoDataFrame, people: str | pd.Series[Any] | None) -> Floats:
    if people is None:
        return np.ones(len(zones))
    counts = column_of(zones, people, "people")
    refuse_rows(
        ~(np.isfinite(counts) & (counts >= 0)),
        zones.index,
        "people",
        "numbers are missing, infinite or negative",
        "Give 0 where nobody lives.",
    )
    return counts


def excluded(found: Floats, ids: pd.Index[Any], line: float | None, direction: Direction) -> Floats:
    """Return the share that is excluded, or 1 and 0 beside a line; missing stays missing.

    Raises
    ------
    InputError
        When there is no line and a value is no share.
    """
    worse_high = direction == "higher is worse"
    if line is not None:
        over = found > line if worse_high else found < line
        return np.where(np.isnan(found), np.nan, over.astype(float))
    refuse_rows(
        (found < -ROUNDING) | (found > 1 + ROUNDING),
        ids,
        "outcome",
        "values are no shares from 0 to 1",
        "Write 25 percent as 0.25, or give a line beyond which a zone is excluded.",
    )
    shares = np.clip(found, 0.0, 1.0)
    return shares if worse_high else 1.0 - shares


def require_enough(question: Question) -> None:
    """Refuse to learn from too few zones, or where all are alike.

    Raises
    ------
    InputError
        When there are too few.
    """
    taught = question.outcome[question.measured]
    if len(taught) < FEWEST_ZONES:
        found = f"only {len(taught):,} zones are measured, lived in and described"
        raise InputError("outcome", found, f"At least {FEWEST_ZONES} are needed to learn from and to check against.")
    if question.classes:
        rarer = int(min(taught.sum(), len(taught) - taught.sum()))
        if rarer < FEWEST_OF_A_CLASS:
            found = f"only {rarer:,} of {len(taught):,} zones lie on one side of the line"
            raise InputError("line", found, f"Choose a line with at least {FEWEST_OF_A_CLASS} zones on each side.")
    elif np.ptp(taught) == 0:
        raise InputError("outcome", "it is the same in all zones", "There is nothing to learn.")
