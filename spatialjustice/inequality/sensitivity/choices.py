"""Sensitivity: what changes if zones are drawn, cutoffs set, people counted or inequality measured in another way."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, aligned_by_id, flat_numbers, refuse_rows
from spatialjustice.inequality.distribution.summary import summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Column = pd.Series[Any]

CHOICES = ["column", "weights", "zoning", "measure"]
AS_GIVEN = "as given"
EVERYBODY = "everybody"
PEOPLE = "people"
OF_THE_VALUES = ("mean", "kolm_pollak_ede")
TOWARDS_THE_RICH = ("palma_ratio", "share_ratio", "concentration_index", "concentration_index_corrected", "suits")

ROUNDING = 1e-12
"""Values that differ by less than this share of the largest differ by rounding only, and share a rank."""


class _CheckedChoices(NamedTuple):
    """Checked input: people of each zone, and the choices by name; labels are codes, -1 where there is none."""

    ids: pd.Index[Any]
    people: Floats
    columns: dict[Any, Column]
    weights: dict[str, Floats | None]
    zonings: dict[str, NDArray[np.int64] | None]
    shares: dict[Any, Floats] | None
    ranks: Floats | None


class _Setting(NamedTuple):
    """What every call of the summary is asked."""

    measures: Sequence[str]
    line: float | Mapping[str, float] | None
    direction: str | Mapping[str, str] | None


def sensitivity(  # noqa: PLR0913 - every argument is a choice whose effect is asked for, or what a measure needs
    values: pd.DataFrame | pd.Series[Any],
    *,
    people: pd.Series[Any],
    weights: Mapping[str, pd.Series[Any] | None] | None = None,
    zonings: pd.DataFrame | Mapping[str, pd.Series[Any]] | None = None,
    measures: Sequence[str] = ("mean",),
    by: pd.Series[Any] | pd.DataFrame | Literal["zones"] | None = None,
    rank_by: pd.Series[Any] | None = None,
    line: float | Mapping[str, float] | None = None,
    direction: str | Mapping[str, str] | None = None,
) -> pd.DataFrame:
    r"""Tell what a result would be under every other reasonable choice: of limit, of weight, of zones, of measure.

    All combinations of the columns, weights, zonings and measures are tried. In another zoning a larger zone has what
    its people have on average, :math:`x_Z = \sum_{i \in Z} p_i x_i / \sum_{i \in Z} p_i`, as a table published for
    it would say, and the weights of its zones are added up: nobody is lost. People in one zone then look equal, so
    that inequality among people never rises when zones are merged; how much it falls is what the zones hid (the
    modifiable areal unit problem).

    Parameters
    ----------
    values
        One row for each zone, one column for each way to say what people there have, for example one for each cutoff;
        or one Series. Averages must make sense: minutes, shares, places within reach, not totals of a zone. Missing
        where it is not known.
    people
        People of each zone, 0 or more; the first of the weights. Zones where nobody lives take no part.
    weights
        Other weights by name, for example households or the people of a group, 0 or more; None for a name counts each
        zone once, and in another zoning each larger zone.
    zonings
        Other zonings by name: for each zone the label of the larger zone it belongs to, such as those of
        :func:`random_zonings`. The zones as they are given are always the first.
    measures
        Names of measures of :func:`summary`; the first is the base.
    by
        Whose results are compared: None takes everybody as one; a Series of labels (cities, districts) compares these;
        a DataFrame of people by group (zones × groups) compares groups, each counted where it lives with what
        everybody there has on average; ``"zones"`` compares the zones, for which only the mean has a meaning.
    rank_by
        Income or anything that rises with it, for measures that need it; larger zones have the mean of their people.
    line
        What is enough, for the measures of who has too little; one number, or column → number.
    direction
        ``"higher is better"`` or ``"lower is better"``, or column → one of them; None reads it from the attrs.

    Returns
    -------
    DataFrame
        One row for each combination and each of those compared: ``column``, ``weights``, ``zoning``, ``measure``,
        ``who``; ``value`` in ``unit``; ``change``: its difference from the base, the first of every choice, where the
        measure is the same; ``rank``, 1 for the worst of those compared, equal ones sharing the better number;
        ``n``: zones that took part; ``counted`` and ``left_out``, in people or whatever the weight counts; ``note``
        says why there is no value. The worst has least of what is good or most of what is bad by the mean, is most
        unequal by a measure of inequality, and most in favour of the rich by one that goes by income.
        ``attrs["base"]`` names the base, ``attrs["choices"]`` lists what was tried.

    Raises
    ------
    InputError
        When ids differ, people or weights are missing, negative or all 0, a value is negative or infinite, a name is
        used twice, or a measure other than the mean is asked of zones.

    References
    ----------
    Openshaw, S. (1984). The modifiable areal unit problem. Geo Books. Shorrocks, A. F., & Wan, G. (2005). Spatial
    decomposition of inequality. Journal of Economic Geography, 5(1), 59-81 (merging zones).

    Examples
    --------
    Four zones of ten people; joined in pairs, nobody seems to have nothing any more:

    >>> jobs = pd.DataFrame({"30 minutes": [0.0, 8.0, 4.0, 8.0]}, index=list("abcd"))
    >>> people = pd.Series(10, index=jobs.index)
    >>> pairs = {"districts": pd.Series(["x", "x", "y", "y"], index=jobs.index)}
    >>> found = sensitivity(jobs, people=people, zonings=pairs, measures=["gini"])
    >>> found[["zoning", "value", "change", "n", "counted"]]
          zoning  value  change  n  counted
    0   as given    0.35    0.00  4     40.0
    1  districts    0.10   -0.25  2     40.0
    """
    given = _checked(values, people, weights, zonings, by, rank_by)
    setting = _Setting(list(dict.fromkeys(measures)), line, direction)
    if given.shares is None and by is not None and setting.measures != ["mean"]:
        found = f"they are {', '.join(setting.measures)}"
        raise InputError("measures", found, "Within a zone everybody has the same: compare zones by their mean.")
    rows: list[dict[str, Any]] = []
    every = list(product(given.columns, given.weights, given.zonings))
    for column, weight, zoning in tqdm(every, desc="choices", delay=2, leave=False):
        merged = _larger_zones(given, given.columns[column], given.zonings[zoning])
        named = {"column": column, "weights": weight, "zoning": zoning}
        told = _zones if isinstance(by, str) else _measured_parts
        rows += [{**named, **row} for row in told(given, merged, given.weights[weight], given.columns[column], setting)]
    result = _with_ranks(pd.DataFrame(rows), setting.measures)
    base = {name: result[name].iloc[0] for name in CHOICES}
    result.attrs = {
        "measure": "sensitivity",
        "unit": "label",
        "direction": "none",
        "base": base,
        "choices": {name: list(dict.fromkeys(result[name])) for name in CHOICES},
        "people": float(given.people.sum()),
        "sources": [record.as_dict() for record in sources_of(values, people, rank_by, zonings)],
        "findings": [
            one.as_dict()
            for one in dict.fromkeys([*findings_of(values, people, rank_by, zonings), *_without_label(given)])
        ],
    }
    return result


def _checked(values: Any, people: Any, weights: Any, zonings: Any, by: Any, rank_by: Any) -> _CheckedChoices:
    frame = values.to_frame() if isinstance(values, pd.Series) else values
    if not isinstance(frame, pd.DataFrame) or not frame.shape[1] or not frame.columns.is_unique:
        raise InputError("values", "they are not a table with a name for each column", "Give a DataFrame or a Series.")
    require_ids(frame, "values")
    columns: dict[Any, Column] = {name: frame[name] for name in frame.columns}
    if isinstance(values, pd.Series):
        columns = {"values" if values.name is None else values.name: values}
    first = next(iter(columns.values()))
    counted = _counts(people, PEOPLE, first)
    others = {
        str(name): None if one is None else _counts(one, str(name), first) for name, one in (weights or {}).items()
    }
    larger = {
        str(name): _codes(one, str(name), first) for name, one in dict(zonings if zonings is not None else {}).items()
    }
    for name, taken in ((PEOPLE, others), (AS_GIVEN, larger)):
        if name in taken:
            raise InputError(
                name, "this name stands for the choice that is always there", "Name the other differently."
            )
    for name, column in columns.items():
        amounts = flat_numbers(column, str(name))
        advice = "The measures have no meaning for them. Codes for “no data” must be made missing first."
        refuse_rows(
            (amounts < 0) | np.isinf(amounts), first.index, str(name), "values are negative or infinite", advice
        )
    return _CheckedChoices(
        first.index,
        counted,
        columns,
        {PEOPLE: counted, **others},
        {AS_GIVEN: None, **larger},
        _shares(by, first, counted),
        None if rank_by is None else aligned_by_id(rank_by, "rank_by", first, "values"),
    )


def _counts(people: Any, name: str, first: Column) -> Floats:
    if not isinstance(people, pd.Series):
        raise InputError(name, f"it is {a_kind(people)}", "Give a Series with the ids of the values.")
    counts = aligned_by_id(people, name, first, "values")
    advice = "Give how many there are in every zone, 0 where there is nobody."
    refuse_rows(
        ~np.isfinite(counts) | (counts < 0), first.index, name, "numbers are missing, infinite or negative", advice
    )
    if not counts.any():
        raise InputError(name, "all are 0", "Nobody would be counted. Check the column.")
    return counts


def _labels(labels: Any, name: str, first: Column) -> Column:
    if not isinstance(labels, pd.Series):
        raise InputError(name, f"it is {a_kind(labels)}", "Give a Series with a label for each zone.")
    require_ids(labels, name)
    strangers = labels.index.symmetric_difference(first.index, sort=False)
    if len(strangers):
        advice = "Give a label for every zone, missing where it belongs to none."
        raise InputError(name, f"{len(strangers):,} ids are not in both values and {name}", advice, rows=strangers)
    if labels.isna().all():
        raise InputError(name, "no zone has a label", "Check that the column is the right one.")
    return labels.reindex(first.index)


def _codes(labels: Any, name: str, first: Column) -> NDArray[np.int64]:
    codes, _ = pd.factorize(_labels(labels, name, first))
    return np.asarray(codes, dtype=np.int64)


def _shares(by: Any, first: Column, people: Floats) -> dict[Any, Floats] | None:
    """Return which share of each zone's people belongs to each of those compared; None where zones are compared."""
    if by is None:
        return {EVERYBODY: np.ones(len(first))}
    if isinstance(by, str):
        if by != "zones":
            raise InputError("by", f"it is {by!r}", "Say “zones”, or give labels or a table of people by group.")
        return None
    if isinstance(by, pd.DataFrame):
        counts = {name: _counts(by[name], str(name), first) for name in by.columns}
        for name, group in counts.items():
            advice = "A group is a part of the people of a zone."
            refuse_rows(
                group > people * (1 + 1e-9), first.index, str(name), "numbers are larger than the people", advice
            )
        lived_in = np.where(people > 0, people, 1.0)
        return {name: np.minimum(group / lived_in, 1.0) for name, group in counts.items()}
    labels = _labels(by, "by", first)
    return {name: np.asarray(labels == name, dtype=float) for name in dict.fromkeys(labels.dropna())}


