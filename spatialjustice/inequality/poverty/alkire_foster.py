"""Poverty of several things at once: how many lack at least so many, how much they lack, and which (counting)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.inequality._inputs import aligned_by_id, refuse_rows, seed_of
from spatialjustice.inequality.distribution.intervals import interval
from spatialjustice.inequality.distribution.zone_rows import FEWEST
from spatialjustice.inequality.groups._tables import EVERYONE, Groups, require_groups
from spatialjustice.inequality.groups.gaps import FEW_PEOPLE, group_means
from spatialjustice.inequality.poverty.lacks import ROUNDING, checked_lacks, checked_limit, told, weights_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats, Values


class Counted(NamedTuple):
    """Rows of a table of lacks in which everything is known, and the ends that the others leave open."""

    lacking: Floats  # 1 or 0, a column for each thing
    score: Floats  # weighed lacks of each row
    people: Floats
    weights: Floats
    limit: float
    complete: NDArray[np.bool_]
    everybody: float
    sure: float  # people who are poor whatever is not known
    maybe: float  # people who are poor if all that is not known is lacking
    least: float  # weighed lacks of the poor, if nothing that is not known is lacking
    most: float  # and if all of it is

    @property
    def poor(self) -> NDArray[np.bool_]:
        """Which rows lack at least as much as the limit."""
        return np.asarray(self.score >= self.limit - ROUNDING)

    @property
    def left_out(self) -> float:
        """People of rows in which something is not known."""
        return self.everybody - math.fsum(self.people)


def counted(
    lacks: pd.DataFrame, at_least: float, weights: Mapping[str, float] | None, people: Values | None
) -> Counted:
    """Check a table of lacks and the people of its rows, and part the rows that are whole from the others."""
    table, weighed = checked_lacks(lacks), weights_of(lacks, weights)
    limit = checked_limit(at_least, len(weighed))
    like = pd.Series(0.0, lacks.index)
    counts = np.ones(len(table)) if people is None else aligned_by_id(people, "people", like, "lacks")
    wrong = ~np.isfinite(counts) | (counts < 0)
    refuse_rows(wrong, lacks.index, "people", "are negative, missing or infinite", "Give 0 where nobody lives.")
    unknown = np.isnan(table)
    complete = ~unknown.any(axis=1)
    if not (counts[complete] > 0).any():
        raise InputError("lacks", "of nobody everything is known", "Leave out a column that is never known.")
    low = np.where(unknown, 0.0, table) @ weighed
    high = low + unknown @ weighed
    sure, maybe = low >= limit - ROUNDING, high >= limit - ROUNDING
    return Counted(
        table[complete],
        low[complete],
        counts[complete],
        weighed,
        limit,
        np.asarray(complete),
        math.fsum(counts),
        math.fsum(counts[sure]),
        math.fsum(counts[maybe]),
        math.fsum((counts * low)[sure]),
        math.fsum((counts * high)[maybe]),
    )


def alkire_foster(
    lacks: pd.DataFrame,
    *,
    at_least: float,
    weights: Mapping[str, float] | None = None,
    gaps: pd.DataFrame | None = None,
    people: Values | None = None,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Tell how many people lack several things at once, and how much they lack (Alkire and Foster).

    With :math:`c_i` the weighed lacks of a person and d their number, whoever has :math:`c_i \ge k` is poor. ``H``:
    their share of all people. ``A``: the share of all things that the poor lack on average,
    :math:`\sum_{poor} c_i / (d q)` with q the number of poor. ``M0`` :math:`= H A`, which rises where somebody poor
    loses one more thing. With gaps, ``M1`` and ``M2`` also count how far the poor are below each line: the mean over
    all people and things of the gaps of the poor, and of their squares.

    Parameters
    ----------
    lacks
        What each zone or person lacks (:func:`lacks`): 1, 0, or NaN where it is not known. Rows of zones take
        everybody in a zone to lack what the zone lacks; where only shares of people are known, see
        :func:`lack_bounds`.
    at_least
        k, as :func:`lack_counts`.
    weights
        As :func:`lack_counts`.
    gaps
        How far below each line (:func:`lack_gaps`), on the same rows and columns; for amounts only. None leaves M1 and
        M2 out.
    people
        People of each row; None counts every row once.
    rng
        Whole number or generator that the draws follow from; None draws a seed, which attrs tell.
    replications
        How often rows are drawn anew for ``low`` and ``high``, at least 99; 0 for none.
    level
        Confidence, between 0 and 1.

    Returns
    -------
    DataFrame
        Rows ``H``, ``A``, ``M0`` and, with gaps, ``M1`` and ``M2``: ``value`` among those of whom everything is known,
        ``low`` and ``high`` as :func:`interval`; for H and M0 ``lowest`` and ``highest``, of all people, if nothing, or
        all, of what is not known is lacking. ``A`` is NaN where nobody is poor. ``attrs`` tell ``people``,
        ``left_out`` (people of whom something is not known), ``poor`` and the weights.

    Raises
    ------
    InputError
        When a cell is neither 0, 1 nor missing; when a setting cannot be used; when nobody is known whole.

    References
    ----------
    Alkire, S., & Foster, J. (2011). Counting and multidimensional poverty measurement. Journal of Public Economics,
    95(7-8), 476-487.

    Examples
    --------
    Four people and four things; the second lacks two of them, the third all, the fourth one:

    >>> table = pd.DataFrame([[0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1], [0, 1, 0, 0]], columns=list("abcd"))
    >>> alkire_foster(table, at_least=2, replications=0)["value"].to_dict()
    {'H': 0.5, 'A': 0.75, 'M0': 0.375}
    """
    data = counted(lacks, at_least, weights, people)
    size = len(data.weights)
    poor = data.poor.astype(float)
    rows: dict[str, tuple[Floats, Floats | None]] = {
        "H": (poor, None),
        "A": (poor * data.score / size, poor),
        "M0": (poor * data.score / size, None),
    }
    if gaps is not None:
        amounts = _checked_gaps(gaps, lacks)[data.complete]
        rows |= {f"M{power}": (poor * (amounts**power * data.lacking @ data.weights) / size, None) for power in (1, 2)}
    seed = seed_of(rng)
    table = {name: _with_interval(*row, data.people, seed, replications, level) for name, row in rows.items()}
    frame = pd.DataFrame.from_dict(table, orient="index", columns=["value", "low", "high"]).rename_axis(index="measure")
    frame["lowest"], frame["highest"] = np.nan, np.nan
    frame.loc["H", ["lowest", "highest"]] = [data.sure / data.everybody, data.maybe / data.everybody]
    whole = data.everybody * size
    frame.loc["M0", ["lowest", "highest"]] = [data.least / whole, data.most / whole]
    return told(
        frame,
        "alkire_foster",
        [lacks, people],
        findings=unknown_lacks(data),
        unit="share",
        at_least=data.limit,
        weights={str(name): float(weight) for name, weight in zip(lacks.columns, data.weights, strict=True)},
        people=data.everybody,
        left_out=data.left_out,
        poor=math.fsum(data.people[data.poor]),
        seed=seed if replications else None,
        replications=replications,
        level=level,
    )


