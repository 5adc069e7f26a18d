"""What became of some voters when a way to vote went or came: their ballots beside those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.provenance import add_sources, sources_of
from spatialjustice.catalogue import LANGUAGES, digits, number, words
from spatialjustice.inequality._inputs import seed_of
from spatialjustice.participation.ballots._checks import UNKNOWN, several, with_counts
from spatialjustice.participation.ballots.intervals import checked_level

if TYPE_CHECKING:
    from collections.abc import Sequence

YEAR, METHOD = "vote_year", "voting_method"
FEWEST_CLUSTERS = 5
Floats = NDArray[np.float64]

BALLOTS, REFERENCE, SHARE, APART, APART_BEFORE, PAPER, PAPER_REFERENCE = (
    "ballots of the group in a vote",
    "ballots of the reference in a vote",
    "share of the group among ballots of known age or place",
    "change of the group beside that of the reference",
    "the same between the first and the last vote before",
    "share of the group's ballots cast so",
    "share of the reference's ballots cast so",
)
"""What the rows of :func:`change_when_offered` are about."""


class _Counts(NamedTuple):
    """Ballots by cluster (rows) and year (columns): of the group, the reference, everybody known, and cast so."""

    years: list[int]
    group: Floats
    reference: Floats
    known: Floats
    group_so: Floats
    group_told: Floats
    reference_so: Floats
    reference_told: Floats


def change_when_offered(  # noqa: PLR0913 (each word says which ballots are compared with which)
    ballots: pd.DataFrame,
    *,
    before: Sequence[int],
    after: Sequence[int],
    group: str | Sequence[str],
    reference: str | Sequence[str],
    by: str = "age_class",
    clusters: str = "district",
    category: str = "paper",
    level: float = 0.95,
    replications: int = 2000,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Compare the ballots of a group before and after a way to vote went or came with those of a reference.

    The change of the group is that of its mean number of ballots in a vote. Beside that of the reference it is
    :math:`\frac{g_1 / g_0}{r_1 / r_0} - 1`, a difference in differences on the scale of logarithms: what is the same
    for both, such as another number of elections in which one person votes, falls out of it. The same is computed
    between the first and the last vote before: where the two moved apart then, too, the later change goes on from that.

    It tells what went together and not why: another change at the same time, for one of the two groups only, looks the
    same.

    Parameters
    ----------
    ballots
        A table with ``vote_year``, ``ballots`` (how many), ``voting_method``, and the columns ``by`` and ``clusters``.
    before, after
        The years of the votes before and after.
    group
        The classes of ``by`` that are looked at, for example ``["65–74", "75+"]``.
    reference
        The classes that they are compared with.
    by
        The column of classes: ages, or places.
    clusters
        The column of what is drawn anew as a whole, for example districts: ballots inside one are not independent.
    category
        The way of voting whose share stands beside the counts.
    level
        How sure the intervals are.
    replications
        How often clusters are drawn anew.
    rng
        What random numbers come from; recorded in ``attrs["seed"]``.

    Returns
    -------
    DataFrame
        A row for each quantity: ``before``, ``after``, ``change`` (a share of what was before; for shares, a
        difference), ``low`` and ``high`` (percentiles of clusters drawn anew), ``unit``. ``attrs["sentence"]`` says it
        by language; ``attrs["left_out"]`` counts ballots of these years whose class is not known.

    Raises
    ------
    InputError
        When a year or a class has no ballots, one is on both sides, or there are fewer than five clusters.

    References
    ----------
    Card, D., & Krueger, A. B. (1994). Minimum wages and employment. American Economic Review, 84(4), 772-793. Cameron,
    A. C., Gelbach, J. B., & Miller, D. L. (2008). Bootstrap-based improvements for inference with clustered errors.
    Review
    of Economics and Statistics, 90(3), 414-427.

    Examples
    --------
    >>> rows = [
    ...     (year, place, age, "internet", count)
    ...     for year, old in ((2018, 40), (2019, 20))
    ...     for place in "ABCDE"
    ...     for age, count in (("65+", old), ("18–64", 100))
    ... ]
    >>> votes = pd.DataFrame(rows, columns=["vote_year", "district", "age_class", "voting_method", "ballots"])
    >>> found = change_when_offered(votes, before=[2018], after=[2019], group="65+", reference="18–64", rng=1)
    >>> found["change"].round(3).dropna().tolist()[:4]
    [-0.5, 0.0, -0.119, -0.5]
    """
    sure = checked_level(level)
    counts_ = with_counts(ballots, [YEAR, METHOD, by, clusters])
    sides = _checked_years(before, after)
    looked_at, others = several(group, "group"), several(reference, "reference")
    if set(looked_at) & set(others):
        both = listed(sorted(set(looked_at) & set(others)))
        raise InputError("reference", f"{both} is in the group as well", "Compare with others.")
    counted, unknown = _counts(ballots, counts_, (by, clusters, category), looked_at, others, sides)
    seed = seed_of(rng)
    draws = np.random.default_rng(seed).multinomial(
        len(counted.group), np.full(len(counted.group), 1 / len(counted.group)), size=int(replications)
    )
    rows = [_row(name, unit, measure, draws.astype(float), sure) for name, unit, measure in _quantities(counted, sides)]
    found = pd.DataFrame(rows).set_index("quantity")
    found.attrs = {
        "measure": "change_when_offered",
        "unit": "share",
        "direction": "none",
        "level": sure,
        "seed": seed,
        "replications": int(replications),
        "clusters": len(counted.group),
        "left_out": {f"{by} not known": unknown},
    }
    found.attrs["sentence"] = _sentences(found, sides, looked_at, others)
    return add_sources(found, *sources_of(ballots))


