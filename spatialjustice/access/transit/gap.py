"""What another timetable changes: who gains, who loses, and who reaches nothing with either."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.ledger import Ledger
from spatialjustice.access._cost_tables import AnyCosts, as_travel_costs
from spatialjustice.access.closest import cost_to_closest
from spatialjustice.access.coverage import checked_people
from spatialjustice.access.cumulative import cumulative_cutoff
from spatialjustice.network.cutoffs import checked_number

if TYPE_CHECKING:
    from numpy.typing import NDArray


CHANGES = ("gains", "same", "loses", "unreachable", "off_network", "outside_data", "no_population")
"""What another timetable does to people; ``unreachable``: nothing is reached with either."""


def timetable_change(
    before: AnyCosts | pd.DataFrame,
    after: AnyCosts | pd.DataFrame,
    opportunities: pd.Series[Any] | None = None,
    *,
    cutoff: float | None = None,
    people: pd.Series[Any] | None = None,
    least: float = 0.0,
    origins: pd.Index[Any] | None = None,
) -> pd.DataFrame:
    r"""Compare what each origin reaches with two timetables: two dates, two feeds, or accessible trips against all.

    .. math:: \Delta_i = A_i^{after} - A_i^{before}

    Parameters
    ----------
    before, after
        Travel costs from the same origins to the same destinations: what :meth:`TransitNetwork.travel_costs` of two
        networks returns, or any two that :func:`cumulative_cutoff` takes.
    opportunities
        How much each destination offers, on the destinations' ids, 0 or more; None counts every destination as one.
    cutoff
        Minutes, closed: what is reached within them is compared. None compares the minutes to the nearest destination
        that offers anything.
    people
        People of every origin, on its index; None leaves ``no_population`` out.
    least
        The largest change, in either direction, that still counts as none.
    origins
        All origins, for frames that list only those that reach something.

    Returns
    -------
    pandas.DataFrame
        On the origins' index: ``before``, ``after``; ``change`` (after less before; NaN where minutes are missing on
        one side); ``status``, categorical: ``gains``, ``same``, ``loses`` (of minutes fewer are a gain, and to reach
        anything at all is one), ``unreachable`` (nothing is reached with either), ``off_network``, ``outside_data`` or
        ``no_population``.

    Raises
    ------
    InputError
        When origins or destinations of the two differ, or either cannot be used.

    References
    ----------
    Own definition: a difference, with no source in the literature.

    Examples
    --------
    >>> columns = ["from_id", "to_id", "travel_cost"]
    >>> before = pd.DataFrame([["a", 1, 20.0], ["b", 1, 40.0]], columns=columns)
    >>> after = pd.DataFrame([["a", 1, 35.0], ["b", 1, 25.0]], columns=columns)
    >>> timetable_change(before, after, cutoff=30, origins=pd.Index(["a", "b", "c"]))["status"].tolist()
    ['loses', 'gains', 'unreachable']
    """
    least = checked_number(least, "least")
    both = _both(before, after, origins)
    if cutoff is None:
        values = [_minutes(one, opportunities, origins) for one in (before, after)]
    else:
        values = [
            cumulative_cutoff(one, opportunities, cutoff=cutoff, origins=origins).to_numpy() for one in (before, after)
        ]
    status = _status(both, values, least, better=1.0 if cutoff is not None else -1.0)
    if people is not None:
        status[checked_people(people, both[0]) == 0] = "no_population"
    first, second = values
    with np.errstate(invalid="ignore"):
        change = second - first
    frame = pd.DataFrame(
        {
            "before": np.where(np.isinf(first), np.nan, first),
            "after": np.where(np.isinf(second), np.nan, second),
            "change": np.where(np.isfinite(change), change, np.nan),
            "status": pd.Categorical(status, categories=list(CHANGES)),
        },
        index=both[0].from_ids,
    )
    frame.attrs = {
        "measure": "timetable_change",
        "unit": "minutes" if cutoff is None else _unit(opportunities),
        "direction": "lower is better" if cutoff is None else "higher is better",
        "cutoff": cutoff,
        "cutoff_unit": both[0].unit,
        "least": least,
        "counts": {name: int((status == name).sum()) for name in CHANGES},
        "sources": list({str(one): one.as_dict() for costs in both for one in costs.sources}.values()),
        "findings": list({str(one): one.as_dict() for costs in both for one in costs.findings}.values()),
    }
    return frame


def timetable_gap(
    before: AnyCosts | pd.DataFrame,
    after: AnyCosts | pd.DataFrame,
    opportunities: pd.Series[Any] | None = None,
    *,
    people: pd.Series[Any] | pd.DataFrame,
    cutoff: float | None = None,
    least: float = 0.0,
) -> pd.DataFrame:
    r"""Count who gains and who loses by another timetable, group by group, everybody once.

    In signs: :math:`\sum_i n_{ig} \, 1[\text{status}_i = s]` for each group g and status s, and the means of before,
    after and change over them.

    Parameters
    ----------
    before, after, opportunities, cutoff, least
        As for :func:`timetable_change`.
    people
        People of every origin, on the origins' index; or a frame with a column for each group.

    Returns
    -------
    pandas.DataFrame
        One row per group (``everybody`` where there is one Series) and status (a MultiIndex): ``origins``, ``people``,
        ``share`` of the group (NaN where it has nobody), and ``before``, ``after`` and ``change``: the means over these
        people of what they reach (of minutes over those who have them on both sides). The people of a group's rows
        add up to the group.

    Raises
    ------
    InputError, PopulationError
        As :func:`timetable_change` does, and when people do not fit the origins.
    ConservationError
        When rows do not add up to their group.

    References
    ----------
    Own definition: a count as described above, with no source in the literature.

    Examples
    --------
    >>> columns = ["from_id", "to_id", "travel_cost"]
    >>> before = pd.DataFrame([["a", 1, 20.0], ["b", 1, 40.0]], columns=columns)
    >>> after = pd.DataFrame([["a", 1, 35.0], ["b", 1, 25.0]], columns=columns)
    >>> people = pd.DataFrame({"old": [6.0, 2.0, 0.0], "young": [1.0, 4.0, 5.0]}, index=["a", "b", "c"])
    >>> found = timetable_gap(before, after, people=people, cutoff=30)
    >>> found["share"].unstack("status")[["gains", "loses", "unreachable"]].values.tolist()
    [[0.25, 0.75, 0.0], [0.4, 0.1, 0.5]]
    """
    groups = people.to_frame("everybody") if isinstance(people, pd.Series) else people
    if not isinstance(groups, pd.DataFrame) or not groups.shape[1]:
        found = f"it is {a_kind(people)}"
        raise InputError("people", found, "Give a Series on the origins' ids, or a frame with a column for each group.")
    frames = isinstance(before, pd.DataFrame)
    change = timetable_change(
        before, after, opportunities, cutoff=cutoff, least=least, origins=groups.index if frames else None
    )
    asked = as_travel_costs(before, groups.index if frames else None)
    table = pd.concat({name: _of_group(change, checked_people(groups[name], asked)) for name in groups})
    table.index.names = ["group", "status"]
    table.attrs = {**change.attrs, "measure": "timetable_gap", "value_unit": change.attrs["unit"], "unit": "people"}
    return table


def _both(before: Any, after: Any, origins: Any) -> tuple[AnyCosts, AnyCosts]:
    """Return both as they answer measures; they must be between the same places."""
    both = as_travel_costs(before, origins), as_travel_costs(after, origins)
    if not both[0].from_ids.equals(both[1].from_ids):
        raise InputError("after", "its origins differ from those before", "Ask both from the same origins.")
    lazy = [not isinstance(one, pd.DataFrame) for one in (before, after)]
    if all(lazy) and not both[0].to_ids.equals(both[1].to_ids):
        raise InputError("after", "its destinations differ from those before", "Ask both to the same destinations.")
    if both[0].unit != both[1].unit:
        found = f"costs are in {both[1].unit}, and those before in {both[0].unit}"
        raise InputError("after", found, "Ask both in the same unit.")
    return both


def _minutes(costs: Any, opportunities: pd.Series[Any] | None, origins: Any) -> NDArray[np.float64]:
    offers = None if opportunities is None else (opportunities > 0).astype(float)
    found: NDArray[np.float64] = cost_to_closest(costs, offers, origins=origins).fillna(np.inf).to_numpy()
    return found


def _status(
    both: tuple[AnyCosts, AnyCosts], values: list[NDArray[np.float64]], least: float, *, better: float
) -> NDArray[np.object_]:
    first, second = values
    nothing = [np.isinf(one) if better < 0 else one == 0 for one in values]
    with np.errstate(invalid="ignore"):
        gained = better * (second - first)
    status = np.select([gained > least, gained < -least], ["gains", "loses"], "same").astype(object)
    status[nothing[0] & nothing[1]] = "unreachable"
    # Whoever is off the streets on one side alone gains or loses by them: only both sides alike are told apart.
    for name in ("off_network", "outside_data"):
        here = [_audit(costs, name) for costs in both]
        status[here[0] & here[1]] = name
    return status


def _audit(costs: AnyCosts, name: str) -> NDArray[np.bool_]:
    audit = getattr(costs, "origins", None)
    if audit is None:
        return np.zeros(len(costs.from_ids), dtype=bool)
    return np.asarray(audit["status"] == name, dtype=bool)


def _of_group(change: pd.DataFrame, people: NDArray[np.float64]) -> pd.DataFrame:
    codes = change["status"].cat.codes.to_numpy().copy()
    codes[people == 0] = CHANGES.index("no_population")
    everybody = math.fsum(people)
    sums = np.array([math.fsum(people[codes == code]) for code in range(len(CHANGES))])
    Ledger().record("timetable_gap", "people", before=everybody, after=math.fsum(sums))
    known = change[["before", "after"]].notna().all(axis=1).to_numpy()
    means: dict[str, list[float]] = {"before": [], "after": []}
    for code in range(len(CHANGES)):
        chosen = (codes == code) & known & (people > 0)
        weight = math.fsum(people[chosen])
        for name, found in means.items():
            total = math.fsum(change[name].to_numpy()[chosen] * people[chosen])
            found.append(total / weight if weight else np.nan)
    frame = pd.DataFrame(
        {
            "origins": np.bincount(codes, minlength=len(CHANGES)),
            "people": sums,
            "share": sums / everybody if everybody else np.nan,
            **means,
        },
        index=pd.Index(CHANGES),
    )
    return frame.assign(change=frame["after"] - frame["before"])


def _unit(opportunities: pd.Series[Any] | None) -> str:
    return "opportunities" if opportunities is None or opportunities.name is None else str(opportunities.name)
