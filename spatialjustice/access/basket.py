"""Baskets of services: who has all of them, or so many of them, within the limits, and which are lacking."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice._core.provenance import sources_of
from spatialjustice.access._cost_tables import PairCosts
from spatialjustice.access._people import people_beside
from spatialjustice.access.closest import cost_to_closest
from spatialjustice.access.coverage import status
from spatialjustice.network.costs import TravelCosts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STATES = ("whole", "lacking", "unknown")
"""Whether somebody has the basket."""
VERY_FAR = 1e12
"""A cost that no way has."""
LEAST = "at least"
"""Begins the names of rows that count services."""

Missing = Literal["unreachable", "unknown"]


def basket(
    costs: Mapping[str, Any] | pd.DataFrame,
    *,
    cutoff: float | Mapping[str, float],
    at_least: int | None = None,
    missing: Missing | None = None,
    origins: pd.Index[Any] | None = None,
) -> pd.DataFrame:
    r"""Tell of each origin whether all of several services, or so many of them, are within the limits.

    An origin has a service where the cost to the closest place is at most its limit, and the basket where it has at
    least k of the n services. What is not known is neither there nor lacking: with m services within and u unknown, the
    basket is whole where :math:`m \ge k`, lacking where :math:`m + u < k`, and otherwise nobody can say.

    Parameters
    ----------
    costs
        Service → what it costs to reach: travel costs (:meth:`Network.travel_costs`), or the cost to the closest place
        (:func:`cost_to_closest`) of each origin; or a frame of the latter with a column for each service. Infinite
        means that no way leads there.
    cutoff
        The highest cost that counts, itself included: one for all services, or service → limit, each in the unit of its
        costs. Where each service has its own, only the services that have one are in the basket.
    at_least
        How many of the services make the basket; None takes all.
    missing
        What a missing cost means: ``"unreachable"``, as :func:`cost_to_closest` leaves it where no way leads to a
        place, or ``"unknown"``. Needed only where a cost is missing; travel costs know it themselves (an origin outside
        their data is unknown, and so is a service that is mapped nowhere).
    origins
        All origins, for tables of pairs that list only those that reach something.

    Returns
    -------
    DataFrame
        On the index of the origins: ``state`` (``whole``, ``lacking`` or ``unknown``), ``within`` and ``unknown``
        (numbers of services), ``cost``: at which limit the origin would have the basket, were it the same for all
        services (:func:`basket_cost`; NaN where units differ), and for each service ``within: …`` as 1, 0, or NaN where
        it is not known. ``attrs["services"]``, ``attrs["cutoff"]`` and ``attrs["at_least"]`` say what the basket is.

    Raises
    ------
    InputError
        When origins differ, a limit is missing or no number, a cost is negative, ``at_least`` is more than there are
        services, or a cost is missing and nobody says what that means.

    References
    ----------
    Moreno, C., et al. (2021). Introducing the “15-Minute City”: Sustainability, resilience and place identity in future
    post-pandemic cities. Smart Cities, 4(1), 93-111.

    Examples
    --------
    >>> minutes = pd.DataFrame({"food": [4, 9, 20], "school": [12, float("inf"), 14], "park": [3, float("nan"), 30]})
    >>> basket(minutes, cutoff=15, at_least=2, missing="unknown")[["state", "within", "unknown"]].values.tolist()
    [['whole', 3, 0], ['unknown', 1, 1], ['lacking', 1, 0]]
    """
    table, chosen = _costs_and_limits(costs, cutoff, missing, origins)
    k = _services_needed(at_least, len(chosen))
    amounts, cuts = table.to_numpy(dtype=float), np.array([chosen[name] for name in table.columns])
    unknown = np.isnan(amounts)
    there = np.where(unknown, False, amounts <= cuts)
    within, open_ = there.sum(axis=1), unknown.sum(axis=1)
    place = np.where(within >= k, 0, np.where(within + open_ < k, 1, 2))
    frame = pd.DataFrame(index=table.index)
    frame["state"] = pd.Categorical.from_codes(place, dtype=pd.CategoricalDtype(list(STATES)))
    frame["within"], frame["unknown"] = within, open_
    same = len(set(table.attrs["units"])) == 1
    frame["cost"] = _cost_of(amounts, k)[0] if same else np.nan
    for position, name in enumerate(table.columns):
        frame[f"within: {name}"] = np.where(unknown[:, position], np.nan, there[:, position].astype(float))
    counts = {name: int((place == code).sum()) for code, name in enumerate(STATES)}
    return _told(
        frame, "basket", costs, unit="label", direction="none", services=list(table.columns),
        cutoff={name: float(chosen[name]) for name in table.columns}, at_least=k, counts=counts,
    )  # fmt: skip


def basket_cost(
    costs: Mapping[str, Any] | pd.DataFrame,
    *,
    cutoff: Mapping[str, float] | None = None,
    at_least: int | None = None,
    missing: Missing | None = None,
    origins: pd.Index[Any] | None = None,
) -> pd.Series[float]:
    r"""Tell at which limit each origin has the basket: the cost of its farthest service, or of the k-th nearest one.

    In signs: :math:`\min \{c : \#\{s : c_{is} \le c\} \ge k\}` over the services s, with :math:`c_{is}` the cost to the
    nearest place of each; as a ratio :math:`c_{is} / c_s` where services have limits of their own.

    Parameters
    ----------
    costs, at_least, missing, origins
        As :func:`basket`.
    cutoff
        Service → its limit, where they differ: the result is then how many times its limit each service may cost, for
        the basket to be whole (1: the limits just do). None: the cost itself.

    Returns
    -------
    Series
        On the index of the origins, in the unit of the costs, or a ratio; lower is better. NaN where no way leads to
        enough services, or where one that is not known decides; ``attrs["left_out"]`` counts both.

    Raises
    ------
    InputError
        As :func:`basket`; when the costs are in several units and there are no limits.

    References
    ----------
    As of :func:`basket`: Moreno, C., et al. (2021). Introducing the “15-Minute City”. Smart Cities, 4(1), 93-111.

    Examples
    --------
    >>> minutes = pd.DataFrame({"food": [4, 9], "school": [12, 40], "park": [3, 8]})
    >>> basket_cost(minutes).tolist(), basket_cost(minutes, at_least=2).tolist()
    ([12.0, 40.0], [4.0, 9.0])
    """
    given = dict.fromkeys(_services_of(costs), np.inf) if cutoff is None else cutoff
    table, chosen = _costs_and_limits(costs, given, missing, origins, endless=cutoff is None)
    k = _services_needed(at_least, len(chosen))
    units = sorted(set(table.attrs["units"]))
    if cutoff is None and len(units) > 1:
        raise InputError("costs", f"they are in {' and '.join(units)}", "Give a cutoff for each, to compare them.")
    amounts = table.to_numpy(dtype=float)
    if cutoff is not None:
        amounts = amounts / np.array([chosen[name] for name in table.columns])
    cost, unreachable, unknown = _cost_of(amounts, k)
    unit = units[0] if cutoff is None else "ratio"
    result = pd.Series(cost, table.index, name="basket_cost")
    framed = _told(
        result.to_frame(), "basket_cost", costs, unit=unit, direction="lower is better", services=list(table.columns),
        at_least=k, left_out={"unreachable": int(unreachable.sum()), "unknown": int(unknown.sum())},
    )  # fmt: skip
    result.attrs = framed.attrs
    return result


def basket_people(baskets: pd.DataFrame, *, people: pd.Series[Any]) -> pd.DataFrame:
    r"""Count the people who have a basket, those who lack it, and which services they lack.

    In signs: :math:`\sum_i P_i \, 1[k_i \ge k]`, with :math:`k_i` the services that origin i has.

    Parameters
    ----------
    baskets
        From :func:`basket`.
    people
        People of every origin, on the same ids.

    Returns
    -------
    DataFrame
        Rows ``whole``, ``lacking`` and ``unknown``, whose people add up to all; ``at least 1`` and so on, how many have
        at least so many services; and ``without: …`` for each service. ``people`` of whom it is so, ``people_unknown``
        of whom nobody can say, ``share`` and ``share_unknown`` of all people, and ``share_highest``: if it were so of
        all of whom it is not known.

    Raises
    ------
    PopulationError
        When people are negative, missing, or given for other ids.

    References
    ----------
    As of :func:`basket`: Moreno, C., et al. (2021). Introducing the “15-Minute City”. Smart Cities, 4(1), 93-111.

    Examples
    --------
    >>> minutes = pd.DataFrame({"food": [4, 9, 20], "school": [12, 40, 14], "park": [3, float("nan"), 30]})
    >>> found = basket_people(basket(minutes, cutoff=15, at_least=2, missing="unknown"), people=pd.Series([50, 30, 20]))
    >>> found["people"].head(3).to_dict()
    {'whole': 50.0, 'lacking': 20.0, 'unknown': 30.0}
    """
    if not isinstance(baskets, pd.DataFrame) or not {"state", "within", "unknown"} <= set(baskets.columns):
        raise InputError("baskets", "it is not what basket returns", "Make it with basket.")
    counts = people_beside(people, baskets.index, "baskets")
    states = baskets["state"].to_numpy(dtype=object)
    services = [name.removeprefix("within: ") for name in baskets.columns if str(name).startswith("within: ")]
    within, open_ = baskets["within"].to_numpy(), baskets["unknown"].to_numpy()
    rows = {state: (states == state, np.zeros(len(states), dtype=bool)) for state in STATES}
    for count in range(1, len(services) + 1):
        rows[f"{LEAST} {count}"] = (within >= count, (within < count) & (within + open_ >= count))
    for name in services:
        amounts = baskets[f"within: {name}"].to_numpy(dtype=float)
        rows[f"without: {name}"] = (amounts == 0, np.isnan(amounts))
    everybody = math.fsum(counts)
    found = {label: [math.fsum(counts[there]), math.fsum(counts[maybe])] for label, (there, maybe) in rows.items()}
    Ledger().record("basket", "people", before=everybody, after=math.fsum(found[state][0] for state in STATES))
    frame = pd.DataFrame.from_dict(found, orient="index", columns=["people", "people_unknown"])
    frame = frame.rename_axis(index="who")
    for name in ("people", "people_unknown"):
        frame[name.replace("people", "share")] = frame[name] / everybody if everybody else np.nan
    frame["share_highest"] = frame["share"] + frame["share_unknown"]
    return _told(
        frame, "basket_people", {"basket": baskets, "people": people}, unit="people", direction="none",
        people=everybody,
    )  # fmt: skip


def _services_of(costs: Any) -> list[str]:
    if isinstance(costs, pd.DataFrame) and {"from_id", "to_id", "travel_cost"} <= set(costs.columns):
        raise InputError("costs", "they are those of one service", "Give service → costs, for example {'food': costs}.")
    if not isinstance(costs, Mapping | pd.DataFrame) or not list(costs):
        raise InputError("costs", f"it is {a_kind(costs)}", "Give service → costs, or a frame of costs.")
    return [str(name) for name in costs]


def _costs_and_limits(
    costs: Any,
    limits: float | Mapping[str, float],
    missing: Missing | None,
    origins: pd.Index[Any] | None,
    *,
    endless: bool = False,
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return what each service of the basket costs, infinite where no way leads there, and its limit."""
    names = _services_of(costs)
    given = dict(limits) if isinstance(limits, Mapping) else dict.fromkeys(names, limits)
    strangers = [name for name in given if name not in names]
    if strangers or not given:
        told = ", ".join(map(str, strangers)) or "none"
        raise InputError("cutoff", f"{told} is no service of the costs", f"These have {', '.join(names)}.")
    for name, limit in given.items():
        wrong = isinstance(limit, bool) or not isinstance(limit, int | float | np.number)
        if wrong or not limit > 0 or (np.isinf(limit) and not endless):
            raise InputError("cutoff", f"that of {name} is {limit!r}", "Give a number above 0.")
    if missing not in (None, "unreachable", "unknown"):
        raise InputError("missing", f"it is {missing!r}", "Choose one of: unreachable, unknown.")
    columns: dict[str, pd.Series[float]] = {}
    units: list[str] = []
    for name in (one for one in names if one in given):
        columns[name], unit = _closest(costs[name], name, missing, given[name], origins)
        first = next(iter(columns.values())).index
        if not columns[name].index.equals(first):
            other = columns[name].index.symmetric_difference(first)
            raise InputError("costs", f"{name} has other origins", "Give all for the same origins.", rows=other)
        units.append(unit)
    table = pd.DataFrame(columns)
    table.attrs = {"units": units}
    return table, {name: float(given[name]) for name in columns}