def _checked_years(before: Sequence[int], after: Sequence[int]) -> tuple[list[int], list[int]]:
    first, second = sorted({int(year) for year in before}), sorted({int(year) for year in after})
    if not first or not second:
        name = "before" if not first else "after"
        raise InputError(name, "no year is named", "Name the years of the votes.")
    if set(first) & set(second):
        raise InputError(
            "after", f"{listed(sorted(set(first) & set(second)))} is before as well", "A year is one of the two."
        )
    return first, second


def _counts(
    ballots: pd.DataFrame,
    counts: pd.Series[Any],
    columns: tuple[str, str, str],
    group: list[str],
    reference: list[str],
    sides: tuple[list[int], list[int]],
) -> tuple[_Counts, float]:
    """Return ballots by cluster and year, and how many are of no known class."""
    by, clusters, category = columns
    years = [*sides[0], *sides[1]]
    classes = ballots[by].astype(object).where(ballots[by].notna(), UNKNOWN).astype(str)
    strange = [one for one in (*group, *reference) if one not in set(classes)]
    if strange:
        raise InputError("group", f"there is no {by} {listed(strange)}", f"There are {listed(sorted(set(classes)))}.")
    place = ballots[clusters].astype(object).where(ballots[clusters].notna(), "").astype(str)
    when = ballots[YEAR].astype("Int64")
    used = when.isin(years) & (place != "")
    known = used & (classes != UNKNOWN)
    so = ballots[METHOD] == category
    told = ballots[METHOD].notna() & ~ballots[METHOD].isin([UNKNOWN, ""])
    there = sorted(set(place[used]))
    if len(there) < FEWEST_CLUSTERS:
        found = f"there are {len(there)} of them"
        raise InputError(
            "clusters", found, f"Intervals need at least {FEWEST_CLUSTERS}; name a column of smaller places."
        )
    of_group, of_reference = classes.isin(group), classes.isin(reference)

    def table(rows: pd.Series[bool]) -> Floats:
        made = pd.DataFrame({"place": place[rows], "year": when[rows].astype(int), "ballots": counts[rows]})
        wide = made.pivot_table(index="place", columns="year", values="ballots", aggfunc="sum")
        return wide.reindex(index=there, columns=years).fillna(0.0).to_numpy(dtype=float)

    made = _Counts(
        years=years,
        group=table(used & of_group),
        reference=table(used & of_reference),
        known=table(known),
        group_so=table(used & of_group & so),
        group_told=table(used & of_group & told),
        reference_so=table(used & of_reference & so),
        reference_told=table(used & of_reference & told),
    )
    for name, part in (("group", made.group), ("reference", made.reference)):
        empty = [year for year, total in zip(years, part.sum(axis=0), strict=True) if total == 0]
        if empty:
            raise InputError(name, f"it has no ballots in {listed(empty)}", "Leave that year out, or look at the data.")
    return made, float(counts[used & (classes == UNKNOWN)].sum())


