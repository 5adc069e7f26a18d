"""Supply per person where a part of it is given online and shared by the connected everywhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.ledger import Ledger
from spatialjustice.access import floating_catchment_area
from spatialjustice.digital._by_group import VALUES
from spatialjustice.digital._people import with_attrs
from spatialjustice.digital.together.remote import counted_in, remote_of
from spatialjustice.inequality._inputs import Floats, Values, aligned_by_id, checked_share

if TYPE_CHECKING:
    from spatialjustice.access._cost_tables import AnyCosts


def supply_with_remote(  # noqa: PLR0913 - places, people, conditions, and how far and how much
    costs: AnyCosts | pd.DataFrame,
    *,
    supply: pd.Series[Any],
    people: pd.Series[Any],
    connected: Values,
    able: Values | pd.DataFrame | None = None,
    remote_share: float,
    remote_value: float = 1.0,
    cutoff: float | None = None,
    decay: Any = None,
) -> pd.DataFrame:
    r"""Measure the supply for each person where a part of it is given online, to whoever is connected and able.

    A part q of what every place holds is given online. The rest is shared among those who come to the place
    (:func:`spatialjustice.access.floating_catchment_area`); the part online, :math:`q \sum_j S_j`, is shared alike
    among all who are connected and able, wherever they live, at most once for each of them. A zone with a share r of
    such people has :math:`q \sum_j S_j \, r_i / \sum_k P_k r_k` for each of its people. As r is only known within
    bounds (see :func:`physical_and_remote`), so is that: it is lowest where as few as possible in the zone, and as many
    as possible elsewhere, can go online.

    Parameters
    ----------
    costs
        What :meth:`Network.travel_costs` returns, or a frame with ``from_id``, ``to_id``, ``travel_cost``.
    supply
        How much there is at each place (doctors, hours), on the destinations' ids, 0 or more.
    people
        People of each origin, on the origins' ids.
    connected, able
        As :func:`physical_and_remote`, on the origins' ids.
    remote_share
        The part of the supply that is given online, from 0 to 1.
    remote_value
        What supply online counts beside supply at a place, from 0 to 1.
    cutoff, decay
        As :func:`spatialjustice.access.floating_catchment_area`; one of the two is needed.

    Returns
    -------
    DataFrame
        On the origins' index, supply per person: ``places``; ``remote: lowest``, ``…: independent``, ``…: highest``, as
        given, NaN (independent) where a share is not known, with bounds for any share there; and ``together: …``,
        places plus remote times ``remote_value``. The independent remote supply of all people adds up to what is given
        online. ``attrs["left_out"]`` tells the supply at places that nobody reaches, and what is given online where
        nobody can take it.

    Raises
    ------
    InputError
        When ids differ, a share is below 0 or above 1, or neither decay nor cutoff is given.
    PopulationError
        When people are missing, negative or nowhere.

    Notes
    -----
    In the sum over all people, zones with unknown shares take part with the mean share of the others.

    References
    ----------
    As of :func:`spatialjustice.access.floating_catchment_area` for places, and of :func:`physical_and_remote` for the
    bounds; the part online is an own definition.

    Examples
    --------
    Half of 8 doctors works online. 40 people of ``a`` are near and 10 of them can go online, all 10 of ``b`` can:

    >>> pairs = pd.DataFrame({"from_id": ["a"], "to_id": [1], "travel_cost": [5.0]})
    >>> people, online = pd.Series({"a": 40.0, "b": 10.0}), pd.Series({"a": 0.25, "b": 1.0})
    >>> found = supply_with_remote(
    ...     pairs, supply=pd.Series({1: 8.0}), people=people, connected=online, remote_share=0.5, cutoff=10
    ... )
    >>> found[["places", "remote: independent", "together: independent"]].round(3).to_dict(orient="index")["a"]
    {'places': 0.1, 'remote: independent': 0.05, 'together: independent': 0.15}
    >>> float(found.loc["b", "together: independent"].round(3))
    0.2
    """
    part, value = checked_share(remote_share, "remote_share"), checked_share(remote_value, "remote_value")
    if cutoff is None and decay is None:
        raise InputError("cutoff", "neither cutoff nor decay is given", "Say how far people go to a place.")
    places = floating_catchment_area(costs, supply=supply * (1.0 - part), people=people, cutoff=cutoff, decay=decay)
    like = pd.Series(places.to_numpy(), places.index)
    counts = aligned_by_id(pd.Series(counted_in(people, people, "people"), people.index), "people", like, "costs")
    remote, conditions = remote_of(connected, able, like, "costs")
    given = part * math.fsum(supply)
    shares = _shares_online(remote.within(np.ones(len(like))), remote.known, counts)
    columns: dict[str, Floats] = {"places": places.to_numpy(dtype=float)}
    columns |= {f"remote: {name}": given * amounts for name, amounts in shares.items()}
    columns |= {f"together: {name}": columns["places"] + value * columns[f"remote: {name}"] for name in VALUES}
    taken = np.where(remote.known, columns["remote: independent"], 0.0)
    if remote.known.all():
        handed = math.fsum(counts * taken)
        Ledger().record(
            "supply online", "supply", before=given, after=handed,
            elsewhere={"nobody can take it": 0.0 if handed else given},
        )  # fmt: skip
    return with_attrs(
        pd.DataFrame(columns, index=like.index),
        "supply_with_remote",
        [places, connected, able],
        unit="supply per person",
        direction="higher is better",
        conditions=list(conditions),
        remote_share=part,
        remote_value=value,
        supply_online=given,
        left_out=dict(places.attrs["left_out"]),
    )


def _shares_online(shares: dict[str, Floats], known: Any, counts: Floats) -> dict[str, Floats]:
    """Return what part of the supply online each person of a zone has: least, independent, most."""
    low = np.where(known, shares[VALUES[0]], 0.0)
    high = np.where(known, shares[VALUES[2]], 1.0)
    living = known & (counts > 0)
    mean = float(np.average(shares[VALUES[1]][living], weights=counts[living])) if living.any() else 0.0
    middle = np.where(known, shares[VALUES[1]], mean)
    least, most, usual = math.fsum(counts * low), math.fsum(counts * high), math.fsum(counts * middle)
    found = {
        VALUES[0]: _ratio(low, counts * low + np.maximum(0.0, most - counts * high)),
        VALUES[1]: np.where(known, _ratio(middle, np.full(len(counts), usual)), np.nan),
        VALUES[2]: _ratio(high, counts * high + np.maximum(0.0, least - counts * low)),
    }
    return {name: np.asarray(amounts, dtype=float) for name, amounts in found.items()}


def _ratio(one: Floats, other: Floats) -> Floats:
    """Divide; where nobody can go online, nobody has anything of it."""
    return np.divide(one, other, out=np.zeros(len(one)), where=other > 0)
