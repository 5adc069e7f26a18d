"""Regions of disadvantage: contiguous zones that are badly off together, and who lives there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import require_ids
from spatialjustice.inequality._inputs import (
    Floats,
    aligned_by_id,
    checked_choice,
    checked_whole_number,
    flat_numbers,
    people_or_weights,
    refuse_rows,
    seed_of,
)
from spatialjustice.inequality.groups._tables import DIRECTIONS, Groups, require_groups
from spatialjustice.inequality.space._graph import CONSTANT, links_between, sorted_positions
from spatialjustice.inequality.space._partition import connected_parts, cut_tree, max_p, spanning_tree
from spatialjustice.inequality.space.neighbours.links import is_graph
from spatialjustice.inequality.time._panel import with_attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from libpysal.graph import Graph
    from numpy.typing import NDArray

METHODS = ("skater", "max_p")

ISLAND, NO_DATA, TOO_SMALL = "island", "no data", "below the floor"
ALL = "all zones"

MOST_ZONES = 5_000
"""Zones above which max-p, which compares every zone with every other, is refused."""


class _Zones(NamedTuple):
    """Zones in the order of their sorted ids, so that the order of the rows changes nothing."""

    order: NDArray[np.int64]  # position of each among the user's rows
    scores: Floats  # standardised, so that higher is worse; NaN without data
    people: Floats
    label: NDArray[np.object_]  # why a zone can be in no region; empty where it can
    part: NDArray[np.int64]  # zones that hang together, -1 for those in no region
    one: NDArray[np.int64]  # links, each once
    two: NDArray[np.int64]


def regions_of_disadvantage(  # noqa: PLR0913 - people or weights, of which one is given
    variables: pd.DataFrame | pd.Series[Any],
    neighbours: Graph,
    *,
    floor: float,
    people: pd.Series[Any] | None = None,
    weights: pd.Series[Any] | None = None,
    method: Literal["skater", "max_p"] = "skater",
    count: int | None = None,
    direction: str | Mapping[Any, str] | None = None,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Divide zones into contiguous regions that are alike inside, none below a size, numbered from the worst.

    Variables are standardised to a mean of 0 and a variance of 1 over the zones, and turned so that higher is worse;
    their mean is the zone's score. Regions are made of all variables; the score only numbers them.

    ``"skater"`` (Assunção and others): a tree links each zone with its most alike neighbours, and is cut, link by link,
    where that lowers the sum of squares within regions most, until there are ``count`` regions or no cut leaves both
    sides at the floor. It needs no random numbers. ``"max_p"`` (Duque and others; spopt's heuristic) makes as many
    regions as the floor allows and then swaps zones to make them alike; it is found by chance, follows from the seed,
    and starts slowly.

    In signs: regions R minimise :math:`\sum_R \sum_{i \in R} \sum_k (z_{ik} - \bar z_{Rk})^2` as far as the method
    finds it; the score is :math:`\sum_k z_{ik} / K`.

    Parameters
    ----------
    variables
        What zones are compared by, a column each, or one Series. Zones with a missing entry are a class of their own.
    neighbours
        Links between exactly these zones; links one way count both ways.
    floor
        Least size of a region, in the unit of the weights.
    people
        People of each zone; None counts zones.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    method
        ``"skater"`` or ``"max_p"``.
    count
        Regions wanted, for ``"skater"`` only.
    direction
        ``"higher is better"`` or ``"lower is better"``, one for all variables or one for each by name; None reads it
        from attrs (those of the Series, or of the column as :func:`spatialjustice.keep` writes it).
    rng
        Seed of ``"max_p"``; None draws one, which attrs tell.

    Returns
    -------
    DataFrame
        On the index of the variables. ``label``: ``"1"``, the worst, and so on; ``"island"`` for zones without a
        neighbour that has data, ``"below the floor"`` for zones that hang together but are too few, ``"no data"``.
        ``rank``: the number, NaN for the last three. ``score``: of the zone, higher is worse. ``region_score``: mean of
        the region, every zone counted with its people. ``attrs["classes"]``: labels in the order of a legend;
        ``attrs["people"]``: people of each, whose sum is everybody.

    Raises
    ------
    InputError
        When ids differ, a value is infinite, a variable is missing everywhere or the same everywhere, nobody says
        which way is good, or no zones that hang together reach the floor.

    References
    ----------
    Assunção, R. M., Neves, M. C., Câmara, G., & Da Costa Freitas, C. (2006). Efficient regionalization techniques for
    socio-economic geographical units using minimum spanning trees. International Journal of Geographical Information
    Science, 20(7), 797-811. Duque, J. C., Anselin, L., & Rey, S. J. (2012). The max-p-regions problem. Journal of
    Regional Science, 52(3), 397-419. Wei, R., Rey, S., & Knaap, E. (2021). Efficient regionalization for spatially
    explicit neighborhood delineation. International Journal of Geographical Information Science, 35(1), 135-151.

    Examples
    --------
    Six zones in a row; in the first three the doctor is far:

    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccddeef"), list("bacbdcedfe"), [1] * 10)
    >>> far = pd.Series([30.0, 32.0, 31.0, 5.0, 4.0, 6.0], index=list("abcdef"), name="minutes to the doctor")
    >>> found = regions_of_disadvantage(far, row, floor=2, count=2, direction="lower is better")
    >>> found["label"].tolist()
    ['1', '1', '1', '2', '2', '2']
    """
    weights = people_or_weights(people, weights)
    checked_choice(method, METHODS, "method")
    wanted = _count(method, count)
    least, seed = _checked_floor(floor), seed_of(rng)
    zones = _checked_zones(variables, neighbours, weights, direction, least)
    inside = np.flatnonzero(zones.part >= 0)
    found = np.full(len(zones.part), -1, dtype=np.int64)
    if method == "skater":
        found[inside] = _skater(zones, inside, least, wanted)
    else:
        found[inside] = _max_p(zones, inside, least, seed)
    facts = {"method": method, "floor": least, "wanted": wanted, "seed": seed if method == "max_p" else None}
    return _table_with_attrs(variables, neighbours, weights, zones, found, facts)


