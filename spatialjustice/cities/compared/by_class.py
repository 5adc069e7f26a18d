"""Classes of cities beside one another, and one city against its own class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice._core.numbers.sums import sum_of_products
from spatialjustice._core.provenance import sources_of
from spatialjustice.cities.compared.ranking import DIRECTIONS, ranks
from spatialjustice.inequality._inputs import aligned_by_id, checked_choice, checked_whole_number, refuse_rows, seed_of
from spatialjustice.inequality.distribution.intervals import FEW, confidence, percentiles
from spatialjustice.inequality.distribution.zone_rows import FEWEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatialjustice.inequality._inputs import Floats

ALL = "all cities"
QUARTILES = (0.25, 0.5, 0.75)


class _Cities(NamedTuple):
    """The cities with an estimate: what they have, how sure that is, how many live there, and their class."""

    amounts: Floats
    errors: Floats
    people: Floats
    labels: Any


def by_class(
    estimates: pd.Series[Any],
    *,
    labels: pd.Series[Any],
    people: pd.Series[Any] | None = None,
    standard_error: pd.Series[Any] | None = None,
    replications: int = 999,
    level: float = 0.95,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Tell what the people of each class of cities have, and how far cities of a class lie apart.

    A mean over people and a median of cities answer different questions: the first is what a person of the class has,
    the second what a city of it is like. Ranges draw the cities of each class anew (those that are there stand for
    others like them) and, where standard errors are given, each city with its own error.

    In signs: :math:`\sum_{c \in k} P_c y_c / \sum_{c \in k} P_c` over the cities c of class k, and quantiles of
    :math:`y_c`.

    Parameters
    ----------
    estimates
        The estimate of each city, on its id; missing where there is none.
    labels
        The class of each city (:func:`size_classes`); ordered categories keep their order.
    people
        People of each city; None counts every city once.
    standard_error
        Standard error of each estimate; None takes them as exact.
    replications
        Draws of cities behind each range, at least 99.
    level
        Confidence of the ranges.
    rng
        Seed, or a generator to draw one from; None draws one, which ``attrs["seed"]`` tells.

    Returns
    -------
    DataFrame
        One row for each class, ``"all cities"`` last. ``cities`` with an estimate and ``cities_missing`` without,
        ``people`` and ``people_left_out``; ``mean`` over people with ``low`` and ``high``; ``difference`` from the mean
        of the people of all other classes with its range (``difference_low``, ``difference_high``), which is so wide
        that the ranges of all classes hold at once (Bonferroni); of the cities,
        ``city_lower_quartile``, ``city_median``, ``city_upper_quartile``; ``note``. Fewer than four cities are not
        drawn anew: their range holds their own errors alone, and there is none without these.

    Raises
    ------
    InputError
        When ids differ, a city has no class, people are missing or negative, or no city has an estimate.

    References
    ----------
    Efron, B., & Tibshirani, R. J. (1993). An introduction to the bootstrap. Chapman & Hall (percentile intervals).
    Dunn, O. J. (1961). Multiple comparisons among means. Journal of the American Statistical Association, 56(293),
    52-64 (ranges that hold at once).

    Examples
    --------
    >>> metres = pd.Series({"a": 500.0, "b": 700.0, "c": 900.0})
    >>> size = pd.Series({"a": "small", "b": "small", "c": "large"})
    >>> found = by_class(metres, labels=size, people=pd.Series({"a": 1, "b": 3, "c": 4}), rng=1)
    >>> found[["cities", "mean", "difference", "city_median"]]
                cities   mean  difference  city_median
    large            1  900.0       250.0        900.0
    small            2  650.0      -250.0        600.0
    all cities       3  775.0         NaN        700.0
    """
    asked, seed = confidence(level), seed_of(rng)
    draws = checked_whole_number(replications, "replications", least=99)
    found = _cities(estimates, labels, people, standard_error)
    names = classes_in_order(labels)
    known = np.isfinite(found.amounts)
    generator = np.random.default_rng(seed)
    sums = {
        name: _drawn_sums(found, known & (found.labels == name), estimates.index, generator, draws) for name in names
    }
    rows = []
    for name in names:
        row = _row(found, known, found.labels == name, name)
        others = [sums[other] for other in names if other != name]
        rest = known & (found.labels != name)
        apart = row["mean"] - _mean(found, rest) if rest.any() else np.nan
        rows.append(
            row
            | _ranges(sums[name], others, row["cities"], (asked, 1 - (1 - asked) / len(names)))
            | {"difference": apart}
        )
    whole = _row(found, known, np.ones(len(known), dtype=bool), ALL)
    total = np.sum(list(sums.values()), axis=0)
    rows.append(whole | _ranges(total, [], whole["cities"], (asked, asked)) | {"difference": np.nan})
    columns = [
        *("cities", "cities_missing", "people", "people_left_out", "mean", "low", "high", "difference"),
        *("difference_low", "difference_high", "city_lower_quartile", "city_median", "city_upper_quartile", "note"),
    ]
    table = pd.DataFrame(rows, index=pd.Index([*names, ALL], dtype=object))[columns]
    table.attrs.update(_attrs("by_class", estimates, level=asked, replications=draws, seed=seed))
    return table


