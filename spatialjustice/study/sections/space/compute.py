"""Whether places with much and with little lie together: neighbours, the whole place, and zone by zone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import inequality
from spatialjustice._core.errors import InputError
from spatialjustice._core.machine.threads import spans
from spatialjustice.inequality.space._graph import numbered_links
from spatialjustice.inequality.space.moran import local_morans, morans
from spatialjustice.inequality.space.neighbours import by_location
from spatialjustice.inequality.space.neighbours.by_travel_time import links_by_travel_time
from spatialjustice.inequality.space.shuffling import draws
from spatialjustice.inequality.space.shuffling.together import BESIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.inequality.space.neighbours.links import Links
    from spatialjustice.study.engine.outcome import Outcome, Surface
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.space.settings import SpaceKeys
    from spatialjustice.study.sections.streets.compute import StreetNetworks

Local = dict[tuple[str, str, str], pd.DataFrame]
"""Statistics of every zone by mode, service and statistic."""


@dataclass(frozen=True)
class Clusters:
    """Statistics of the whole place, and of every zone by mode, what it is called and statistic."""

    whole: pd.DataFrame
    local: Local


def compute(work: Work[SpaceKeys]) -> Clusters:
    """Return the statistics in space of the whole place and of every zone, where the study asks for them."""
    study, people, seed = work.study, work["people"], work.seed
    if study.space is None and ("local_moran" not in study.measures or not study.measures_ways):
        return Clusters(pd.DataFrame(), {})
    links = cache(lambda: neighbours(study, work["zones"], work["streets"], people))

    def told(key: str, doing: Callable[[], Any]) -> Any:
        work.now(f"clusters: {key}")
        return work.part(key, doing)

    outcomes, surfaces = work.gathered("outcomes"), work.gathered("surfaces")
    few_outcomes = _few_alike([one.amounts for one in outcomes], people)
    few_surfaces = _few_alike([amounts for *_, amounts in surfaces], people)
    work.expect(len(few_outcomes) * _of_whole_place(study) + len(few_surfaces) * len(study.clusters.local))
    return Clusters(
        whole=work.step(
            "clusters",
            lambda: whole_place(study, outcomes, few_outcomes, links, work["zones"], people, seed, part=told),
        ),
        local=work.step(
            "clusters zone by zone",
            lambda: zone_by_zone(study, surfaces, few_surfaces, links, people, seed, part=told),
        ),
    )


def rest(_: Work[SpaceKeys]) -> None:
    """Let go of the permutations."""
    draws.let_go()


def _few_alike(amounts: Sequence[pd.Series[Any]], counted: pd.Series[Any]) -> list[list[int]]:
    """Return a few places at a time of what is known of the same zones: their statistics share what is drawn."""
    lived_in = counted.index[counted > 0]
    alike: dict[bytes, list[int]] = {}
    for place, one in enumerate(amounts):
        alike.setdefault(_on_zones(one, counted, lived_in).notna().to_numpy().tobytes(), []).append(place)
    return [places[begin:end] for places in alike.values() for begin, end in spans(len(places), BESIDE)]


def rounds(study: SpaceKeys) -> int:
    """Return how many statistics the progress bar counts, as far as the study file tells them."""
    if study.space is None and ("local_moran" not in study.measures or not study.measures_ways):
        return 0
    outcomes = sum(1 + len(study.cutoffs_of(mode)) for mode in study.modes)
    local = len(study.clusters.local) * len(study.modes)
    return len(study.services) * (_of_whole_place(study) * outcomes + local)


def _of_whole_place(study: SpaceKeys) -> int:
    return len(study.clusters.statistics) + (study.clusters.need is not None)


def neighbours(study: SpaceKeys, frame: gpd.GeoDataFrame, networks: StreetNetworks, counted: pd.Series[Any]) -> Links:
    """Find the neighbours of every zone where people live by the study's rule."""
    frame = frame.loc[counted.index[counted > 0]]
    rule = study.clusters.neighbours
    if rule.nearest is not None:
        return by_location.links_to_nearest(frame, k=min(rule.nearest, len(frame) - 1))
    if rule.distance is not None:
        return by_location.links_by_distance(frame, cutoff=rule.distance.value)
    if rule.travel_time is not None:
        limit = rule.travel_time
        costs = networks[study.modes[0].key].travel_costs(
            frame, frame, cutoff=limit.value, unit=limit.measure, snap_limit=study.snap_limit
        )
        return links_by_travel_time(costs, cutoff=limit.value, zones=frame)
    assert rule.contiguity is not None  # noqa: S101 - the settings hold one of the four
    return by_location.links_by_contiguity(frame, tolerance=rule.contiguity)