def region_profile(
    regions: pd.DataFrame,
    variables: pd.DataFrame | pd.Series[Any],
    *,
    people: pd.Series[Any] | None = None,
    weights: pd.Series[Any] | None = None,
    groups: Groups | None = None,
) -> pd.DataFrame:
    r"""Tell who lives in each region of disadvantage, and what they have.

    In signs: :math:`\sum_{i \in R} P_i x_i / \sum_{i \in R} P_i` for each variable, and :math:`\sum_{i \in R} n_{ig} /
    \sum_{i \in R} n_i` for each group.

    Parameters
    ----------
    regions
        From :func:`regions_of_disadvantage`.
    variables
        What to tell of each region, a column each; not only what it was made of. Matched by id.
    people
        People of each zone; None counts zones.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    groups
        Who lives where, matched by id; None leaves them out.

    Returns
    -------
    DataFrame
        One row for each label in the order of a legend, islands and zones without data too, and ``"all zones"`` last.
        ``rank``, 1 the worst; ``zones``; ``people`` and ``people_share``; ``region_score``. ``mean: x`` for each
        variable: every zone counted with its people, those without a value left out and counted in ``left out: x``.
        ``share: g`` for each group: its share of the people of all groups in the region.

    Raises
    ------
    InputError
        When it is no such table, ids differ, or weights are missing or negative.

    References
    ----------
    Own definition: a table as described above, with no source in the literature.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccddeef"), list("bacbdcedfe"), [1] * 10)
    >>> far = pd.Series([30.0, 32.0, 31.0, 5.0, 4.0, 6.0], index=list("abcdef"), name="minutes")
    >>> found = regions_of_disadvantage(far, row, floor=2, count=2, direction="lower is better")
    >>> region_profile(found, far)[["zones", "people_share", "mean: minutes"]]
               zones  people_share  mean: minutes
    label
    1              3           0.5           31.0
    2              3           0.5            5.0
    all zones      6           1.0           18.0
    """
    weights = people_or_weights(people, weights)
    if not isinstance(regions, pd.DataFrame) or not {"label", "rank", "region_score"} <= set(regions.columns):
        raise InputError("regions", "it has no label, rank and region_score", "Make it with regions_of_disadvantage.")
    require_ids(regions, "regions")
    frame = _frame(variables)
    size = _people(weights, regions["rank"], "regions")
    if len(frame.index.symmetric_difference(regions.index, sort=False)):
        raise InputError("variables", "their ids are not those of the regions", "Give the same zones.")
    columns = {name: flat_numbers(frame[name].reindex(regions.index), str(name)) for name in frame.columns}
    of_groups = None
    if groups is not None:
        require_groups(groups)
        if len(groups.people.index.symmetric_difference(regions.index, sort=False)):
            raise InputError("groups", "their ids are not those of the regions", "Give the same zones.")
        of_groups = groups.people.reindex(regions.index)
    labels = regions["label"].to_numpy(dtype=object)
    names = [name for name in regions.attrs.get("classes", list(dict.fromkeys(labels))) if (labels == name).any()]
    rows = []
    for name in [*names, ALL]:
        mine = np.ones(len(labels), dtype=bool) if name == ALL else labels == name
        row: dict[str, Any] = {
            "label": name,
            "rank": np.nan if name == ALL else float(regions["rank"].to_numpy()[mine][0]),
            "zones": int(mine.sum()),
            "people": float(size[mine].sum()),
            "people_share": float(size[mine].sum() / size.sum()),
            "region_score": np.nan if name == ALL else float(regions["region_score"].to_numpy()[mine][0]),
        }
        for column, found in columns.items():
            there = mine & np.isfinite(found)
            row[f"mean: {column}"] = _mean(found[there], size[there])
            row[f"left out: {column}"] = float(size[mine & ~there].sum())
        if of_groups is not None:
            counts = of_groups.to_numpy(dtype=np.float64)[mine].sum(axis=0)
            shares = counts / counts.sum() if counts.sum() else np.full(len(counts), np.nan)
            row |= {f"share: {one}": float(share) for one, share in zip(of_groups.columns, shares, strict=True)}
        rows.append(row)
    result = pd.DataFrame(rows).set_index("label")
    facts = {"measure": "region_profile", "unit": "label", "direction": "none", "people": float(size.sum())}
    return cast("pd.DataFrame", with_attrs(result, facts, regions, variables, weights, groups))