def _quantities(counted: _Counts, sides: tuple[list[int], list[int]]) -> list[tuple[str, str, Any]]:
    """Return what is told: name, unit, and a function from how often each cluster is drawn to before, after, change."""
    first, second = len(sides[0]), len(sides[1])
    early, late = slice(0, first), slice(first, first + second)

    def mean(part: Floats, drawn: Floats, years: slice) -> Floats:
        return np.asarray((drawn @ part[:, years]).mean(axis=-1))

    def ratio(part: Floats, whole: Floats, drawn: Floats, years: slice) -> Floats:
        below = (drawn @ whole[:, years]).sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(below > 0, (drawn @ part[:, years]).sum(axis=-1) / below, np.nan)

    def of_counts(part: Floats) -> Any:
        def measure(drawn: Floats) -> tuple[Floats, Floats, Floats]:
            old, new = mean(part, drawn, early), mean(part, drawn, late)
            return old, new, new / old - 1

        return measure

    def of_shares(part: Floats, whole: Floats) -> Any:
        def measure(drawn: Floats) -> tuple[Floats, Floats, Floats]:
            old, new = ratio(part, whole, drawn, early), ratio(part, whole, drawn, late)
            return old, new, new - old

        return measure

    def apart(old_years: slice, new_years: slice) -> Any:
        def measure(drawn: Floats) -> tuple[Floats, Floats, Floats]:
            old, new = (
                mean(counted.group, drawn, years) / mean(counted.reference, drawn, years)
                for years in (old_years, new_years)
            )
            return old, new, new / old - 1

        return measure

    rows = [
        (BALLOTS, "ballots", of_counts(counted.group)),
        (REFERENCE, "ballots", of_counts(counted.reference)),
        (SHARE, "share", of_shares(counted.group, counted.known)),
        (APART, "ratio", apart(early, late)),
    ]
    if first > 1:
        rows.append((APART_BEFORE, "ratio", apart(slice(0, 1), slice(first - 1, first))))
    return [
        *rows,
        (PAPER, "share", of_shares(counted.group_so, counted.group_told)),
        (PAPER_REFERENCE, "share", of_shares(counted.reference_so, counted.reference_told)),
    ]


def _row(quantity: str, unit: str, measure: Any, draws: Floats, level: float) -> dict[str, Any]:
    """Return a quantity with the interval of its change over clusters drawn anew."""
    before, after, change = (float(one[0]) for one in measure(np.ones((1, draws.shape[1]))))
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = measure(draws)[2]
    drawn = drawn[np.isfinite(drawn)]
    outside = (1 - level) / 2
    low, high = np.quantile(drawn, [outside, 1 - outside]) if len(drawn) else (np.nan, np.nan)
    return {
        "quantity": quantity,
        "before": before,
        "after": after,
        "change": change,
        "low": float(low),
        "high": float(high),
        "unit": unit,
    }


def _sentences(
    found: pd.DataFrame, sides: tuple[list[int], list[int]], group: list[str], reference: list[str]
) -> dict[str, str]:
    """Say the change in every language, without saying why."""
    return {lang: _sentence(found, sides, (group, reference), lang) for lang in LANGUAGES}


def _sentence(
    found: pd.DataFrame, sides: tuple[list[int], list[int]], classes: tuple[list[str], list[str]], lang: str
) -> str:
    known = words(lang)
    comma = known["language.comma"]

    def joined(parts: Sequence[Any]) -> str:
        return comma.join(digits(str(one), lang) for one in parts)

    def value(row: str, column: str) -> float:
        return float(found[column].to_dict()[row])

    def ends(row: str) -> dict[str, str]:
        columns = {"apart": "change", "low": "low", "high": "high"}
        return {gap: change_in_words(value(row, column), lang) for gap, column in columns.items()}

    gaps = {"group": joined(classes[0]), "reference": joined(classes[1])}
    gaps |= {"years_before": joined(spans(sides[0])), "years_after": joined(spans(sides[1]))}
    for name, row in (("group", BALLOTS), ("reference", REFERENCE)):
        gaps |= {f"{name}_{side}": number(round(value(row, side)), lang) for side in ("before", "after")}
        gaps[f"{name}_change"] = change_in_words(value(row, "change"), lang)
    said = [known["participation.change.told"].format(**gaps, **ends(APART))]
    if APART_BEFORE in found.index:
        said.append(known["participation.change.told_before"].format(**ends(APART_BEFORE)))
    return " ".join([*said, known["participation.change.not_why"]])


def spans(years: Sequence[int]) -> list[str]:
    """Return years as the spans that they make up.

    Examples
    --------
    >>> spans([2016, 2017, 2018, 2021])
    ['2016–2018', '2021']
    """
    found: list[list[int]] = []
    for year in years:
        if found and year == found[-1][-1] + 1:
            found[-1].append(year)
        else:
            found.append([year])
    return [f"{one[0]}\N{EN DASH}{one[-1]}" if len(one) > 1 else f"{one[0]}" for one in found]


def change_in_words(change: float, lang: str) -> str:
    """Say a change as a share of what was before: so much fewer, so much more, or as many.

    Examples
    --------
    >>> change_in_words(-0.25, "en"), change_in_words(0.071, "en"), change_in_words(0.001, "en")
    ('25% fewer', '7% more', 'as many')
    """
    percent = round(100 * change)
    key = "none" if percent == 0 else "less" if percent < 0 else "more"
    return str(words(lang)[f"participation.change.{key}"]).format(percent=number(abs(percent), lang))
