"""Coverage: who is served, who is not, and of whom it is not known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import DuplicateIdError, InputError, PopulationError, a_kind
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.numbers.checks import as_floats, require_one_level
from spatialjustice.access._cost_tables import AnyCosts, as_measure, as_travel_costs, column_of

STATUSES = ("ok", "beyond_cutoff", "unreachable", "off_network", "outside_data", "no_population", "no_supply")


def status(
    costs: AnyCosts | pd.DataFrame,
    *,
    cutoff: float,
    people: pd.Series[Any] | str | None = None,
    origins: pd.Index[Any] | None = None,
) -> pd.Series[Any]:
    """Say of each origin whether it reaches a destination within the cutoff, and if not, why not.

    Parameters
    ----------
    costs
        What :meth:`Network.travel_costs` returns, or a frame with one row per pair: ``from_id``, ``to_id``,
        ``travel_cost``. A frame does not know which origins are off the network: with it those, and origins whose
        pairs are all missing, are ``unreachable``.
    cutoff
        In the unit of the costs, closed: a cost equal to the cutoff is ``ok``.
    people
        People of every origin, on the origins' index; None leaves ``no_population`` out.
    origins
        All origins, for a frame that lists only those that reach something; None takes those of ``people``, or of the
        frame.

    Returns
    -------
    pandas.Series
        On the origins' index, categorical. The first that applies of: ``no_population`` (nobody lives there),
        ``no_supply`` (there is no destination at all), ``outside_data`` (outside what the data of the streets cover),
        ``off_network`` (too far from every street), ``unreachable``
        (no way to any destination), ``beyond_cutoff``, ``ok``.

    Raises
    ------
    PopulationError
        When people are negative or missing.
    InputError
        When ids do not match, or the cutoff is higher than that of the costs.

    Examples
    --------
    >>> pairs = pd.DataFrame({"from_id": ["a", "b"], "to_id": [1, 1], "travel_cost": [10.0, 12.0]})
    >>> status(pairs, cutoff=10, origins=pd.Index(["a", "b", "c"])).to_list()
    ['ok', 'beyond_cutoff', 'unreachable']
    """
    living = column_of(people, costs, "people", "origins")
    asked = _costs_of_origins(costs, living, origins)
    return _status(asked, cutoff, None if living is None else checked_people(living, asked))


def coverage(
    costs: AnyCosts | pd.DataFrame,
    *,
    people: pd.Series[Any] | str,
    cutoff: float,
    origins: pd.Index[Any] | None = None,
) -> pd.DataFrame:
    r"""Count the people who are served within the cutoff, and all the others by reason.

    .. math:: N_s = \sum_i P_i \, 1[\text{status}_i = s], \qquad \text{share}_s = N_s / \sum_i P_i

    Parameters
    ----------
    costs, cutoff, origins
        As for :func:`status`.
    people
        People of every origin, on the origins' index.

    Returns
    -------
    pandas.DataFrame
        One row per status (``ok`` is served), all seven, with ``origins``, ``people`` and ``share`` of all people (NaN
        where there are none). The people of the rows add up to all people.

    Raises
    ------
    PopulationError
        When people are negative or missing, or given for ids that are no origins.
    ConservationError
        When the rows do not add up to all people.

    References
    ----------
    Church, R., & ReVelle, C. (1974). The maximal covering location problem. Papers of the Regional Science Association,
    32(1), 101-118 (people within a limit of a place).

    Examples
    --------
    >>> pairs = pd.DataFrame({"from_id": ["a", "b"], "to_id": [1, 1], "travel_cost": [10.0, 12.0]})
    >>> people = pd.Series({"a": 60.0, "b": 30.0, "c": 10.0})
    >>> found = coverage(pairs, people=people, cutoff=10)["people"]
    >>> found[found > 0].to_dict()
    {'ok': 60.0, 'beyond_cutoff': 30.0, 'unreachable': 10.0}
    """
    living = column_of(people, costs, "people", "origins")
    asked = _costs_of_origins(costs, living, origins)
    counted = checked_people(living, asked)
    of_each = _status(asked, cutoff, counted)
    codes = of_each.cat.codes.to_numpy()
    sums = np.array([math.fsum(counted[codes == code]) for code in range(len(STATUSES))])
    everybody = math.fsum(as_floats(living, "people"))
    Ledger().record("coverage", "people", before=everybody, after=math.fsum(sums))
    frame = pd.DataFrame(
        {
            "origins": np.bincount(codes, minlength=len(STATUSES)),
            "people": sums,
            "share": sums / everybody if everybody else np.nan,
        },
        index=pd.Index(STATUSES, name="status"),
    )
    frame.attrs = {**of_each.attrs, "measure": "coverage", "unit": "people"}
    return frame


def _costs_of_origins(costs: AnyCosts | pd.DataFrame, people: Any, origins: pd.Index[Any] | None) -> AnyCosts:
    if people is not None and not isinstance(people, pd.Series):
        raise InputError("people", f"it is {a_kind(people)}", "Give a Series on the origins' ids.")
    if origins is None and people is not None and isinstance(costs, pd.DataFrame):
        require_one_level(people.index, "people")
        origins = people.index
    return as_travel_costs(costs, origins)


def _status(costs: AnyCosts, cutoff: float, people: np.ndarray[Any, Any] | None) -> pd.Series[Any]:
    status = costs._status(cutoff)  # noqa: SLF001
    if people is not None:
        status[people == 0] = "no_population"
    values: Any = pd.Categorical(status, categories=list(STATUSES))
    counts = dict(zip(STATUSES, np.bincount(values.codes, minlength=len(STATUSES)).tolist(), strict=True))
    return as_measure(
        values,
        costs,
        "status",
        unit="status",
        direction="none",
        cutoff=float(cutoff),
        cutoff_unit=costs.unit,
        counts=counts,
    )


def checked_people(people: pd.Series[Any], costs: AnyCosts) -> np.ndarray[Any, Any]:
    """Return people in the order of the origins."""
    require_one_level(people.index, "people")
    if not people.index.is_unique:
        twice = people.index[people.index.duplicated()].unique()
        raise DuplicateIdError("people", "ids occur more than once", "Give every origin once.", rows=twice)
    same = people.index.equals(costs.from_ids)
    if not same:
        _require_same_ids(people, costs)
    counted = as_floats(people, "people", error=PopulationError)
    wrong = ~(counted >= 0) | np.isinf(counted)
    if wrong.any():
        raise PopulationError(
            "people",
            f"{int(wrong.sum()):,} numbers are negative, missing or infinite",
            "Give 0 where nobody lives.",
            rows=people.index[wrong],
        )
    return counted.copy() if same else counted[people.index.get_indexer(costs.from_ids)]


def _require_same_ids(people: pd.Series[Any], costs: AnyCosts) -> None:
    """Refuse people of other places than the origins, and origins of which nobody says how many live there."""
    absent = costs.from_ids.difference(people.index, sort=False)
    if len(absent):
        raise PopulationError(
            "people", f"{len(absent):,} origins have no number of people", "Give 0 where nobody lives.", rows=absent
        )
    homeless = people.index.difference(costs.from_ids, sort=False)
    if len(homeless):
        raise PopulationError(
            "people",
            f"{len(homeless):,} ids are no origins of the travel costs",
            "Ask for travel costs from all of them, so that nobody is left out.",
            rows=homeless,
        )
