"""What all statistics in space share: settings, p-values, sums of link weights, and how the answer is laid out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.inequality._inputs import checked_choice, checked_share, checked_whole_number, seed_of
from spatialjustice.inequality.space._graph import with_sources_and_findings
from spatialjustice.inequality.space.shuffling.permutation import SAME, two_sided

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.inequality.space._graph import Neighbourhood
    from spatialjustice.inequality.space.shuffling.kinds import Counts, Rows


ADJUSTMENTS = ("fdr", "none")


class LocalSettings(NamedTuple):
    """Checked settings of a local statistic."""

    draws: int
    seed: int
    adjust: str
    level: float

    @classmethod
    def checked(
        cls, rng: int | np.random.Generator | None, permutations: int, adjust: str, significance: float
    ) -> LocalSettings:
        """Check the settings.

        Raises
        ------
        InputError
            When one of them cannot be used.
        """
        draws = checked_whole_number(permutations, "permutations", least=1)
        checked_choice(adjust, ADJUSTMENTS, "adjust")
        return cls(draws, seed_of(rng), adjust, checked_share(significance, "significance"))


class GlobalSettings(NamedTuple):
    """Checked settings of a statistic of the whole place."""

    draws: int
    seed: int

    @classmethod
    def checked(cls, rng: int | np.random.Generator | None, permutations: int) -> GlobalSettings:
        """Check the settings.

        Raises
        ------
        InputError
            When one of them cannot be used.
        """
        return cls(checked_whole_number(permutations, "permutations", least=1), seed_of(rng))


def global_series(
    measure: str,
    values: pd.Series[Any],
    neighbours: Graph,
    zones: Neighbourhood,
    *,
    found: dict[str, float],
    asked: GlobalSettings,
    **facts: Any,
) -> pd.Series[Any]:
    """Put a statistic of the whole place into the Series that all of them share; ``facts`` go into its ``attrs``."""
    zones_of_each_kind = {
        "n": len(zones.scores),
        "islands": int(zones.island.sum()),
        "no_data": int(zones.no_data.sum()),
    }
    entries = {**found, "permutations": asked.draws, "seed": asked.seed, **zones_of_each_kind}
    result = pd.Series(entries, dtype=object, name=values.name)
    result.attrs.update({**attrs_of_statistic(measure, values, zones, asked.draws, asked.seed), **facts})
    return cast("pd.Series[Any]", with_sources_and_findings(result, values, neighbours, *zones.findings()))


def standard_deviation(variance: float, statistic: str, *, least: float = SAME) -> float:
    """Return the root of a variance over all shuffles, which must be above the least.

    Raises
    ------
    InputError
        When it is not, because the statistic cannot differ.
    """
    if variance <= least:
        raise InputError(
            "neighbours",
            f"every shuffle of the values gives the same {statistic}",
            "This happens where every zone is a neighbour of every other. Use fewer neighbours.",
        )
    return float(np.sqrt(variance))


class Observed(NamedTuple):
    """A statistic of the zones that have neighbours, what chance would give, and their labels where significant.

    ``counts`` tell how each zone, with neighbours or not, stands among the permutations.
    """

    statistic: Floats
    expected: Floats
    counts: Counts
    kinds: NDArray[np.object_]


def local_table(
    measure: str,
    values: pd.Series[Any],
    neighbours: Graph,
    zones: Neighbourhood,
    *,
    found: Observed,
    asked: LocalSettings,
) -> pd.DataFrame:
    """Put a local statistic into the table that all of them share."""
    has = zones.has_neighbours
    p_value = two_sided(found.counts, asked.draws)[has]
    p_adjusted = benjamini_hochberg(p_value) if asked.adjust == "fdr" else p_value
    significant = p_adjusted <= asked.level
    columns = {
        "statistic": found.statistic,
        "expected": found.expected,
        "p_value": p_value,
        "p_adjusted": p_adjusted,
    }
    result = pd.DataFrame(index=zones.index)
    for name, numbers in columns.items():
        column = np.full(len(zones.index), np.nan)
        column[zones.place[has]] = numbers
        result[name] = column
    labels = np.full(len(zones.index), "not significant", dtype=object)
    labels[zones.place[has][significant]] = found.kinds[significant]
    labels[zones.island] = "island"
    labels[zones.no_data] = "no data"
    result["label"] = labels
    result.attrs.update(attrs_of_statistic(measure, values, zones, asked.draws, asked.seed))
    result.attrs.update({"unit": "label", "adjust": asked.adjust, "significance": asked.level})
    findings = zones.findings()
    if not significant.any():
        tests = len(p_value) if asked.adjust == "fdr" else 1
        findings += _too_few_permutations(p_value, asked.draws, asked.level, tests=tests)
    return cast("pd.DataFrame", with_sources_and_findings(result, values, neighbours, *findings))


def moran_quadrants(own: Floats, around: Floats) -> NDArray[np.object_]:
    """Name each zone by which side of the mean it and its neighbours are on."""
    high, among_high = own > 0, around > 0
    return np.where(
        high, np.where(among_high, "high-high", "high-low"), np.where(among_high, "low-high", "low-low")
    ).astype(object)


def benjamini_hochberg(p_values: Floats) -> Floats:
    """Return the p-values of Benjamini and Hochberg for tests that were all made."""
    count = len(p_values)
    order = np.argsort(p_values, kind="stable")
    raised = p_values[order] * count / np.arange(1, count + 1)
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(raised[::-1])[::-1])
    return adjusted


def attrs_of_statistic(
    measure: str, values: pd.Series[Any], zones: Neighbourhood, draws: int, seed: int
) -> dict[str, Any]:
    """Return what every statistic in space says of itself."""
    return {
        "measure": measure,
        "of": str(values.attrs.get("measure", values.name if values.name is not None else "")),
        "unit": "index",
        "direction": "none",
        "permutations": draws,
        "seed": seed,
        "alternative": "two-sided",
        **zones.facts(),
    }


def _too_few_permutations(p_value: Floats, draws: int, level: float, *, tests: int) -> list[Finding]:
    """Say how many permutations zones with the smallest p-value possible would need to be able to be significant."""
    smallest = 2.0 / (draws + 1)
    at_floor = int((p_value <= smallest).sum())
    if not at_floor or not level:
        return []
    together = at_floor if tests > 1 else 1
    needed = math.ceil(2.0 * tests / (level * together)) - 1
    return [
        Finding(
            "too_few_permutations",
            "information",
            f"No zone is significant, but {at_floor:,} have the smallest p-value that {draws:,} permutations can give "
            f"({smallest:.3g}), which is not small enough for {tests:,} tests.",
            count=at_floor,
            advice=f"With fewer than {needed:,} permutations these zones could not be significant, whatever the data.",
        )
    ]


def weight_sums(rows: Rows) -> tuple[float, float, float]:
    """Return S0, S1 and S2 of Cliff and Ord: the sum of all weights, and two sums of squares."""
    count = len(rows.start) - 1
    one = np.repeat(np.arange(count), np.diff(rows.start))
    # Links are in rising order of both ends, so that the way back of each can be looked up.
    forth, back = one * count + rows.neighbour, rows.neighbour * count + one
    there = np.minimum(np.searchsorted(forth, back), len(forth) - 1)
    weight_back = np.where(forth[there] == back, rows.weight[there], 0.0)
    # Half of the sum over all ordered pairs of (w_ij + w_ji) squared, from the links that are there.
    s1 = float((rows.weight**2).sum() + (rows.weight * weight_back).sum())
    ends = np.bincount(one, rows.weight, count) + np.bincount(rows.neighbour, rows.weight, count)
    return float(rows.weight.sum()), s1, float((ends**2).sum())