def alkire_foster_dimensions(
    lacks: pd.DataFrame,
    *,
    at_least: float,
    weights: Mapping[str, float] | None = None,
    people: Values | None = None,
) -> pd.DataFrame:
    r"""Tell which lacks make the poverty: how many lack each thing, how many of them are poor, and what it adds to M0.

    The contribution of a thing with weight :math:`w_j` is :math:`w_j h_j / (d M_0)`, with :math:`h_j` the share of all
    people who are poor and lack it (the censored headcount). Contributions add up to 1.

    Parameters
    ----------
    lacks, at_least, weights, people
        As :func:`alkire_foster`.

    Returns
    -------
    DataFrame
        A row for each column of the lacks: ``weight``, ``lacking`` (share of people), ``lacking_and_poor`` and
        ``contribution`` (NaN where nobody is poor), among those of whom everything is known.

    Raises
    ------
    InputError
        As :func:`alkire_foster`.

    References
    ----------
    Alkire, S., & Foster, J. (2011). Counting and multidimensional poverty measurement. Journal of Public Economics,
    95(7-8), 476-487.

    Examples
    --------
    >>> table = pd.DataFrame([[0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1], [0, 1, 0, 0]], columns=list("abcd"))
    >>> found = alkire_foster_dimensions(table, at_least=2)
    >>> found[["lacking", "lacking_and_poor"]].loc["b"].tolist()
    [0.75, 0.5]
    >>> found["contribution"].round(3).tolist()
    [0.167, 0.333, 0.167, 0.333]
    """
    data = counted(lacks, at_least, weights, people)
    total = math.fsum(data.people)
    lacking = data.people @ data.lacking / total
    censored = (data.people * data.poor) @ data.lacking / total
    weighed = censored * data.weights
    contribution = weighed / weighed.sum() if weighed.any() else np.full(len(weighed), np.nan)
    frame = pd.DataFrame(
        {
            "weight": data.weights,
            "lacking": lacking,
            "lacking_and_poor": censored,
            "contribution": contribution,
        },
        index=pd.Index(lacks.columns, name="lack"),
    )
    return told(
        frame, "alkire_foster_dimensions", [lacks, people], findings=unknown_lacks(data), unit="share",
        at_least=data.limit, people=data.everybody, left_out=data.left_out,
    )  # fmt: skip


