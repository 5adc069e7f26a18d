"""Who is asked about: people, what they have now, and which sites they could have, all in the order of their ids."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialjustice._core.errors import InputError, PopulationError, a_kind
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import differ_by_zeros, require_ids
from spatialjustice._core.numbers.checks import as_floats, checked_travel_costs
from spatialjustice._core.provenance import sources_of
from spatialjustice.access._cost_tables import PairCosts, as_travel_costs
from spatialjustice.network.costs import TravelCosts
from spatialjustice.network.cutoffs import checked_cutoff
from spatialjustice.remedies.engine.rows import Rows, in_order, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spatialjustice.access._cost_tables import AnyCosts

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """All that a question about sites begins with.

    Attributes
    ----------
    rows
        Travel costs of the zones that count, from low to high; those that are no lower than ``before`` are left out.
    people
        People of these zones.
    before
        What it costs them now; infinite for those who reach nothing, and for all where nothing exists.
    limit
        The highest cost that counts: a longer way, or none, counts as this.
    everybody
        People of all zones, as they were given.
    set_aside
        Ids of the zones with people who reach nothing now and would reach no site, in order.
    has_existing
        Whether anything was said about what there is now.
    """

    rows: Rows
    people: Floats
    before: Floats
    limit: float
    everybody: pd.Series[Any]
    set_aside: pd.Index[Any]
    has_existing: bool
    findings: tuple[Finding, ...] = ()
    sources: tuple[Any, ...] = field(default=())

    @property
    def capped(self) -> Floats:
        """What it costs now, no more than the limit."""
        return np.minimum(self.before, self.limit)

    @property
    def people_set_aside(self) -> float:
        """People who reach nothing now and would reach no site."""
        return float(math.fsum(self.everybody.loc[self.set_aside])) if len(self.set_aside) else 0.0

    @property
    def told_limit(self) -> float | None:
        """The limit where one was given, by a cutoff."""
        return self.limit if self.rows.cutoff is not None else None

    def where(self, sites: Iterable[Any], name: str) -> NDArray[np.int64]:
        """Return the positions of site ids.

        Raises
        ------
        InputError
            When one is no site of the travel costs.
        """
        given = listed_ids(sites, name)
        places = self.rows.site_ids.get_indexer(given)
        if (places < 0).any():
            unknown = given[places < 0]
            raise InputError(
                name,
                f"{len(unknown):,} are no sites of the travel costs",
                f"Give ids of destinations of the travel costs.{differ_by_zeros(unknown, self.rows.site_ids)}",
                rows=unknown,
            )
        return np.asarray(places, dtype=np.int64)


def listed_ids(ids: Any, name: str) -> pd.Index[Any]:
    """Return ids that were given as a list, an index or the index of a frame or Series, each once.

    Raises
    ------
    InputError
        When it is a single text, or nothing that can be listed.
    """
    if ids is None:
        return pd.Index([], dtype=object)
    if isinstance(ids, pd.DataFrame | pd.Series):
        index: pd.Index[Any] = ids.index
        return index.drop_duplicates()
    if isinstance(ids, str) or not hasattr(ids, "__iter__"):
        raise InputError(name, f"it is {ids!r}", "Give a list of ids, also of one.")
    listed: pd.Index[Any] = pd.Index(list(ids))
    return listed.drop_duplicates()


def checked_people(people: Any, name: str = "people") -> pd.Series[Any]:
    """Return people as numbers on their ids.

    Raises
    ------
    InputError
        When they are no Series.
    PopulationError
        When a number is missing, infinite or negative, or all are 0.
    """
    if not isinstance(people, pd.Series):
        raise InputError(name, f"it is {a_kind(people)}", "Give a Series on the ids of the zones.")
    require_ids(people, name)
    numbers = as_floats(people, name)
    wrong = ~(numbers >= 0) | np.isinf(numbers)
    if wrong.any():
        raise PopulationError(
            name,
            f"{int(wrong.sum()):,} numbers are negative, missing or infinite",
            "Give the people of each zone, 0 where nobody lives. A code for “no data” must be made missing first, and "
            "what is missing decided.",
            rows=people.index[wrong],
        )
    if not numbers.any():
        raise PopulationError(name, "all are 0", "Nobody would be counted. Check the column of people.")
    return pd.Series(numbers, index=people.index, name=people.name)


def on_zones(values: Any, zones: pd.Index[Any], name: str) -> Floats:
    """Return a Series of numbers in the order of the zones.

    Raises
    ------
    InputError
        When it is no Series, or a zone with people has none.
    """
    if not isinstance(values, pd.Series):
        raise InputError(name, f"it is {a_kind(values)}", "Give a Series on the ids of the zones.")
    require_ids(values, name)
    absent = zones.difference(values.index, sort=False)
    if len(absent):
        raise InputError(
            name,
            f"{len(absent):,} zones with people have no value",
            f"Give one for each zone.{differ_by_zeros(absent, values.index)}",
            rows=absent,
        )
    return as_floats(values, name)[values.index.get_indexer(zones)]


def present_cost(existing: Any, zones: pd.Index[Any], unit: str | None) -> Floats:
    """Return what it costs each zone now: from travel costs to what exists, or as a Series says; infinite for no way.

    Raises
    ------
    InputError
        When it is neither, in another unit, or travel costs do not begin in all zones.
    """
    if isinstance(existing, pd.Series):
        require_ids(existing, "existing")
        absent = zones.difference(existing.index, sort=False)
        if len(absent):
            raise InputError(
                "existing",
                f"{len(absent):,} zones with people are not there",
                f"Give each zone its present cost, missing or infinite where there is no way."
                f"{differ_by_zeros(absent, existing.index)}",
                rows=absent,
            )
        found = checked_travel_costs(existing, "existing", unit=unit)[existing.index.get_indexer(zones)]
        wrong = found < 0
        if wrong.any():
            raise InputError(
                "existing", f"{int(wrong.sum()):,} costs are negative", "A cost is 0 or more.", rows=zones[wrong]
            )
        found[np.isnan(found)] = np.inf
        return found
    asked = as_travel_costs(existing, None)
    if asked.unit and unit and asked.unit != unit:
        raise InputError(
            "existing", f"it is in {asked.unit}, the costs are in {unit}", "Ask for both in the same unit."
        )
    places = asked.from_ids.get_indexer(zones)
    if isinstance(asked, TravelCosts) and (places < 0).any():
        raise InputError(
            "existing",
            f"{int((places < 0).sum()):,} zones with people are no origins of it",
            "Ask for travel costs from all zones.",
            rows=zones[places < 0],
        )
    closest = asked._closest() if len(asked.to_ids) else np.full(len(asked.from_ids), np.inf)  # noqa: SLF001
    return np.where(places >= 0, closest[places] if closest.size else np.inf, np.inf)


def case_of(
    costs: AnyCosts | pd.DataFrame,
    *,
    people: pd.Series[Any],
    existing: Any = None,
    cutoff: float | None = None,
    forbidden: Any = None,
    without: Any = None,
) -> Case:
    """Check what a question about sites begins with, and put it in the order of ids.

    Parameters
    ----------
    costs
        From the zones to all sites that could be chosen.
    people, existing, cutoff
        As :func:`spatialjustice.remedies.open_sites`.
    forbidden
        Sites that are left aside from the start: they do not decide who counts.
    without
        Sites that cannot be chosen, but decide who counts and what the highest cost is, so that plans with and without
        them are of the same people.

    Raises
    ------
    InputError
        When ids do not match, nobody reaches anything, or a number cannot be used.
    """
    everybody = checked_people(people)
    asked = as_travel_costs(costs, None)
    limit = asked.cutoff if cutoff is None else asked.checked(checked_cutoff(cutoff))
    limit = None if limit is None or math.isinf(limit) else limit
    zones = in_order(everybody.index[everybody.to_numpy() > 0])
    _require_same_zones(asked, everybody, zones)
    sites = in_order(asked.to_ids)
    aside, closed = (_barred(ids, name, asked, sites) for ids, name in ((forbidden, "forbidden"), (without, "without")))
    before = np.full(len(zones), np.inf) if existing is None else present_cost(existing, zones, asked.unit)
    useful = None if existing is None else before
    rows, highest = rows_of(asked, zones, sites[~sites.isin(aside)], limit, before=useful)
    reaches = (np.diff(rows.start) > 0) | np.isfinite(before)
    if not reaches.any():
        raise InputError(
            "costs",
            "nobody is in reach of any site" + (f" within {limit:g} {asked.unit or ''}".rstrip() if limit else ""),
            "Ask for travel costs with a higher cutoff, or look whether sites and zones are of one place.",
        )
    set_aside = zones[~reaches]
    highest = float(limit) if limit is not None else _highest(highest, before)
    if len(closed):
        rows = rows.without(rows.site_ids.isin(closed))
    missing = _pairs_missing(rows, before, reaches)
    kept_rows = Rows(
        np.concatenate([rows.start[:1], rows.start[1:][reaches]]),
        rows.site,
        rows.cost,
        zones[reaches],
        rows.site_ids,
        rows.unit,
        rows.cutoff,
    )
    count = everybody.to_numpy()[everybody.index.get_indexer(zones)]
    found = [*_told_unreachable(everybody, set_aside), *asked.findings]
    if missing and limit is None:
        found.append(_told_missing(missing, highest, asked.unit))
    return Case(
        kept_rows,
        count[reaches],
        before[reaches],
        highest,
        everybody,
        set_aside,
        existing is not None,
        tuple(found),
        tuple(sources_of(people, costs)),
    )


def _barred(ids: Any, name: str, asked: AnyCosts, sites: pd.Index[Any]) -> pd.Index[Any]:
    """Return sites that may not be chosen; a table of pairs does not tell of those that nobody reaches."""
    listed = listed_ids(ids, name)
    strangers = listed.difference(sites, sort=False)
    if len(strangers) and isinstance(asked, TravelCosts):
        raise InputError(
            name,
            f"{len(strangers):,} are no sites of the travel costs",
            f"Give ids of destinations of the travel costs.{differ_by_zeros(strangers, sites)}",
            rows=strangers,
        )
    return listed


def _require_same_zones(asked: AnyCosts, everybody: pd.Series[Any], zones: pd.Index[Any]) -> None:
    """Refuse costs that begin where nothing is known of people, and (but in a table) people without costs."""
    strangers = asked.from_ids.difference(everybody.index, sort=False)
    if len(strangers):
        raise InputError(
            "people",
            f"{len(strangers):,} origins of the travel costs have no number of people",
            f"Give one for each, 0 where nobody lives.{differ_by_zeros(strangers, everybody.index)}",
            rows=strangers,
        )
    absent = zones.difference(asked.from_ids, sort=False)
    if len(absent) and not isinstance(asked, PairCosts):
        raise InputError(
            "people",
            f"{len(absent):,} ids are no origins of the travel costs",
            "Ask for travel costs from all of them, so that nobody is left out.",
            rows=absent,
        )


def _pairs_missing(rows: Rows, before: Floats, reaches: NDArray[np.bool_]) -> int:
    """Count pairs that are not there and matter: of zones that could end up with nothing."""
    open_ = reaches & np.isinf(before)
    return int((len(rows.site_ids) - np.diff(rows.start)[open_]).sum())


def _highest(found: float, before: Floats) -> float:
    known = before[np.isfinite(before)]
    return max(found, float(known.max()) if known.size else 0.0)


def _told_unreachable(everybody: pd.Series[Any], set_aside: pd.Index[Any]) -> list[Finding]:
    if not len(set_aside):
        return []
    people = float(everybody.loc[set_aside].sum())
    return [
        Finding(
            "no_site_in_reach",
            "warning",
            f"{people:,.0f} people in {len(set_aside):,} zones reach nothing now and would reach no site: they are set "
            "aside and named, and no plan can be judged by them.",
            count=len(set_aside),
            people=people,
            advice="Look at them on the map: streets or candidate sites may be missing there, or the cutoff is low.",
        )
    ]


def _told_missing(missing: int, highest: float, unit: str | None) -> Finding:
    return Finding(
        "pairs_missing",
        "warning",
        f"{missing:,} pairs of zone and site have no cost and there is no cutoff: a zone that a plan leaves with "
        f"nothing counts with {highest:,g}{' ' + unit if unit else ''}, the highest cost in the table.",
        count=missing,
        advice="Give a cutoff, beyond which all ways count alike, or the missing pairs.",
    )