def _mean(values: Floats, people: Floats) -> float:
    """Return the mean of the people; of the zones where nobody lives; NaN where there are none."""
    if not len(values):
        return float("nan")
    # A sum in a fixed order: the same bits however many threads there are.
    return float(np.einsum("i,i->", values, people) / people.sum()) if people.any() else float(values.mean())


def _count(method: str, count: int | None) -> int:
    if method == "max_p":
        if count is not None:
            raise InputError("count", f"it is {count!r}", "max_p makes as many as the floor allows: leave count out.")
        return 0
    if count is None:
        raise InputError("count", "it is None", "Say how many regions skater shall make, or use method='max_p'.")
    return checked_whole_number(count, "count", least=2)


def _checked_floor(floor: float) -> float:
    if isinstance(floor, bool) or not isinstance(floor, int | float | np.number) or not 0 < floor < np.inf:
        raise InputError("floor", f"it is {floor!r}", "Give the least people (or zones) of a region, above 0.")
    return float(floor)


def _frame(variables: pd.DataFrame | pd.Series[Any]) -> pd.DataFrame:
    if isinstance(variables, pd.Series):
        frame = variables.to_frame(variables.name if variables.name is not None else "values")
    elif isinstance(variables, pd.DataFrame):
        frame = variables
    else:
        raise InputError("variables", f"they are {a_kind(variables)}", "Give a table or Series on zone ids.")
    if not frame.shape[1] or not len(frame) or frame.columns.duplicated().any():
        raise InputError("variables", "there are none, or two of one name", "Give a column for each variable.")
    require_ids(frame, "variables")
    return frame


def _people(weights: pd.Series[Any] | None, values: pd.Series[Any], name: str) -> Floats:
    if weights is None:
        return np.ones(len(values))
    people = aligned_by_id(weights, "weights", values, name)
    advice = "A weight is a number of people or households: 0 or more, known for every row."
    refuse_rows(
        ~np.isfinite(people) | (people < 0), values.index, "weights", "are missing, infinite or negative", advice
    )
    if not people.any():
        raise InputError("weights", "all are 0", "Nobody would be counted. Check the column of people.")
    return people


