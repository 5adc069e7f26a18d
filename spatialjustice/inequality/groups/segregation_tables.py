"""All measures of segregation in one table, beside what chance would give, and by the size of the surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, checked_whole_number, seed_of
from spatialjustice.inequality.groups._environments import Environments, environments
from spatialjustice.inequality.groups._tables import UNKNOWN, Groups
from spatialjustice.inequality.groups.segregation import (
    dissimilarity_in,
    divergence_index_in,
    entropy_index_in,
    mean_exposures,
)
from spatialjustice.inequality.space.shuffling.kinds import Counts
from spatialjustice.inequality.space.shuffling.permutation import two_sided

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from libpysal.graph import Graph

EVERY, OTHERS = "all groups", "all others"


def segregation(
    groups: Groups,
    *,
    neighbours: Graph | None = None,
    permutations: int = 99,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Tell how far groups live apart by all measures at once, and how far chance alone would bring them.

    Where zones or groups are small, people who choose their home by lot still live unevenly. Every measure therefore
    stands beside its mean over cities in which exactly these people were dealt over exactly these homes at random.

    In signs: each measure S beside its mean over random deals, :math:`\bar S^*`.

    Parameters
    ----------
    groups
        Who lives where.
    neighbours
        Whom people have around them, beside those of their own zone; weights from 0 to 1. None: nobody.
    permutations
        How often people are dealt anew, at least 1; 0 leaves ``by_chance`` and ``p_value`` out as NaN. Numbers of
        people that are no whole numbers are rounded for it.
    rng
        Seed, or generator to draw one from; None draws a new one, which ``attrs["seed"]`` tells.

    Returns
    -------
    DataFrame
        One row for each measure: ``measure``, ``group`` and ``other_group`` (``"all groups"``, a group, ``"all
        others"``), ``value``, ``by_chance``, ``p_value`` (two-sided), ``unit``, ``people`` that it is about, and
        ``people_left_out``: those of unknown group, and none else.

    Raises
    ------
    InputError
        When fewer than two groups or zones have people, or the neighbours are of other zones.

    References
    ----------
    Massey & Denton (1988). Carrington, W. J., & Troske, K. R. (1997). On measuring segregation in samples with small
    units. Journal of Business & Economic Statistics, 15(4), 402-409 (chance).

    Examples
    --------
    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> groups = groups_from_counts(pd.DataFrame({"rich": [80, 20], "poor": [20, 80]}))
    >>> segregation(groups, permutations=0)[["measure", "group", "other_group", "value"]].head(3).round(3)
                measure       group other_group  value
    0     dissimilarity  all groups  all groups  0.600
    1     entropy_index  all groups  all groups  0.278
    2  divergence_index  all groups  all groups  0.193
    """
    draws, seed = checked_whole_number(permutations, "permutations", least=0), seed_of(rng)
    data = environments(groups, neighbours)
    rows = _measure_rows(data)
    values = np.array([row.of(data) for row in rows])
    by_chance, p_value = _random_homes(data, rows, values, draws, seed)
    unknown = float(groups.people[UNKNOWN].sum()) if UNKNOWN in groups.names else 0.0
    result = pd.DataFrame(
        {
            "measure": [row.measure for row in rows],
            "group": [row.group for row in rows],
            "other_group": [row.other for row in rows],
            "value": values,
            "by_chance": by_chance,
            "p_value": p_value,
            "unit": ["index" if row.measure == "divergence_index" else "share" for row in rows],
            "people": [row.people(data) for row in rows],
            "people_left_out": unknown,
        }
    )
    facts = {"permutations": draws, "seed": seed, "alternative": "two-sided"}
    return _table_with_attrs(result, "segregation", groups, neighbours, facts)


def segregation_profile(groups: Groups, neighbours: Mapping[Any, Graph]) -> pd.DataFrame:
    """Tell whether groups are apart street by street only, or over whole parts of the city.

    The entropy index (and dissimilarity) of all groups for surroundings of several sizes. A steep fall says that people
    live apart in small pockets, a flat curve that whole districts are of one kind.

    In signs: :math:`H(r)` and :math:`D(r)` of the make-up of the surroundings of each size r (:func:`entropy_index`,
    :func:`dissimilarity`).

    Parameters
    ----------
    groups
        Who lives where; people of unknown group are not counted.
    neighbours
        Size of the surroundings (metres, minutes, or a name) → the neighbours within it, in the order wanted.

    Returns
    -------
    DataFrame
        Index ``size``: ``"own zone"`` first, then those given; columns ``entropy_index``, ``dissimilarity``, and
        ``ratio``: the entropy index as a share of that of the zone alone (NaN where that is 0).

    Raises
    ------
    InputError
        When no neighbours are given, fewer than two groups or zones have people, or neighbours are of other zones.

    References
    ----------
    Reardon, S. F., Matthews, S. A., O'Sullivan, D., Lee, B. A., Firebaugh, G., Farrell, C. R., & Bischoff, K. (2008).
    The geographic scale of metropolitan racial segregation. Demography, 45(3), 489-514.

    Examples
    --------
    Four zones in a row; with one neighbour to each side nearly everybody has both groups around:

    >>> from libpysal.graph import Graph
    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> row = Graph.from_arrays([0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2], [1.0] * 6)
    >>> groups = groups_from_counts(pd.DataFrame({"rich": [9, 0, 9, 0], "poor": [0, 9, 0, 9]}))
    >>> segregation_profile(groups, {"next door": row})["entropy_index"].round(3).to_dict()
    {'own zone': 1.0, 'next door': 0.041}
    """
    if not hasattr(neighbours, "items") or not len(neighbours):
        raise InputError(
            "neighbours", f"they are {a_kind(neighbours)}", "Give a dictionary: size → neighbours within it."
        )
    sizes: dict[Any, Graph | None] = {"own zone": None, **neighbours}
    found = {}
    for size, graph in tqdm(sizes.items(), desc="segregation by size", delay=2, leave=False):
        data = environments(groups, graph)
        found[size] = {"entropy_index": entropy_index_in(data), "dissimilarity": dissimilarity_in(data)}
    result = pd.DataFrame.from_dict(found, orient="index")
    result.index = pd.Index([*sizes], name="size", dtype=object)
    alone = result["entropy_index"].iloc[0]
    result["ratio"] = result["entropy_index"] / alone if alone > 0 else np.nan
    return _table_with_attrs(result, "segregation_profile", groups, [*neighbours.values()], {"unit": "share"})


