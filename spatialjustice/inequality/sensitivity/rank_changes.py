"""Rank changes: whose rank depends on the choices made, and zonings drawn at random."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.frames import require_ids
from spatialjustice.inequality._inputs import checked_share, checked_whole_number, flat_numbers, refuse_rows, seed_of
from spatialjustice.inequality.sensitivity.choices import CHOICES, ROUNDING
from spatialjustice.inequality.space._graph import sorted_positions

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats

MOST = 2000
"""Of more, the pairs are too many to be read, and to be kept in memory."""


def rank_stability(table: pd.DataFrame, *, worst: float = 0.1) -> pd.DataFrame:
    r"""Tell how far the place of each zone, group or city hangs on choices.

    In signs: over all choices the range and the median of the rank, and the share of choices in which it is among the
    worst; ranks are :math:`1 + \#\{j \text{ worse than } i\}`.

    Parameters
    ----------
    table
        What :func:`sensitivity` returns for several of them (``by=``).
    worst
        Share of people that counts as the worst off, above 0 and at most 1. They are taken from the worst on until
        they hold it; equal ones stay together, and the last to be taken is counted in. People are those of the base.

    Returns
    -------
    DataFrame
        One row for each, in the order of the table. ``people`` in the base; ``base_rank``, 1 for the worst;
        ``lowest_rank`` and ``highest_rank`` over all choices, the base among them; ``median_rank``;
        ``share_among_worst``: share of the choices in which it is among the worst; ``class``: ``always``, ``sometimes``
        or ``never`` among them; ``choices``: in how many it has a rank. Ranks are NaN where there never is one.

    Raises
    ------
    InputError
        When the table is another, compares only one, or ``worst`` is not above 0 and at most 1.

    References
    ----------
    OECD & JRC (2008). Handbook on constructing composite indicators, step 7 (ranks under other choices).

    Examples
    --------
    >>> from spatialjustice.inequality import sensitivity
    >>> minutes = pd.DataFrame({"walk": [9.0, 5.0, 2.0], "bus": [4.0, 6.0, 1.0]}, index=["a", "b", "c"])
    >>> people = pd.Series(10, index=minutes.index)
    >>> found = rank_stability(sensitivity(minutes, people=people, by="zones", direction="lower is better"))
    >>> found[["base_rank", "lowest_rank", "highest_rank", "class"]]
         base_rank  lowest_rank  highest_rank      class
    who
    a          1.0          1.0           2.0  sometimes
    b          2.0          1.0           2.0  sometimes
    c          3.0          3.0           3.0      never
    """
    if not checked_share(worst, "worst"):
        raise InputError("worst", "it is 0", "Give a share of people above 0 and at most 1.")
    ranks, names = _ranks(table)
    people = _people(table, ranks.index)
    values = ranks.to_numpy(dtype=float)
    known = ~np.isnan(values)
    among = np.column_stack([_worst_zones(one, people, worst) for one in values.T])
    tried = known.sum(axis=1)
    often = np.divide(among.sum(axis=1), tried, out=np.full(len(tried), np.nan), where=tried > 0)
    lowest = np.where(known, values, np.inf).min(axis=1)
    highest = np.where(known, values, -np.inf).max(axis=1)
    classes = np.select([tried == 0, often == 1, often > 0], ["no value", "always", "sometimes"], "never")
    result = pd.DataFrame(
        {
            "people": people,
            "base_rank": values[:, 0],
            "lowest_rank": np.where(tried > 0, lowest, np.nan),
            "highest_rank": np.where(tried > 0, highest, np.nan),
            "median_rank": ranks.median(axis=1).to_numpy(),
            "share_among_worst": often,
            "class": classes,
            "choices": tried,
        },
        index=ranks.index,
    )
    result.attrs |= {**_attrs_of_table("rank_stability", "rank", table), "worst": float(worst), "tried": len(names)}
    return result


def rank_flips(table: pd.DataFrame, *, pairs: int = 20) -> pd.DataFrame:
    r"""Tell which two change places under which choices.

    In signs: :math:`\sum_c 1[(r_{ic} - r_{jc})(r_{i0} - r_{j0}) < 0]` over the choices c, with ranks r and the base 0.
    A choice in which one of the two has no rank (missing) does not count.

    Parameters
    ----------
    table
        What :func:`sensitivity` returns for several zones, groups or cities (``by=``); at most 2,000 of them.
    pairs
        How many pairs to return, at least 1: those that change places most often come first.

    Returns
    -------
    DataFrame
        One row for each pair that changes places at least once. ``worse`` and ``better`` in the base;
        ``base_rank_worse`` and ``base_rank_better``; ``flips``: in how many choices the order is the other way round;
        ``share``: of the choices in which both have a rank; ``flipped_by``: these choices, each told by what differs
        from the base, for example ``zoning: districts``. Pairs that are equal in the base, or in the other choice,
        have no order to change. ``attrs["all_pairs"]`` and ``attrs["pairs_that_flip"]`` count them all, and
        ``attrs["by_choice"]`` tells for each choice which share of all ordered pairs it turns round.

    Raises
    ------
    InputError
        When the table is another, compares only one or more than 2,000, or ``pairs`` is not a whole number from 1 on.

    References
    ----------
    As of :func:`rank_stability`: OECD & JRC (2008). Handbook on constructing composite indicators, step 7.

    Examples
    --------
    >>> from spatialjustice.inequality import sensitivity
    >>> minutes = pd.DataFrame({"walk": [9.0, 5.0, 2.0], "bus": [4.0, 6.0, 1.0]}, index=["a", "b", "c"])
    >>> people = pd.Series(10, index=minutes.index)
    >>> found = rank_flips(sensitivity(minutes, people=people, by="zones", direction="lower is better"))
    >>> found[["worse", "better", "flips", "flipped_by"]]
      worse better  flips   flipped_by
    0     a      b      1  column: bus
    """
    asked = checked_whole_number(pairs, "pairs", least=1)
    ranks, names = _ranks(table)
    if len(ranks) > MOST:
        raise InputError(
            "table", f"it compares {len(ranks):,}", f"Pairs are told of at most {MOST:,}. Compare larger zones."
        )
    values = ranks.to_numpy(dtype=float)
    worse, better = np.nonzero(values[:, 0][:, None] < values[:, 0][None, :])
    often = np.zeros(len(worse), dtype=np.int64)
    both = np.zeros(len(worse), dtype=np.int64)
    shares = {}
    for name, one in zip(names, values.T, strict=True):
        known = ~np.isnan(one[worse] + one[better])
        turned = one[worse] > one[better]
        often += turned
        both += known
        shares[name] = float(turned.sum() / known.sum()) if known.any() else float("nan")
    first = values[:, 0]
    order = np.lexsort([first[better], first[worse], -often])
    chosen = order[: min(asked, int((often > 0).sum()))]
    who = ranks.index
    result = pd.DataFrame(
        {
            "worse": [who[one] for one in worse[chosen]],
            "better": [who[one] for one in better[chosen]],
            "base_rank_worse": first[worse[chosen]],
            "base_rank_better": first[better[chosen]],
            "flips": often[chosen],
            "share": often[chosen] / np.maximum(both[chosen], 1),
            "flipped_by": [
                "; ".join(
                    name for name, one in zip(names, values.T, strict=True) if one[worse[pair]] > one[better[pair]]
                )
                for pair in chosen
            ],
        }
    )
    result.attrs |= {
        **_attrs_of_table("rank_flips", "label", table),
        "all_pairs": len(worse),
        "pairs_that_flip": int((often > 0).sum()),
        "by_choice": shares,
        "tried": len(names),
    }
    return result


def random_zonings(
    neighbours: Graph,
    *,
    zones: int,
    number: int = 99,
    people: pd.Series[Any] | None = None,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    """Merge neighbouring zones at random into larger ones, again and again: zonings that might as well have been.

    The smallest zone is joined with one of its neighbours, each as likely as the other, until as many are left as
    asked. Larger zones hang together, and none stays much smaller than the others where it has neighbours. What
    :func:`sensitivity` finds over them is a distribution of what zones of this size can make of the same people.

    Definition: a partition of the zones into the asked number of connected parts, drawn by joining the smallest with a
    neighbour at random.

    Parameters
    ----------
    neighbours
        Links between the zones; a link in one direction joins, too.
    zones
        How many larger zones to make, fewer than there are zones.
    number
        How many zonings, at least 1.
    people
        By which a zone is small, known for every zone; None goes by the number of zones merged.
    rng
        Seed, or generator to draw one from; None draws a new one, which ``attrs["seed"]`` tells.

    Returns
    -------
    DataFrame
        One row for each zone, in the order of their ids, one column for each zoning: ``random 1``, …, with the number
        of the larger zone, from 1 on.

    Raises
    ------
    InputError
        When so few zones cannot be made, since zones without a way to each other never join, or a setting is wrong.

    References
    ----------
    Openshaw, S., & Rao, L. (1995). Algorithms for reengineering 1991 census geography. Environment and Planning A,
    27(3), 425-446.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1, 1, 1, 1, 1, 1])
    >>> found = random_zonings(row, zones=2, number=3, rng=1)
    >>> found.shape, found.nunique().tolist()
    ((4, 3), [2, 2, 2])
    """
    many, wanted, seed = (
        checked_whole_number(number, "number", least=1),
        checked_whole_number(zones, "zones", least=1),
        seed_of(rng),
    )
    ids = neighbours.unique_ids
    ids = ids[sorted_positions(ids)]
    size = np.ones(len(ids))
    if people is not None:
        require_ids(people, "people")
        strangers = people.index.symmetric_difference(ids, sort=False)
        if len(strangers):
            advice = "Give the people of every zone of the graph, and of no other."
            raise InputError("people", f"{len(strangers):,} ids are not in both", advice, rows=strangers)
        size = flat_numbers(people.reindex(ids), "people")
        refuse_rows(
            ~np.isfinite(size) | (size < 0), ids, "people", "numbers are missing or negative", "Give 0 for nobody."
        )
    if wanted >= len(ids):
        raise InputError("zones", f"{wanted:,} are asked for, of {len(ids):,}", "Ask for fewer than there are.")
    near = _neighbour_sets(neighbours, ids)
    generator = np.random.default_rng(seed)
    result = pd.DataFrame(
        {f"random {one + 1}": _join_smallest_zones(near, size, wanted, generator) for one in range(many)}, index=ids
    )
    result.attrs = {"measure": "random_zonings", "unit": "label", "direction": "none", "seed": seed, "zones": wanted}
    return result


def _neighbour_sets(neighbours: Graph, ids: pd.Index[Any]) -> list[set[int]]:
    links = neighbours.adjacency[neighbours.adjacency > 0]
    one = ids.get_indexer(links.index.get_level_values("focal"))
    two = ids.get_indexer(links.index.get_level_values("neighbor"))
    near: list[set[int]] = [set() for _ in ids]
    for a, b in zip(one.tolist(), two.tolist(), strict=True):
        if a != b:
            near[a].add(b)
            near[b].add(a)
    return near


def _join_smallest_zones(
    near: list[set[int]], size: Floats, wanted: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Join the smallest zone with a neighbour until as many are left as wanted."""
    around = [set(one) for one in near]
    sizes, owner = size.tolist(), list(range(len(near)))
    members: list[list[int]] = [[one] for one in owner]
    # Among equally small ones chance decides, by a number drawn for each state of each zone.
    waiting = [(sizes[one], draw, one, 1) for one, draw in zip(owner, rng.random(len(owner)).tolist(), strict=True)]
    heapq.heapify(waiting)
    left = len(owner)
    while left > wanted:
        if not waiting:
            advice = "Parts of the place have no links between them. Ask for more zones, or link them with nearest."
            raise InputError("zones", f"no fewer than {left:,} can be made", advice)
        _, _, small, state = heapq.heappop(waiting)
        if len(members[small]) != state or not around[small]:
            continue  # grown since, gone, or with no neighbour left to join
        other = sorted(around[small])[int(rng.integers(len(around[small])))]
        kept, gone = (other, small) if len(members[other]) >= len(members[small]) else (small, other)
        members[kept] += members[gone]
        members[gone] = []
        sizes[kept] += sizes[gone]
        for one in around[gone]:
            around[one].discard(gone)
            if one != kept:
                around[one].add(kept)
                around[kept].add(one)
        around[gone] = set()
        heapq.heappush(waiting, (sizes[kept], rng.random(), kept, len(members[kept])))
        left -= 1
    labels = np.zeros(len(near), dtype=np.int64)
    for number, zone in enumerate(sorted((one for one in members if one), key=min), start=1):
        labels[zone] = number
    return labels


