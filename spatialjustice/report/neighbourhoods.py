"""Where the badly served live: adjoining zones of one neighbourhood together, and how districts stand."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatialjustice._core.frames import metric_crs
from spatialjustice._core.machine.recalled import Recalled, content_of
from spatialjustice.maps.placed import different, has_status
from spatialjustice.report.standing import UNREACHED, WITHOUT_RANK, standing, weights_of

if TYPE_CHECKING:
    from typing import Literal

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.maps import Indicator

    Links = tuple[NDArray[np.int64], NDArray[np.int64]]
    Rule = Literal["beyond", "few", "tenth", "highest", "lowest", "label", "gap"]

MOST = 10
"""Neighbourhoods that are numbered on the map."""
NO_AREA = ("main street", "street", "direction", "number")
"""What zones are called by where neither an area around them nor a place near them has a name."""
LEAST = 0.5
"""People below which a neighbourhood is only counted: written without decimals, nobody would live there."""
TOUCHING = 1.0
"""Metres apart up to which zones adjoin: borders drawn twice do not fall together to the bit."""
CLUSTERS = ("high-high", "hot spot", "worse served than need predicts", "always")
"""Labels of zones that are badly served together with those around them."""


@dataclass(frozen=True)
class Neighbourhood:
    """Adjoining badly served zones of one name; zones in which nobody lives do not part them.

    ``zones`` are their places among all zones; ``named`` is that of most people, ``middle`` the one nearest to where
    these people live on average; ``value`` is the mean of their people, NaN where none of them has a value.
    """

    zones: tuple[int, ...]
    named: int
    middle: int
    people: float
    value: float


@dataclass(frozen=True)
class BadlyServed:
    """The badly served zones of an indicator, by neighbourhood, those with most people first.

    ``rule`` says who counts as badly served: those ``beyond`` the limit, those who have too ``few``, the ``tenth`` of
    people who are worst off, the tenth with the ``highest`` or ``lowest`` values of what is no service, those in
    clusters (``label``), or those from whom no way leads anywhere (``gap``).
    ``people`` are all of them, whether their neighbourhood is among the first or not, and ``count`` is the number of
    all neighbourhoods.
    """

    rule: Rule
    people: float
    count: int
    first: tuple[Neighbourhood, ...]


@dataclass(frozen=True, eq=False)
class Layout:
    """How zones lie: the neighbourhood of each, the pairs that touch, and a point in each in metres."""

    parts: pd.Series[Any]
    links: Links
    middles: NDArray[np.float64]
    nameless: NDArray[np.bool_]
    """Zones that have no name but a number: a neighbourhood is called by another of its zones, where one has a name."""

    @cached_property
    def alike(self) -> Links:
        """The pairs of one neighbourhood that touch."""
        codes, (one, other) = np.asarray(pd.factorize(self.parts)[0]), self.links
        same = codes[one] == codes[other]
        return one[same], other[same]

    @classmethod
    def of(cls, zones: gpd.GeoDataFrame) -> Layout:
        """Return it for zones, whose column ``neighbourhood`` (else ``name``, else the id) says where they are.

        Where ``named_by`` says that the name is not that of an area, as of a street, it is no border.
        """
        parts = next((zones[name] for name in ("neighbourhood", "name") if name in zones), zones.index.to_series())
        nameless = np.zeros(len(zones), dtype=bool)
        if "named_by" in zones:
            parts = parts.where(~zones["named_by"].isin(NO_AREA))
            nameless = (zones["named_by"] == "number").to_numpy()
        shapes = _in_metres(zones)
        return cls(parts, _touching(shapes), shapely.get_coordinates(shapely.point_on_surface(shapes)), nameless)


def adjoining(zones: gpd.GeoDataFrame) -> Links:
    """Return pairs of places of zones that touch, corners included.

    Examples
    --------
    >>> import geopandas as gpd
    >>> row = gpd.GeoDataFrame(geometry=[shapely.box(x, 0, x + 100, 100) for x in (0, 100, 300)], crs=32632)
    >>> [pair.tolist() for pair in adjoining(row)]
    [[0], [1]]
    """
    return _touching(_in_metres(zones))


def _in_metres(zones: gpd.GeoDataFrame) -> NDArray[Any]:
    return np.asarray(zones.geometry.to_crs(metric_crs(zones)).array, dtype=object)


_known_links = Recalled(64_000_000)
"""Pages and what is taken away tell of the same zones."""


def _touching(shapes: NDArray[Any]) -> Links:
    def find() -> Links:
        one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCHING)
        once = one < other
        return one[once], other[once]

    one, other = _known_links.answer(content_of(shapes), find)
    return one, other


def badly_served(
    indicator: Indicator, layout: Layout, *, people: pd.Series[Any] | None, count: int = MOST
) -> BadlyServed | None:
    """Group the badly served zones by neighbourhood.

    Parameters
    ----------
    indicator
        Values on the ids of all zones.
    layout
        How these zones lie.
    people
        People of each zone; None counts zones.
    count
        How many neighbourhoods to tell of.

    Returns
    -------
    BadlyServed
        None where nothing says who is badly served.
    """
    weights = weights_of(indicator, people)
    if indicator.kind == "lisa" and indicator.labels is not None:
        there = different(indicator.labels)
        label = next((one for one in CLUSTERS if one in there), None)
        found: tuple[Rule, NDArray[np.bool_]] | None = None
        if label is not None:
            found = "label", (indicator.labels == label).to_numpy()
    else:
        found = _badly(indicator, people)
    return None if found is None else _grouped(found[0], found[1] & (weights > 0), indicator, weights, layout, count)


def gaps_of_streets(
    indicator: Indicator, layout: Layout, *, people: pd.Series[Any] | None, count: int = MOST
) -> BadlyServed | None:
    """Group the zones from which no way leads anywhere: mostly gaps of the street map, to be checked on the ground.

    Arguments are as those of :func:`badly_served`; None where there are no such zones in which people live.
    """
    if indicator.status is None or indicator.labelled:
        return None
    weights = weights_of(indicator, people)
    bad = has_status(indicator, *UNREACHED) & (weights > 0)
    return _grouped("gap", bad, indicator, weights, layout, count) if bad.any() else None


def _badly(indicator: Indicator, people: pd.Series[Any] | None) -> tuple[Rule, NDArray[np.bool_]] | None:
    """Tell which zones are badly served, and by which rule: a limit, a line, else the worst-served tenth of people."""
    if indicator.values is None or indicator.labelled or indicator.better == "none" or indicator.kind == "change":
        return None
    beyond = None if indicator.status is None else has_status(indicator, "beyond_cutoff")
    if beyond is not None and beyond.any():
        return "beyond", beyond
    lower = indicator.better == "lower is better"
    values = indicator.values.to_numpy(dtype=float)
    if indicator.line is not None:
        return "few", values > indicator.line if lower else values < indicator.line
    told = standing(indicator, people=people)
    within_limit = beyond is not None and indicator.kind == "cost"
    if math.isnan(told.mean) or within_limit or told.centiles[0] == told.centiles[-1]:
        # All that are known are within the limit, or nobody is worse off than others.
        return None
    end = told.worst_tenth(indicator.better)
    cut_off = has_status(indicator, *UNREACHED, *WITHOUT_RANK)
    rule: Rule = "tenth" if indicator.served else "highest" if lower else "lowest"
    return rule, (values >= end if lower else values <= end) & ~cut_off


def _grouped(
    rule: Rule,
    bad: NDArray[np.bool_],
    indicator: Indicator,
    weights: NDArray[np.float64],
    layout: Layout,
    count: int,
) -> BadlyServed:
    (one, other), middles = layout.alike, layout.middles
    # Zones in which nobody lives do not part those around them.
    joining = bad | (weights == 0)
    same = joining[one] & joining[other]
    joined = coo_array((np.ones(int(same.sum())), (one[same], other[same])), shape=(len(bad), len(bad)))
    group = connected_components(joined, directed=False)[1]
    rows = np.flatnonzero(bad)
    _, first, of_row = np.unique(group[rows], return_index=True, return_inverse=True)
    living = np.bincount(of_row, weights=weights[rows])
    order = np.lexsort((first, -living))
    measured = indicator.values is not None and not indicator.labelled
    values = indicator.values.to_numpy(dtype=float) if measured else np.full(len(bad), np.nan)  # type: ignore[union-attr]
    made = []
    for number in order[: min(count, int((living >= LEAST).sum()))]:
        zones = rows[of_row == number]
        counted, known, nameless = weights[zones], np.isfinite(values[zones]), layout.nameless[zones]
        away = np.hypot(*(middles[zones] - np.average(middles[zones], axis=0, weights=counted)).T)
        mean = float(np.average(values[zones][known], weights=counted[known])) if known.any() else math.nan
        made.append(
            Neighbourhood(
                zones=tuple(int(zone) for zone in zones),
                named=int(zones[np.argmax(counted if nameless.all() else np.where(nameless, -1.0, counted))]),
                middle=int(zones[np.argmin(away)]),
                people=float(counted.sum()),
                value=mean,
            )
        )
    return BadlyServed(rule, float(weights[rows].sum()), len(order), tuple(made))


def districts_ranked(
    indicator: Indicator, district: pd.Series[Any], *, people: pd.Series[Any] | None = None
) -> pd.DataFrame:
    """Tell how each district stands: its people, those beyond the limit, and the way of its worst-served tenth.

    Parameters
    ----------
    indicator
        Values on zone ids, with ``status`` where people may be beyond a limit.
    district
        The district of each zone; missing outside all districts.
    people
        People of each zone; None counts zones.

    Returns
    -------
    DataFrame
        By district, missing for zones outside all of them: ``people`` of whom something is known, ``beyond`` (of them
        beyond the limit, or without any way; missing where the indicator has no limit), ``share_beyond``,
        ``unreached`` (without any way), ``unknown`` (people of whom nothing is known), ``mean`` of those with a value,
        and ``worst_tenth``: what the worst-served tenth has at least (at most, where more is better), infinite where
        they have no way at all. Those with most people beyond come first, without a limit those with the worst mean.

    Examples
    --------
    >>> from spatialjustice.maps import Indicator
    >>> status = pd.Series(["ok", "beyond_cutoff"])
    >>> walk = Indicator("walk", "Walk", pd.Series([4.0, 18.0]), unit="minutes", status=status)
    >>> found = districts_ranked(walk, pd.Series(["Old Town", "Hill"]), people=pd.Series([30.0, 10.0]))
    >>> found["beyond"].to_dict()
    {'Hill': 10.0, 'Old Town': 0.0}
    """
    assert indicator.values is not None  # noqa: S101 - the caller ranks numbers
    index = indicator.values.index
    weights = pd.Series(weights_of(indicator, people), index=index)
    status = None if indicator.status is None else indicator.status.reindex(index)
    limited = status is not None and status.isin(["beyond_cutoff", *UNREACHED]).any()
    rows = {}
    for name, zones in weights.groupby(district.reindex(index).to_numpy(), dropna=False).groups.items():
        part = _part(indicator, zones)
        told = standing(part, people=weights[zones])
        unreached = beyond = math.nan
        known = told.people
        if limited and status is not None:
            there = status[zones]
            unknown = there.isin(["outside_data", "unknown_service", "no_supply"]) | there.isna()
            known = float(weights[zones][~unknown].sum())
            beyond = float(weights[zones][there.isin(["beyond_cutoff", *UNREACHED])].sum())
            unreached = float(weights[zones][there.isin(UNREACHED)].sum())
        rows[name] = {
            "people": known,
            "beyond": beyond,
            "share_beyond": beyond / known if known else math.nan,
            "unreached": unreached,
            "unknown": float(weights[zones].sum()) - known,
            "mean": told.mean,
            "worst_tenth": told.worst_tenth(indicator.better) if told.centiles else math.nan,
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    bad = -table["mean"] if indicator.better == "higher is better" else table["mean"]
    order = table.assign(bad=bad, name=[str(name) for name in table.index])
    keys = ["beyond", "bad", "name"] if limited else ["bad", "name"]
    order = order.sort_values(keys, ascending=[False] * (len(keys) - 1) + [True], na_position="last", kind="stable")
    return table.loc[order.index]


def _part(indicator: Indicator, zones: pd.Index[Any]) -> Indicator:
    assert indicator.values is not None  # noqa: S101 - the caller ranks numbers
    status = None if indicator.status is None else indicator.status.reindex(zones)
    return replace(indicator, values=indicator.values.loc[zones], status=status, labels=None, interval=None)