def _good_direction(variables: Any, name: Any, direction: str | Mapping[Any, str] | None) -> str:
    """Return which way is good for a variable."""
    if isinstance(direction, str):
        found: Any = direction
    elif direction is not None:
        found = direction.get(name)
    elif isinstance(variables, pd.Series):
        found = variables.attrs.get("direction")
    else:
        found = variables.attrs.get("columns", {}).get(name, {}).get("direction")
    if found not in DIRECTIONS:
        raise InputError(
            "direction",
            f"it is {found!r} for {name!r}",
            f"Say which way is good: {' or '.join(repr(word) for word in DIRECTIONS)}, for each variable.",
        )
    return str(found)


def _checked_zones(
    variables: pd.DataFrame | pd.Series[Any],
    neighbours: Graph,
    weights: pd.Series[Any] | None,
    direction: str | Mapping[Any, str] | None,
    floor: float,
) -> _Zones:
    frame = _frame(variables)
    if not is_graph(neighbours):
        advice = (
            "Make a graph with contiguity, nearest or distance_band; for old weights, libpysal.graph.Graph.from_W(w)."
        )
        raise InputError("neighbours", f"they are {a_kind(neighbours)}", advice)
    order = sorted_positions(frame.index)
    people = _people(weights, frame.iloc[:, 0], "variables")[order]
    columns = np.column_stack([flat_numbers(frame[name], str(name)) for name in frame.columns])[order]
    infinite = np.asarray(np.isinf(columns).any(axis=1))
    refuse_rows(
        infinite, frame.index[order], "variables", "zones have infinite values", "Make them missing or replace them."
    )
    known = np.asarray(~np.isnan(columns).any(axis=1))
    if not known.any():
        raise InputError("variables", "no zone has all of them", "Check that the columns are the right ones.")
    one, two, weight = links_between(frame.index[order], neighbours)
    there = (weight > 0) & known[one] & known[two]
    ends = np.unique(np.sort(np.column_stack([one[there], two[there]]), axis=1), axis=0)
    part = connected_parts(len(order), ends[:, 0], ends[:, 1], np.ones(len(ends), dtype=bool))
    label = np.full(len(order), "", dtype=object)
    large = np.bincount(part, people)[part] >= floor
    label[~large] = TOO_SMALL
    alone = ~np.isin(np.arange(len(order)), ends)
    label[alone] = ISLAND
    label[~known] = NO_DATA
    if not (label == "").any():
        raise InputError(
            "floor",
            f"no zones that hang together reach {floor:,g}",
            "Lower the floor, or link more zones: give contiguity a tolerance, or use nearest.",
        )
    scores = np.full(columns.shape, np.nan)
    for place, name in enumerate(frame.columns):
        turned = 1.0 if _good_direction(variables, name, direction) == DIRECTIONS[1] else -1.0
        scores[known, place] = turned * _standardised(columns[known, place], str(name))
    return _Zones(order, scores, people, label, np.where(label == "", part, -1), ends[:, 0], ends[:, 1])


def _standardised(values: Floats, name: str) -> Floats:
    largest = np.abs(values).max() or 1.0
    apart = values / largest - (values / largest).mean()
    if np.abs(apart).max() <= CONSTANT:
        raise InputError(name, "all zones have the same value", "Where nothing differs there is nothing to divide by.")
    return np.asarray(apart / np.sqrt(np.mean(apart**2)))


