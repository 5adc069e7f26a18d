"""Served but not connected: what is on offer beside what is used."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.ledger import Ledger
from spatialjustice.digital._people import UNKNOWN, people_in, shares_in, with_attrs
from spatialjustice.digital.exclusion import _labels
from spatialjustice.inequality._inputs import Floats, Values, aligned_by_id, checked_whole_number
from spatialjustice.inequality.distribution.gini_and_lorenz import weighted_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = {2: ("low", "high"), 3: ("low", "middle", "high")}


def served_not_connected(available: pd.Series[float], used: pd.Series[float], *, people: Values) -> pd.DataFrame:
    r"""Set the share to whom a connection is offered against the share who use one.

    Where everybody who uses a connection is among those it is offered to, as is meant, exactly ``available - used`` are
    served but not connected. Definitions differ, though (availability by block, use by speed measured), so that the
    bounds which hold whatever they are stand beside it: at least ``max(0, available - used)`` and at most
    ``min(available, 1 - used)``. Zones where more use than are offered show that the definitions do not fit.

    In signs: :math:`a_i - u_i`, what is offered less what is used, within :math:`\max(0, a_i - u_i)` and
    :math:`\min(a_i, 1 - u_i)`.

    Parameters
    ----------
    available
        Share of each zone's people to whom a connection is offered, from 0 to 1; missing where it is not known.
    used
        Share of each zone's people who use one; for example of homes with broadband.
    people
        People, or households, of each zone.

    Returns
    -------
    DataFrame
        On the index of ``available``: ``gap``, available less used, from -1 to 1; ``connected``, ``not_connected``
        (served, but not connected, at least), ``not_served`` and ``unknown``: people, which add up to those of the
        zone; ``not_connected_at_most``; ``more_used_than_offered``. Where more use than are offered, ``connected``
        counts those who use, and ``not_served`` the rest. ``attrs["together"]`` are the sums.

    Raises
    ------
    PopulationError
        When people are missing, negative or nowhere.
    InputError
        When ids differ, or a share is below 0 or above 1.

    References
    ----------
    Fréchet, M. (1935). Généralisation du théorème des probabilités totales. Fundamenta Mathematicae, 25, 379-387.

    Examples
    --------
    >>> found = served_not_connected(pd.Series([0.9]), pd.Series([0.3]), people=[100])
    >>> found[["connected", "not_connected", "not_served", "not_connected_at_most"]].round(6).loc[0].tolist()
    [30.0, 60.0, 10.0, 70.0]
    """
    offered = shares_in(available, "available")
    shares_in(used, "used")
    using = np.clip(aligned_by_id(used, "used", available, "available"), 0.0, 1.0)
    counts = people_in(people, available, "available")
    known = ~np.isnan(offered) & ~np.isnan(using)
    n = np.where(known, counts, 0.0)
    a, u = np.where(known, offered, 0.0), np.where(known, using, 0.0)
    columns: dict[str, Any] = {
        "gap": np.where(known, a - u, np.nan),
        "connected": n * u,
        "not_connected": n * np.maximum(0.0, a - u),
        "not_served": n * (1 - np.maximum(a, u)),
        UNKNOWN: np.where(known, 0.0, counts),
        "not_connected_at_most": n * np.minimum(a, 1 - u),
        "more_used_than_offered": known & (u > a),
    }
    together = {name: math.fsum(columns[name]) for name in ("connected", "not_connected", "not_served", UNKNOWN)}
    Ledger().record(
        "served but not connected",
        "people",
        before=math.fsum(counts),
        after=math.fsum(together.values()) - together[UNKNOWN],
        elsewhere={UNKNOWN: together[UNKNOWN]},
    )
    together["not_connected_at_most"] = math.fsum(columns["not_connected_at_most"])
    frame = pd.DataFrame(columns, index=available.index)
    return with_attrs(
        frame,
        "served_not_connected",
        [available, used, people],
        findings=_remarks(columns, counts),
        unit="people",
        direction="none",
        together=together,
        people=math.fsum(counts),
    )


def _remarks(columns: dict[str, Any], counts: Floats) -> list[Finding]:
    found = []
    more = columns["more_used_than_offered"]
    if more.any():
        concerned = math.fsum(counts[more])
        message = (
            f"In {int(more.sum()):,} zones with {concerned:,.0f} people more use a connection than are said to be "
            "offered one: the two are not defined alike."
        )
        found.append(Finding("more_used_than_offered", "warning", message, count=int(more.sum()), people=concerned))
    lost = np.isnan(columns["gap"])
    if lost.any():
        concerned = math.fsum(counts[lost])
        message = f"For {int(lost.sum()):,} zones with {concerned:,.0f} people one of the shares is not known."
        found.append(Finding("connection_unknown", "warning", message, count=int(lost.sum()), people=concerned))
    return found


def supply_adoption_classes(
    supply: pd.Series[float],
    adoption: pd.Series[float],
    *,
    k: int = 3,
    people: Values | None = None,
    breaks: tuple[Sequence[float], Sequence[float]] | None = None,
) -> pd.Series[Any]:
    """Sort zones by supply and adoption at once, for a two-variable map.

    Definition: each of the two is cut at its breaks, and a zone has the pair of its classes.

    Parameters
    ----------
    supply, adoption
        Any two numbers of each zone, such as availability and use; missing where they are not known.
    k
        Classes of each, 2 or 3.
    people
        People of each zone: classes then hold equally many people, as far as whole zones allow; None: equally many
        zones.
    breaks
        Ends of the classes of supply and of adoption, ``k - 1`` of each, rising; a zone exactly at an end belongs to
        the lower class. None takes quantiles.

    Returns
    -------
    Series
        On the index of ``supply``, categorical, ``"supply low, adoption low"`` and so on, ``"unknown"`` last.
        ``attrs["breaks"]`` and ``attrs["counts"]``.

    Raises
    ------
    InputError
        When ids differ, ``k`` is not 2 or 3, or breaks do not rise (with many equal values, give your own).

    References
    ----------
    Own definition: pairs of classes as described above, with no source in the literature.

    Examples
    --------
    >>> found = supply_adoption_classes(pd.Series([1, 9.0]), pd.Series([9, 1.0]), k=2, breaks=([5], [5]))
    >>> found.tolist()
    ['supply low, adoption high', 'supply high, adoption low']
    """
    if checked_whole_number(k, "k", least=2) not in WORDS:
        raise InputError("k", f"it is {k}", "Choose 2 or 3: more classes of two variables cannot be told apart.")
    first = supply.to_numpy(dtype=np.float64, na_value=np.nan)
    second = aligned_by_id(adoption, "adoption", supply, "supply")
    known = np.isfinite(first) & np.isfinite(second)
    if not known.any():
        raise InputError("supply", "no zone has both numbers", "Check that both belong to the same zones.")
    weights = np.ones(len(first)) if people is None else people_in(people, supply, "supply")
    ends = []
    for which, (values, name) in enumerate(((first, "supply"), (second, "adoption"))):
        if breaks is None:
            at = [cut / k for cut in range(1, k)]
            here = pd.Series(weights[known]) if weights[known].any() else None
            ends.append([float(weighted_quantile(values[known], part, weights=here)) for part in at])
        else:
            ends.append([float(value) for value in breaks[which]])
        if len(ends[which]) != k - 1 or any(b <= a for a, b in zip(ends[which], ends[which][1:], strict=False)):
            raise InputError("breaks", f"those of {name} are {ends[which]}", f"Give {k - 1}, each above the last.")
    words = WORDS[k]
    classes = [f"supply {one}, adoption {other}" for one in words for other in words] + [UNKNOWN]
    # Closed above: exactly an end belongs to the lower class.
    rank = [np.searchsorted(end, values, side="left") for end, values in zip(ends, (first, second), strict=True)]
    place = np.where(known, rank[0] * k + rank[1], len(classes) - 1)
    facts = {"breaks": {"supply": ends[0], "adoption": ends[1]}, "weights": "zones" if people is None else "people"}
    return _labels(place, classes, supply.index, "supply_adoption_classes", [supply, adoption], **facts)
