"""Classes of cities by size, with limits that are stated."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice._core.provenance import sources_of

if TYPE_CHECKING:
    from collections.abc import Sequence

UNKNOWN = "people unknown"


class _Rule(NamedTuple):
    """Classes and the fewest people of each, the smallest first, and who published them."""

    limits: dict[str, float]
    source: str


RULES: dict[str, _Rule] = {
    "oecd": _Rule(
        {
            "below 50,000": 0.0,
            "small": 50_000.0,
            "medium": 200_000.0,
            "metropolitan": 500_000.0,
            "large metropolitan": 1_500_000.0,
        },
        "OECD (2012). Redefining “urban”: A new way to measure metropolitan areas. OECD Publishing.",
    ),
    "un": _Rule(
        {
            "below 300,000": 0.0,
            "300,000 to 500,000": 300_000.0,
            "500,000 to 1 million": 500_000.0,
            "1 to 5 million": 1_000_000.0,
            "5 to 10 million": 5_000_000.0,
            "10 million or more": 10_000_000.0,
        },
        "United Nations (2019). World urbanization prospects: The 2018 revision. ST/ESA/SER.A/420.",
    ),
}
"""Published classes of cities by their people, by the name of the rule."""


def size_classes(
    people: pd.Series[Any], *, classes: str | Sequence[float] | Mapping[str, float] = "oecd"
) -> pd.Series[Any]:
    """Put cities into classes by how many people they have; every class holds its lower limit, and not its upper one.

    Where a small city ends and a large one begins is a choice, and every comparison of classes hangs on it: the rule
    and its limits stand in the attrs of the result, and belong beside every table that is made with it. Those of the
    OECD were made for functional urban areas (a city with those who commute to it); the people of a municipality or of
    a built-up area alone put a city into a smaller class.

    Definition: the class whose lower limit is the highest that the people of the city reach.

    Parameters
    ----------
    people
        People of each city, on its ids; missing where nobody knows. Such cities are a class of their own.
    classes
        A published rule (``"oecd"``: small from 50,000, medium from 200,000, metropolitan from 500,000, large
        metropolitan from 1.5 million people; ``"un"``: limits of 300,000, 500,000, 1, 5 and 10 million), or your own:
        the lower limit of each class by its name, or only the limits between classes, upwards.

    Returns
    -------
    Series
        The class of each city, on the same index in the same order, as ordered categories from the smallest on,
        ``"people unknown"`` last. Classes without a city are not among them. ``attrs["limits"]`` has the lower limit
        of every class of the rule, and ``attrs["rule"]`` its source.

    Raises
    ------
    InputError
        When ids are missing or twice, people are negative or infinite, nobody knows them in any city, or the limits
        do not rise.

    References
    ----------
    OECD (2012). Redefining “urban”: A new way to measure metropolitan areas. OECD Publishing. United Nations (2019).
    World urbanization prospects: The 2018 revision. ST/ESA/SER.A/420.

    Examples
    --------
    >>> size_classes(pd.Series({"Ilam": 167_371, "Qom": 924_950, "Edge": 200_000})).tolist()
    ['small', 'metropolitan', 'medium']
    >>> size_classes(pd.Series({"Ilam": 167_371, "Qom": 924_950}), classes=[300_000]).tolist()
    ['below 300,000', '300,000 or more']
    """
    if not isinstance(people, pd.Series):
        raise InputError("people", f"it is {a_kind(people)}", "Give a Series on the ids of the cities.")
    require_ids(people, "people")
    counted = as_floats(people, "people")
    wrong = np.isinf(counted) | (np.nan_to_num(counted) < 0)
    if wrong.any():
        advice = "Give 0 or more, and leave it missing where nobody knows."
        raise InputError(
            "people", f"{int(wrong.sum()):,} numbers are negative or infinite", advice, rows=people.index[wrong]
        )
    known = np.isfinite(counted)
    if not known.any():
        raise InputError("people", "they are known of no city", "Check that the column is the right one.")
    limits, source = _limits(classes)
    names, lowest = list(limits), np.array(list(limits.values()))
    place = np.searchsorted(lowest, np.where(known, counted, lowest[0]), side="right") - 1
    labels = np.where(known, np.array(names, dtype=object)[np.maximum(place, 0)], UNKNOWN)
    there = [name for name in [*names, UNKNOWN] if (labels == name).any()]
    result = pd.Series(pd.Categorical(labels, categories=there, ordered=True), index=people.index, name="class")
    result.attrs.update(
        {
            "measure": "size_classes",
            "unit": "label",
            "direction": "none",
            "limits": limits,
            "closed": "the lower limit is in, the upper one is not",
            "rule": source,
            "people_unknown": int((~known).sum()),
            "sources": [record.as_dict() for record in sources_of(people)],
            "findings": [item.as_dict() for item in findings_of(people)],
        }
    )
    return add_findings(result, *_unknown(int((~known).sum())))


def _unknown(count: int) -> list[Finding]:
    if not count:
        return []
    message = f"Of {count:,} cities nobody knows how many people live there; they are a class of their own."
    return [Finding("city_people_unknown", "warning", message, count)]


def _limits(classes: str | Sequence[float] | Mapping[str, float]) -> tuple[dict[str, float], str]:
    """Return the lower limit of each class by its name, the smallest first, and where they come from."""
    if isinstance(classes, str):
        if classes not in RULES:
            raise InputError(
                "classes", f"there is no rule {classes!r}", f"Use {', '.join(RULES)}, or give the limits themselves."
            )
        return dict(RULES[classes].limits), RULES[classes].source
    if isinstance(classes, Mapping):
        names, lowest = [str(name) for name in classes], as_floats(list(classes.values()), "classes")
    else:
        lowest = as_floats(classes, "classes")
        names = _named(lowest)
        lowest = np.concatenate([[0.0], lowest])
    if not len(lowest) or not np.isfinite(lowest).all() or (np.diff(lowest) <= 0).any() or lowest[0] < 0:
        raise InputError(
            "classes", f"the limits are {classes!r}", "Give numbers of people, 0 or more, from the smallest upwards."
        )
    if lowest[0] > 0:
        names, lowest = [f"below {lowest[0]:,.0f}", *names], np.concatenate([[0.0], lowest])
    if UNKNOWN in names or len(set(names)) < len(names):
        raise InputError("classes", f"names are {', '.join(names)}", f"Name each once, and none “{UNKNOWN}”.")
    return dict(zip(names, lowest.tolist(), strict=True)), "stated by the user"


def _named(limits: Any) -> list[str]:
    if not len(limits):
        return []
    between = [f"{low:,.0f} to {high:,.0f}" for low, high in pairwise(limits)]
    return [f"below {limits[0]:,.0f}", *between, f"{limits[-1]:,.0f} or more"]
