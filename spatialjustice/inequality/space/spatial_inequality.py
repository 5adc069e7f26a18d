"""How much of an inequality lies in space: between zones that are no neighbours, and between regions.

Both measures split an inequality into two parts and ask whether one of them is larger, or smaller, than it would be if
the zones, with their values and their people, lay anywhere on the map.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pandas as pd
from scipy.special import xlogy

from spatialjustice._core.carried import Carried
from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import (
    Values,
    aligned_by_id,
    checked_choice,
    checked_whole_number,
    flat_numbers,
    ids_of,
    people_or_weights,
    refuse_rows,
    seed_of,
)
from spatialjustice.inequality.space._graph import (
    CONSTANT,
    FEWEST,
    MISSING,
    Missing,
    neighbourhood,
    sorted_positions,
    with_sources_and_findings,
)
from spatialjustice.inequality.space.join_counts import _category_codes as coded
from spatialjustice.inequality.space.neighbours.links import without_neighbours
from spatialjustice.inequality.space.shuffling.kinds import Rows
from spatialjustice.inequality.space.shuffling.pairs import (
    PairSums,
    link_sums,
    ordered_dot,
    pair_moments,
    shuffled_between,
    shuffled_differences,
)
from spatialjustice.inequality.space.shuffling.permutation import SAME, p_value_of_sum

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats

    Integers = NDArray[np.int64]


class _CheckedValues(NamedTuple):
    """Checked values of all zones, NaN where a zone takes no part, with their people and who is left out."""

    amounts: Floats
    people: Floats
    no_data: NDArray[np.bool_]
    empty: NDArray[np.bool_]
    counted: bool
    ids: pd.Index[Any]

    def facts(self) -> dict[str, Any]:
        """Return who takes part, for ``attrs``."""
        there = ~np.isnan(self.amounts)
        facts: dict[str, Any] = {
            "n": int(there.sum()),
            "no_data": int(self.no_data.sum()),
            "zones_without_people": int(self.empty.sum()),
        }
        if self.counted:
            facts |= {
                "people": float(self.people[there].sum()),
                "people_left_out": float(self.people[self.no_data].sum()),
            }
        return facts

    def findings(self, what: str) -> list[Finding]:
        """Return what the reader must know of zones that did not take part."""
        found = []
        if self.no_data.any():
            people = float(self.people[self.no_data].sum()) if self.counted else None
            number = "" if people is None else f", with {people:,.0f} people,"
            found.append(
                Finding(
                    "zones_without_value",
                    "warning",
                    f"{int(self.no_data.sum()):,} of {len(self.ids):,} zones{number} have no {what} and took no part.",
                    count=int(self.no_data.sum()),
                    people=people,
                )
            )
        if self.empty.any():
            message = f"{int(self.empty.sum()):,} zones where nobody lives took no part."
            found.append(Finding("zones_without_people", "information", message, count=int(self.empty.sum()), people=0))
        return found


def spatial_gini(
    values: pd.Series[Any],
    neighbours: Graph,
    *,
    people: Values | None = None,
    weights: Values | None = None,
    rng: int | np.random.Generator | None = None,
    permutations: int = 999,
    missing: Missing = "raise",
) -> pd.Series[Any]:
    r"""Tell how much of an inequality lies between zones that are no neighbours of each other.

    The Gini coefficient is a sum over all pairs of zones, so that it splits without a rest into pairs of neighbours and
    all other pairs: :math:`G = \frac{\sum_i \sum_j w_{ij} p_i p_j |x_i - x_j|}{2 \mu P^2} + \frac{\sum_i \sum_j
    (1 - w_{ij}) p_i p_j |x_i - x_j|}{2 \mu P^2}`, with p the people of a zone (1 without weights), P their sum,
    :math:`\mu` the mean of x over all people, and :math:`w_{ij} = 1` where j is a neighbour of i and 0 elsewhere;
    weights of links other than 1 are not used. Where like lives beside like, neighbours differ little and the second
    part is larger than chance would give: inequality is a matter of where one lives. Most pairs are no neighbours, so
    the share by itself says little: read it against ``expected``.

    Parameters
    ----------
    values
        What each person of a zone has, 0 or more; matched to the neighbours by id, in any order.
    neighbours
        Links between exactly these zones. One that goes one way only counts for one of the two orders of a pair.
    people
        People of each zone, known for every zone; None counts every zone once. Zones where nobody lives take no part.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    rng
        Seed, or generator to draw one from; None draws a new one. The same seed gives the same bits.
    permutations
        How many times the zones, each with its value and its people, are shuffled over the map for the p-value.
    missing
        What becomes of zones without a value: ``"raise"`` refuses them by name; ``"own class"`` leaves them out of
        everything and says how many they, and their people, are.

    Returns
    -------
    Series
        ``statistic``: share of the Gini coefficient between zones that are no neighbours, from 0 to 1. ``expected``:
        its mean over all shuffles. ``z_score``: distance of the two in standard deviations over all shuffles.
        ``p_value``: two-sided, from the permutations: twice the smaller tail's, what was observed included, at most 1.
        ``gini``: the whole; ``gini_neighbours`` and ``gini_others``: its two parts. ``difference_ratio``: mean
        difference between two people of zones that are no neighbours, as a multiple of that of neighbours; above 1
        where neighbours are alike, NaN where no two of them differ. ``permutations``, ``seed``. ``n``: zones that took
        part, islands (zones without neighbours) among them, all of whose pairs are of no neighbours. ``islands``,
        ``no_data``. ``attrs`` holds ``people`` and ``people_left_out``.

    Raises
    ------
    InputError
        When values and neighbours do not have the same ids, a value is missing (unless allowed), infinite or negative,
        all are the same, a weight is missing or negative, fewer than four zones have a neighbour, or every zone is a
        neighbour of every other.

    References
    ----------
    Rey, S. J., & Smith, R. J. (2013). A spatial decomposition of the Gini coefficient. Letters in Spatial and Resource
    Sciences, 6, 55-70. Mantel, N. (1967), see the expected value and variance of sums over pairs.

    Examples
    --------
    Four zones in a row, all of the wealth on one side. Only 2 and 3 of all neighbours differ, by 6; of the pairs of no
    neighbours, all three do:

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1, 1, 1, 1, 1, 1])
    >>> found = spatial_gini(pd.Series([0.0, 0.0, 6.0, 6.0], index=[1, 2, 3, 4]), row, rng=1)
    >>> found[["statistic", "expected", "gini", "gini_neighbours"]].astype(float).round(12).tolist()
    [0.75, 0.5, 0.5, 0.125]
    """
    weights = people_or_weights(people, weights)
    draws = checked_whole_number(permutations, "permutations", least=1)
    seed = seed_of(rng)
    if not isinstance(values, pd.Series):
        raise InputError(
            "values", f"they are {a_kind(values)}", "Give a Series with the zones' ids, to be matched by id."
        )
    given = _checked_values(values, weights, missing)
    place, rows, island = _zones_taking_part(given, neighbours)
    x, counts = _scaled_to_means(given.amounts[place], given.people[place])
    likeness = _differences(x, counts)
    links = link_sums(rows)
    mean, variance = pair_moments(links, likeness, len(x))
    if variance <= SAME * mean**2:
        raise InputError(
            "neighbours",
            "every shuffle of the zones gives the same split",
            "This happens where every zone is a neighbour of every other. Use fewer neighbours.",
        )
    one = np.repeat(np.arange(len(x)), np.diff(rows.start))
    together = counts[one] * counts[rows.neighbour]
    observed, total = ordered_dot(together, np.abs(x[one] - x[rows.neighbour])), likeness.total
    pairs, others = float(together.sum()), 1.0 - ordered_dot(counts, counts) - float(together.sum())
    sums = shuffled_differences(x, counts, rows, permutations=draws, seed=seed)
    result = pd.Series(
        {
            "statistic": 1.0 - observed / total,
            "expected": 1.0 - mean / total,
            "z_score": float((mean - observed) / np.sqrt(variance)),
            "p_value": p_value_of_sum(sums, observed, SAME * mean, draws),
            "gini": total / 2.0,
            "gini_neighbours": observed / 2.0,
            "gini_others": (total - observed) / 2.0,
            "difference_ratio": (total - observed) / others / (observed / pairs) if observed > 0 else np.nan,
            "permutations": draws,
            "seed": seed,
            "n": len(x),
            "islands": int(island.sum()),
            "no_data": int(given.no_data.sum()),
        },
        dtype=object,
        name=values.name,
    )
    facts = {**given.facts(), "islands": int(island.sum()), "weights": "binary"}
    result.attrs.update(_attrs_of_statistic("spatial_gini", values, draws, seed, facts))
    findings = given.findings("value")
    if island.any():
        consequence = " and count as no neighbours of anyone"
        findings.append(without_neighbours(values.index[island], consequence))
    return cast(
        "pd.Series[Any]", with_sources_and_findings(result, _sources_of_both(values, weights), neighbours, *findings)
    )


def theil_between_regions(
    values: Values,
    regions: pd.Series[Any],
    *,
    people: Values | None = None,
    weights: Values | None = None,
    rng: int | np.random.Generator | None = None,
    permutations: int = 999,
    missing: Missing = "raise",
) -> pd.Series[Any]:
    r"""Tell how much of an inequality lies between regions, and whether that is more than any map would give.

    Theil's T splits without a rest into the inequality between the means of regions and that within them:
    :math:`T = \sum_g s_g \frac{\mu_g}{\mu} \ln \frac{\mu_g}{\mu} + \sum_g s_g \frac{\mu_g}{\mu} T_g`, with :math:`s_g`
    the share of all people who live in region g, :math:`\mu_g` the mean there and :math:`T_g` its own Theil index. Any
    way to draw regions leaves something between them, and the more the smaller they are: the share by itself says
    little, so that it is read against what it is when the zones are dealt out to the regions at random.

    Parameters
    ----------
    values
        What each person of a zone has, 0 or more.
    regions
        The region of each zone, two or more of them: text, numbers or a categorical; matched to the values by id.
    people
        People of each zone, known for every zone; None counts every zone once. Zones where nobody lives take no part.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    rng
        Seed, or generator to draw one from; None draws a new one. The same seed gives the same bits.
    permutations
        How many times the zones, each with its value and its people, are dealt out anew for the p-value; every region
        keeps its number of zones.
    missing
        What becomes of zones without a value or a region: ``"raise"`` refuses them by name; ``"own class"`` leaves them
        out of everything and says how many they, and their people, are.

    Returns
    -------
    Series
        ``statistic``: share of Theil's T that lies between regions, from 0 to 1. ``expected`` and ``z_score``: its mean
        over the permutations, and its distance from that in their standard deviations (NaN for a single one).
        ``p_value``: two-sided, from the permutations: twice the smaller tail's, what was observed included, at most 1.
        ``theil``: the whole, ``theil_between`` and ``theil_within``: its two parts. ``permutations``, ``seed``. ``n``:
        zones that took part, ``regions``: how many, ``no_data``: zones without a value or a region. ``attrs`` holds
        ``people``, ``people_left_out`` and, in ``zones``, the number of zones of each region.

    Raises
    ------
    InputError
        When ids differ, a value or region is missing (unless allowed), a value is infinite or negative, all values are
        the same or 0, a weight is missing or negative, fewer than four zones take part, there is only one region, or
        every zone is a region of its own.

    References
    ----------
    Theil, H. (1967). Economics and information theory. North-Holland. Rey, S. J. (2004). Spatial analysis of regional
    income inequality. In Goodchild, M. F., & Janelle, D. G. (Eds.), Spatially integrated social science (inference by
    permutation). Shorrocks, A. F. (1980). The class of additively decomposable inequality measures. Econometrica,
    48(3), 613-625.

    Examples
    --------
    Two poor zones make the north, two rich ones the south: all inequality lies between them.

    >>> import pandas as pd
    >>> found = theil_between_regions(pd.Series([1.0, 1.0, 3.0, 3.0]), pd.Series(["n", "n", "s", "s"]), rng=1)
    >>> round(found["statistic"], 12), round(found["theil"], 6), found["regions"]
    (1.0, 0.130812, 2)
    """
    weights = people_or_weights(people, weights)
    draws = checked_whole_number(permutations, "permutations", least=1)
    seed = seed_of(rng)
    codes, names = _regions(regions, values)
    given = _checked_values(values, weights, missing, codes=codes)
    order = sorted_positions(given.ids) if isinstance(values, pd.Series) else np.arange(len(given.ids))
    place = order[~np.isnan(given.amounts[order])]
    present, places = np.unique(codes[place].astype(np.int64), return_inverse=True)
    _require_enough_zones(len(place), len(present))
    x, counts = _scaled_to_means(given.amounts[place], given.people[place])
    sums = shuffled_between(x, counts, places, permutations=draws, seed=seed)
    share = np.bincount(places, counts)
    apart = np.bincount(places, counts * (x - 1.0)) / share
    # A sum of terms that are 0 or more, so that it keeps its digits where regions hardly differ.
    between = ordered_dot(share, xlogy(1.0 + apart, 1.0 + apart) - apart)
    within = ordered_dot(counts, xlogy(x, np.divide(x, (1.0 + apart)[places], out=np.ones(len(x)), where=x > 0)))
    total = between + within
    spread = float(sums.std(ddof=1)) if draws > 1 else np.nan
    result = pd.Series(
        {
            "statistic": between / total,
            "expected": float(sums.mean()) / total,
            "z_score": (between - float(sums.mean())) / spread if spread > SAME * total else np.nan,
            "p_value": p_value_of_sum(sums, between, SAME * total, draws),
            "theil": total,
            "theil_between": between,
            "theil_within": within,
            "permutations": draws,
            "seed": seed,
            "n": len(x),
            "regions": len(present),
            "no_data": int(given.no_data.sum()),
        },
        dtype=object,
        name=getattr(values, "name", None),
    )
    zones = {str(names[code]): int(count) for code, count in zip(present, np.bincount(places), strict=True)}
    result.attrs.update(
        _attrs_of_statistic("theil_between_regions", values, draws, seed, {**given.facts(), "zones": zones})
    )
    found = [*findings_of(values, regions, weights), *given.findings("value or region")]
    result.attrs["sources"] = Carried([record.as_dict() for record in sources_of(values, regions, weights)])
    result.attrs["findings"] = Carried([finding.as_dict() for finding in dict.fromkeys(found)])
    return result


def _sources_of_both(values: pd.Series[Any], weights: Values | None) -> pd.Series[Any]:
    """Return a Series that carries what values and people carry."""
    both = pd.Series(dtype=np.float64)
    both.attrs = {
        "sources": [record.as_dict() for record in sources_of(values, weights)],
        "findings": [finding.as_dict() for finding in findings_of(values, weights)],
    }
    return both


def _checked_values(
    values: Values, weights: Values | None, missing: Missing, *, codes: Floats | None = None
) -> _CheckedValues:
    """Check values and people, and set apart zones without a value (or a region) and zones where nobody lives."""
    checked_choice(missing, MISSING, "missing")
    index = ids_of(values, "values")
    amounts = flat_numbers(values, "values")
    refuse_rows(np.isinf(amounts), index, "values", "values are infinite", "Make them missing or replace them.")
    advice = "Inequality has no meaning for them. A code for “no data” such as -666666666 must be made missing first."
    refuse_rows(amounts < 0, index, "values", "values are negative", advice)
    people = np.ones(len(amounts))
    if weights is not None:
        people = aligned_by_id(weights, "weights", values, "values")
        advice = "A weight is a number of people or households: 0 or more, known for every row."
        refuse_rows(~np.isfinite(people), index, "weights", "numbers are missing or infinite", advice)
        refuse_rows(people < 0, index, "weights", "numbers are negative", advice)
        if not people.any():
            raise InputError("weights", "all are 0", "Nobody would be counted. Check the column of people.")
    empty = people == 0
    without = {"values": np.isnan(amounts) & ~empty}
    if codes is not None:
        without["regions"] = np.isnan(codes) & ~empty
    if missing == "raise":
        advice = "Fill them in, or leave these zones out, counted, with missing='own class'."
        for name, rows in without.items():
            refuse_rows(rows, index, name, f"{name} are missing", advice)
    no_data = np.logical_or.reduce([*without.values()])
    amounts[empty | no_data] = np.nan
    return _CheckedValues(amounts, people, no_data, empty, weights is not None, index)


def _zones_taking_part(given: _CheckedValues, neighbours: Graph) -> tuple[Integers, Rows, NDArray[np.bool_]]:
    """Return the zones that take part, in the order of their ids, with their links; islands come last."""
    # Who takes part depends on ids and links only: any values that differ will do.
    numbered = pd.Series(np.where(np.isnan(given.amounts), np.nan, np.arange(len(given.amounts))), index=given.ids)
    zones = neighbourhood(numbered, neighbours, missing="own class")
    alone = np.setdiff1d(np.flatnonzero(zones.island), zones.place)
    order = sorted_positions(given.ids)
    alone = order[np.isin(order, alone)]
    start = np.concatenate([zones.rows.start, np.full(len(alone), zones.rows.start[-1])])
    return (
        np.concatenate([zones.place, alone]),
        Rows(start, zones.rows.neighbour, np.ones(len(zones.rows.neighbour))),
        zones.island,
    )


def _scaled_to_means(amounts: Floats, people: Floats) -> tuple[Floats, Floats]:
    """Bring people to a sum of 1 and amounts to a mean of 1 over them."""
    largest = amounts.max()
    if not largest > 0:
        raise InputError(
            "values",
            "their mean is 0",
            "Nobody has anything, so that there is nothing to split. Report the zero itself.",
        )
    if np.ptp(amounts / largest) <= CONSTANT:
        raise InputError(
            "values",
            "all zones that take part have the same value",
            "Where nothing differs there is no inequality to split. Check that the column is the right one.",
        )
    share = people / people.max()
    share = share / share.sum()
    scaled = amounts / largest
    return scaled / ordered_dot(share, scaled), share


def _differences(x: Floats, people: Floats) -> PairSums:
    """Return the sums over pairs of zones of people times people times the difference."""
    order = np.argsort(x, kind="stable")
    ranked, folk = x[order], people[order]
    below, amount = np.cumsum(folk), np.cumsum(folk * ranked)
    # Distance to all that are lower, and to all that are higher.
    far = np.empty(len(x))
    far[order] = ranked * (2 * below - 1.0) + amount[-1] - 2 * amount
    squared = people**2
    spread = x - ordered_dot(squared, x) / squared.sum()
    return PairSums(
        ordered_dot(people, far),
        float(2 * squared.sum() * ordered_dot(squared, spread**2)),
        float(((people * far) ** 2).sum()),
    )


def _regions(regions: Any, values: Values) -> tuple[Floats, list[Any]]:
    """Return the number of each zone's region (NaN for none) in the order of the values, and the regions."""
    ids = ids_of(values, "values")
    if not pd.api.types.is_list_like(regions) or isinstance(regions, pd.DataFrame):
        raise InputError("regions", f"they are {a_kind(regions)}", "Give a Series with the region of each zone.")
    labels = regions if isinstance(regions, pd.Series) else pd.Series([*regions], dtype=object)
    if isinstance(regions, pd.Series) and isinstance(values, pd.Series):
        codes, names = coded(labels, "regions")
        return aligned_by_id(codes, "regions", values, "values"), names
    codes, names = coded(labels.set_axis(pd.RangeIndex(len(labels))), "regions")
    return aligned_by_id(codes.to_numpy(), "regions", pd.Series(0.0, index=ids), "values"), names


def _require_enough_zones(zones: int, regions: int) -> None:
    if zones < FEWEST:
        raise InputError("values", f"{zones:,} zones take part", f"At least {FEWEST} are needed.")
    if regions < 2:
        raise InputError("regions", "there is only one", "Give two or more, to have something between them.")
    if regions == zones:
        raise InputError(
            "regions",
            "every zone is a region of its own",
            "Then all inequality lies between them, whatever the values. Give larger regions.",
        )


def _attrs_of_statistic(measure: str, values: Values, draws: int, seed: int, facts: dict[str, Any]) -> dict[str, Any]:
    name = getattr(values, "name", None)
    return {
        "measure": measure,
        "of": str(getattr(values, "attrs", {}).get("measure", name if name is not None else "")),
        "unit": "share",
        "direction": "none",
        "permutations": draws,
        "seed": seed,
        "alternative": "two-sided",
        **facts,
    }
