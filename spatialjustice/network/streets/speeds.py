"""How fast cars may go: what a street's tags say, read strictly, and what is assumed where they say nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spatialjustice._core.numbers.digits import LATIN
from spatialjustice.network.streets.access_rules import Pace

if TYPE_CHECKING:
    from collections.abc import Mapping

HIGHEST = 200.0
"""Kilometres an hour above which a limit must be a mistake."""

WALKING = 5.0
"""What “walk” means where it stands for a limit: a walking pace."""

NO_LIMIT = 130.0
"""What “none” is taken as: the speed advised on German motorways, the only ones where it is common."""

WORDS = {"walk": WALKING, "none": NO_LIMIT}

MILE = 1.609344

UNITS = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": MILE, "knots": 1.852, "knot": 1.852}

GENERAL: dict[str, dict[str, float]] = {
    "AT": {"urban": 50, "rural": 100, "trunk": 100, "motorway": 130},
    "BE": {"urban": 50, "trunk": 120, "motorway": 120, "living_street": 20},
    "BE-BRU": {"urban": 30, "rural": 70, "trunk": 120, "motorway": 120, "living_street": 20},
    "BE-VLG": {"urban": 50, "rural": 70, "trunk": 120, "motorway": 120, "living_street": 20},
    "BE-WAL": {"urban": 50, "rural": 90, "trunk": 120, "motorway": 120, "living_street": 20},
    "BR": {"urban": 40, "rural": 100, "motorway": 110},
    "CH": {"urban": 50, "rural": 80, "trunk": 100, "motorway": 120},
    "CZ": {"urban": 50, "rural": 90, "trunk": 110, "motorway": 130},
    "DE": {"urban": 50, "rural": 100, "trunk": NO_LIMIT, "motorway": NO_LIMIT, "living_street": 7, "bicycle_road": 30},
    "DK": {"urban": 50, "rural": 80, "motorway": 130},
    "ES": {"urban": 30, "rural": 90, "trunk": 90, "motorway": 120, "living_street": 20},
    "FI": {"urban": 50, "living_street": 20},
    "FR": {"urban": 50, "rural": 80, "trunk": 110, "motorway": 130, "living_street": 20},
    "GB": {"nsl_single": 60 * MILE, "nsl_dual": 70 * MILE, "nsl_restricted": 30 * MILE, "motorway": 70 * MILE,
           "urban": 30 * MILE},
    "GR": {"urban": 50, "rural": 90, "trunk": 110, "motorway": 130},
    "HU": {"urban": 50, "rural": 90, "trunk": 110, "motorway": 130, "living_street": 20},
    "IR": {"urban": 50, "rural": 95, "trunk": 110, "motorway": 120},
    "IT": {"urban": 50, "rural": 90, "trunk": 110, "motorway": 130},
    "NL": {"urban": 50, "rural": 80, "trunk": 100, "motorway": 100, "living_street": 15},
    "NO": {"urban": 50, "rural": 80, "motorway": 110, "living_street": WALKING},
    "PL": {"urban": 50, "rural": 90, "motorway": 140, "living_street": 20},
    "PT": {"urban": 50, "rural": 90, "trunk": 100, "motorway": 120, "living_street": 20},
    "RO": {"urban": 50, "rural": 90, "trunk": 100, "motorway": 130, "living_street": 20},
    "RU": {"urban": 60, "rural": 90, "motorway": 110, "living_street": 20},
    "SE": {"urban": 50, "rural": 70, "motorway": 110, "living_street": WALKING},
    "TR": {"urban": 50, "rural": 90, "trunk": 110, "motorway": 130},
    "UA": {"urban": 50, "rural": 90, "trunk": 110, "motorway": 130, "living_street": 20},
}  # fmt: skip
GENERAL["UK"] = GENERAL["GB"]
"""General limits in kilometres an hour by country or region and kind of road, for cars by day.