def _links_inside(zones: _Zones, inside: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the links between chosen zones as positions among these."""
    place = np.full(len(zones.part), -1, dtype=np.int64)
    place[inside] = np.arange(len(inside))
    kept = (place[zones.one] >= 0) & (place[zones.two] >= 0)
    return place[zones.one[kept]], place[zones.two[kept]]


def _skater(zones: _Zones, inside: NDArray[np.int64], floor: float, wanted: int) -> NDArray[np.int64]:
    one, two = _links_inside(zones, inside)
    tree = spanning_tree(zones.scores[inside], one, two)
    return cut_tree(zones.scores[inside], zones.people[inside], (one[tree], two[tree]), count=wanted, floor=floor)


def _max_p(zones: _Zones, inside: NDArray[np.int64], floor: float, seed: int) -> NDArray[np.int64]:
    if len(inside) > MOST_ZONES:
        raise InputError(
            "variables",
            f"{len(inside):,} zones are too many for max_p, which compares each with every other",
            f"Use method='skater', or at most {MOST_ZONES:,} zones.",
        )
    found = np.full(len(inside), -1, dtype=np.int64)
    for part in np.unique(zones.part[inside]):
        mine = np.flatnonzero(zones.part[inside] == part)
        own = inside[mine]
        if zones.people[own].sum() < 2 * floor:
            found[mine] = found.max() + 1
            continue
        links = _links_inside(zones, own)
        found[mine] = found.max() + 1 + max_p(zones.scores[own], zones.people[own], links, floor=floor, seed=seed)
    return found


def _table_with_attrs(
    variables: Any,
    neighbours: Graph,
    weights: pd.Series[Any] | None,
    zones: _Zones,
    found: NDArray[np.int64],
    facts: dict[str, Any],
) -> pd.DataFrame:
    score = zones.scores.mean(axis=1)
    means = np.array([_mean(score[found == one], zones.people[found == one]) for one in range(found.max() + 1)])
    rank_of = np.empty(len(means), dtype=np.int64)
    # The first zone settles which of two equally bad regions comes first.
    rank_of[np.argsort(-means, kind="stable")] = np.arange(1, len(means) + 1)
    inside = found >= 0
    label, rank, region = zones.label.copy(), np.full(len(found), np.nan), np.full(len(found), np.nan)
    rank[inside], region[inside] = rank_of[found[inside]], means[found[inside]]
    label[inside] = rank_of[found[inside]].astype(str)
    index = variables.index
    result = pd.DataFrame(index=index)
    for name, column in (("label", label), ("rank", rank), ("score", score), ("region_score", region)):
        placed = np.empty(len(column), dtype=column.dtype)
        placed[zones.order] = column
        result[name] = placed
    numbered = [str(place) for place in range(1, len(means) + 1)]
    classes = [*numbered, TOO_SMALL, ISLAND, NO_DATA]
    people = {name: float(zones.people[label == name].sum()) for name in classes}
    facts = {
        "measure": "regions_of_disadvantage",
        "unit": "label",
        "direction": "none",
        **facts,
        "regions": len(means),
        "classes": classes,
        "people": people,
        "within_share": _share_within_regions(zones.scores[inside], found[inside]),
    }
    return cast(
        "pd.DataFrame", with_attrs(result, facts, variables, neighbours, weights, findings=_findings(facts, label))
    )


def _share_within_regions(scores: Floats, found: NDArray[np.int64]) -> float:
    """Return which share of the sum of squares lies within regions."""
    total = float(((scores - scores.mean(axis=0)) ** 2).sum())
    inside = sum(float(((scores[found == one] - scores[found == one].mean(axis=0)) ** 2).sum()) for one in set(found))
    return inside / total if total else 0.0


def _findings(facts: dict[str, Any], label: NDArray[np.object_]) -> list[Finding]:
    said = {
        ISLAND: "have no neighbour with data and are in no region",
        TOO_SMALL: "hang together with too few people for the floor and are in no region",
        NO_DATA: "have no data and are in no region",
    }
    findings = []
    for name, what in said.items():
        count, people = int((label == name).sum()), facts["people"][name]
        if count:
            code = f"zones_{name.replace(' ', '_')}"
            message = f"{count:,} zones {what}."
            findings.append(Finding(code, "warning", message, count=count, people=people))
    if facts["wanted"] and facts["regions"] != facts["wanted"]:
        findings.append(
            Finding(
                "other_number_of_regions",
                "warning",
                f"There are {facts['regions']:,} regions instead of {facts['wanted']:,}: "
                + (
                    "no cut is left that keeps both sides at the floor."
                    if facts["regions"] < facts["wanted"]
                    else "so many sets of zones do not touch each other."
                ),
                count=facts["regions"],
                advice="Lower the floor, or ask for another number.",
            )
        )
    return findings
