"""Runs of one place: the zones that they share are drawn together, so that what both have in common widens nothing."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice import cities
from spatialjustice.inequality.distribution.zone_rows import FEWEST
from spatialjustice.study.comparing.compared import CITY, ZONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.study.comparing.compared import Compared, Material

    Floats = NDArray[np.float64]

NEAR = 0.001
"""Degrees between the middles of zones with one id within which they are the same zone."""
WHERE = ("lng", "lat")
PLACE = "place"


class Pair(NamedTuple):
    """How far two runs of one place lie apart, and in how many of their zones the first has more, or less."""

    error: float
    shared: int
    more: int
    less: int


def shared_zones(frame: pd.DataFrame) -> dict[frozenset[str], pd.Index[Any]]:
    """Return the zones that each two runs share: one id, and one place.

    Ids alone prove nothing: zones of any city may be numbered from 1.
    """
    if ZONE not in frame.columns:
        return {}
    found = {}
    of_run = {str(run): rows.set_index(ZONE) for run, rows in frame.groupby(CITY, sort=False)}
    for one, other in combinations(of_run, 2):
        first, second = of_run[one], of_run[other]
        if not (first.index.is_unique and second.index.is_unique):
            continue
        ids = first.index.intersection(second.index)
        away = (first.loc[ids, list(WHERE)] - second.loc[ids, list(WHERE)]).abs().max(axis=1)
        ids = ids[(away <= NEAR).to_numpy()]
        if len(ids):
            found[frozenset((one, other))] = ids
    return found


def paired(
    material: Material, one: Compared, measure: str, pair: tuple[str, str], *, replications: int, seed: int
) -> Pair:
    """Return the standard error of the difference between two runs of one place, from squares drawn for both at once.

    Zones that only one of them has are drawn with the others of their square, and count in that run alone.

    Parameters
    ----------
    material
        The zones of all runs.
    one
        What is compared.
    measure
        ``mean``, or ``share_beyond`` its limit.
    pair
        The runs.
    replications
        Draws of squares.
    seed
        What they follow from.
    """
    ids = material.shared[frozenset(pair)]
    parts = []
    for run in pair:
        rows = material.frame[material.frame[CITY] == run]
        key = rows[ZONE].where(rows[ZONE].isin(ids), f"{run}: " + rows[ZONE])
        values = rows[one.name].astype(float)
        if measure == "share_beyond" and one.cutoff is not None:
            beyond = values > one.cutoff if one.direction == "lower is better" else values < one.cutoff
            values = beyond.astype(float).where(values.notna())
        people = rows[one.people].astype(float) if one.people else pd.Series(1.0, rows.index)
        made = {"people": people.where(values.notna(), 0.0), "values": values, "lng": rows["lng"], "lat": rows["lat"]}
        parts.append(pd.DataFrame(made).set_axis(pd.Index(key), axis=0))
    zones = pd.concat(parts)
    zones = zones[~zones.index.duplicated()].sort_index()
    blocks = cities.square_blocks(
        zones.assign(**{PLACE: PLACE}), city=PLACE, size=float(material.settings["blocks"])
    ).to_numpy()
    sums = []
    for part in parts:
        there = part.reindex(zones.index)
        living = there["people"].fillna(0.0).to_numpy(dtype=float)
        had = living * there["values"].fillna(0.0).to_numpy(dtype=float)
        sums.append((_by(blocks, had), _by(blocks, living)))
    both = [part.loc[ids, "values"] for part in parts]
    counted = (parts[0].loc[ids, "people"] > 0) | (parts[1].loc[ids, "people"] > 0)
    more, less = ((sign * (both[0] - both[1]) > 0) & counted for sign in (1, -1))
    return Pair(_error(sums, replications, seed), len(ids), int(more.sum()), int(less.sum()))


def _by(blocks: NDArray[np.int64], amounts: Floats) -> Floats:
    return np.bincount(blocks, amounts).astype(float)


def _error(sums: list[tuple[Floats, Floats]], replications: int, seed: int) -> float:
    """Return how far the difference of two means varies from draw to draw of the same squares."""
    lived = np.flatnonzero(sums[0][1] + sums[1][1])
    if len(lived) < FEWEST:
        return np.nan
    times = np.random.default_rng(seed).multinomial(len(lived), np.full(len(lived), 1 / len(lived)), size=replications)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = [(times * had[lived]).sum(axis=1) / (times * people[lived]).sum(axis=1) for had, people in sums]
    return float(np.nanstd(means[0] - means[1], ddof=1))