def whole_place(  # noqa: PLR0917 - what a study has, in the order in which it was made
    study: SpaceKeys,
    outcomes: Sequence[Outcome],
    together: Sequence[Sequence[int]],
    links: Callable[[], Links],
    frame: gpd.GeoDataFrame,
    counted: pd.Series[Any],
    seed: int,
    *,
    part: Callable[[str, Callable[[], Any]], Any],
) -> pd.DataFrame:
    """Return the statistics of the whole place: a row for each outcome and statistic, or why there is none.

    Only zones where people live take part. Every statistic is of the zones, not of the people in them, but for
    ``spatial_gini``, which is. ``together`` are places of outcomes that are asked for at a time, and ``part`` keeps
    what they have. Neighbours are looked for when the first statistic needs them.
    """
    settings = study.clusters
    asked = [*settings.statistics, *(["lee"] if settings.need else [])]
    lived_in, there = counted[counted > 0], counted.where(counted > 0, 0.0)
    need = frame[settings.need].reindex(lived_in.index) if settings.need else lived_in
    options: dict[str, Any] = {"rng": seed, "permutations": study.permutations}

    def statistics(name: str, columns: list[pd.Series[Any]]) -> list[pd.Series[Any] | InputError]:
        if name == "moran":
            return _each_or_why_not(lambda: morans(columns, links(), missing="own class", **options), len(columns))
        return [_or_why_not(partial(statistic, name, values)) for values in columns]

    def statistic(name: str, values: pd.Series[Any]) -> pd.Series[Any]:
        if name == "lee":
            return inequality.lee(need, values, links(), missing="own class", **options)
        if name == "spatial_gini":
            # Its weights are people, so that only zones with a value can take part.
            valued = values.dropna().index
            around = links() if len(valued) == len(values) else links().subgraph(valued)
            return inequality.spatial_gini(values[valued], around, weights=lived_in[valued], **options)
        found: pd.Series[Any] = getattr(inequality, name)(values, links(), missing="own class", **options)
        return found

    def told(few: Sequence[Outcome], name: str) -> list[dict[str, Any]]:
        columns = [_on_zones(one.amounts, counted, lived_in.index) for one in few]
        found = statistics(name, columns)
        known = columns[0].notna().to_numpy()
        takes_part = known
        if name != "spatial_gini" and not all(isinstance(one, InputError) for one in found):
            takes_part = known & _linked(links(), lived_in.index, known)
        numbers = lived_in.to_numpy()
        people = float(numbers.sum()), float(numbers[takes_part].sum()), float(numbers[known & ~takes_part].sum())
        return [
            _row(outcome, name, settings.neighbours.label, one, people, there)
            for outcome, one in zip(few, found, strict=True)
        ]

    made: dict[tuple[int, str], dict[str, Any]] = {}
    for places in together:
        few = [outcomes[place] for place in places]
        called = "; ".join(" ".join(map(str, one.named.values())) for one in few)
        for name in asked:
            rows = part(f"{name} of {called}", partial(told, few, name))
            made |= {(place, name): row for place, row in zip(places, rows, strict=True)}
    return pd.DataFrame([made[place, name] for place in range(len(outcomes)) for name in asked])


def _or_why_not(statistic: Callable[[], Any]) -> Any:
    """Return a statistic, or the error that says why there is none."""
    try:
        return statistic()
    except InputError as reason:
        return reason


