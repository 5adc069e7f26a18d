"""Who meets whom at the places that people can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.numbers.checks import checked_travel_costs as costs_of
from spatialjustice._core.numbers.checks import findings_of_costs
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, flat_numbers, refuse_rows
from spatialjustice.inequality.groups._tables import EVERYONE, UNKNOWN, Groups, require_groups

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

COLUMNS = ("from_id", "to_id", "travel_cost")
UNSERVED = "people_left_out"


def access_weighted_exposure(
    groups: Groups,
    costs: Any,
    opportunities: pd.Series[Any] | None = None,
    *,
    cutoff: float,
    decay: Callable[[Any], Any] | None = None,
) -> pd.DataFrame:
    r"""Tell whom the people of each group share their services with.

    People who live apart may still meet, at a market, a library or a clinic that both can reach; and people who live
    side by side may not. Everybody in zone i is taken to visit the places within reach in proportion to their size
    times the decay of the travel cost, :math:`p_{ij} = O_j f(c_{ij}) / \sum_k O_k f(c_{ik})`, so that place j has
    :math:`v_{jg} = \sum_i n_{ig} p_{ij}` visitors of group g. The answer is the share of each group among the visitors
    that an average person of a group finds: :math:`\sum_j (v_{jg} / V_g)\, v_{jh} / v_j`.

    Parameters
    ----------
    groups
        Who lives where. People of unknown group are visitors too and have a row and a column.
    costs
        From zones (``from_id``) to places (``to_id``), with ``travel_cost``: a table, or an object whose ``to_frame()``
        gives one, such as the answer of ``Network.travel_costs``. Pairs that are not listed cannot be travelled.
    opportunities
        Size of each place, for example seats or staff, 0 or more, with the places' ids as index; None: all the same.
    cutoff
        The highest travel cost, itself included, in the unit of the costs.
    decay
        Function that turns an array of costs into weights of 0 or more, such as those of ``access.decay``; None: 1.

    Returns
    -------
    DataFrame
        One row for each group, ``"all people"`` last; one column for each group, the share of it among the people met
        (a row sums to 1); then ``people`` who reach a place, and ``people_left_out`` who reach none. A group of which
        nobody reaches a place has NaN.

    Raises
    ------
    InputError
        When the table lacks a column, has an id that is no zone or no place, a pair twice, or a negative cost; when it
        was searched only up to a lower cutoff; when sizes or weights are negative, or nobody reaches any place.

    References
    ----------
    Wong, D. W. S., & Shaw, S.-L. (2011). Measuring segregation: An activity space approach. Journal of Geographical
    Systems, 13(2), 127-145. Huff, D. L. (1963). A probabilistic analysis of shopping center trade areas. Land
    Economics, 39(1), 81-90 (who visits what).

    Examples
    --------
    One library between two quarters that are each of one group:

    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> quarters = groups_from_counts(pd.DataFrame({"rich": [30, 0], "poor": [0, 10]}, index=["hill", "port"]))
    >>> minutes = pd.DataFrame({"from_id": ["hill", "port"], "to_id": ["library"] * 2, "travel_cost": [10.0, 5.0]})
    >>> access_weighted_exposure(quarters, minutes, cutoff=15)
                rich  poor  people  people_left_out
    group
    rich        0.75  0.25    30.0              0.0
    poor        0.75  0.25    10.0              0.0
    all people  0.75  0.25    40.0              0.0
    """
    require_groups(groups)
    zones = groups.people.index
    people = groups.people.to_numpy(dtype=np.float64)
    table = _table(costs, cutoff)
    visits = _visits(table, zones, opportunities, cutoff, decay)
    reach = np.bincount(visits.zone, visits.weight, minlength=len(zones))
    served = reach > 0
    if not people[served].any():
        raise InputError(
            "costs", "nobody reaches a place", "Raise the cutoff, or check that the ids are those of the groups."
        )
    chance = visits.weight / reach[visits.zone]
    visitors = np.column_stack(
        [np.bincount(visits.place, chance * column[visits.zone], minlength=visits.places) for column in people.T]
    )
    everyone = np.column_stack([visitors, visitors.sum(axis=1)])
    size = everyone[:, -1:]
    found = np.divide(visitors, size, out=np.zeros_like(visitors), where=size > 0)
    total = everyone.sum(axis=0)
    met = np.einsum("jg,jh->gh", everyone, found)
    met = np.divide(met, total[:, None], out=np.full_like(met, np.nan), where=total[:, None] > 0)
    result = pd.DataFrame(
        met, index=pd.Index([*groups.names, EVERYONE], name="group", dtype=object), columns=pd.Index(groups.names)
    )
    counted, left = people[served].sum(axis=0), people[~served].sum(axis=0)
    result["people"] = np.append(counted, counted.sum())
    result[UNSERVED] = np.append(left, left.sum())
    result.attrs.update(
        {
            "measure": "access_weighted_exposure",
            "unit": "share",
            "direction": "none",
            "cutoff": float(cutoff),
            "groups": groups.how,
            "n": int(served.sum()),
            "people": float(counted.sum()),
            "left_out": float(left.sum()),
            "sources": [record.as_dict() for record in sources_of(groups, table, opportunities)],
            "findings": [
                item.as_dict()
                for item in dict.fromkeys(
                    [*findings_of(groups, table, opportunities), *_findings(groups, left.sum(), int((~served).sum()))]
                )
            ],
        }
    )
    return result


class _Visits(NamedTuple):
    """Zones, the places that can be visited from them, and how much each place draws."""

    zone: NDArray[np.int64]
    place: NDArray[np.int64]
    weight: Floats
    places: int


def _table(costs: Any, cutoff: float) -> pd.DataFrame:
    if isinstance(cutoff, bool) or not isinstance(cutoff, int | float | np.number) or not 0 < cutoff < np.inf:
        raise InputError("cutoff", f"it is {cutoff!r}", "Give a travel cost above 0.")
    known = getattr(costs, "cutoff", None)
    table = costs if isinstance(costs, pd.DataFrame) else None
    if table is None and hasattr(costs, "to_frame"):
        table = costs.to_frame()
    if not isinstance(table, pd.DataFrame):
        raise InputError("costs", f"they are {a_kind(costs)}", f"Give a table with {', '.join(COLUMNS)}.")
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise InputError(
            "costs", f"there is no column {', '.join(missing)}", f"Rename the columns to {', '.join(COLUMNS)}."
        )
    known = table.attrs.get("cutoff", known)
    if isinstance(known, int | float) and known < cutoff:
        raise InputError(
            "cutoff",
            f"it is {cutoff:g}, but the travel costs were searched only up to {known:g}",
            "Ask for travel costs with a cutoff at least as high.",
        )
    return table.copy(deep=False)


def _visits(
    table: pd.DataFrame,
    zones: pd.Index[Any],
    opportunities: pd.Series[Any] | None,
    cutoff: float,
    decay: Callable[[Any], Any] | None,
) -> _Visits:
    cost = costs_of(table["travel_cost"], "travel_cost", unit=table.attrs.get("unit"))
    refuse_rows(np.isnan(cost) | (cost < 0), table.index, "costs", "costs are missing or negative", "Leave them out.")
    add_findings(table, *findings_of_costs(table["travel_cost"], cost))
    zone = zones.get_indexer(pd.Index(table["from_id"]))
    refuse_rows(
        zone < 0, pd.Index(table["from_id"]), "costs", "rows start at an id that is no zone", "Use the same ids."
    )
    names = pd.Index(table["to_id"].unique()).sort_values() if opportunities is None else opportunities.index
    size = np.ones(len(names))
    if opportunities is not None:
        require_ids(opportunities, "opportunities")
        size = flat_numbers(opportunities, "opportunities")
        wrong = ~np.isfinite(size) | (size < 0)
        refuse_rows(wrong, names, "opportunities", "sizes are missing, infinite or negative", "Give 0 or more.")
    place = names.get_indexer(pd.Index(table["to_id"]))
    refuse_rows(
        place < 0,
        pd.Index(table["to_id"]),
        "costs",
        "rows end at an id that is no place",
        "Give a size for each place.",
    )
    pair = zone * np.int64(len(names)) + place
    twice: NDArray[np.bool_] = np.asarray(pd.Series(pair).duplicated())
    refuse_rows(twice, table.index, "costs", "rows repeat a pair", "Keep the lowest cost of each pair.")
    order = np.argsort(pair, kind="stable")
    order = order[(cost <= cutoff)[order]]
    weight = size[place[order]]
    if decay is not None:
        drawn = np.asarray(decay(cost[order]), dtype=np.float64)
        if drawn.shape != weight.shape or not np.isfinite(drawn).all() or (drawn < 0).any():
            raise InputError("decay", "it gives weights that are negative or infinite", "Give one of access.decay.")
        weight = weight * drawn
    return _Visits(zone[order], place[order], weight, len(names))


def _findings(groups: Groups, left: float, zones: int) -> list[Finding]:
    findings = []
    if left:
        findings.append(
            Finding(
                "people_who_reach_no_place",
                "warning",
                f"{left:,.0f} people in {zones:,} zones reach no place and meet nobody there; they are in the column "
                f"{UNSERVED} and in no share.",
                count=zones,
                people=float(left),
            )
        )
    if UNKNOWN in groups.names:
        unknown = float(groups.people[UNKNOWN].sum())
        message = f"The group of {unknown:,.0f} people is not known; they have a row and a column of their own."
        findings.append(Finding("people_of_unknown_group", "warning", message, people=unknown))
    return findings