def _closest(
    costs: Any, name: str, missing: Missing | None, limit: float, origins: pd.Index[Any] | None
) -> tuple[pd.Series[float], str]:
    """Return the cost to the closest place, infinite where no way leads to one, and its unit."""
    if isinstance(costs, TravelCosts | PairCosts) or (
        isinstance(costs, pd.DataFrame) and "travel_cost" in costs.columns
    ):
        found = cost_to_closest(costs, origins=origins)
        # A limit beyond that of the costs is refused: what lies between is not known.
        highest = found.attrs["cutoff"]
        there = status(costs, cutoff=limit if np.isfinite(limit) else highest or VERY_FAR, origins=origins)
        unknown = there.isin(["outside_data", "no_supply"]).to_numpy()
        amounts = found.to_numpy(dtype=float)
        return pd.Series(np.where(unknown, np.nan, np.where(np.isnan(amounts), np.inf, amounts)), found.index), str(
            found.attrs["unit"]
        )
    if not isinstance(costs, pd.Series):
        raise InputError("costs", f"{name} is {a_kind(costs)}", "Give travel costs, or a Series on origins.")
    require_ids(costs, "costs")
    amounts = as_floats(costs, name)
    if (amounts < 0).any():
        raise InputError(name, "costs are negative", "A cost is 0 or more.", rows=costs.index[amounts < 0])
    if np.isnan(amounts).any() and missing is None:
        raise InputError(
            name,
            f"{int(np.isnan(amounts).sum()):,} costs are missing",
            "Say what that means: missing='unreachable' where no way leads to a place (as cost_to_closest leaves it), "
            "missing='unknown' where nobody knows.",
            rows=costs.index[np.isnan(amounts)],
        )
    if missing == "unreachable":
        amounts = np.where(np.isnan(amounts), np.inf, amounts)
    return pd.Series(amounts, costs.index), str(costs.attrs.get("unit", "amount"))


