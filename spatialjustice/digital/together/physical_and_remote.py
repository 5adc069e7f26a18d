"""Who reaches a service at a place, online, both or neither, where it is given at places and online as well."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spatialjustice._core.ledger import Ledger
from spatialjustice.digital._by_group import VALUES
from spatialjustice.digital._people import UNKNOWN, with_attrs
from spatialjustice.digital.exclusion import unknown_finding
from spatialjustice.digital.together.remote import columns_of, counted_in, near_of, remote_of, worth_of

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Values

CLASSES = ("both", "only physical", "only remote", "neither")
"""How people reach a service that is given at places and online."""

ACCESS = "access"
"""People counted by what their access is worth."""


def physical_and_remote(
    physical: Values,
    connected: Values,
    able: Values | pd.DataFrame | None = None,
    *,
    people: Values,
    remote_share: float = 1.0,
    remote_value: float = 1.0,
) -> pd.DataFrame:
    r"""Count who reaches a service at a place, online, both ways or not at all, where it is given at both.

    Being online is not enough: the service counts as reached online for people who are connected **and** able to use it
    (a device, skills). Where only the share of people is known who are near (n), connected (c) and able (b), nobody can
    say who is all of it. Who has both lies between :math:`\max(0, n + c + b - 2)` and :math:`\min(n, c, b)`; who has
    only the remote between :math:`\max(0, (1 - n) + c + b - 2)` and :math:`\min(1 - n, c, b)` (Fréchet's bounds of
    several events); the other two are the rest of n and of 1 - n. Every end can be true. Between them lies the product,
    true if the three had nothing to do with each other within the zone. Where a zone is near or far as a whole, the
    ends are those of being connected and able alone; where each share is 0 or 1 the three are the same, and exact.

    Parameters
    ----------
    physical
        Share of each zone's people who reach a place of the service, yes and no, or the statuses of
        :func:`spatialjustice.access.status` (``ok`` is near; zones outside the data are unknown).
    connected
        Share of each zone's people (or households) with a connection.
    able
        Share of those who could use the service online, had they a connection, or a frame with a column for each
        condition, all of which are needed (a device, skills); proxies must be told as such. None: whoever is connected
        is able.
    people
        People, or households, of each zone.
    remote_share
        The part of the service that is given online, from 0 to 1.
    remote_value
        What a remote contact counts beside one at a place, from 0 to 1.

    Returns
    -------
    DataFrame
        On the index of ``physical``: for each of ``both``, ``only physical``, ``only remote`` and ``neither`` people as
        ``…: lowest``, ``…: independent`` and ``…: highest``; ``access: …``: people near a place, and those reached
        online only counted with ``remote_share`` times ``remote_value``; ``unknown``: all people of zones that lack a
        share, whose other columns are 0. In every zone the independent numbers of the four classes and the unknown add
        up to its people; their lowest (highest) numbers cannot all be true at once.

    Raises
    ------
    PopulationError
        When people are missing, negative or nowhere.
    InputError
        When ids differ, or a share is below 0 or above 1.

    Notes
    -----
    Shares of households are told as people only where somebody gives people; the result is of what ``people`` counts.
    Sampling errors of the shares are not in the bounds.

    References
    ----------
    Fréchet, M. (1935). Généralisation du théorème des probabilités totales. Fundamenta Mathematicae, 25, 379-387.
    Rüschendorf, L. (1981). Sharpness of Fréchet-bounds. Zeitschrift für Wahrscheinlichkeitstheorie, 57, 293-302.

    Examples
    --------
    Half are near, nine of ten connected, eight of ten able: at least two of ten have both, at most five.

    >>> found = physical_and_remote([0.5], [0.9], [0.8], people=[100])
    >>> found.loc[0, ["both: lowest", "both: independent", "both: highest"]].round(9).tolist()
    [20.0, 36.0, 50.0]
    >>> found.loc[0, ["only remote: lowest", "only remote: highest"]].round(9).tolist()
    [20.0, 50.0]
    """
    near = near_of(physical, "physical")
    remote, conditions = remote_of(connected, able, near, "physical")
    worth = worth_of(remote_share, remote_value)
    counts = counted_in(people, near, "physical")
    share = near.to_numpy(dtype=float)
    known = ~np.isnan(share) & remote.known
    n, there = np.where(known, share, 0.0), np.where(known, counts, 0.0)
    far = remote.within(1.0 - n)
    parts = {
        "both": remote.within(n),
        "only physical": remote.outside(n),
        "only remote": far,
        "neither": remote.outside(1.0 - n),
        ACCESS: {value: n + worth * far[value] for value in VALUES},
    }
    columns = columns_of(parts, there)
    columns[UNKNOWN] = np.where(known, 0.0, counts)
    unknown = math.fsum(columns[UNKNOWN])
    summed = math.fsum(math.fsum(columns[f"{label}: independent"]) for label in CLASSES)
    Ledger().record(
        "physical and remote", "people", before=math.fsum(counts), after=summed, elsewhere={"unknown": unknown}
    )
    return with_attrs(
        pd.DataFrame(columns, index=near.index),
        "physical_and_remote",
        [physical, connected, able, people],
        findings=unknown_finding(unknown, int((~known).sum())),
        unit="people",
        direction="none",
        people=math.fsum(counts),
        conditions=list(conditions),
        remote_share=float(remote_share),
        remote_value=float(remote_value),
        method="Fréchet bounds within each zone",
    )
