"""Who can be reached online, where only the share of people who meet each condition is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.frames import require_ids
from spatialjustice.digital._by_group import VALUES
from spatialjustice.digital._people import people_in, shares_in
from spatialjustice.inequality._inputs import Floats, Values, aligned_by_id, checked_share

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

WITHIN, WITHOUT, NOT_KNOWN = "ok", ("beyond_cutoff", "unreachable", "off_network"), (
    "outside_data", "no_supply", "no_population",
)  # fmt: skip
"""What the statuses of :func:`spatialjustice.access.status` say of reaching a place."""


@dataclass(frozen=True)
class Remote:
    """What the shares of people who meet each condition say of those who meet all.

    Parameters
    ----------
    floor
        Sum of the shares less the number of further conditions; below 0 where nobody need meet all.
    ceiling
        The smallest share.
    product
        The share who meet all if the conditions had nothing to do with each other.
    known
        Zones in which every share is known; elsewhere the others are 0.
    """

    floor: Floats
    ceiling: Floats
    product: Floats
    known: NDArray[np.bool_]

    def within(self, part: Floats) -> dict[str, Floats]:
        """Return the share of people who are of a part and meet all conditions: least, independent, most (Fréchet)."""
        return {
            VALUES[0]: np.maximum(0.0, part + self.floor - 1.0),
            VALUES[1]: part * self.product,
            VALUES[2]: np.minimum(part, self.ceiling),
        }

    def outside(self, part: Floats) -> dict[str, Floats]:
        """Return the share of people who are of a part and lack a condition: the rest of those who meet all."""
        met = self.within(part)
        return {
            VALUES[0]: part - met[VALUES[2]],
            VALUES[1]: part * (1.0 - self.product),
            VALUES[2]: part - met[VALUES[0]],
        }


def near_of(physical: Values, name: str) -> pd.Series[Any]:
    """Return the share of each zone's people who reach a place: of shares, of yes and no, or of statuses.

    Raises
    ------
    InputError
        When it is none of these.
    """
    if not isinstance(physical, pd.Series):
        return pd.Series(shares_in(physical, name))
    require_ids(physical, name)
    if physical.dtype != object and not isinstance(physical.dtype, pd.CategoricalDtype | pd.StringDtype):
        return pd.Series(shares_in(physical, name), physical.index)
    told = physical.astype(object)
    meaning: dict[Any, float] = {WITHIN: 1.0, **dict.fromkeys(WITHOUT, 0.0), **dict.fromkeys(NOT_KNOWN, np.nan)}
    meaning |= {True: 1.0, False: 0.0}
    strange = told.notna() & ~told.isin(list(meaning))
    if strange.any():
        raise InputError(
            name,
            f"{int(strange.sum()):,} are neither a share nor a status, the first is {told[strange].iloc[0]!r}",
            "Give shares from 0 to 1, yes and no, or what access.status returns.",
            rows=physical.index[strange],
        )
    return told.map(meaning).astype(float)


def remote_of(
    connected: Values, able: Values | pd.DataFrame | None, like: pd.Series[Any], name: str
) -> tuple[Remote, tuple[str, ...]]:
    """Return what is known of people who can be reached online, in the order of ``like``, and the conditions' names."""
    given: dict[str, Any] = {"connected": connected}
    if isinstance(able, pd.DataFrame):
        if not len(able.columns):
            raise InputError("able", "it has no columns", "Give a column for each condition, or leave it out.")
        given |= {f"able: {column}": able[column] for column in able.columns}
    elif able is not None:
        given["able"] = able
    shares = []
    for what, values in given.items():
        shares_in(values, what)
        shares.append(np.clip(aligned_by_id(values, what, like, name), 0.0, 1.0))
    table = np.array(shares)
    known: NDArray[np.bool_] = np.asarray(~np.isnan(table).any(axis=0))
    table = np.where(known, table, 0.0)
    floor = np.where(known, table.sum(axis=0) - (len(table) - 1), 0.0)
    return Remote(floor, table.min(axis=0), table.prod(axis=0), known), tuple(given)


def counted_in(people: Values, like: pd.Series[Any], name: str) -> Floats:
    """Return people in the order of ``like``, refusing numbers nobody can live with."""
    return people_in(people, like, name)


def worth_of(remote_share: float, remote_value: float) -> float:
    """Return what being reached online only counts, beside 1 for reaching a place."""
    return checked_share(remote_share, "remote_share") * checked_share(remote_value, "remote_value")


def columns_of(parts: Mapping[str, Mapping[str, Floats]], people: Floats) -> dict[str, Floats]:
    """Return people by label and value, as columns ``label: value``."""
    return {f"{label}: {value}": people * shares[value] for label, shares in parts.items() for value in VALUES}


def exactly(share: Floats) -> dict[str, Floats]:
    """Return a share that is known, for each of the values."""
    return dict.fromkeys(VALUES, share)