def _services_needed(at_least: int | None, there: int) -> int:
    if at_least is None:
        return there
    if isinstance(at_least, bool) or not isinstance(at_least, int | np.integer) or not 1 <= at_least <= there:
        raise InputError("at_least", f"it is {at_least!r}", f"Give a whole number from 1 to {there}, or None for all.")
    return int(at_least)


def _cost_of(amounts: Floats, k: int) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the k-th smallest cost where what is not known does not matter, and who has none, and of whom it does."""
    unknown = np.isnan(amounts)
    low = np.sort(np.where(unknown, -np.inf, amounts), axis=1)[:, k - 1]
    high = np.sort(np.where(unknown, np.inf, amounts), axis=1)[:, k - 1]
    decided = low == high
    cost = np.where(decided & np.isfinite(high), high, np.nan)
    return cost, np.asarray(decided & np.isinf(high)), np.asarray(~decided)


def _told(frame: pd.DataFrame, measure: str, costs: Any, **facts: Any) -> pd.DataFrame:
    """Say in ``attrs`` what a table is, with the sources and findings of the costs."""
    inputs = [costs] if isinstance(costs, pd.DataFrame) else list(costs.values())
    kept: dict[Finding, None] = dict.fromkeys(findings_of(*inputs))
    said: dict[Any, Any] = {"measure": measure, **facts}
    frame.attrs = {
        **said,
        "sources": [record.as_dict() for record in sources_of(*inputs)],
        "findings": [item.as_dict() for item in kept],
    }
    return frame
