"""What the maps show of reach: the way to the nearest place, places within each limit, and clusters of the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice import access, maps
from spatialjustice.study.engine.texts import cutoff_in, cutoff_text, sentence
from spatialjustice.study.sections.services.settings import OwnService
from spatialjustice.study.sections.space.page import clusters_of, how_tested
from spatialjustice.study.sections.streets.settings import STRAIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.reach.results import Reach
    from spatialjustice.study.sections.space.settings import SpaceKeys

AMOUNT = "amount"
"""The maps' unit of what a user's own column counts: a plain number, named by its title alone."""


def indicators(results: Results[SpaceKeys], mode: Travel) -> list[maps.Indicator]:
    """Return the maps of every service by a mode."""
    return [made for item in results["reach"] if item.mode.key == mode.key for made in _of_service(results, item)]


def limits(results: Results[SpaceKeys], mode: Travel) -> dict[str, Texts]:
    """Return the limit beyond which people are out of reach, by the key of the map's indicator."""
    widest = cutoff_text(results.study.widest(mode))
    return {f"{item.service}_{item.unit}": widest for item in results["reach"] if item.mode.key == mode.key}


def _of_service(results: Results[SpaceKeys], item: Reach) -> list[maps.Indicator]:
    study = results.study
    cutoffs = study.cutoffs_of(item.mode)
    way = STRAIGHT if study.streets == STRAIGHT else item.mode.name
    common: dict[str, Any] = {"group": results.titles[item.service], "service": item.service, "mode": way}
    counted = {one.name for one in study.services if isinstance(one, OwnService) and one.count}
    made = []
    if "cost_to_closest" in study.measures:
        made.append(
            maps.Indicator(
                key=f"{item.service}_{item.unit}",
                title=sentence(f"study.way_{item.unit}", mode=item.mode.phrase),
                unit=item.unit,
                kind="cost",
                values=item.closest[item.unit],
                status=item.status,
                cutoffs=sorted({cutoff.value for cutoff in cutoffs if cutoff.measure == item.unit}),
                **common,
            )
        )
    if "cumulative_cutoff" in study.measures:
        for cutoff in cutoffs:
            status = access.status(item.costs[cutoff.measure], cutoff=cutoff.value, people=results.people)
            made.append(
                maps.Indicator(
                    key=f"{item.service}_within_{cutoff.key}",
                    title=sentence("study.places_within", limit=cutoff_in(cutoff)),
                    unit=AMOUNT if item.service in counted else "opportunities",
                    kind="count",
                    values=item.counts[cutoff.key],
                    status=status,
                    none=sentence("study.places_none", limit=cutoff_in(cutoff)),
                    **common,
                )
            )
    # The first local statistic is mapped; the others are in the table of zones.
    mapped = study.clusters.local[0]
    found = clusters_of(results, item.mode.key, item.service)
    if mapped in found:
        made.append(_clusters(results, item, found[mapped], common))
    return made


def _clusters(results: Results[SpaceKeys], item: Reach, found: pd.DataFrame, common: dict[str, Any]) -> maps.Indicator:
    labels: pd.Series[Any] = found["label"].astype(object)
    return maps.Indicator(
        key=f"{item.service}_clusters",
        title=sentence("study.way_clusters"),
        kind="lisa",
        values=found["statistic"],
        labels=labels.where(labels.notna(), "no data"),
        status=item.status.where((results.people == 0) | (item.status == "outside_data")),
        note=sentence(f"study.way_clusters_{item.unit}_note", mode=item.mode.phrase, **how_tested(results)),
        **common,
    )


def sentences(_results: Results[SpaceKeys], _mode: Travel) -> Iterator[Texts]:
    """Say that limits are closed."""
    yield sentence("study.method.limit")
