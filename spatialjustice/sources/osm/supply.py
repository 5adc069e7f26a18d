"""Supply is more than a dot: when places are open, how much they hold, for whom they are, and what they cost.

Each function reads tags of OpenStreetMap, from columns of their name or from the column ``tags`` of
:func:`spatialjustice.sources.services`, and answers on the index of the places. Apply them before any measure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from spatialjustice._core.digits import LATIN
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

CAPACITY = ("capacity", "beds", "capacity:beds", "capacity:persons", "seats", "capacity:seats", "staff_count:doctors")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
FREE = {"no": "free", "free": "free", "0": "free", "yes": "fee", "charge": "fee", "customers": "fee", "interval": "fee"}

ISCED_AGES = {
    0: (3, 5),
    1: (6, 11),
    2: (12, 14),
    3: (15, 17),
    4: (18, 19),
    5: (18, 24),
    6: (18, 24),
    7: (18, 30),
    8: (18, 40),
}
"""Typical ages by level of education, both ends included: primary from 6 for six years, then three and three (UNESCO
Institute for Statistics 2012, International Standard Classification of Education ISCED 2011). Countries differ."""


def open_at(places: pd.DataFrame, moment: datetime | str, *, country: str | None = None) -> pd.Series[Any]:
    """Say of each place whether it is open at a day and hour.

    Parameters
    ----------
    places
        With ``opening_hours`` as OpenStreetMap writes them.
    moment
        Local day and hour: a datetime without a time zone, or ISO text such as ``2023-02-21 22:00``.
    country
        Two letters, for its public holidays; None knows of none.

    Returns
    -------
    pandas.Series
        On the places' index, categorical: ``open``, ``closed`` or ``unknown`` (nobody wrote the hours, they cannot be
        read, or they themselves say so). The findings ``opening_hours_missing`` and ``opening_hours_unread`` count
        those.

    Raises
    ------
    InputError
        When the moment cannot be read or has a time zone, or the country is not known.

    Examples
    --------
    >>> places = pd.DataFrame({"opening_hours": ["24/7", "Mo-Fr 08:00-20:00", None]}, index=["a", "b", "c"])
    >>> open_at(places, "2023-02-21 22:00").to_list()
    ['open', 'closed', 'unknown']
    """
    when = _moment(moment)
    texts = _texts(places, "opening_hours")
    answers = {text: _state(text, when, country) for text in texts.dropna().unique()}
    unread = sorted(text for text, state in answers.items() if state is None)
    result = _categories(texts.map(lambda text: answers.get(text) or "unknown"), ("open", "closed", "unknown"))
    result.attrs.update({"measure": "open_at", "unit": "label", "moment": when.isoformat(" "), "country": country})
    missing = int(texts.isna().sum())
    if missing:
        _say(
            result,
            "opening_hours_missing",
            f"Nobody has mapped when {missing:,} of {len(texts):,} places are open.",
            missing,
        )
    if unread:
        count = int(texts.isin(unread).sum())
        examples = ", ".join(f"“{text}”" for text in unread[:3])
        _say(
            result, "opening_hours_unread", f"The opening hours of {count:,} places cannot be read: {examples}.", count
        )
    return result


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
        _say(
            result,
            "opening_hours_assumed",
            f"{count:,} places of unknown opening hours are taken for {unknown}.",
            count,
        )
    return result


def capacity(places: pd.DataFrame, *, tags: Sequence[str] = CAPACITY, default: float | None = None) -> pd.Series[Any]:
    """Read how much each place holds.

    Parameters
    ----------
    places
        With one of the ``tags``.
    tags
        Where to look, in this order.
    default
        What places of unknown capacity are taken to hold; None refuses them.

    Returns
    -------
    pandas.Series
        Numbers on the places' index. The finding ``capacity_assumed`` counts those of the default.

    Raises
    ------
    InputError
        When a capacity is not known, or not a plain number, and there is no default.

    Examples
    --------
    >>> places = pd.DataFrame({"beds": ["120", None, "many"]}, index=["a", "b", "c"])
    >>> capacity(places, default=10).to_dict()
    {'a': 120.0, 'b': 10.0, 'c': 10.0}
    """
    found = pd.Series(float("nan"), index=places.index, name="capacity")
    for tag in tags:
        texts = _texts(places, tag)
        found = found.fillna(texts.map(_number).astype(float))
    lacking = found.index[found.isna()]
    if len(lacking) and default is None:
        raise InputError(
            "capacity",
            f"{len(lacking):,} of {len(found):,} places have none that is a plain number",
            "Say what they are taken to hold with default=, or give a list with capacities.",
            rows=lacking,
        )
    result = found if default is None else found.fillna(float(default))
    result.attrs = {"measure": "capacity", "unit": "supply", "default": default}
    if len(lacking):
        _say(
            result,
            "capacity_assumed",
            f"The capacity of {len(lacking):,} places is not known and taken as {default:g}.",
            len(lacking),
        )
    return result


def eligible(
    places: pd.DataFrame, *, age: float, levels: Mapping[int, tuple[float, float]] | None = None
) -> pd.Series[Any]:
    """Say of each place whether it is for people of an age.

    Parameters
    ----------
    places
        With ``min_age`` and ``max_age``, or else with ``isced:level`` (levels of education).
    age
        Years.
    levels
        Ages by level, both ends included; None for typical ones (:data:`ISCED_AGES`). Give those of your country.

    Returns
    -------
    pandas.Series
        On the places' index, categorical: ``eligible``, ``not_eligible``, or ``unknown`` where neither is mapped.

    Raises
    ------
    InputError
        When the age is not a number of years.

    Examples
    --------
    >>> schools = pd.DataFrame({"isced:level": ["1", "2;3", None], "min_age": [None, None, "16"]})
    >>> eligible(schools, age=13).to_list()
    ['not_eligible', 'eligible', 'not_eligible']
    """
    if isinstance(age, bool) or not 0 <= float(age) < 150:
        raise InputError("age", f"it is {age!r}", "Give years, 0 or more.")
    ages = ISCED_AGES if levels is None else levels
    lowest, highest = (_texts(places, tag).map(_number).astype(float) for tag in ("min_age", "max_age"))
    bounded = lowest.notna() | highest.notna()
    within = (lowest.fillna(0) <= age) & (age <= highest.fillna(150))
    taught = _texts(places, "isced:level").map(_levels)
    known = taught.map(bool)
    fits = taught.map(lambda found: any(level in ages and ages[level][0] <= age <= ages[level][1] for level in found))
    answer = pd.Series("unknown", index=places.index, name="eligible")
    answer[known] = fits[known].map({True: "eligible", False: "not_eligible"})
    answer[bounded] = within[bounded].map({True: "eligible", False: "not_eligible"})
    result = _categories(answer, ("eligible", "not_eligible", "unknown"))
    result.attrs.update({"measure": "eligible", "unit": "label", "age": float(age)})
    return _with_unknown(result, "eligibility_unknown", "For whom {count:,} of {total:,} places are is not mapped.")


def price(places: pd.DataFrame, *, tags: Sequence[str] = ("fee", "charge")) -> pd.Series[Any]:
    """Say of each place whether it costs something.

    Parameters
    ----------
    places
        With one of the ``tags``.
    tags
        Where to look, in this order; ``("internet_access:fee",)`` for the internet of a place.

    Returns
    -------
    pandas.Series
        On the places' index, categorical: ``free``, ``fee`` or ``unknown``. A ``charge`` of any kind is a fee.

    Examples
    --------
    >>> price(pd.DataFrame({"fee": ["no", "yes", None], "charge": [None, None, "2 EUR"]})).to_list()
    ['free', 'fee', 'fee']
    """
    answer = pd.Series(None, index=places.index, dtype=object, name="price")
    for tag in tags:
        texts = _texts(places, tag)
        said = texts.map(lambda text, tag=tag: FREE.get(str(text).lower(), "fee" if tag == "charge" else None))
        answer = answer.where(answer.notna(), said.where(texts.notna()))
    result = _categories(answer.fillna("unknown"), ("free", "fee", "unknown"))
    result.attrs.update({"measure": "price", "unit": "label"})
    return _with_unknown(result, "price_unknown", "Whether {count:,} of {total:,} places cost something is not mapped.")


def wheelchair_access(places: pd.DataFrame) -> pd.Series[Any]:
    """Say of each place whether one can enter it with a wheelchair.

    Parameters
    ----------
    places
        With ``wheelchair``.

    Returns
    -------
    pandas.Series
        On the places' index, categorical: ``yes``, ``limited``, ``no`` or ``unknown``.

    Examples
    --------
    >>> wheelchair_access(pd.DataFrame({"wheelchair": ["yes", "limited", "designated", None]})).to_list()
    ['yes', 'limited', 'yes', 'unknown']
    """
    said = {"yes": "yes", "designated": "yes", "limited": "limited", "no": "no"}
    answer = _texts(places, "wheelchair").map(lambda text: said.get(str(text).lower(), "unknown"))
    answer.name = "wheelchair_access"
    result = _categories(answer, ("yes", "limited", "no", "unknown"))
    result.attrs.update({"measure": "wheelchair_access", "unit": "label"})
    return _with_unknown(
        result,
        "wheelchair_unknown",
        "Whether one can enter {count:,} of {total:,} places with a wheelchair is not mapped.",
    )


def _texts(places: pd.DataFrame, tag: str) -> pd.Series[Any]:
    """Return the text of a tag, None where there is none: from its own column, else from the column ``tags``."""
    require_ids(places, "places")
    values: list[Any] = [None] * len(places)
    if tag in places.columns:
        values = list(places[tag])
    elif "tags" in places.columns:
        values = [tags.get(tag) if isinstance(tags, Mapping) else None for tags in places["tags"]]
    texts = [None if value is None or value is pd.NA or value != value else str(value).strip() for value in values]  # noqa: PLR0124 (NaN)
    return pd.Series(
        [text.translate(LATIN) if text else None for text in texts], index=places.index, dtype=object, name=tag
    )


def _moment(moment: datetime | str) -> datetime:
    try:
        when = datetime.fromisoformat(moment.translate(LATIN)) if isinstance(moment, str) else moment
    except ValueError as error:
        raise InputError("moment", f"it is “{moment}”", "Write the day and the hour as 2023-02-21 22:00.") from error
    if not isinstance(when, datetime):
        raise InputError(
            "moment", f"it is a {type(when).__name__}", "Give a datetime, or text such as 2023-02-21 22:00."
        )
    if when.tzinfo is not None:
        raise InputError("moment", "it has a time zone", "Give the local time of the place, without one.")
    return when


def _state(text: str, when: datetime, country: str | None) -> str | None:
    """Return open, closed or unknown; None where the text cannot be read."""
    from opening_hours import OpeningHours, ParserError, UnknownCountryError  # type: ignore[attr-defined]  # stubs lack them

    try:
        hours = OpeningHours(text, country=country, auto_country=False, auto_timezone=False)
    except ParserError:
        return None
    except UnknownCountryError as error:
        raise InputError("country", f"it is “{country}”", "Give two letters, for example ES.") from error
    return str(hours.state(when)[0]).lower()


def _number(text: Any) -> float:
    return float(text) if isinstance(text, str) and NUMBER.fullmatch(text) else float("nan")


def _levels(text: Any) -> tuple[int, ...]:
    """Read levels such as 1;2 or 1-3."""
    found: list[int] = []
    for part in (text if isinstance(text, str) else "").replace(",", ";").split(";"):
        ends = [int(end) for end in part.split("-") if end.strip().isdigit()]
        if ends:
            found += range(ends[0], ends[-1] + 1)
    return tuple(found)


def _categories(values: pd.Series[Any], names: Sequence[str]) -> pd.Series[Any]:
    result: pd.Series[Any] = values.astype(pd.CategoricalDtype(list(names)))
    return result


def _with_unknown(result: pd.Series[Any], code: str, message: str) -> pd.Series[Any]:
    count = int(result.eq("unknown").sum())
    if count:
        _say(result, code, message.format(count=count, total=len(result)), count)
    return result


def _say(result: pd.Series[Any], code: str, message: str, count: int) -> None:
    advice = "Ask those who run the places, and write it into OpenStreetMap."
    add_findings(result, Finding(code, "warning", message, count=count, advice=advice))