class _LargerZones(NamedTuple):
    """Values of the larger zones (with their ranks), the larger zone of each zone, and who is known in it."""

    amounts: Floats
    ranks: Floats | None
    code: NDArray[np.int64]
    known: NDArray[np.bool_]


def _larger_zones(given: _CheckedChoices, column: Column, code: NDArray[np.int64] | None) -> _LargerZones:
    """Give every larger zone the mean of its people."""
    amounts = flat_numbers(column, "values")
    known = ~np.isnan(amounts) & (given.people > 0)
    if code is None:
        return _LargerZones(amounts, given.ranks, np.arange(len(amounts)), known)
    known &= code >= 0
    ranks = (
        None
        if given.ranks is None
        else _mean_of_larger_zones(given.ranks, given.people, code, known & ~np.isnan(given.ranks))
    )
    return _LargerZones(_mean_of_larger_zones(amounts, given.people, code, known), ranks, code, known)


def _mean_of_larger_zones(amounts: Floats, people: Floats, code: NDArray[np.int64], there: NDArray[np.bool_]) -> Floats:
    size = int(code.max()) + 1
    total = np.bincount(code[there], people[there], size)
    found = np.full(size, np.nan)
    summed = np.bincount(code[there], people[there] * amounts[there], size)
    np.divide(summed, total, out=found, where=total > 0)
    return found