def classes_in_order(labels: pd.Series[Any]) -> list[Any]:
    """Return the classes that any city is in: ordered categories in their order, others by name."""
    if isinstance(labels.dtype, pd.CategoricalDtype):
        there = set(labels)
        return [name for name in labels.cat.categories if name in there]
    return sorted(pd.unique(labels), key=str)


def city_against_class(  # noqa: PLR0913 - what each estimate rests on
    estimates: pd.Series[Any],
    *,
    labels: pd.Series[Any],
    city: Any | Sequence[Any] | None = None,
    people: pd.Series[Any] | None = None,
    standard_error: pd.Series[Any] | None = None,
    cells: pd.Series[Any] | None = None,
    direction: Literal["lower is better", "higher is better"] = "lower is better",
    few: int = FEW,
    level: float = 0.95,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Hold a city against the cities of its own class, which it can be compared with.

    In signs: :math:`y_c - \text{median}_{d \in k} \, y_d` over the cities d of its class k, and its rank among them.

    Parameters
    ----------
    estimates
        The estimate of each city, on its id; missing where there is none.
    labels
        The class of each city.
    city
        The id of one city, or several; None takes all.
    people
        People of each city, to tell how many of the class live in cities that are better off; None counts cities.
    standard_error
        Standard error of each estimate; without it ranks have no ranges.
    cells
        How many cells (or blocks) each estimate rests on; those on fewer than ``few`` get no rank.
    direction
        Which values are better.
    few
        Cities with fewer cells get no rank.
    level
        Confidence of the ranges of ranks.
    rng
        Seed of the ranges, or a generator to draw one from.

    Returns
    -------
    DataFrame
        One row for each city asked for. ``class``, ``cities`` (of the class, with an estimate), ``value``, its
        ``standard_error``; of the cities of the class ``lower_quartile``, ``median`` and ``upper_quartile``;
        ``difference`` from the median; ``rank`` within the class (1 for the worst) with ``rank_low`` and ``rank_high``;
        ``share_better_off``, of the people of the class who live in cities with a better value; ``note``.

    Raises
    ------
    InputError
        When the city is not among the estimates, ids differ, or a city has no class.

    References
    ----------
    As of :func:`ranks`: Mogstad, M., Romano, J. P., Shaikh, A. M., & Wilhelm, D. (2024). Inference for ranks. Review of
    Economic Studies, 91(1), 476-518.

    Examples
    --------
    >>> metres = pd.Series({"a": 500.0, "b": 700.0, "c": 900.0, "d": 650.0})
    >>> size = pd.Series({"a": "small", "b": "small", "c": "large", "d": "small"})
    >>> found = city_against_class(metres, labels=size, city="b",
    ...                            standard_error=pd.Series(10.0, index=metres.index), rng=1)
    >>> found[["class", "median", "difference", "rank", "rank_low", "rank_high", "share_better_off"]].round(2)
       class  median  difference  rank  rank_low  rank_high  share_better_off
    b  small   650.0        50.0   1.0       1.0        1.0              0.67
    """
    checked_choice(direction, DIRECTIONS, "direction")
    found = _cities(estimates, labels, people, standard_error)
    seed = seed_of(rng)
    ids = list(estimates.index) if city is None else _asked(city, estimates.index)
    errors = pd.Series(found.errors if standard_error is not None else np.nan, index=estimates.index)
    made = {}
    for name in dict.fromkeys(found.labels[estimates.index.get_indexer(pd.Index(ids))]):
        mine = found.labels == name
        made[name] = _places(estimates[mine], errors[mine], cells, direction, few=few, level=level, seed=seed)
    rows = [_against(one, estimates.index.get_loc(one), found, made, direction) for one in ids]
    table = pd.DataFrame(rows, index=pd.Index(ids, name=estimates.index.name))
    table.attrs.update(_attrs("city_against_class", estimates, level=confidence(level), seed=seed))
    return table


def _asked(city: Any, index: pd.Index[Any]) -> list[Any]:
    wanted = [city] if isinstance(city, str) or not hasattr(city, "__len__") else list(city)
    strange = [one for one in wanted if one not in index]
    if strange:
        raise InputError("city", f"there is no city {strange[0]!r}", "Give the id of a city that has a row.")
    return wanted


def _cities(
    estimates: pd.Series[Any],
    labels: pd.Series[Any],
    people: pd.Series[Any] | None,
    standard_error: pd.Series[Any] | None,
) -> _Cities:
    if not isinstance(estimates, pd.Series):
        raise InputError("estimates", f"it is {a_kind(estimates)}", "Give a Series on the ids of the cities.")
    require_ids(estimates, "estimates")
    require_ids(labels, "labels")
    strangers = labels.index.symmetric_difference(estimates.index)
    if len(strangers) or labels.isna().any():
        rows = strangers if len(strangers) else labels.index[labels.isna()]
        raise InputError("labels", f"{len(rows):,} cities have no class", "Give the class of every city.", rows=rows)
    amounts = as_floats(estimates, "estimates")
    if not np.isfinite(amounts).any():
        raise InputError("estimates", "no city has one", "Check that the column is the right one.")
    counted = np.ones(len(amounts)) if people is None else aligned_by_id(people, "people", estimates, "estimates")
    wrong = ~np.isfinite(counted) | (np.nan_to_num(counted) < 0)
    refuse_rows(wrong, estimates.index, "people", "numbers are missing or negative", "Give 0 or more for every city.")
    errors = np.zeros(len(amounts))
    if standard_error is not None:
        errors = aligned_by_id(standard_error, "standard_error", estimates, "estimates")
    return _Cities(amounts, errors, counted, labels.reindex(estimates.index).astype(object).to_numpy())


def _mean(found: _Cities, which: Any) -> float:
    people = found.people[which]
    return float(sum_of_products(people, found.amounts[which]) / people.sum()) if people.sum() > 0 else np.nan


def _row(found: _Cities, known: Any, mine: Any, name: Any) -> dict[str, Any]:
    there = mine & known
    quartiles = np.quantile(found.amounts[there], QUARTILES) if there.any() else np.full(3, np.nan)
    few = f"fewer than {FEWEST} cities: the range is of these alone" if there.sum() < FEWEST else ""
    return {
        "class": name,
        "cities": int(there.sum()),
        "cities_missing": int((mine & ~known).sum()),
        "people": float(found.people[there].sum()),
        "people_left_out": float(found.people[mine & ~known].sum()),
        "mean": _mean(found, there),
        **dict(zip(("city_lower_quartile", "city_median", "city_upper_quartile"), quartiles, strict=True)),
        "note": few,
    }


def _drawn_sums(found: _Cities, mine: Any, index: pd.Index[Any], generator: np.random.Generator, draws: int) -> Floats:
    """Return what the people of the class have together, and how many they are, in every draw of its cities."""
    # In the order of ids, so that the order of rows changes nothing.
    place = np.flatnonzero(mine)
    place = place[np.argsort(index[place].astype(str), kind="stable")]
    if not len(place):
        return np.zeros((2, draws))
    times = np.ones((draws, len(place)), dtype=np.int64)
    if len(place) >= FEWEST:
        times = generator.multinomial(len(place), np.full(len(place), 1 / len(place)), size=draws)
    noise = generator.standard_normal((draws, len(place))) * np.nan_to_num(found.errors[place])
    weights = times * found.people[place]
    return np.array([(weights * (found.amounts[place] + noise)).sum(axis=1), weights.sum(axis=1)])


def _ranges(own: Floats, others: list[Floats], cities: int, levels: tuple[float, float]) -> dict[str, float]:
    none = dict.fromkeys(("low", "high", "difference_low", "difference_high"), np.nan)
    if cities < FEWEST and not own.std(axis=1).any():
        return none
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = own[0] / own[1]
        rest = np.sum(others, axis=0) if others else np.full((2, own.shape[1]), np.nan)
        apart = mean - rest[0] / rest[1]
    low, high = percentiles(mean[:, None], levels[0])
    apart_low, apart_high = percentiles(apart[:, None], levels[1])
    return {
        "low": float(low[0]),
        "high": float(high[0]),
        "difference_low": float(apart_low[0]),
        "difference_high": float(apart_high[0]),
    }


def _places(
    estimates: pd.Series[Any],
    errors: pd.Series[Any],
    cells: pd.Series[Any] | None,
    direction: Any,
    *,
    few: int,
    level: float,
    seed: int,
) -> pd.DataFrame:
    """Return the ranks within a class: with ranges where errors are known, without any where too few can be ranked."""
    rests = None if cells is None else cells.reindex(estimates.index)
    enough = estimates.notna() & (True if rests is None else rests >= few)
    if errors[enough].notna().sum() >= 2:
        return ranks(estimates, standard_error=errors, cells=rests, direction=direction, few=few, level=level, rng=seed)
    plain = pd.DataFrame({"rank": np.nan, "low": np.nan, "high": np.nan, "note": "no rank"}, index=estimates.index)
    if errors.isna().all() and enough.sum() >= 2:
        plain["rank"] = estimates[enough].rank(ascending=direction != "lower is better").reindex(estimates.index)
        plain["note"] = np.where(enough, "no standard error: no range", plain["note"])
    return plain


def _against(city: Any, place: Any, found: _Cities, made: dict[Any, pd.DataFrame], direction: str) -> dict[str, Any]:
    name = found.labels[place]
    there = (found.labels == name) & np.isfinite(found.amounts)
    quartiles = np.quantile(found.amounts[there], QUARTILES) if there.any() else np.full(3, np.nan)
    value = found.amounts[place]
    sign = 1.0 if direction == "lower is better" else -1.0
    better = there & (sign * found.amounts < sign * value)
    total = found.people[there].sum()
    at = made[name].loc[city]
    return {
        "class": name,
        "cities": int(there.sum()),
        "value": value,
        "standard_error": found.errors[place] if found.errors.any() else np.nan,
        **dict(zip(("lower_quartile", "median", "upper_quartile"), quartiles, strict=True)),
        "difference": value - quartiles[1],
        "rank": at["rank"],
        "rank_low": at["low"],
        "rank_high": at["high"],
        "share_better_off": found.people[better].sum() / total if total > 0 and np.isfinite(value) else np.nan,
        "note": at["note"],
    }


def _attrs(measure: str, estimates: pd.Series[Any], **settings: Any) -> dict[str, Any]:
    return {
        "measure": measure,
        "unit": estimates.attrs.get("unit", ""),
        "direction": estimates.attrs.get("direction", "none"),
        **settings,
        "sources": [record.as_dict() for record in sources_of(estimates)],
        "findings": [item.as_dict() for item in findings_of(estimates)],
    }
