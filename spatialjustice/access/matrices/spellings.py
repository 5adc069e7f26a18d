"""How routers and packages spell the columns of a table of pairs, and the units of its costs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import InputError
from spatialjustice._core.names.suggest import nearest_word

if TYPE_CHECKING:
    from collections.abc import Iterable

FROM = frozenset({
    *("from", "fromid", "fromnode", "fromzone", "origin", "originid", "originzone", "orig", "origid"),
    *("source", "sourceid", "start", "startid", "i", "idfrom", "idorigin", "idorig"),
})  # fmt: skip
TO = frozenset({
    *("to", "toid", "tonode", "tozone", "destination", "destinationid", "destinationzone", "dest", "destid"),
    *("target", "targetid", "end", "endid", "j", "idto", "iddestination", "iddest"),
})  # fmt: skip
"""Small letters and digits of what holds the ids: r5py, r5r (also ``fromId``), cafein and accessibility write
``from_id`` and ``to_id``, PySAL access ``origin`` and ``dest``, QGIS and ArcGIS ``origin_id`` or ``OriginID``."""

COST = re.compile(
    r"(travel|total)?(cost|time|traveltime|duration|distance|dist|length|impedance|minutes|seconds|metres|meters)"
    r"(p\d{1,3}|min|mins|minutes|s|sec|secs|seconds|h|hours|m|metres|meters|km|kilometres|kilometers|miles)?"
)
"""Small letters and digits of what holds the costs: ``travel_cost``, ``travel_time``, ``travel_time_p50``,
``total_duration``, ``Total_Minutes``, ``DURATION_H``, ``DIST_KM`` …"""

TIMES = {"milliseconds": 1 / 60_000, "seconds": 1 / 60, "minutes": 1.0, "hours": 60.0}
LENGTHS = {"metres": 1.0, "kilometres": 1000.0, "miles": 1609.344, "feet": 0.3048}
"""How many minutes, or metres, one of each is (miles and feet: the international ones, of 1959)."""

UNITS = {
    **dict.fromkeys(["ms", "msec", "millisecond"], "milliseconds"),
    **dict.fromkeys(["s", "sec", "secs", "second"], "seconds"),
    **dict.fromkeys(["min", "mins", "minute"], "minutes"),
    **dict.fromkeys(["h", "hr", "hrs", "hour"], "hours"),
    **dict.fromkeys(["metre", "meter", "meters"], "metres"),
    **dict.fromkeys(["km", "kilometre", "kilometer", "kilometers"], "kilometres"),
    **dict.fromkeys(["mi", "mile"], "miles"),
    **dict.fromkeys(["ft", "foot"], "feet"),
    **{unit: unit for unit in (*TIMES, *LENGTHS)},
}
"""What a unit is called → its name here. A lone m may be minutes or metres and is asked for."""


def plain(name: object) -> str:
    """Return the small letters and digits of a column's name."""
    return re.sub(r"[^a-z0-9]", "", str(name).lower())


def unit_meant(unit: str) -> str:
    """Return the name of a unit; one that is no time and no length (money, grams) keeps its own.

    Raises
    ------
    InputError
        When it could be several, or is nearly one of those that are known.

    Examples
    --------
    >>> unit_meant("km"), unit_meant("BRL")
    ('kilometres', 'BRL')
    """
    if not isinstance(unit, str) or not unit.strip():
        raise InputError("unit", f"it is {unit!r}", "Say what the costs are in, for example “minutes”.")
    written = unit.strip().lower()
    if written in UNITS:
        return UNITS[written]
    near = nearest_word(written, UNITS, alike=0.8)
    if written == "m" or near is not None:
        meant = "minutes or metres" if written == "m" else UNITS[str(near)]
        raise InputError("unit", f"it is “{unit}”", f"Did you mean {meant}? Write it out.")
    return unit.strip()


def unit_in_name(name: object) -> str | None:
    """Return the unit that a column's own name says, if it says one.

    Examples
    --------
    >>> unit_in_name("Total_Minutes"), unit_in_name("DIST_KM"), unit_in_name("travel_time")
    ('minutes', 'kilometres', None)
    """
    last = re.split(r"[^a-z]+", str(name).lower())[-1]
    sure = last in {"minutes", "seconds", "hours", "metres", "meters", "kilometres", "kilometers", "miles"}
    return UNITS[last] if sure or (last in {"min", "mins", "sec", "secs", "h", "km"} and last != plain(name)) else None


def converted(unit: str) -> tuple[float, str]:
    """Return by what costs in a unit are multiplied, and what they are in then: minutes, metres or the same unit."""
    if unit in TIMES:
        return TIMES[unit], "minutes"
    return (LENGTHS[unit], "metres") if unit in LENGTHS else (1.0, unit)


def cost_columns(columns: Iterable[Any]) -> list[Any]:
    """Return the columns that may hold the costs; ``travel_cost``, the name used here, goes before all others."""
    found = [name for name in columns if COST.fullmatch(plain(name))]
    own = [name for name in found if name == "travel_cost"]
    return own or found
