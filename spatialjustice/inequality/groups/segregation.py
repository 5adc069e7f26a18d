"""Do groups live apart? Unevenness and exposure, within zones, with their neighbours, or along streets.

Every measure takes ``neighbours``. Without them people meet only those of their own zone, and the answer depends on
where boundaries were drawn. With them each zone has an environment: its own people, counted once, and those of its
neighbours, counted with the weight of the link. Neighbours from ``travel_time_band`` make the measure one of street
distance or travel time, with a decay if wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import xlogy
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, seed_of, whole
from spatialjustice.inequality.groups._environments import Environments, environments
from spatialjustice.inequality.groups._tables import UNKNOWN, Groups
from spatialjustice.inequality.space.shuffling.permutation import Counts, two_sided

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from libpysal.graph import Graph


def dissimilarity(groups: Groups, *, group: Any = None, other: Any = None, neighbours: Graph | None = None) -> float:
    r"""Tell which share of people would have to move for the groups to live evenly.

    :math:`D = \sum_i t_i \sum_g |q_{ig} - P_g| \;/\; 2 T \sum_g P_g (1 - P_g)` with :math:`t_i` the people of zone i,
    :math:`q_{ig}` the share of group g around it, :math:`P_g` its share in all T people. For two groups and without
    neighbours this is the index of Duncan and Duncan: the share of either that would have to move.

    Parameters
    ----------
    groups
        Who lives where; people of unknown group are not counted.
    group
        One group, to be compared with everybody else; None compares all groups at once.
    other
        Compare ``group`` with this group alone.
    neighbours
        Whom people have around them, beside those of their own zone; weights from 0 to 1. None: nobody.

    Returns
    -------
    float
        0 where the groups have the same shares everywhere, 1 where no two of them meet.

    Raises
    ------
    InputError
        When fewer than two groups or zones have people, a group is not there, or the neighbours are of other zones.

    References
    ----------
    Duncan, O. D., & Duncan, B. (1955). A methodological analysis of segregation indexes. American Sociological Review,
    20(2), 210-217. Sakoda, J. M. (1981). A generalized index of dissimilarity. Demography, 18(2), 245-250. Reardon, S.
    F., & O'Sullivan, D. (2004). Measures of spatial segregation. Sociological Methodology, 34, 121-162.

    Examples
    --------
    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> groups = groups_from_counts(pd.DataFrame({"rich": [80, 20], "poor": [20, 80]}))
    >>> round(dissimilarity(groups), 3)
    0.6
    """
    return _dissimilarity(_asked(environments(groups, neighbours), group, other))


def entropy_index(groups: Groups, *, group: Any = None, other: Any = None, neighbours: Graph | None = None) -> float:
    r"""Tell how much less mixed people's surroundings are than the city as a whole (Theil's information theory index).

    :math:`H = \sum_i t_i (E - E_i) / (T E)` with the entropy :math:`E = -\sum_g P_g \ln P_g` of the city and
    :math:`E_i` that of the surroundings of zone i. Of the indices of unevenness it is the one that keeps all the rules
    asked of them for many groups and in space.

    Parameters
    ----------
    groups
        Who lives where; people of unknown group are not counted.
    group, other
        One group against everybody else, or against one other; None compares all groups at once.
    neighbours
        Whom people have around them, beside those of their own zone; weights from 0 to 1. None: nobody.

    Returns
    -------
    float
        1 where nobody has another group around, 0 where all surroundings are mixed as the city is; below 0, with
        neighbours, where they are more evenly mixed than it.

    Raises
    ------
    InputError
        When fewer than two groups or zones have people, a group is not there, or the neighbours are of other zones.

    References
    ----------
    Theil, H., & Finizza, A. J. (1971). A note on the measurement of racial integration of schools by means of
    informational concepts. Journal of Mathematical Sociology, 1(2), 187-193. Reardon, S. F., & Firebaugh, G. (2002).
    Measures of multigroup segregation. Sociological Methodology, 32, 33-67. Reardon & O'Sullivan (2004).

    Examples
    --------
    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> round(entropy_index(groups_from_counts(pd.DataFrame({"rich": [50, 0], "poor": [0, 50]}))), 12)
    1.0
    """
    return _entropy_index(_asked(environments(groups, neighbours), group, other))


def divergence_index(groups: Groups, *, group: Any = None, other: Any = None, neighbours: Graph | None = None) -> float:
    r"""Tell how surprising people's surroundings are to who knows the city as a whole.

    :math:`\sum_i (t_i / T) \sum_g q_{ig} \ln (q_{ig} / P_g)`: the relative entropy of surroundings and city. Unlike the
    entropy index it does not take an even mix for the ideal, and a small group that lives apart weighs more.

    Parameters
    ----------
    groups
        Who lives where; people of unknown group are not counted.
    group, other
        One group against everybody else, or against one other; None compares all groups at once.
    neighbours
        Whom people have around them, beside those of their own zone; weights from 0 to 1. None: nobody.

    Returns
    -------
    float
        0 where all surroundings are as the city is; there is no upper bound that holds for all cities.

    Raises
    ------
    InputError
        When fewer than two groups or zones have people, a group is not there, or the neighbours are of other zones.

    References
    ----------
    Roberto, E. (2015). The Divergence Index: A decomposable measure of segregation and inequality. arXiv:1508.01167.

    Examples
    --------
    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> apart = groups_from_counts(pd.DataFrame({"rich": [50, 0], "poor": [0, 50]}))
    >>> round(divergence_index(apart), 3)
    0.693
    """
    return _divergence_index(_asked(environments(groups, neighbours), group, other))


def isolation(groups: Groups, *, group: Any, neighbours: Graph | None = None) -> float:
    r"""Tell which share of the people around an average person of a group are of the same group.

    :math:`\sum_i (n_{ig} / N_g)\, q_{ig}`. It rises with the size of the group: compare it with the group's share of
    all people, which is what it would be if everybody lived evenly.

    Parameters
    ----------
    groups
        Who lives where; people of unknown group are not counted.
    group
        The group.
    neighbours
        Whom people have around them, beside those of their own zone; weights from 0 to 1. None: nobody.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    InputError
        When fewer than two groups or zones have people, the group is not there, or the neighbours are of other zones.

    References
    ----------
    Lieberson, S. (1981). An asymmetrical approach to segregation. Massey, D. S., & Denton, N. A. (1988). The dimensions
    of residential segregation. Social Forces, 67(2), 281-315.

    Examples
    --------
    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> groups = groups_from_counts(pd.DataFrame({"rich": [80, 20], "poor": [20, 80]}))
    >>> round(isolation(groups, group="poor"), 3)
    0.68
    """
    return interaction(groups, group=group, other=group, neighbours=neighbours)


def interaction(groups: Groups, *, group: Any, other: Any, neighbours: Graph | None = None) -> float:
    r"""Tell which share of the people around an average person of one group are of another (exposure).

    :math:`\sum_i (n_{ig} / N_g)\, q_{ih}`. It has a direction: a small group meets a large one more often than the
    other way round. Over all ``other``, the group itself included, it sums to 1.

    Parameters
    ----------
    groups
        Who lives where; people of unknown group are not counted.
    group
        Whose surroundings.
    other
        Who is met there.
    neighbours
        Whom people have around them, beside those of their own zone; weights from 0 to 1. None: nobody.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    InputError
        When fewer than two groups or zones have people, a group is not there, or the neighbours are of other zones.

    References
    ----------
    Lieberson, S. (1981). An asymmetrical approach to segregation. Massey & Denton (1988).

    Examples
    --------
    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> groups = groups_from_counts(pd.DataFrame({"rich": [80, 20], "poor": [20, 80]}))
    >>> round(interaction(groups, group="poor", other="rich"), 3)
    0.32
    """
    data = environments(groups, neighbours)
    return float(_exposures(data)[data.place(group, "group"), data.place(other, "other")])


def segregation(
    groups: Groups,
    *,
    neighbours: Graph | None = None,
    permutations: int = 99,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    """Tell how far groups live apart by all measures at once, and how far chance alone would bring them.

    Where zones or groups are small, people who choose their home by lot still live unevenly. Every measure therefore
    stands beside its mean over cities in which exactly these people were dealt over exactly these homes at random.

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
    draws, seed = whole(permutations, "permutations", least=0), seed_of(rng)
    data = environments(groups, neighbours)
    rows = _rows(data)
    values = np.array([row.of(data) for row in rows])
    by_chance, p_value = _by_chance(data, rows, values, draws, seed)
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
    return _described(result, "segregation", groups, neighbours, facts)