def _measured_parts(
    given: _CheckedChoices, merged: _LargerZones, weight: Floats | None, column: Column, setting: _Setting
) -> Iterator[dict[str, Any]]:
    """Measure each of those compared, over the larger zones in which they live."""
    assert given.shares is not None  # noqa: S101 - zones have a way of their own
    size, known, code = len(merged.amounts), merged.known, merged.code
    for who, share in given.shares.items():
        counted = share * ((given.people > 0) if weight is None else weight)
        in_zone = np.bincount(code[known], counted[known], size)
        left_out = float(counted[~known].sum())
        if weight is None:
            in_zone, left_out = (in_zone > 0).astype(float), float((counted[~known] > 0).sum())
        there = in_zone > 0
        if not there.any():
            for measure in setting.measures:
                yield {
                    "measure": measure,
                    "who": who,
                    "value": np.nan,
                    "left_out": left_out,
                    "note": "nobody has a value",
                }
            continue
        values = pd.Series(merged.amounts[there], name="values" if column.name is None else column.name)
        values.attrs = {name: column.attrs[name] for name in ("unit", "direction") if name in column.attrs}
        table = summary(
            values,
            weights=in_zone[there],
            rank_by=None if merged.ranks is None else merged.ranks[there],
            line=setting.line,
            direction=setting.direction,
            measures=setting.measures,
            rng=0,
        )
        for row in table.to_dict(orient="records"):
            yield {
                **{str(name): row[name] for name in ("measure", "value", "unit", "of_direction", "n", "note")},
                "who": who,
                "counted": row["people"],
                "left_out": row["people_left_out"] + left_out,
            }