def _each_or_why_not(statistics: Callable[[], list[Any]], count: int) -> list[Any]:
    """Return statistics of several outcomes; where there are no neighbours at all, each has the error that says so."""
    found = _or_why_not(statistics)
    return [found] * count if isinstance(found, InputError) else found


def _on_zones(amounts: pd.Series[Any], counted: pd.Series[Any], lived_in: pd.Index[Any]) -> pd.Series[Any]:
    """Return what the zones have where people live; their ids are looked up only where they come in another order."""
    of_all: Any = amounts.reindex(counted.index).array
    found = pd.Series(of_all[(counted > 0).to_numpy()], index=lived_in, name=amounts.name)
    found.attrs = amounts.attrs
    return found


def _row(
    outcome: Outcome,
    name: str,
    rule: str,
    found: pd.Series[Any] | InputError,
    people: tuple[float, float, float],
    there: pd.Series[Any],
) -> dict[str, Any]:
    """Return a row of the table: a statistic of an outcome and whose it is, or why there is none.

    ``people`` are all who live in the zones, those who take part, and those whom no neighbour does; ``there`` are the
    people of each zone.
    """
    row = {**outcome.named, "measure": name, "neighbours": rule}
    if isinstance(found, InputError):
        # Too few zones, or the same everywhere: the table says why there is no statistic.
        return {**row, "note": f"no statistic: {found.found}"}
    numbers = {str(key): value.item() if isinstance(value, np.generic) else value for key, value in found.items()}
    total, counted, alone = people
    why = outcome.why_left_out(there.reindex(outcome.amounts.index, fill_value=0.0))
    reasons = [why, f"{alone:,.0f} people: no neighbouring zone takes part" if alone else ""]
    return {
        **row,
        **numbers,
        "people": counted,
        "people_left_out": total - counted,
        "left_out_because": "; ".join(reason for reason in reasons if reason),
        "note": "",
    }


def _linked(links: Links, ids: pd.Index[Any], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which zones have a neighbour that is known as they are."""
    order, one, two, weight = numbered_links(ids, links)
    among = known[order]
    both = (weight > 0) & among[one] & among[two]
    found = np.zeros(len(ids), dtype=bool)
    found[order[one[both]]] = found[order[two[both]]] = True
    return found


def zone_by_zone(
    study: SpaceKeys,
    surfaces: Sequence[Surface],
    together: Sequence[Sequence[int]],
    links: Callable[[], Links],
    counted: pd.Series[Any],
    seed: int,
    *,
    part: Callable[[str, Callable[[], Any]], Any],
) -> Local:
    """Return the statistics of every zone for anything that zones have: by mode, what it is called and statistic.

    Only zones where people live take part; those that cannot reach the service are a class of their own. There is none
    where too few zones take part, or the value is the same everywhere, which the table of the whole place says.
    ``together`` and ``part`` are as in :func:`whole_place`.
    """
    settings = study.clusters
    lived_in = counted.index[counted > 0]
    options: dict[str, Any] = {
        "rng": seed,
        "permutations": study.permutations,
        "adjust": settings.adjust,
        "significance": settings.significance,
        "missing": "own class",
    }

    def told(name: str, few: Sequence[Surface]) -> list[pd.DataFrame | None]:
        columns = [_on_zones(amounts, counted, lived_in) for *_, amounts in few]
        if name == "local_moran":
            found = _each_or_why_not(lambda: local_morans(columns, links(), **options), len(columns))
        else:
            of = getattr(inequality, name)
            found = [_or_why_not(partial(of, values, links(), **options)) for values in columns]
        return [None if isinstance(one, InputError) else one for one in found]

    made: dict[tuple[int, str], pd.DataFrame | None] = {}
    for places in together:
        few = [surfaces[place] for place in places]
        called = "; ".join(f"{called} {mode}" for mode, called, _ in few)
        for name in settings.local:
            tables = part(f"{name} of {called}", partial(told, name, few))
            made |= {(place, name): table for place, table in zip(places, tables, strict=True)}
    return {
        (mode, called, name): table
        for place, (mode, called, _) in enumerate(surfaces)
        for name in settings.local
        if (table := made[place, name]) is not None
    }
