"""Clusters as other sections' maps show them, and how they were tested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spatialjustice import catalogue
from spatialjustice.study.engine.texts import cutoff_in, number_in, sentence, word_in

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.space.settings import Neighbours, SpaceKeys


def clusters_of(results: Results[SpaceKeys], mode: str, called: str) -> dict[str, pd.DataFrame]:
    """Return the statistics of every zone of one surface, by their names, with a row for every zone."""
    return {
        statistic: found.reindex(results.zones.index)
        for (by, name, statistic), found in results["space"].local.items()
        if (by, name) == (mode, called)
    }


def how_tested(results: Results[SpaceKeys]) -> dict[str, Callable[[str], str]]:
    """Return what fills the gaps of a note on clusters: the statistic, neighbours, significance and permutations."""
    study, settings = results.study, results.study.clusters
    return {
        "statistic": word_in(f"study.statistic.{settings.local[0]}"),
        "neighbours": _neighbours(settings.neighbours),
        "level": lambda language: catalogue.number(settings.significance, language, percent=True),
        "adjusted": word_in(f"study.adjusted.{settings.adjust}"),
        "permutations": number_in(study.permutations),
        "seed": lambda language: catalogue.digits(str(results.seed), language),
    }


def _neighbours(rule: Neighbours) -> Callable[[str], str]:
    """Write which zones are neighbours."""
    if rule.nearest is not None:
        count = float(rule.nearest)
        return sentence("study.neighbours.nearest", count=number_in(count)).__getitem__
    for name, limit in (("distance", rule.distance), ("travel_time", rule.travel_time)):
        if limit is not None:
            return sentence(f"study.neighbours.{name}", limit=cutoff_in(limit)).__getitem__
    return word_in("study.neighbours.contiguity")