def _ranks(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return ranks by who and choice, the base first, and the name of each choice: what differs from the base."""
    if not isinstance(table, pd.DataFrame) or table.attrs.get("measure") != "sensitivity":
        raise InputError("table", "it is not one of sensitivity", "Give what sensitivity returns, as it is.")
    if table["who"].nunique() < 2:
        raise InputError("table", "it compares nobody with anybody", "Ask sensitivity for several, with by=.")
    order = {name: pd.Index(dict.fromkeys(table[name])) for name in [*CHOICES, "who"]}
    wide = table.pivot_table(index="who", columns=CHOICES, values="rank", aggfunc="first", dropna=False, sort=False)
    wide = wide.reindex(order["who"])
    columns = sorted(wide.columns, key=lambda one: [order[k].get_loc(v) for k, v in zip(CHOICES, one, strict=True)])
    base = table.attrs["base"]
    names = [
        ", ".join(f"{kind}: {value}" for kind, value in zip(CHOICES, one, strict=True) if value != base[kind]) or "base"
        for one in columns
    ]
    wide = wide[columns]
    wide.index.name = "who"
    return wide, names


def _people(table: pd.DataFrame, who: pd.Index[Any]) -> Floats:
    """Return who is counted in the base, and left out of it, of each of those compared."""
    base = table.attrs["base"]
    rows = table[(table[CHOICES] == pd.Series(base)[CHOICES]).all(axis=1)].set_index("who").reindex(who)
    return (rows["counted"] + rows["left_out"]).to_numpy(dtype=float)


def _worst_zones(rank: Floats, people: Floats, share_of_people: float) -> NDArray[np.bool_]:
    """Return who is among the worst under one choice; equal ones stay together."""
    known = ~np.isnan(rank)
    belongs = np.zeros(len(rank), dtype=bool)
    values, group = np.unique(rank[known], return_inverse=True)
    of_each = np.bincount(group, people[known], len(values))
    worse_off = np.cumsum(of_each) - of_each
    belongs[known] = (worse_off < share_of_people * of_each.sum() * (1 - ROUNDING))[group]
    return belongs


def _attrs_of_table(measure: str, unit: str, table: pd.DataFrame) -> dict[str, Any]:
    facts = {"measure": measure, "unit": unit, "direction": "none", "base": table.attrs["base"]}
    return facts | {name: table.attrs[name] for name in ("choices", "sources", "findings")}
