"""What places offer: how much they hold, for whom they are, and whether wheelchairs can enter.

When they are open is said in :mod:`spatialjustice.sources.osm.hours.opening_hours`, what they cost in
:mod:`spatialjustice.sources.osm.places.price`. Each function reads tags of OpenStreetMap, from columns of their name or
from the column ``tags`` of :func:`spatialjustice.sources.services`, and answers on the index of the places. Apply them
before any measure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.sources.osm.places.tags import add_warning, as_categories, count_unknown, texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CAPACITY = ("capacity", "beds", "capacity:beds", "capacity:persons", "seats", "capacity:seats", "staff_count:doctors")
NUMBER = re.compile(r"\d+(?:\.\d+)?")

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
        texts = texts_of(places, tag)
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
        add_warning(
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
        Ages by level, both ends included; None for typical ones (6 to 11 years for level 1). Give those of your
        country.

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
    lowest, highest = (texts_of(places, tag).map(_number).astype(float) for tag in ("min_age", "max_age"))
    bounded = lowest.notna() | highest.notna()
    within = (lowest.fillna(0) <= age) & (age <= highest.fillna(150))
    taught = texts_of(places, "isced:level").map(_levels)
    known = taught.map(bool)
    fits = taught.map(lambda found: any(level in ages and ages[level][0] <= age <= ages[level][1] for level in found))
    answer = pd.Series("unknown", index=places.index, name="eligible")
    answer[known] = fits[known].map({True: "eligible", False: "not_eligible"})
    answer[bounded] = within[bounded].map({True: "eligible", False: "not_eligible"})
    result = as_categories(answer, ("eligible", "not_eligible", "unknown"))
    result.attrs.update({"measure": "eligible", "unit": "label", "age": float(age)})
    return count_unknown(result, "eligibility_unknown", "For whom {count:,} of {total:,} places are is not mapped.")


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
    answer = texts_of(places, "wheelchair").map(lambda text: said.get(str(text).lower(), "unknown"))
    answer.name = "wheelchair_access"
    result = as_categories(answer, ("yes", "limited", "no", "unknown"))
    result.attrs.update({"measure": "wheelchair_access", "unit": "label"})
    return count_unknown(
        result,
        "wheelchair_unknown",
        "Whether one can enter {count:,} of {total:,} places with a wheelchair is not mapped.",
    )


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
