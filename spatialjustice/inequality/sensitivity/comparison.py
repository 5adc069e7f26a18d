"""Several cities, or years, on one scale: the same measures, the same line, the same classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding
from spatialjustice.inequality._inputs import (
    Floats,
    aligned_by_id,
    checked_whole_number,
    flat_numbers,
    people_or_weights,
    refuse_rows,
    seed_of,
)
from spatialjustice.inequality.distribution.gini_and_lorenz import weighted_quantile
from spatialjustice.inequality.distribution.summary import LEVEL, summary
from spatialjustice.inequality.time._panel import with_attrs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SETTINGS = (
    "measure", "of", "unit", "direction", "cutoff", "cutoff_unit", "cost_unit", "decay", "parameters", "interval",
    "summary", "n", "line", "alpha", "beta", "rho", "tau", "method", "mode", "modes", "departure", "percentile",
    "service", "opportunities",
)  # fmt: skip
"""What must be the same of all cities, where their values say it."""

MOST_DIGITS = 15


def compare(  # noqa: PLR0913 - people or weights, of which one is given
    cities: Mapping[str, pd.Series[Any]],
    *,
    people: Mapping[str, pd.Series[Any]] | None = None,
    weights: Mapping[str, pd.Series[Any]] | None = None,
    rank_by: Mapping[str, pd.Series[Any]] | None = None,
    line: float | None = None,
    direction: str | None = None,
    measures: Sequence[str] | None = None,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
) -> pd.DataFrame:
    r"""Compare how unequally something is spread in several cities or years, all measured alike.

    The measures of :func:`spatialjustice.inequality.summary` of each city, with one line and one direction for
    all. Values that were not measured alike are refused: where their attrs say so, unit, measure, cutoff, decay, mode
    and the like must be the same. The difference to the first city has an interval made of the two intervals (Zou &
    Donner): :math:`d_{low} = d - \sqrt{(v - v_{low})^2 + (u_{high} - u)^2}`, and the other end likewise; one that does
    not hold 0 tells the two apart. It takes cities as independent; for years of the same place it is too wide, which
    errs on the side of saying nothing.

    A city is only as comparable as its zones are: larger zones hide inequality. A finding tells where zones differ much
    in people.

    Parameters
    ----------
    cities
        What each zone has, a Series for each city or year, at least two; the first is what the others are compared
        with. Missing values are people without one, who are counted.
    people
        People of each zone, for each city; None counts every zone once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    rank_by
        Income or another rank of each zone, for each city; needed for measures by rank.
    line
        What is enough, in the unit of the values, the same for all.
    direction
        ``"higher is better"`` or ``"lower is better"``; None reads it from the values.
    measures
        Which; None takes all that can be had.
    rng
        Whole number or generator that the draws of zones follow from; None draws a seed, which attrs tell.
    replications
        Draws for each interval, at least 99; 0 for none.

    Returns
    -------
    DataFrame
        One row for each measure and city: ``measure``, ``city``, ``value`` with ``low`` and ``high`` (95 %),
        ``difference`` to the first city with ``difference_low`` and ``difference_high``, ``unit``, ``n``, ``people``,
        ``people_left_out``, ``note``. ``attrs["breaks"]`` are class limits that fit all cities
        (:func:`common_breaks`), for maps side by side.

    Raises
    ------
    InputError
        When there are fewer than two cities, ids differ within one, or values were not measured alike.

    References
    ----------
    Zou, G. Y., & Donner, A. (2008). Construction of confidence limits about effect measures: A general approach.
    Statistics in Medicine, 27(10), 1693-1702.

    Examples
    --------
    >>> north = pd.Series([2.0, 2.0, 2.0, 2.0], name="clinics")
    >>> south = pd.Series([1.0, 1.0, 1.0, 5.0], name="clinics")
    >>> table = compare({"North": north, "South": south}, measures=["mean", "gini"], replications=0)
    >>> table[["measure", "city", "value", "difference"]]
      measure   city  value  difference
    0    mean  North  2.000       0.000
    1    mean  South  2.000       0.000
    2    gini  North  0.000       0.000
    3    gini  South  0.375       0.375
    """
    weights = people_or_weights(people, weights)
    _require_alike(cities)
    for name, given in (("weights", weights), ("rank_by", rank_by)):
        _require_cities(given, cities, name)
    if line is not None and (isinstance(line, bool) or not isinstance(line, int | float | np.number)):
        raise InputError("line", f"it is {line!r}", "Give one number for all cities: else they are not comparable.")
    seed, draws = seed_of(rng), checked_whole_number(replications, "replications", least=0)
    tables = []
    for city, values in cities.items():
        table = summary(
            values.to_frame("values"),
            weights=None if weights is None else weights[city],
            rank_by=None if rank_by is None else rank_by[city],
            line=line,
            direction=direction,
            measures=measures,
            rng=seed,
            replications=draws,
        )
        table.insert(1, "city", city)
        tables.append(table)
    result = _cities_together(tables, list(cities))
    first = next(iter(cities.values()))
    facts = {
        "measure": "compare",
        "unit": "label",
        "direction": "none",
        "of": str(first.attrs.get("measure", first.name if first.name is not None else "")),
        "reference": next(iter(cities)),
        "line": line,
        "level": LEVEL,
        "replications": draws,
        "seed": seed,
        "breaks": common_breaks(cities, weights=weights),
        **{key: first.attrs[key] for key in SETTINGS[4:] if key in first.attrs and key not in {"n", "line"}},
    }
    inputs = [*cities.values(), *(weights or {}).values(), *(rank_by or {}).values()]
    findings = [*_left_out(result), *_zone_sizes(cities, weights)]
    return cast("pd.DataFrame", with_attrs(result, facts, *inputs, findings=findings))


def common_breaks(
    cities: Mapping[str, pd.Series[Any]],
    *,
    people: Mapping[str, pd.Series[Any]] | None = None,
    weights: Mapping[str, pd.Series[Any]] | None = None,
    classes: int = 5,
) -> list[float]:
    """Find class limits that all cities, or years, share, so that one colour means one thing on every map.

    Quantiles of the people of all cities together, each city with the same say however large it is, rounded to three
    digits.

    Parameters
    ----------
    cities
        What each zone has, a Series for each city or year; missing values take no part.
    people
        People of each zone, for each city; None counts every zone once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    classes
        How many, from 2 to 6; fewer where many zones have the same value.

    Returns
    -------
    list of float
        Upper limits in rising order; the last one is at or above every value, so that it fits ``breaks`` of maps.

    Raises
    ------
    InputError
        When values were not measured alike, or nobody has one.

    Examples
    --------
    >>> common_breaks({"North": pd.Series([1.0, 2.0]), "South": pd.Series([3.0, 40.0])}, classes=2)
    [2.0, 40.0]
    """
    weights = people_or_weights(people, weights)
    _require_alike(cities)
    _require_cities(weights, cities, "weights")
    count = checked_whole_number(classes, "classes", least=2)
    if count > 6:
        raise InputError("classes", f"they are {count}", "Six classes are the most that a reader tells apart on a map.")
    amounts, counts = [], []
    for city, values in cities.items():
        found = flat_numbers(values, city)
        refuse_rows(np.isinf(found), values.index, city, "values are infinite", "Make them missing or replace them.")
        size = _people_of(city, values, weights)
        there = ~np.isnan(found) & (size > 0)
        if there.any():
            amounts.append(found[there])
            counts.append(size[there] / size[there].sum())
    if not amounts:
        raise InputError("cities", "nobody has a value", "Check that the columns are the right ones.")
    everything, says = np.concatenate(amounts), np.concatenate(counts)
    inner = [
        _three_digits(weighted_quantile(everything, place / count, weights=says), up=False) for place in range(1, count)
    ]
    last = _three_digits(float(everything.max()), up=True)
    return [limit for limit in dict.fromkeys(inner) if limit < last] + [last]


def _people_of(city: str, values: pd.Series[Any], weights: Mapping[str, pd.Series[Any]] | None) -> Floats:
    if weights is None:
        return np.ones(len(values))
    size = aligned_by_id(weights[city], f"weights, {city}", values, city)
    advice = "A weight is a number of people or households: 0 or more, known for every row."
    refuse_rows(
        ~np.isfinite(size) | (size < 0), values.index, f"weights, {city}", "numbers are missing or below 0", advice
    )
    return size


def _require_alike(cities: Any) -> None:
    """Refuse values that cannot be compared."""
    if not hasattr(cities, "items") or isinstance(cities, pd.Series | pd.DataFrame) or len(cities) < 2:
        raise InputError("cities", "there are not two or more by name", "Give a Series of zones for each city or year.")
    for city, values in cities.items():
        if not isinstance(values, pd.Series):
            raise InputError(
                str(city), f"it is {a_kind(values)}", "Give a Series with a value for each zone of the city."
            )
    for setting in SETTINGS:
        if setting == "n" and any(values.attrs.get("measure") != "cost_to_closest" for values in cities.values()):
            continue  # how many places are counted; elsewhere n is the number of zones
        said = {city: values.attrs.get(setting) for city, values in cities.items()}
        if len({repr(value) for value in said.values()}) > 1:
            listed = "; ".join(f"{city}: {'not said' if value is None else value}" for city, value in said.items())
            raise InputError(
                "cities",
                f"their {setting} is not the same ({listed})",
                "Only what was measured alike can be compared. Measure all with the same settings.",
            )


def _require_cities(given: Any, cities: Mapping[str, Any], name: str) -> None:
    if given is None:
        return
    if not hasattr(given, "keys") or isinstance(given, pd.Series | pd.DataFrame) or set(given) != set(cities):
        raise InputError(name, "they are not of the same cities", f"Give a Series for each of: {', '.join(cities)}.")


def _cities_together(tables: list[pd.DataFrame], cities: list[str]) -> pd.DataFrame:
    """Put the cities of each measure under each other, with the difference of each to the first."""
    names = dict.fromkeys(name for table in tables for name in table["measure"])
    everything = pd.concat([table.drop(columns=["column", "of_direction"]) for table in tables], ignore_index=True)
    place = {name: number for number, name in enumerate([*names])}
    city = {name: number for number, name in enumerate(cities)}
    order = everything["measure"].map(place) * len(cities) + everything["city"].map(city)
    result = everything.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)
    of_first = result[result["city"] == cities[0]].set_index("measure")
    base, lows, highs = (result["measure"].map(of_first[name]) for name in ("value", "low", "high"))
    apart = result["value"] - base
    itself = result["city"] == cities[0]
    down = apart - np.sqrt((result["value"] - result["low"]) ** 2 + (highs - base) ** 2)
    up = apart + np.sqrt((result["high"] - result["value"]) ** 2 + (base - lows) ** 2)
    result.insert(5, "difference", apart)
    result.insert(6, "difference_low", down.mask(itself))
    result.insert(7, "difference_high", up.mask(itself))
    first = ["measure", "city"]
    return result[[*first, *(name for name in result.columns if name not in first)]]


def _three_digits(value: float, *, up: bool) -> float:
    """Round to three digits, or to the next such number that is not below the value."""
    if value == 0 or not np.isfinite(value):
        return float(value)
    digits = 2 - int(np.floor(np.log10(abs(value))))
    near = round(value, digits)
    if up and near < value:
        near = round(value + 10.0**-digits, min(digits, MOST_DIGITS))
    return float(near)


def _left_out(result: pd.DataFrame) -> list[Finding]:
    least = result.groupby("city", sort=False)["people_left_out"].min()
    return [
        Finding(
            "people_without_a_value",
            "warning",
            f"{people:,.0f} people of {city} have no value; they take no part in its measures.",
            people=float(people),
            advice="A city looks better when its worst-off are missing: say how many they are.",
        )
        for city, people in least.items()
        if people > 0
    ]


def _zone_sizes(cities: Mapping[str, pd.Series[Any]], weights: Mapping[str, pd.Series[Any]] | None) -> list[Finding]:
    """Say so when the zones of one city hold many more people than those of another."""
    if weights is None:
        return []
    sizes = {}
    for city, values in cities.items():
        people = _people_of(city, values, weights)
        sizes[city] = float(np.median(people[people > 0])) if (people > 0).any() else np.nan
    known = {city: size for city, size in sizes.items() if np.isfinite(size)}
    small, large = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    if known[large] <= 2 * known[small]:
        return []
    message = (
        f"Zones of {large} hold {known[large]:,.0f} people (median), those of {small} {known[small]:,.0f}: "
        "larger zones hide inequality."
    )
    return [Finding("zones_of_unlike_size", "warning", message, advice="Use zones of like size in all cities.")]
