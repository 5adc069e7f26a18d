"""What can be reached at every time of departure, and what most departures reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice.access._cost_tables import column_of, opportunities_in_order
from spatialjustice.network.transit.departures.arrivals import reached_by_departure
from spatialjustice.network.transit.departures.running import refuse_limits
from spatialjustice.network.transit.travel_costs import TransitCosts, rank_of, share_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def cumulative_by_departure(
    costs: TransitCosts,
    opportunities: pd.Series[Any] | str | None = None,
    *,
    cutoff: float,
    summaries: Sequence[float | Literal["median"]] | None = None,
) -> pd.DataFrame:
    r"""Count the opportunities that each origin reaches within a cutoff, for every departure of the window.

    .. math:: A_i(d) = \sum_j O_j \, 1[c_{ij}(d) \le c_0]

    Parameters
    ----------
    costs
        Travel costs by public transport: what :meth:`TransitNetwork.travel_costs` returns.
    opportunities
        How much each destination offers, on the destinations' ids, 0 or more; None counts every destination as one.
    cutoff
        Minutes, closed.
    summaries
        None gives a column for each departure; ``"median"`` and shares such as 0.9 give what at least this share of
        the departures reaches.

    Returns
    -------
    pandas.DataFrame
        On the origins' index, in the unit of the opportunities; higher is better. Without ``summaries`` a column for
        each departure, named by its time of day. With them two columns for each share: ``q90``, the access that at
        least 90 % of departures offer, and ``at_q90``, the access at the times that at least 90 % of departures keep to
        (:func:`cumulative_cutoff` of travel costs with that summary). They differ: no single departure need reach all
        that most departures reach, and one departure may make up with one place for another. NaN for origins outside
        the data; 0 where nothing is reached, also where the origin is off the network.

    Raises
    ------
    InputError
        When the costs are not those of public transport, are those of arrivals or within a limit of vehicles or money,
        ids do not match, a value is negative or missing, or the cutoff is higher than that of the costs.

    References
    ----------
    Conway, Byrd and van der Linden (2017), Evidence-based transit and land use sketch planning using interactive
    accessibility methods, Transportation Research Record 2653: 45-53.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd
    >>> from spatialjustice.network import from_gtfs, straight_lines
    >>> tables = {
    ...     "agency.txt": "agency_name,agency_url,agency_timezone\nTown,http://a,Europe/Madrid",
    ...     "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\na,A,28.1,-15.4\nb,B,28.2,-15.4",
    ...     "routes.txt": "route_id,route_short_name,route_type\n1,One,3",
    ...     "trips.txt": "route_id,service_id,trip_id\n1,all,early",
    ...     "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    ...     "early,7:15:00,7:15:00,a,1\nearly,7:25:00,7:25:00,b,2",
    ...     "calendar_dates.txt": "service_id,date,exception_type\nall,20240110,1",
    ... }
    >>> places = gpd.GeoSeries.from_xy([-15.4, -15.4], [28.101, 28.199], index=["home", "work"], crs=4326)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in tables.items():
    ...         _ = (Path(folder) / name).write_text(text)
    ...     network = from_gtfs(folder, straight_lines(places), date="2024-01-10")
    >>> costs = network.travel_costs(places[:1], places[1:], departures=("07:00", "07:20"), every=300)
    >>> cumulative_by_departure(costs, cutoff=20).loc["home"].to_dict()
    {'07:00:00': 0.0, '07:05:00': 0.0, '07:10:00': 1.0, '07:15:00': 0.0}
    >>> cumulative_by_departure(costs, cutoff=20, summaries=[0.25, 0.5]).loc["home"].to_dict()
    {'q25': 1.0, 'at_q25': 1.0, 'q50': 0.0, 'at_q50': 0.0}
    """
    given: Any = costs
    if not isinstance(given, TransitCosts):
        advice = "Give what travel_costs of a network with a timetable returns."
        raise InputError("costs", f"it is {a_kind(given)}", advice)
    if getattr(costs.window, "arriving", False):
        raise InputError("costs", "their window is one of arrivals", "Ask for travel costs of departures.")
    for limited in (costs.network, getattr(costs, "limits", None)):
        refuse_limits(limited, "max_rides", "max_fare", "rides", "money")
    limit = int(np.floor(costs.checked(cutoff) * 60 + 1e-6))
    offered = column_of(opportunities, costs, "opportunities")
    values, elsewhere = opportunities_in_order(offered, costs)
    value = np.ones(len(costs.to_ids)) if values is None else values
    shares = None if summaries is None else [share_of(one) for one in summaries]
    window = costs.window
    names = _names(window.first, window.step, window.number) if shares is None else _of_shares(shares)
    found = np.zeros((len(costs.from_ids), len(names)))
    for begin, totals, times in reached_by_departure(costs, value, limit):
        rows = slice(begin, begin + len(totals))
        found[rows] = totals if shares is None else _summed(totals, times, value, shares)
    found[costs._outside] = np.nan  # noqa: SLF001 - of this room's relation
    frame = pd.DataFrame(found, index=costs.from_ids, columns=names)
    named = offered is not None and offered.name is not None
    frame.attrs = {
        "measure": "cumulative_by_departure",
        "unit": str(offered.name) if named else "opportunities",
        "direction": "higher is better",
        "cutoff": float(cutoff),
        "cutoff_unit": "minutes",
        "departures": window.label,
        "every": window.step,
        "left_out": {**costs.left_out(), "opportunities_elsewhere": elsewhere},
        "sources": [record.as_dict() for record in costs.sources],
        "findings": [finding.as_dict() for finding in costs.findings],
    }
    return frame


def _names(first: int, step: int, number: int) -> list[str]:
    times = range(first, first + step * number, step)
    return [f"{time // 3600:02d}:{time // 60 % 60:02d}:{time % 60:02d}" for time in times]


def _of_shares(shares: list[float]) -> list[str]:
    if not shares or len(set(shares)) < len(shares):
        raise InputError("summaries", f"they are {shares!r}", "Give at least one share of departures, each once.")
    return [f"{kind}q{100 * share:g}" for share in shares for kind in ("", "at_")]


def _summed(
    totals: NDArray[np.float64], times: NDArray[np.int32], values: NDArray[np.float64], shares: list[float]
) -> NDArray[np.float64]:
    """Return, by origin, what most departures reach, and what is reached in the times that most departures keep to."""
    falling = -np.sort(-totals, axis=1)
    columns = []
    for share in shares:
        rank = rank_of(share, totals.shape[1])
        columns += [falling[:, rank], ((times > rank) * values).sum(axis=1)]
    return np.column_stack(columns)