From the OpenStreetMap wiki, Default speed limits (revision of October 2022), but Iran's from its traffic regulation of
2005, article 126, and the order for roads outside towns under its note 3 (freeways 120, highways 110, main roads 95 by
day). ``ES:urban`` is that of streets with one lane each way since May 2021 (Real Decreto 970/2020). What differs
between the regions of a country, such as ``BE:rural``, is not there without the region; nor is anything of the United
States, where every state has its own law.
"""

URBAN: dict[str, dict[str, float]] = {
    "BR": {"motorway": 80, "trunk": 80, "primary": 60, "secondary": 40, "tertiary": 40, "unclassified": 30,
           "residential": 30, "living_street": 30, "service": 30},
    "IR": {"motorway": 120, "trunk": 100, "primary": 60, "secondary": 60, "tertiary": 50, "unclassified": 30,
           "residential": 30, "living_street": 30, "service": 30},
}  # fmt: skip
"""Limits in towns where the law has several, by class of road: Brazil's Código de Trânsito, article 61, and Iran's
article 126. Which class of the map is which class of the law is an assumption, Brazil's that of the wiki, with all
primary roads arterial. A code read without its street gets the middle one, in ``GENERAL``: Brazil's collector roads 40,
Iran's minor arterial roads 50."""

ASSUMED = {
    "motorway": 100, "motorway_link": 50, "trunk": 80, "trunk_link": 50, "primary": 50, "primary_link": 40,
    "secondary": 50, "secondary_link": 40, "tertiary": 40, "tertiary_link": 30, "unclassified": 30, "residential": 30,
    "road": 30, "busway": 30, "service": 20, "track": 15, "living_street": 10, "pedestrian": 5,
}  # fmt: skip
"""Kilometres an hour where no limit can be read: an assumption for streets in and around cities."""

ELSE = 30.0

ROUGH = {
    "unpaved": 40, "compacted": 50, "fine_gravel": 40, "gravel": 40, "dirt": 25, "earth": 25, "ground": 25, "grass": 15,
    "mud": 10, "sand": 15, "pebblestone": 30, "cobblestone": 30, "sett": 40, "unhewn_cobblestone": 20,
}  # fmt: skip
GRADES = {"grade1": 60, "grade2": 40, "grade3": 30, "grade4": 25, "grade5": 20}
"""Kilometres an hour that a rough surface allows at most: an assumption."""

NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z/]*)")
CODE = re.compile(r"([A-Z]{2}(?:-[A-Z]{2,3})?):([a-z_]*?):?(\d+)?")


def maxspeed(text: str) -> float | None:
    """Read a limit as OpenStreetMap writes it into kilometres an hour.

    Parameters
    ----------
    text
        A number, in kilometres an hour, or with ``mph``, ``knots`` or ``km/h``; Persian and Arabic digits and a
        decimal comma are read. ``walk`` is 5, ``none`` (no limit) 130. A country's or region's general limit such as
        ``IR:urban``, ``BE-VLG:rural`` or ``FR:zone30`` is looked up. Of several values with ``;`` between them the
        lowest counts.

    Returns
    -------
    float or None
        None where it, or one of several values, cannot be read, or is not above 0, or is above 200: never a guess.

    References
    ----------
    OpenStreetMap wiki, Key:maxspeed and Default speed limits. Iran, Traffic regulation (1384/2005), article 126.
    Brazil, Código de Trânsito Brasileiro (Lei 9.503/1997), article 61.

    Examples
    --------
    >>> maxspeed("30 mph"), maxspeed("50;30"), maxspeed("IR:urban"), maxspeed("fast")
    (48.28032, 30.0, 50.0, None)
    """
    return _read(text, "")