def _zones(
    given: _CheckedChoices, merged: _LargerZones, weight: Floats | None, column: Column, setting: _Setting
) -> Iterator[dict[str, Any]]:
    """Tell what each zone has, as the larger zone that it belongs to."""
    said = column.attrs.get("direction") if setting.direction is None else setting.direction
    direction = said if isinstance(said, str | None) else said.get(str(column.name))
    values = np.where(merged.known, merged.amounts[merged.code], np.nan)
    counts = (given.people > 0).astype(float) if weight is None else weight
    for place, who in enumerate(given.ids):
        there = bool(merged.known[place])
        yield {
            "measure": "mean",
            "who": who,
            "value": values[place],
            "unit": str(column.attrs.get("unit", "amount")),
            "of_direction": "higher is better" if direction in (None, "none") else direction,
            "n": int(there),
            "counted": float(counts[place]) if there else 0.0,
            "left_out": 0.0 if there else float(counts[place]),
            "note": "" if there else "nobody has a value",
        }


def _with_ranks(rows: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Put the columns in order, and add the difference from the base and the rank among those compared."""
    rows = rows.reindex(columns=[*CHOICES, "who", "value", "unit", "of_direction", "n", "counted", "left_out", "note"])
    rows["n"] = rows["n"].fillna(0).astype(int)
    rows["counted"] = rows["counted"].fillna(0.0)
    base = rows.iloc[0]
    at_base = rows[(rows[CHOICES[:3]] == base[CHOICES[:3]]).all(axis=1)].set_index(["measure", "who"])["value"]
    keys = pd.MultiIndex.from_frame(rows[["measure", "who"]])
    rows.insert(7, "change", rows["value"].to_numpy() - at_base.reindex(keys).to_numpy())
    # Columns in other units cannot be subtracted.
    rows.loc[rows["unit"] != rows["measure"].map(rows.groupby("measure", sort=False)["unit"].first()), "change"] = (
        np.nan
    )
    badness = rows["value"] * _worse_direction(rows)
    largest = badness.abs().groupby([rows[name] for name in CHOICES], sort=False).transform("max")
    scale = largest.where(largest > 0, 1.0)
    rounded = (badness / scale / ROUNDING / 10).round()
    rank = rounded.groupby([rows[name] for name in CHOICES], sort=False).rank(method="min", ascending=False)
    rows.insert(8, "rank", rank)
    place = {name: number for number, name in enumerate(measures)}
    order = rows["measure"].map(place).groupby([rows["column"], rows["weights"], rows["zoning"]], sort=False)
    number = order.ngroup()
    return rows.iloc[np.lexsort([rows["measure"].map(place), number])].reset_index(drop=True)


def _worse_direction(rows: pd.DataFrame) -> Floats:
    """Return 1 where a larger value is worse, -1 where it is better."""
    bad = rows["of_direction"].to_numpy() == "lower is better"
    as_values = rows["measure"].isin(OF_THE_VALUES).to_numpy()
    rich = rows["measure"].isin(TOWARDS_THE_RICH).to_numpy()
    return np.where(as_values, np.where(bad, 1.0, -1.0), np.where(rich & bad, -1.0, 1.0))


def _without_label(given: _CheckedChoices) -> Iterator[Finding]:
    """Say who belongs to no larger zone of a zoning, and so is not counted in it."""
    for name, code in given.zonings.items():
        if code is not None and (code < 0).any():
            people = float(given.people[code < 0].sum())
            yield Finding(
                "zones_without_label",
                "warning",
                f"{int((code < 0).sum()):,} zones with {people:,.0f} people belong to no zone of “{name}” and take no "
                "part in it.",
                count=int((code < 0).sum()),
                people=people,
                advice="Give these zones a label, so that all zonings are of the same people.",
            )