def segregation_profile(groups: Groups, neighbours: Mapping[Any, Graph]) -> pd.DataFrame:
    """Tell whether groups are apart street by street only, or over whole parts of the city.

    The entropy index (and dissimilarity) of all groups for surroundings of several sizes. A steep fall says that people
    live apart in small pockets, a flat curve that whole districts are of one kind.

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
            "neighbours", f"they are a {type(neighbours).__name__}", "Give a dictionary: size → neighbours within it."
        )
    sizes: dict[Any, Graph | None] = {"own zone": None, **neighbours}
    found = {}
    for size, graph in tqdm(sizes.items(), desc="segregation by size", delay=2, leave=False):
        data = environments(groups, graph)
        found[size] = {"entropy_index": _entropy_index(data), "dissimilarity": _dissimilarity(data)}
    result = pd.DataFrame.from_dict(found, orient="index")
    result.index = pd.Index([*sizes], name="size", dtype=object)
    alone = result["entropy_index"].iloc[0]
    result["ratio"] = result["entropy_index"] / alone if alone > 0 else np.nan
    return _described(result, "segregation_profile", groups, [*neighbours.values()], {"unit": "share"})


def _asked(data: Environments, group: Any, other: Any) -> Environments:
    if group is None:
        if other is not None:
            raise InputError("other", f"it is {other!r}, but group is None", "Name both groups, or neither.")
        return data
    if group == other:
        raise InputError("other", f"both groups are {group!r}", "Name two groups.")
    found = data.between(group, other)
    if not found.total.all():
        raise InputError("group", f"nobody is outside {group!r}", "Give the other groups too.")
    return found


def _dissimilarity(data: Environments) -> float:
    whole_city = data.overall
    apart = np.einsum("i,ig->", data.zone, np.abs(data.shares() - whole_city))
    return float(apart / (2 * data.zone.sum() * (whole_city * (1 - whole_city)).sum()))


def _entropy(shares: Floats) -> Floats:
    return np.asarray(-np.einsum("...g->...", xlogy(shares, shares)))


def _entropy_index(data: Environments) -> float:
    city = float(_entropy(data.overall))
    return float(1.0 - np.einsum("i,i->", data.zone, _entropy(data.shares())) / (data.zone.sum() * city))


def _divergence_index(data: Environments) -> float:
    shares = data.shares()
    surprise = xlogy(shares, shares / data.overall)
    return float(np.einsum("i,ig->", data.zone, surprise) / data.zone.sum())


def _exposures(data: Environments) -> Floats:
    """Return the share of each group (column) around an average person of each group (row)."""
    return np.asarray(np.einsum("ig,ih->gh", data.people / data.total, data.shares()))


class _Row(NamedTuple):
    measure: str
    group: Any
    other: Any
    of: Callable[[Environments], float]
    members: tuple[int, ...]

    def people(self, data: Environments) -> float:
        """Return the people that the row is about."""
        return float(data.total[[*self.members]].sum())


EVERY, OTHERS = "all groups", "all others"


def _rows(data: Environments) -> list[_Row]:
    """List every measure: of all groups, of each against the others, and of each pair."""
    numbers = range(len(data.names))
    together = tuple(numbers)
    measures = {
        "dissimilarity": _dissimilarity,
        "entropy_index": _entropy_index,
        "divergence_index": _divergence_index,
    }
    rows = [_Row(name, EVERY, EVERY, of, together) for name, of in measures.items()]
    if len(data.names) > 2:
        rows += [_Row("dissimilarity", data.names[one], OTHERS, _against(one), together) for one in numbers]
    rows += [_Row("isolation", data.names[one], data.names[one], _met(one, one), (one,)) for one in numbers]
    return rows + [
        _Row("interaction", data.names[one], data.names[two], _met(one, two), (one, two))
        for one in numbers
        for two in numbers
        if one != two
    ]


def _against(one: int) -> Callable[[Environments], float]:
    return lambda data: _dissimilarity(data.between(data.names[one], None))


def _met(one: int, two: int) -> Callable[[Environments], float]:
    return lambda data: float(_exposures(data)[one, two])


def _by_chance(data: Environments, rows: list[_Row], values: Floats, draws: int, seed: int) -> tuple[Floats, Floats]:
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


def _described(
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