def alkire_foster_groups(
    lacks: pd.DataFrame,
    groups: Groups,
    *,
    at_least: float,
    weights: Mapping[str, float] | None = None,
    suppress_below: float = FEW_PEOPLE,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Tell how many of each group lack several things at once, and what each group adds to the poverty of all.

    M0 of all people is the mean of that of the groups, each counted with its people, so that contributions add up to 1.
    In each zone every group is taken to lack what the zone lacks (ecological).

    In signs: :math:`M_0 = \sum_g (n_g / n) M_{0g}`, and the contribution of group g is :math:`n_g M_{0g} / (n M_0)`.

    Parameters
    ----------
    lacks, at_least, weights
        As :func:`alkire_foster`, one row for each zone.
    groups
        Who lives where, on the same ids.
    suppress_below, rng, replications, level
        As :func:`group_means`.

    Returns
    -------
    DataFrame
        One row for each group and ``"all people"`` last: ``H`` and ``M0`` with ``_low`` and ``_high``, ``A`` (NaN where
        nobody of the group is poor), ``contribution`` to M0; ``people`` in zones of which everything is known,
        ``people_left_out`` in the others, and ``note``.

    Raises
    ------
    InputError
        As :func:`alkire_foster` and :func:`group_means`.

    References
    ----------
    Alkire, S., & Foster, J. (2011). Counting and multidimensional poverty measurement. Journal of Public Economics,
    95(7-8), 476-487.

    Examples
    --------
    >>> from spatialjustice.inequality import groups_from_counts
    >>> table = pd.DataFrame({"far": [1, 0], "offline": [1, 0]})
    >>> groups = groups_from_counts(pd.DataFrame({"old": [30, 10], "young": [10, 30]}))
    >>> alkire_foster_groups(table, groups, at_least=2, replications=0)["contribution"].to_dict()
    {'old': 0.75, 'young': 0.25, 'all people': 1.0}
    """
    require_groups(groups)
    data = counted(lacks, at_least, weights, groups.people.sum(axis=1))
    poor, score = np.full(len(lacks), np.nan), np.full(len(lacks), np.nan)
    poor[data.complete] = data.poor
    score[data.complete] = data.poor * data.score / len(data.weights)
    seed = seed_of(rng)
    tables = {}
    for name, values in (("H", poor), ("M0", score)):
        tables[name] = group_means(
            pd.Series(values, lacks.index), groups, suppress_below=suppress_below, rng=seed,
            replications=replications, level=level,
        )  # fmt: skip
    heads, adjusted = tables["H"], tables["M0"]
    frame = pd.DataFrame(index=heads.index)
    for name, made in tables.items():
        frame[name], frame[f"{name}_low"], frame[f"{name}_high"] = made["mean"], made["low"], made["high"]
    frame["A"] = (frame["M0"] / frame["H"]).where(frame["H"] > 0)
    weighed = adjusted["mean"] * adjusted["people"]
    whole = weighed.loc[EVERYONE]
    frame["contribution"] = weighed / whole if whole > 0 else np.nan
    for name in ("people", "people_left_out", "note"):
        frame[name] = heads[name]
    ecological = Finding(
        "ecological",
        "warning",
        "Ecological: every group is taken to have the shares of its zone.",
        advice="Write of zones, not of persons.",
    )
    return told(
        frame, "alkire_foster_groups", [lacks, groups, heads], findings=[*unknown_lacks(data), ecological],
        unit="share", at_least=data.limit, groups=groups.how, seed=seed if replications else None,
        replications=replications, level=level,
    )  # fmt: skip


def unknown_lacks(data: Counted) -> list[Finding]:
    """Say of how many people something is not known."""
    rows = int((~data.complete).sum())
    if not rows:
        return []
    people = data.left_out
    message = (
        f"In {rows:,} rows with {people:,.0f} people it is not known whether something is lacking; they are left out "
        "of the measures, and in their lowest and highest values."
    )
    return [
        Finding(
            "lacks_unknown",
            "warning" if people else "information",
            message,
            count=rows,
            people=people,
            values={"count": rows, "people": round(people)},
        )
    ]


def _mean(values: Any, *, weights: Any, of: Any = None) -> float:
    """Return the mean of rows by their people, or that among those who are poor."""
    whole = float(np.sum(weights if of is None else weights * of))
    if not whole > 0:
        raise InputError("lacks", "nobody is poor", "The share of what the poor lack is then not defined.")
    return float(np.sum(values * weights) / whole)


def _with_interval(
    values: Floats, of: Floats | None, people: Floats, seed: int, replications: int, level: float
) -> tuple[float, float, float]:
    if of is not None and not (people * of).any():
        return np.nan, np.nan, np.nan
    along = {} if of is None else {"of": of}
    value = _mean(values, weights=people, **along)
    if not replications or (people > 0).sum() < FEWEST:
        return value, np.nan, np.nan
    try:
        found = interval(_mean, values, people=people, rng=seed, replications=replications, level=level, **along)
    except InputError:
        if of is None:
            raise
        # In too many draws nobody is poor.
        return value, np.nan, np.nan
    return value, found.low, found.high


def _checked_gaps(gaps: pd.DataFrame, lacks: pd.DataFrame) -> Floats:
    if not isinstance(gaps, pd.DataFrame) or not gaps.index.equals(lacks.index) or set(gaps) != set(lacks):
        raise InputError("gaps", "they are not those of the lacks", "Make both from the same values and lines.")
    table = gaps[list(lacks.columns)].to_numpy(dtype=float)
    known = lacks.notna().to_numpy()
    wrong = (known & ~(np.isfinite(table) & (table >= 0))).any(axis=1)
    refuse_rows(wrong, gaps.index, "gaps", "rows are negative, missing or infinite", "Make them with lack_gaps().")
    return np.where(known, table, 0.0)
