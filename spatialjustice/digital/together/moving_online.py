"""What it gives and takes to move a service online and close places: who gains, who loses, and by how much."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spatialjustice._core.ledger import Ledger
from spatialjustice.digital._by_group import VALUES
from spatialjustice.digital._people import UNKNOWN, with_attrs
from spatialjustice.digital.exclusion import unknown_finding
from spatialjustice.digital.together.remote import columns_of, counted_in, exactly, near_of, remote_of, worth_of
from spatialjustice.inequality._inputs import aligned_by_id

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Values

MOVED = (
    "keep a place",
    "gain a place",
    "remote instead of a place",
    "lose all access",
    "gain remote access",
    "still without",
)
"""What becomes of people when a service moves online."""

CHANGE = "change"
"""People counted by what their access is worth: after, less before."""


def moving_online(
    before: Values,
    after: Values,
    connected: Values,
    able: Values | pd.DataFrame | None = None,
    *,
    people: Values,
    remote_share: float = 1.0,
    remote_value: float = 1.0,
) -> pd.DataFrame:
    r"""Count who gains and who loses when a service is given online from now on and places of it close.

    Before, a share :math:`n_0` of a zone's people reaches a place and nobody the service online; after, a share
    :math:`n_1` reaches a place, and whoever is connected and able reaches it online as well. People near a place that
    stays are taken to be among those near one before (places only close, or only open, for the people of one zone), so
    that :math:`n_0 - n_1` lose a place where that is above 0. Who of them can go online instead is known within
    Fréchet's bounds, as in :func:`physical_and_remote`, and so is who gains a service without ever having been near
    one.

    Parameters
    ----------
    before, after
        Share of each zone's people who reach a place now, and after places have closed: shares, yes and no, or
        statuses.
    connected, able
        As :func:`physical_and_remote`.
    people
        People, or households, of each zone.
    remote_share, remote_value
        As :func:`physical_and_remote`: what somebody has who is reached online only, beside 1 at a place.

    Returns
    -------
    DataFrame
        On the index of ``before``, people as ``…: lowest``, ``…: independent`` and ``…: highest``: ``keep a place``,
        ``gain a place`` (both exact), ``remote instead of a place``, ``lose all access``, ``gain remote access`` and
        ``still without``, whose independent numbers add up to the people of the zone with ``unknown``; and ``change``:
        what access is worth after, less before, in people who reach a place (below 0 where more is taken than given).

    Raises
    ------
    PopulationError
        When people are missing, negative or nowhere.
    InputError
        When ids differ, or a share is below 0 or above 1.

    Notes
    -----
    The change weighs a gain of some against a loss of others. Whether that is just is not in the number: read who they
    are in :func:`together_by_group`.

    References
    ----------
    Fréchet, M. (1935). Généralisation du théorème des probabilités totales. Fundamenta Mathematicae, 25, 379-387.

    Examples
    --------
    Of 100 people 60 were near, 20 are after; 70 of 100 can go online:

    >>> found = moving_online([0.6], [0.2], [0.7], people=[100]).round(9)
    >>> found.loc[0, ["lose all access: lowest", "lose all access: independent", "lose all access: highest"]].tolist()
    [0.0, 12.0, 30.0]
    >>> found.loc[0, ["change: lowest", "change: highest"]].tolist()
    [10.0, 30.0]
    """
    near = near_of(before, "before")
    later = pd.Series(aligned_by_id(near_of(after, "after"), "after", near, "before"), near.index)
    remote, conditions = remote_of(connected, able, near, "before")
    worth = worth_of(remote_share, remote_value)
    counts = counted_in(people, near, "before")
    known = near.notna().to_numpy() & later.notna().to_numpy() & remote.known
    first, last = np.where(known, near, 0.0), np.where(known, later, 0.0)
    there = np.where(known, counts, 0.0)
    lost, never = np.maximum(0.0, first - last), 1.0 - np.maximum(first, last)
    online = remote.within(1.0 - last)
    parts = {
        "keep a place": exactly(np.minimum(first, last)),
        "gain a place": exactly(np.maximum(0.0, last - first)),
        "remote instead of a place": remote.within(lost),
        "lose all access": remote.outside(lost),
        "gain remote access": remote.within(never),
        "still without": remote.outside(never),
        CHANGE: {value: last - first + worth * online[value] for value in VALUES},
    }
    columns = columns_of(parts, there)
    columns[UNKNOWN] = np.where(known, 0.0, counts)
    unknown = math.fsum(columns[UNKNOWN])
    summed = math.fsum(math.fsum(columns[f"{label}: independent"]) for label in MOVED)
    Ledger().record("moving online", "people", before=math.fsum(counts), after=summed, elsewhere={"unknown": unknown})
    return with_attrs(
        pd.DataFrame(columns, index=near.index),
        "moving_online",
        [before, after, connected, able, people],
        findings=unknown_finding(unknown, int((~known).sum())),
        unit="people",
        direction="none",
        people=math.fsum(counts),
        conditions=list(conditions),
        remote_share=float(remote_share),
        remote_value=float(remote_value),
        method="Fréchet bounds within each zone; places only close, or only open, for the people of a zone",
    )