def drive_pace(tags: Mapping[str, str]) -> Pace:
    """Return how fast cars go on a way in both directions: at the limit, where nothing is in their way.

    The first of these that can be read counts: ``maxspeed:forward`` or ``:backward``, ``maxspeed``, ``maxspeed:type``,
    ``zone:maxspeed``, ``source:maxspeed`` (of this only codes such as ``DE:urban``); else what is assumed for the class
    of road. In the towns of Brazil and Iran ``BR:urban`` and ``IR:urban`` depend on that class, too. A rough surface
    lowers the speed. Limits by hour, weather or lane, and ``maxspeed:advisory``, are not read.

    Parameters
    ----------
    tags
        The tags of a way.

    Returns
    -------
    Pace
        Kilometres an hour along the drawing direction and against it. The note is empty where the limit is stated; it
        says which class of road was assumed, what could not be read, or of which values the lowest was taken.

    Examples
    --------
    >>> drive_pace({"highway": "residential", "maxspeed": "20 mph"})
    Pace(forward=32.18688, backward=32.18688, note='')
    >>> drive_pace({"highway": "residential"})
    Pace(forward=30.0, backward=30.0, note='no maxspeed, highway=residential')
    >>> drive_pace({"highway": "primary", "maxspeed": "fast"}).note
    'maxspeed=fast cannot be read, highway=primary'
    """
    forward, note = _limit_of_direction(tags, "forward")
    backward, other = _limit_of_direction(tags, "backward")
    most = min(
        float(ROUGH.get(tags.get("surface", ""), HIGHEST)), float(GRADES.get(tags.get("tracktype", ""), HIGHEST))
    )
    return Pace(min(forward, most), min(backward, most), note or other)


def _limit_of_direction(tags: Mapping[str, str], direction: str) -> tuple[float, str]:
    """Return the limit in one direction, and why it is assumed."""
    unread = ""
    highway = tags.get("highway", "")
    for key in (f"maxspeed:{direction}", "maxspeed", "maxspeed:type", "zone:maxspeed", "source:maxspeed"):
        text = tags.get(key)
        # A bare number in source:maxspeed may be a year or a reference.
        if text is None or (key == "source:maxspeed" and ":" not in text):
            continue
        speed = _read(text, highway)
        if speed is not None:
            return speed, f"{key}={text}, the lowest" if ";" in text else ""
        # maxspeed:type mostly says where the sign is, and is no limit that was misspelt.
        if key.startswith("maxspeed") and key != "maxspeed:type" and not unread:
            unread = f"{key}={text} cannot be read"
    return float(ASSUMED.get(highway, ELSE)), f"{unread or 'no maxspeed'}, highway={highway}"


def _read(text: str, highway: str) -> float | None:
    """Return the lowest of the values in a text, None where one of them cannot be read."""
    values = [_speed_of_text(part.strip(), highway) for part in text.translate(LATIN).split(";")]
    known = [value for value in values if value is not None]
    return min(known) if len(known) == len(values) else None


def _speed_of_text(text: str, highway: str) -> float | None:
    lower = text.lower()
    if lower in WORDS:
        return WORDS[lower]
    if match := NUMBER.fullmatch(lower):
        unit = UNITS.get(match[2])
        return None if unit is None else _if_possible(float(match[1].replace(",", ".")) * unit)
    match = CODE.fullmatch(text)
    return None if match is None else _general_limit(match[1], match[2], match[3], highway.removesuffix("_link"))


def _general_limit(country: str, kind: str, number: str | None, highway: str) -> float | None:
    """Return a country's general limit for a kind of road, or that of a zone which names its number."""
    if number:
        miles = country[:2] in {"GB", "UK", "US"}
        return _if_possible(float(number) * (MILE if miles else 1.0)) if kind in {"zone", ""} else None
    if kind == "walk":
        return WALKING
    speed = GENERAL.get(country, {}).get(kind)
    if kind == "urban":
        speed = URBAN.get(country, {}).get(highway, speed)
    return None if speed is None else float(speed)


def _if_possible(speed: float) -> float | None:
    return speed if 0 < speed <= HIGHEST else None
