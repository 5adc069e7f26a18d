"""Whether places with much and with little lie together: neighbours, the whole place, and zone by zone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import inequality
from spatialjustice._core.errors import InputError
from spatialjustice.inequality.space._graph import numbered_links
from spatialjustice.inequality.space.neighbours import by_location
from spatialjustice.inequality.space.neighbours.by_travel_time import links_by_travel_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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
    work.expect(len(outcomes) * _of_whole_place(study) + len(surfaces) * len(study.clusters.local))
    return Clusters(
        whole=work.step(
            "clusters",
            lambda: whole_place(study, outcomes, links, work["zones"], people, seed, part=told),
        ),
        local=work.step(
            "clusters zone by zone",
            lambda: zone_by_zone(study, surfaces, links, people, seed, part=told),
        ),
    )


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


def whole_place(
    study: SpaceKeys,
    outcomes: Sequence[Outcome],
    links: Callable[[], Links],
    frame: gpd.GeoDataFrame,
    counted: pd.Series[Any],
    seed: int,
    *,
    part: Callable[[str, Callable[[], Any]], Any],
) -> pd.DataFrame:
    """Return the statistics of the whole place: a row for each outcome and statistic, or why there is none.

    Only zones where people live take part. Every statistic is of the zones, not of the people in them, but for
    ``spatial_gini``, which is. ``part`` keeps each statistic; neighbours are looked for when the first one needs them.
    """
    settings = study.clusters
    asked = [*settings.statistics, *(["lee"] if settings.need else [])]
    lived_in, there = counted[counted > 0], counted.where(counted > 0, 0.0)
    need = frame[settings.need].reindex(lived_in.index) if settings.need else lived_in
    options: dict[str, Any] = {"rng": seed, "permutations": study.permutations}

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

    def told(outcome: Outcome, name: str) -> dict[str, Any]:
        row = {**outcome.named, "measure": name, "neighbours": settings.neighbours.label}
        amounts = _on_zones(outcome.amounts, counted, lived_in.index)
        try:
            found = statistic(name, amounts)
        except InputError as reason:
            # Too few zones, or the same everywhere: the table says why there is no statistic.
            return {**row, "note": f"no statistic: {reason.found}"}
        numbers = {str(key): value.item() if isinstance(value, np.generic) else value for key, value in found.items()}
        known = amounts.notna().to_numpy()
        of_people = _people(outcome, known, links(), lived_in, there, islands=name == "spatial_gini")
        return {**row, **numbers, **of_people, "note": ""}

    rows = [
        part(f"{name} of {' '.join(map(str, outcome.named.values()))}", partial(told, outcome, name))
        for outcome in outcomes
        for name in asked
    ]
    return pd.DataFrame(rows)


def _on_zones(amounts: pd.Series[Any], counted: pd.Series[Any], lived_in: pd.Index[Any]) -> pd.Series[Any]:
    """Return what the zones have where people live; their ids are looked up only where they come in another order."""
    of_all: Any = amounts.reindex(counted.index).array
    found = pd.Series(of_all[(counted > 0).to_numpy()], index=lived_in, name=amounts.name)
    found.attrs = amounts.attrs
    return found


def _people(
    outcome: Outcome,
    known: NDArray[np.bool_],
    links: Links,
    people: pd.Series[Any],
    there: pd.Series[Any],
    *,
    islands: bool,
) -> dict[str, Any]:
    """Count the people of the zones that take part and of those that do not, and say why.

    ``people`` are those of the zones where people live, ``there`` those of all zones.
    """
    linked, numbers = known & _linked(links, people.index, known), people.to_numpy()
    counted = float(numbers[known if islands else linked].sum())
    why = outcome.why_left_out(there.reindex(outcome.amounts.index, fill_value=0.0))
    alone = 0.0 if islands else float(numbers[known & ~linked].sum())
    reasons = [why, f"{alone:,.0f} people: no neighbouring zone takes part" if alone else ""]
    return {
        "people": counted,
        "people_left_out": float(people.sum()) - counted,
        "left_out_because": "; ".join(reason for reason in reasons if reason),
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
    surfaces: Iterable[Surface],
    links: Callable[[], Links],
    counted: pd.Series[Any],
    seed: int,
    *,
    part: Callable[[str, Callable[[], Any]], Any],
) -> Local:
    """Return the statistics of every zone for anything that zones have: by mode, what it is called and statistic.

    Only zones where people live take part; those that cannot reach the service are a class of their own. There is none
    where too few zones take part, or the value is the same everywhere, which the table of the whole place says.
    """
    settings = study.clusters

    def told(name: str, lived_in: pd.Series[Any]) -> pd.DataFrame | None:
        try:
            made: pd.DataFrame = getattr(inequality, name)(
                lived_in,
                links(),
                rng=seed,
                permutations=study.permutations,
                adjust=settings.adjust,
                significance=settings.significance,
                missing="own class",
            )
        except InputError:
            return None
        return made

    found: Local = {}
    there = counted.index[counted > 0]
    for mode, called, amounts in surfaces:
        lived_in = _on_zones(amounts, counted, there)
        for name in settings.local:
            made = part(f"{name} of {called} {mode}", partial(told, name, lived_in))
            if made is not None:
                found[mode, called, name] = made
    return found
