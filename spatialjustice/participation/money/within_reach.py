"""Which money people have within reach, by group, and whether it goes to those who are many, or to those in need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import access
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import add_findings, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.provenance import add_sources, sources_of
from spatialjustice.inequality import concentration_index, gini, hoover
from spatialjustice.inequality._inputs import aligned_by_id
from spatialjustice.participation._people import known_people

if TYPE_CHECKING:
    from spatialjustice.access._cost_tables import AnyCosts

EVERYBODY = "all people"


def money_within_reach(
    costs: AnyCosts | pd.DataFrame, *, projects: pd.DataFrame, people: pd.Series[Any], cutoff: float
) -> pd.DataFrame:
    r"""Add up what the projects within a limit of each zone cost: :math:`A_i = \sum_j K_j \, 1[c_{ij} \le c_0]`.

    A project counts for everybody who has it within reach, so that the sums of zones are no shares of the money.

    Parameters
    ----------
    costs
        Travel costs from zones to projects, on foot, by any mode or in straight lines: what
        :meth:`Network.travel_costs` returns, or a frame with ``from_id``, ``to_id`` and ``travel_cost``.
    projects
        What :func:`selected_projects` returns: ``cost`` on the ids of the destinations.
    people
        The people of each zone.
    cutoff
        In the unit of the costs, closed.

    Returns
    -------
    DataFrame
        On the index of ``people``: ``money_within``, ``projects_within``, ``people`` and ``status`` (``ok`` where a
        project is within the limit; else why not). The two numbers are missing where the data of the streets end.
        ``attrs["left_out"]`` is that of the projects: the cost of those without coordinates.

    Raises
    ------
    InputError
        When ids do not match, or the cutoff is higher than that of the costs.

    References
    ----------
    As of :func:`spatialjustice.access.cumulative_cutoff`, with money for opportunities.

    Examples
    --------
    >>> pairs = pd.DataFrame({"from_id": ["a", "a", "b"], "to_id": [1, 2, 2], "travel_cost": [300.0, 900.0, 500.0]})
    >>> projects = pd.DataFrame({"cost": [1000.0, 200.0]}, index=[1, 2])
    >>> found = money_within_reach(pairs, projects=projects, people=pd.Series({"a": 10, "b": 20}), cutoff=500)
    >>> found["money_within"].tolist()
    [1000.0, 200.0]
    """
    there = known_people(people)
    if not isinstance(projects, pd.DataFrame) or "cost" not in projects.columns:
        raise InputError("projects", "there is no column cost", "Give what selected_projects returns.")
    require_ids(projects, "projects")
    origins = people.index if isinstance(costs, pd.DataFrame) else None
    money = access.cumulative_cutoff(costs, projects["cost"].astype(float), cutoff=cutoff, origins=origins)
    count = access.cumulative_cutoff(costs, cutoff=cutoff, origins=origins)
    status = access.status(costs, cutoff=cutoff, people=there, origins=origins)
    found = pd.DataFrame(
        {"money_within": money.reindex(people.index), "projects_within": count.reindex(people.index), "people": there}
    )
    found["status"] = status.reindex(people.index).astype(str)
    beyond = (found["status"] == "outside_data").to_numpy()
    found.loc[beyond, ["money_within", "projects_within"]] = np.nan
    found.attrs = {
        "measure": "money_within_reach",
        "unit": "money",
        "direction": "higher is better",
        "cutoff": float(cutoff),
        "left_out": dict(projects.attrs.get("left_out", {})),
    }
    add_sources(found, *sources_of(projects, costs, people))
    return add_findings(found, *findings_of(projects, costs))


def money_by_group(
    money: pd.Series[Any], *, people: pd.Series[Any], groups: pd.DataFrame, need: pd.Series[Any] | None = None
) -> pd.DataFrame:
    r"""Tell what people of each group have within reach on average, beside an equal share and one by need.

    In signs: :math:`\sum_i n_{ig} A_i / \sum_i n_{ig}`, and the share of money :math:`\sum_i n_{ig} A_i / \sum_i P_i
    A_i` beside the shares of people and of need.

    Parameters
    ----------
    money
        What each zone has: money within reach, or money per person; missing where not known.
    people
        The people of each zone.
    groups
        How many people of each group live in each zone, a column for each; who is in none is ``unknown``.
    need
        How much one person of each zone needs it, 0 or more, on any scale, for example the share who are poor. None
        takes everybody alike.

    Returns
    -------
    DataFrame
        A row for each group, ``unknown`` where the groups leave people over, and ``all people``: ``people`` (of zones
        where the money is known), ``people_left_out``, ``mean`` (what a person has on average), ``ratio_to_all``,
        ``share_of_people``, ``share_of_money`` (of what all people have within reach, added up person by person),
        ``share_of_need`` and ``money_beside_need`` (1 where the share of money is that of need). Zones are told, not
        persons: everybody of a zone is given its mean.

    Raises
    ------
    InputError
        When ids differ, or groups have more people than a zone.

    References
    ----------
    Wagstaff, A., & van Doorslaer, E. (2000). Measuring and testing for inequity in the delivery of health care. Journal
    of Human Resources, 35(4), 716-733 (shares beside need).

    Examples
    --------
    >>> money = pd.Series({"a": 100.0, "b": 20.0})
    >>> old = pd.DataFrame({"old": [2, 8]}, index=["a", "b"])
    >>> found = money_by_group(money, people=pd.Series({"a": 10, "b": 10}), groups=old)
    >>> found["mean"].to_dict()
    {'old': 36.0, 'unknown': 84.0, 'all people': 60.0}
    """
    there = known_people(people)
    have = pd.Series(aligned_by_id(money, "money", there, "people"), people.index)
    require_ids(groups, "groups")
    if not isinstance(groups, pd.DataFrame) or set(groups.index) != set(people.index):
        raise InputError("groups", "its ids are not those of the people", "Give a row for each zone.")
    counts = groups.reindex(people.index).astype(float)
    rest = there - counts.sum(axis=1)
    over = (rest < -1e-6 * there.clip(lower=1)) | counts.isna().any(axis=1) | (counts < 0).any(axis=1)
    if over.any():
        found = f"{int(over.sum()):,} zones have groups that are missing, below 0, or more people than live there"
        raise InputError("groups", found, "A person is in one group at most.", rows=people.index[over])
    if (rest > 1e-6 * there.clip(lower=1)).any():
        counts["unknown"] = counts.get("unknown", 0.0) + rest.clip(lower=0)
    counts[EVERYBODY] = there
    wanted = pd.Series(1.0, people.index) if need is None else _need(need, there)
    known = (have.notna() & wanted.notna()).to_numpy()
    inside = counts[known]
    made = pd.DataFrame({"people": inside.sum(), "people_left_out": counts[~known].sum()})
    total = inside.mul(have[known], axis=0).sum()
    needed = inside.mul(wanted[known], axis=0).sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        made["mean"] = total / made["people"].where(made["people"] > 0)
        made["ratio_to_all"] = made["mean"] / made["mean"][EVERYBODY]
        made["share_of_people"] = made["people"] / made["people"][EVERYBODY]
        made["share_of_money"] = total / total[EVERYBODY]
        made["share_of_need"] = needed / needed[EVERYBODY]
        made["money_beside_need"] = made["share_of_money"] / made["share_of_need"].where(made["share_of_need"] > 0)
    made.index.name = "group"
    made.attrs = {
        "measure": "money_by_group",
        "unit": "money",
        "direction": "higher is better",
        "left_out": {"money or need not known": float(made["people_left_out"][EVERYBODY])},
    }
    return add_sources(made, *sources_of(money, people, groups))


def money_inequality(
    money: pd.Series[Any],
    *,
    people: pd.Series[Any],
    rank_by: pd.Series[Any] | None = None,
    need: pd.Series[Any] | None = None,
) -> pd.Series[Any]:
    """Measure how unequally money is spread over people, whether it leans to the better off, and beside need.

    In signs: the Gini and Hoover indices and the concentration index C of money over people, and :math:`C_{money} -
    C_{need}`.

    Parameters
    ----------
    money
        What a person of each zone has: money within reach, or money per person; 0 or more.
    people
        The people of each zone.
    rank_by
        Income of each zone, or anything that rises with it.
    need
        How much one person of each zone needs it, 0 or more.

    Returns
    -------
    Series
        ``gini`` and ``hoover`` (the share that would have to move for everybody to have the same); with ``rank_by``
        ``concentration`` (above 0: more for the better off); with both, ``concentration_of_need`` and
        ``beside_need``, their difference: below 0 the worse off have more than their need alone would give them
        (horizontal inequity).

    Raises
    ------
    InputError
        As :func:`spatialjustice.inequality.concentration_index`.

    References
    ----------
    Wagstaff, A., & van Doorslaer, E. (2000). Measuring and testing for inequity in the delivery of health care. Journal
    of Human Resources, 35(4), 716-733.

    Examples
    --------
    >>> found = money_inequality(pd.Series({"a": 1.0, "b": 3.0}), people=pd.Series({"a": 10, "b": 10}))
    >>> found.round(3).to_dict()
    {'gini': 0.25, 'hoover': 0.25}
    """
    there = known_people(people)
    have = pd.Series(aligned_by_id(money, "money", there, "people"), people.index)
    found = {"gini": gini(have, people=there), "hoover": hoover(have, people=there)}
    if rank_by is not None:
        found["concentration"] = concentration_index(have, rank_by=rank_by, people=there)
        if need is not None:
            wanted = _need(need, there)
            found["concentration_of_need"] = concentration_index(wanted, rank_by=rank_by, people=there)
            found["beside_need"] = found["concentration"] - found["concentration_of_need"]
    made: pd.Series[Any] = pd.Series(found, name="money_inequality")
    made.attrs = {"measure": "money_inequality", "unit": "index", "direction": "none"}
    return made


def _need(need: pd.Series[Any], people: pd.Series[Any]) -> pd.Series[Any]:
    wanted = pd.Series(aligned_by_id(need, "need", people, "people"), people.index)
    if (wanted < 0).any():
        raise InputError("need", "it is below 0", "Give 0 or more.", rows=people.index[wanted < 0])
    return wanted
