"""How many sites it takes until enough people are near one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from spatialjustice._core.errors import InputError
from spatialjustice.inequality._inputs import checked_share
from spatialjustice.remedies.answer import answered
from spatialjustice.remedies.case import case_of
from spatialjustice.remedies.choice import Choice, refuse_both
from spatialjustice.remedies.engine.branch import solve
from spatialjustice.remedies.engine.problem import Problem
from spatialjustice.remedies.engine.whole_numbers import Found, Model, least
from spatialjustice.remedies.goals import Answer, within_goal

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.access._cost_tables import AnyCosts
    from spatialjustice.remedies.case import Case


def fewest_sites(
    costs: AnyCosts | pd.DataFrame,
    *,
    people: pd.Series[Any],
    cutoff: float,
    share: float = 1.0,
    existing: AnyCosts | pd.DataFrame | pd.Series[Any] | None = None,
    required: Any = None,
    forbidden: Any = None,
    time_limit: float | None = None,
) -> pd.DataFrame:
    r"""Find the fewest new sites with which enough people are within a cutoff of a place.

    .. math:: \min |S| \quad \text{so that} \quad \sum_i w_i [d_i(S) \le c] \ge p \sum_i w_i

    where the sum runs over people who can be within the cutoff at all (set covering). Of all plans with that number the
    one that leaves people with a low mean cost, where all are to be near.

    Parameters
    ----------
    costs
        What ``Network.travel_costs`` returns from the zones to all candidate sites, or a frame with ``from_id``,
        ``to_id`` and ``travel_cost``.
    people
        People of each zone.
    cutoff
        In the unit of the costs, closed.
    share
        The share of people p, above 0 to 1.
    existing
        What there is now, as for :func:`open_sites`.
    required, forbidden
        Ids of sites that must be, and must not be, chosen.
    time_limit
        Seconds after which the solver ends; None ends it after a number of steps that is the same on every machine.

    Returns
    -------
    DataFrame
        As of :func:`open_sites`. ``attrs["value"]`` is the number of sites, ``bound`` the fewest that may be enough
        (rounded up), ``people_within`` those within the cutoff in the end. Empty where nothing is needed.

    Raises
    ------
    InputError
        When ids do not match, a number cannot be used, or a site is required and forbidden.

    References
    ----------
    Toregas, Swain, ReVelle and Bergman (1971), The location of emergency service facilities, Operations Research 19:
    1363-1373.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "b", "b", "c"], "to_id": [1, 1, 2, 2], "travel_cost": [4.0, 5, 5, 3]})
    >>> plan = fewest_sites(pairs, people=pd.Series({"a": 10, "b": 20, "c": 30}), cutoff=5)
    >>> plan.index.to_list(), plan.attrs["value"], plan.attrs["proven"]
    ([2, 1], 2.0, True)
    """
    refuse_both(required, forbidden)
    wanted = checked_share(share, "share")
    if wanted == 0:
        raise InputError("share", "it is 0", "Nobody has to be near a place then: give a share above 0.")
    case = case_of(costs, people=people, existing=existing, cutoff=cutoff, forbidden=forbidden)
    must = np.sort(case.where(required, "required"))
    goal = within_goal(case, case.limit)
    found, sites = _covered(case, must, wanted, time_limit)
    choice = Choice(max(sites.size, 1), must)
    chosen = _nearer(case, choice, sites, wanted) if sites.size else sites
    fewest = float(math.ceil(found.bound - 1e-6))
    answer = Answer(chosen, float(sites.size), min(fewest, float(sites.size)), found.nodes)
    frame = answered(case, goal, choice, answer, seed=None, gap=0.0)
    inside = np.zeros(len(case.rows.site_ids), dtype=bool)
    inside[chosen] = True
    near = (case.before <= case.limit) | (_reached(case) @ inside.astype(np.float64) > 0)
    frame.attrs |= {
        "measure": "fewest_sites",
        "goal": "fewest sites",
        "unit": "sites",
        "direction": "lower is better",
        "before": None,
        "share": wanted,
        "people_within": math.fsum(case.people[near]),
    }
    return frame


def _reached(case: Case) -> Any:
    size = (case.people.size, len(case.rows.site_ids))
    return sparse.csr_array(
        (np.ones(case.rows.site.size), case.rows.site.astype(np.int64), case.rows.start), shape=size
    )


def _covered(case: Case, must: Any, wanted: float, seconds: float | None) -> tuple[Found, Any]:
    """Solve the covering: a row for each zone with nothing yet; where some may be left, a variable more for each."""
    can = np.diff(case.rows.start) > 0
    has = case.before <= case.limit
    open_ = np.flatnonzero(~has & can)
    reach = _reached(case)[open_]
    zones, sites = reach.shape
    low = np.zeros(sites)
    low[must] = 1.0
    need = wanted * math.fsum(case.people[has | can]) - math.fsum(case.people[has])
    if not zones or need <= 0:
        return Found(low, float(low.sum()), float(low.sum()), 0), np.flatnonzero(low)
    if wanted == 1:
        model = Model(np.ones(sites))
        model.ends(low, np.ones(sites))
        model.whole(sites)
        model.rows(reach, low=1.0)
    else:
        model = Model(np.concatenate([np.ones(sites), np.zeros(zones)]))
        model.ends(np.concatenate([low, np.zeros(zones)]), np.ones(sites + zones))
        model.whole(sites)
        model.rows(sparse.hstack([reach, -sparse.eye_array(zones)]), low=0.0)
        count = np.concatenate([np.zeros(sites), case.people[open_]])
        model.rows(count[None, :], low=need * (1 - 1e-9))
    found = least(model, seconds=seconds)
    return found, np.flatnonzero(found.variables[:sites] > 0.5)


def _nearer(case: Case, choice: Choice, sites: Any, wanted: float) -> Any:
    """Of the plans with this number of sites that keep everybody near take one with a low mean."""
    if wanted < 1:
        return sites
    rows, limit = case.rows, case.limit
    beyond = limit * (1 + math.fsum(case.people) / case.people) + 1.0
    problem = Problem(
        rows.start,
        rows.site,
        rows.cost,
        case.people,
        np.where(case.before <= limit, case.before, beyond),
        len(rows.site_ids),
        choice.count,
        required=choice.required,
        slack=lambda total: 0.001 * total,
        nodes=200,
    )
    return solve(problem, known=sites).sites
