"""When places are open: hours as OpenStreetMap writes them, at a day and hour, with holidays and the sun."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.numbers.digits import LATIN
from spatialjustice.sources.osm.hours.public_holidays import PublicHolidays, holidays_of
from spatialjustice.sources.osm.hours.reading_hours import SUN, whether_open
from spatialjustice.sources.osm.places.tags import add_warning, as_categories, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def open_at(places: pd.DataFrame, moment: datetime | str, *, country: str | None = None) -> pd.Series[Any]:
    """Say of each place whether it is open at a day and hour.

    Parameters
    ----------
    places
        With ``opening_hours`` as OpenStreetMap writes them.
    moment
        Local day and hour: a datetime without a time zone, or ISO text such as ``2023-02-21 22:00``.
    country
        Two letters, or a region of ISO 3166-2 such as ``ES-CN``, for its public holidays; None knows of none.

    Returns
    -------
    pandas.Series
        On the places' index, categorical: ``open``, ``closed`` or ``unknown`` (nobody wrote the hours, they cannot be
        read, or they themselves say so). The findings ``opening_hours_missing`` and ``opening_hours_unread`` count
        those. Hours that go by the sun need the places' shapes. Unknown and counted in a finding are places whose
        answer hangs on the sun where nobody says where they are, on school holidays, or on two rules that contradict
        each other after midnight. Findings also count places that a public holiday would close or open where the
        holidays are not known, are only estimated, or differ within the country.

    Raises
    ------
    InputError
        When the moment cannot be read or has a time zone, or there is no such country.

    Examples
    --------
    >>> places = pd.DataFrame({"opening_hours": ["24/7", "Mo-Fr 08:00-20:00", None]}, index=["a", "b", "c"])
    >>> open_at(places, "2023-02-21 22:00").to_list()
    ['open', 'closed', 'unknown']
    """
    when = _checked_moment(moment)
    holidays = holidays_of(country)
    texts = texts_of(places, "opening_hours")
    spots = _where_sun_counts(places, texts)
    asked = list(zip(texts, spots, strict=True))
    answers = {key: whether_open(key[0], when, key[1], holidays) for key in set(asked) if key[0] is not None}
    given = [answers.get(key) for key in asked]
    states = ["unknown" if one is None or one.state is None else one.state for one in given]
    named = pd.Series(states, index=places.index, dtype=object, name="opening_hours")
    result = as_categories(named, ("open", "closed", "unknown"))
    result.attrs.update({"measure": "open_at", "unit": "label", "moment": when.isoformat(" "), "country": country})
    missing = int(texts.isna().sum())
    if missing:
        message = f"Nobody has mapped when {missing:,} of {len(texts):,} places are open."
        add_warning(result, "opening_hours_missing", message, missing)
    unread = [text for text, one in zip(texts, given, strict=True) if one is not None and one.state is None]
    if unread:
        examples = ", ".join(f"“{text}”" for text in sorted(set(unread))[:3])
        message = f"The opening hours of {len(unread):,} places cannot be read: {examples}."
        add_warning(result, "opening_hours_unread", message, len(unread))
    counts = Counter(note for one in given if one is not None for note in one.notes)
    return add_findings(result, *_findings_of_notes(counts, when, holidays))


def open_supply(
    places: pd.DataFrame,
    moment: datetime | str,
    *,
    supply: pd.Series[Any] | None = None,
    unknown: Literal["open", "closed"] = "open",
    country: str | None = None,
) -> pd.Series[Any]:
    """Return what each place offers at a day and hour: nothing where it is closed.

    Parameters
    ----------
    places, moment, country
        As for :func:`open_at`.
    supply
        What each place offers when it is open; None for one each.
    unknown
        What places of unknown hours are taken for. Try both: the truth lies between.

    Returns
    -------
    pandas.Series
        On the places' index; 0 where closed. The finding ``opening_hours_assumed`` counts the unknown ones.

    Raises
    ------
    InputError
        As :func:`open_at`; or when ``unknown`` is another word, or a place has no supply.

    Examples
    --------
    >>> places = pd.DataFrame({"opening_hours": ["24/7", "Mo-Fr 08:00-20:00", None]}, index=["a", "b", "c"])
    >>> beds = pd.Series({"a": 20, "b": 100, "c": 7})
    >>> open_supply(places, "2023-02-21 22:00", supply=beds, unknown="closed").to_dict()
    {'a': 20.0, 'b': 0.0, 'c': 0.0}
    """
    if unknown not in {"open", "closed"}:
        raise InputError("unknown", f"it is “{unknown}”", "Choose open or closed.")
    states = open_at(places, moment, country=country)
    offered = pd.Series(1.0, index=places.index) if supply is None else supply.astype(float).reindex(places.index)
    if offered.isna().any():
        lacking = offered.index[offered.isna()]
        found = f"{len(lacking):,} places have none"
        raise InputError("supply", found, "Give what each place offers, 0 or more.", rows=lacking)
    open_ = states.eq("open") | (states.eq("unknown") if unknown == "open" else False)
    result = offered.where(open_, 0.0)
    result.name = "open_supply" if supply is None else supply.name
    result.attrs = {**states.attrs, "measure": "open_supply", "unit": "supply", "unknown": unknown}
    count = int(states.eq("unknown").sum())
    if count:
        add_warning(
            result,
            "opening_hours_assumed",
            f"{count:,} places of unknown opening hours are taken for {unknown}.",
            count,
        )
    return result


def _where_sun_counts(places: pd.DataFrame, texts: pd.Series[Any]) -> list[tuple[float, float] | None]:
    """Return latitude and longitude of the places whose hours go by the sun; None elsewhere and where not known."""
    spots: list[tuple[float, float] | None] = [None] * len(places)
    if not isinstance(places, gpd.GeoDataFrame) or "geometry" not in places.columns or places.crs is None:
        return spots
    by_sun = [row for row, text in enumerate(texts) if text is not None and SUN.search(text)]
    if by_sun:
        shapes = places.geometry.iloc[by_sun].to_crs(4326).representative_point()
        for row, point in zip(by_sun, shapes, strict=True):
            if point is not None and not point.is_empty:
                spots[row] = (float(point.y), float(point.x))
    return spots


def _findings_of_notes(counts: Mapping[str, int], when: datetime, holidays: PublicHolidays) -> Iterator[Finding]:
    """Say what is not known about the answers."""
    day, where = when.date(), holidays.name or "the country"
    if count := counts.get("left out", 0):
        yield Finding(
            "public_holidays_left_out",
            "warning",
            f"Whether {day} is a public holiday is not known here (country: {holidays.name or 'not given'}); taken as "
            f"none. Otherwise {count:,} places would not be as they are told.",
            count=count,
            advice="Name the country, country=; where its holidays are not known, try another day or look the day up.",
        )
    if count := counts.get("estimated", 0):
        yield Finding(
            "public_holidays_estimated",
            "warning",
            f"A holiday of {where} about {day} goes by the moon and is estimated; a day earlier or later {count:,} "
            "places would not be as they are told.",
            count=count,
            advice="Look the day up in the official calendar.",
        )
    if count := counts.get("regions", 0):
        regions = ", ".join(holidays.elsewhere(day)) or "some regions"
        yield Finding(
            "holidays_of_regions",
            "warning",
            f"{day}, or the day before, is no holiday in all of {where} but in {regions}; there {count:,} places would "
            "not be as they are told.",
            count=count,
            advice="Name the region, for example country=ES-CN.",
        )
    if count := counts.get("local", 0):
        yield Finding(
            "local_holidays_not_known",
            "information",
            f"Of the holidays of {where} only those of the whole {'region' if holidays.region else 'country'} are "
            f"known; {count:,} places have other hours on holidays of their town.",
            count=count,
            advice="Choose a day that is no holiday there.",
        )
    yield from _findings_of_unknown(counts)


def _findings_of_unknown(counts: Mapping[str, int]) -> Iterator[Finding]:
    """Say why answers are unknown."""
    if count := counts.get("school", 0):
        message = f"Whether {count:,} places are open hangs on school holidays, which are not known; told as unknown."
        advice = "Look the school holidays up, or try both, unknown="
        yield Finding("school_holidays_unknown", "warning", message, count=count, advice=f"{advice}.")
    if count := counts.get("night", 0):
        yield Finding(
            "hours_past_midnight_contradict",
            "warning",
            f"Of {count:,} places one rule says that they are still open from the evening before, and another that "
            "they are closed; told as unknown.",
            count=count,
            advice="Ask those who run the places, and write it into OpenStreetMap.",
        )
    if count := counts.get("sun", 0):
        yield Finding(
            "sun_hours_without_place",
            "warning",
            f"{count:,} places open or close by the sun, and nobody says where they are; told as unknown.",
            count=count,
            advice="Give places with shapes and a reference system.",
        )


def _checked_moment(moment: datetime | str) -> datetime:
    try:
        when = datetime.fromisoformat(moment.translate(LATIN)) if isinstance(moment, str) else moment
    except ValueError as error:
        raise InputError("moment", f"it is “{moment}”", "Write the day and the hour as 2023-02-21 22:00.") from error
    if not isinstance(when, datetime):
        raise InputError("moment", f"it is {a_kind(when)}", "Give a datetime, or text such as 2023-02-21 22:00.")
    if when.tzinfo is not None:
        raise InputError("moment", "it has a time zone", "Give the local time of the place, without one.")
    return when
