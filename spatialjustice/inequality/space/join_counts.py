"""Join counts: whether zones of the same category lie next to each other."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.frames import require_ids
from spatialjustice.inequality._inputs import checked_whole_number, seed_of
from spatialjustice.inequality.space._graph import Missing, neighbourhood, with_sources_and_findings
from spatialjustice.inequality.space.moran import false_discovery_rate
from spatialjustice.inequality.space.shuffling.kinds import Counts
from spatialjustice.inequality.space.shuffling.pairs import PairSums, link_sums, pair_moments, shuffled_joins
from spatialjustice.inequality.space.shuffling.permutation import SAME, two_sided

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.inequality.space._graph import Neighbourhood

    Integers = NDArray[np.int64]


def join_counts(
    categories: pd.Series[Any],
    neighbours: Graph,
    *,
    rng: int | np.random.Generator | None = None,
    permutations: int = 999,
    missing: Missing = "raise",
) -> pd.DataFrame:
    r"""Tell which categories of zones are neighbours more often, or less often, than chance would give.

    A join is a pair of neighbours. Those of categories r and s number :math:`J_{rs} = \frac{1}{2} \sum_i \sum_j w_{ij}`
    over the zones of which one is of category r and the other of s, with :math:`w_{ij} = 1` where j is a neighbour of i
    and 0 elsewhere; weights other than 1 are not used. A link that goes one way only is half a join. For two
    categories, black and white, these are the classic counts BB, BW and WW. Many joins within a category and few
    between two mean that the categories form blocks: segregated neighbourhoods, for example.

    Parameters
    ----------
    categories
        The category of each zone, two or more of them: text, numbers, truth values or a categorical; matched to the
        neighbours by id, in any order.
    neighbours
        Links between exactly these zones.
    rng
        Seed, or generator to draw one from; None draws a new one, which ``attrs["seed"]`` tells. The same seed gives
        the same bits.
    permutations
        How many times the categories are shuffled over the zones for the p-values.
    missing
        What becomes of zones without a category: ``"raise"`` refuses them by name; ``"own class"`` leaves them out of
        everything, and says how many they are.

    Returns
    -------
    DataFrame
        One row for each pair of categories, in their order (that of a categorical, else rising): ``category``,
        ``other_category``; ``joins`` that there are; ``expected``: their mean over all ways to lay the categories over
        the zones, so many of each; ``z_score``: distance of the two in standard deviations (sampling without
        replacement, “nonfree”); ``p_value``: two-sided, from the permutations; ``p_adjusted``: the same after
        Benjamini & Hochberg, since several pairs are tested at once. The last three are NaN where every shuffle gives
        the same number, for example within a category of one zone. Islands (zones without neighbours) take no part and
        do not count in their category: ``attrs["zones"]`` says how many of each took part, ``attrs["joins"]`` how many
        joins there are, and ``attrs["unlike"]`` the ``joins``, ``expected``, ``z_score`` and ``p_value`` of all pairs
        of different categories taken together: one answer to whether the categories keep apart.

    Raises
    ------
    InputError
        When categories and neighbours have different ids, a category is missing (unless allowed), there is only one,
        every zone has one of its own, or fewer than four zones take part.

    References
    ----------
    Moran, P. A. P. (1948). The interpretation of statistical maps. Journal of the Royal Statistical Society B, 10(2),
    243-251. Cliff, A. D., & Ord, J. K. (1981). Spatial processes. Pion, pages 11-20.

    Examples
    --------
    Four zones in a row, the poor on one side:

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1, 1, 1, 1, 1, 1])
    >>> found = join_counts(pd.Series(["poor", "poor", "rich", "rich"], index=[1, 2, 3, 4]), row, rng=1)
    >>> found[["category", "other_category", "joins", "expected"]]
      category other_category  joins  expected
    0     poor           poor    1.0       0.5
    1     poor           rich    1.0       2.0
    2     rich           rich    1.0       0.5
    """
    draws = checked_whole_number(permutations, "permutations", least=1)
    seed = seed_of(rng)
    codes, names = _category_codes(categories, "categories")
    zones = _zones(codes, neighbours, missing)
    present, classes = np.unique(codes.to_numpy()[zones.place].astype(np.int64), return_inverse=True)
    if len(present) == len(classes):
        raise InputError(
            "categories",
            "every zone has a category of its own",
            "Numbers such as incomes are no categories: cut them into classes first, or use moran.",
        )
    named, sizes = [names[code] for code in present], np.bincount(classes)
    pairs = list(combinations_with_replacement(range(len(present)), 2))
    mean, spread = _expected(zones, sizes, pairs)
    observed, counts = _count_joins(zones, classes.astype(np.int64), pairs, draws, seed)
    varies = spread > 0
    if not varies.any():
        raise InputError(
            "neighbours",
            "every shuffle of the categories gives the same joins",
            "This happens where every zone is a neighbour of every other. Use fewer neighbours.",
        )
    z_score = np.divide(observed - mean, spread, out=np.full(len(mean), np.nan), where=varies)
    p_value = np.where(varies, two_sided(counts, draws), np.nan)
    result = pd.DataFrame(
        {
            "category": [named[one] for one, _ in pairs],
            "other_category": [named[two] for _, two in pairs],
            "joins": observed[:-1],
            "expected": mean[:-1],
            "z_score": z_score[:-1],
            "p_value": p_value[:-1],
            "p_adjusted": false_discovery_rate(p_value[:-1]).to_numpy(),
        }
    )
    total = len(zones.rows.neighbour) / 2.0
    unlike = {
        "joins": total - float(observed[-1]),
        "expected": total - float(mean[-1]),
        "z_score": -float(z_score[-1]) if varies[-1] else None,
        "p_value": float(p_value[-1]) if varies[-1] else None,
    }
    result.attrs.update(
        {
            "measure": "join_counts",
            "of": str(categories.attrs.get("measure", categories.name if categories.name is not None else "")),
            "unit": "joins",
            "direction": "none",
            "permutations": draws,
            "seed": seed,
            "alternative": "two-sided",
            **zones.facts(),
            "weights": "binary",
            "joins": total,
            "unlike": unlike,
            "zones": {str(name): int(size) for name, size in zip(named, sizes, strict=True)},
        }
    )
    return cast("pd.DataFrame", with_sources_and_findings(result, categories, neighbours, *zones.findings()))


def _category_codes(categories: pd.Series[Any], name: str) -> tuple[pd.Series[Any], list[Any]]:
    """Return the number of each zone's category (NaN for none), and the categories in their order.

    Raises
    ------
    InputError
        When they are no Series or an id occurs more than once.
    """
    if not isinstance(categories, pd.Series):
        raise InputError(
            name,
            f"they are {a_kind(categories)}",
            "Give a Series with the zones' ids, to be matched by id.",
        )
    require_ids(categories, name)
    if isinstance(categories.dtype, pd.CategoricalDtype):
        codes, names = categories.cat.codes.to_numpy(), list(categories.cat.categories)
    else:
        try:
            found = categories.dropna().unique().tolist()
        except TypeError:
            advice = "Give one word or number for each zone."
            raise InputError(name, "some are lists or tables", advice) from None
        try:
            names = sorted(found)
        except TypeError:
            # Categories of several types have no order of their own; their text has.
            names = sorted(found, key=str)
        number = {name: code for code, name in enumerate(names)}
        codes = categories.map(number).fillna(-1).to_numpy()
    return pd.Series(np.where(codes < 0, np.nan, codes).astype(float), index=categories.index), names


def _zones(codes: pd.Series[Any], neighbours: Graph, missing: Missing) -> Neighbourhood:
    try:
        return neighbourhood(codes, neighbours, missing=missing)
    except InputError as error:
        if error.name != "values":
            raise
        raise InputError("categories", error.found, error.advice, rows=error.rows) from None


def _expected(zones: Neighbourhood, sizes: Integers, pairs: list[tuple[int, int]]) -> tuple[Floats, Floats]:
    """Return the mean and the standard deviation of the joins of each pair of categories over all shuffles.

    The last of them are those of all pairs of a category with itself.
    """
    links, count = link_sums(zones.rows), len(zones.scores)
    found, within = [], PairSums(0.0, 0.0, 0.0)
    for one, two in pairs:
        here, there = float(sizes[one]), float(sizes[two])
        # Each of the two orders of a join counts one half.
        if one == two:
            pairs_of = here * (here - 1)
            likeness = PairSums(pairs_of / 2, pairs_of / 4, pairs_of * (here - 1) / 4)
            within = PairSums(
                within.total + likeness.total, within.squares + likeness.squares, within.rows + likeness.rows
            )
        else:
            likeness = PairSums(here * there, here * there / 2, here * there * (here + there) / 4)
        found.append(pair_moments(links, likeness, count))
    mean, variance = np.array([*found, pair_moments(links, within, count)]).T
    # A variance that is small beside the squared mean comes from rounding: every shuffle gives the same number.
    return mean, np.sqrt(np.where(variance > SAME * mean**2, variance, 0.0))


def _count_joins(
    zones: Neighbourhood, classes: Integers, pairs: list[tuple[int, int]], draws: int, seed: int
) -> tuple[Floats, Counts]:
    """Count the joins that there are, and how many shuffles have at most and at least as many; within all, last."""
    kinds = int(classes.max()) + 1
    cells = np.array([one * kinds + two for one, two in pairs])
    alike = np.array([one == two for one, two in pairs])

    def counted(joins: Integers) -> Integers:
        listed = joins[:, cells]
        return np.column_stack([listed, listed[:, alike].sum(axis=1)])

    here = np.repeat(classes, np.diff(zones.rows.start))
    there = classes[zones.rows.neighbour]
    ends = np.minimum(here, there) * kinds + np.maximum(here, there)
    observed = counted(np.bincount(ends, minlength=kinds**2)[None, :])[0]
    at_most, at_least = np.zeros(len(observed), np.int64), np.zeros(len(observed), np.int64)
    for joins in shuffled_joins(classes, kinds, zones.rows, permutations=draws, seed=seed):
        found = counted(joins)
        at_most += (found <= observed).sum(axis=0)
        at_least += (found >= observed).sum(axis=0)
    return observed / 2.0, Counts(at_most, at_least)