class _MeasureRow(NamedTuple):
    measure: str
    group: Any
    other: Any
    of: Callable[[Environments], float]
    members: tuple[int, ...]

    def people(self, data: Environments) -> float:
        """Return the people that the row is about."""
        return float(data.total[[*self.members]].sum())


def _measure_rows(data: Environments) -> list[_MeasureRow]:
    """List every measure: of all groups, of each against the others, and of each pair."""
    numbers = range(len(data.names))
    together = tuple(numbers)
    measures = {
        "dissimilarity": dissimilarity_in,
        "entropy_index": entropy_index_in,
        "divergence_index": divergence_index_in,
    }
    rows = [_MeasureRow(name, EVERY, EVERY, of, together) for name, of in measures.items()]
    if len(data.names) > 2:
        rows += [
            _MeasureRow("dissimilarity", data.names[one], OTHERS, _dissimilarity_from_others(one), together)
            for one in numbers
        ]
    rows += [
        _MeasureRow("isolation", data.names[one], data.names[one], _exposure_to(one, one), (one,)) for one in numbers
    ]
    return rows + [
        _MeasureRow("interaction", data.names[one], data.names[two], _exposure_to(one, two), (one, two))
        for one in numbers
        for two in numbers
        if one != two
    ]


def _dissimilarity_from_others(one: int) -> Callable[[Environments], float]:
    return lambda data: dissimilarity_in(data.between(data.names[one], None))


def _exposure_to(one: int, two: int) -> Callable[[Environments], float]:
    return lambda data: float(mean_exposures(data)[one, two])


def _random_homes(
    data: Environments, rows: list[_MeasureRow], values: Floats, draws: int, seed: int
) -> tuple[Floats, Floats]:
    """Deal the people of each group over the homes of all zones, and return mean measures and two-sided p-values."""
    if not draws:
        return np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    generator = np.random.default_rng(seed)
    people = np.rint(data.people).astype(np.int64)
    # A group of less than half a person in every zone has nobody to deal.
    if not people.sum(axis=0).all():
        return np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    found = np.empty((draws, len(rows)))
    for step in tqdm(range(draws), desc="people dealt at random", delay=2, leave=False):
        free, dealt = people.sum(axis=1), np.zeros_like(people)
        for group, size in enumerate(people.sum(axis=0)):
            dealt[:, group] = generator.multivariate_hypergeometric(free, size, method="marginals")
            free = free - dealt[:, group]
        city = data._replace(people=dealt.astype(np.float64))
        found[step] = [row.of(city) for row in rows]
    same = 1e-12
    counts = Counts((found <= values + same).sum(axis=0), (found >= values - same).sum(axis=0))
    return found.mean(axis=0), two_sided(counts, draws)


def _table_with_attrs(
    result: pd.DataFrame, measure: str, groups: Groups, neighbours: Any, facts: dict[str, Any]
) -> pd.DataFrame:
    graphs = neighbours if isinstance(neighbours, list) else [neighbours]
    unknown = float(groups.people[UNKNOWN].sum()) if UNKNOWN in groups.names else 0.0
    findings = [*findings_of(groups, *graphs)]
    if unknown:
        message = f"The group of {unknown:,.0f} people is not known; they take no part in the measures of segregation."
        findings.append(Finding("people_of_unknown_group", "warning", message, people=unknown))
    if groups.margins is not None:
        message = "The margins of error of the groups are not carried through to the measures of segregation."
        findings.append(Finding("margins_not_carried", "information", message))
    result.attrs.update(
        {
            "measure": measure,
            "unit": "label",
            "direction": "none",
            **facts,
            "groups": groups.how,
            "people": groups.total - unknown,
            "left_out": unknown,
            "sources": [record.as_dict() for record in sources_of(groups, *graphs)],
            "findings": [item.as_dict() for item in dict.fromkeys(findings)],
        }
    )
    return result
