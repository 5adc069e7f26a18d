"""The key of two variables: a square of their classes, each cell with its look and the people who live there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice.catalogue.lookup import number, text_in, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatialjustice.maps.indicator import Indicator

LOSS = 0.02
"""How much of a limit may be lost by rounding."""


def _decimals(limits: Sequence[float]) -> int:
    """Return as few decimals as tell the limits apart, and from what they are."""
    for decimals in range(4):
        written = [round(limit, decimals) for limit in limits]
        if len(set(written)) == len(limits) and all(
            abs(short - limit) <= LOSS * abs(limit) for short, limit in zip(written, limits, strict=True)
        ):
            return decimals
    return 4


def side_label(limits: Sequence[float], place: int, lang: str) -> str:
    """Write the class of one of two variables.

    Examples
    --------
    >>> [side_label([1.907, 2.535], place, "en") for place in range(3)]
    ['up to 1.9', '1.9 – 2.5', 'more than 2.5']
    """
    said = words(lang)
    decimals = _decimals(limits)
    low = number(limits[place - 1], lang, digits=decimals) if place else ""
    high = number(limits[place], lang, digits=decimals) if place < len(limits) else ""
    pattern = "legend.up_to" if not place else "legend.between" if high else "legend.more_than"
    return said[pattern].format(low=low, high=high)


def square(indicator: Indicator, lang: str) -> dict[str, Any] | None:
    """Return the two sides of the square as the page reads them; None where an indicator has no two variables."""
    if len(indicator.sides) != 2:
        return None
    first, second = (
        {
            "title": text_in(title, lang),
            "classes": [side_label(limits, place, lang) for place in range(len(limits) + 1)],
        }
        for title, limits in indicator.sides
    )
    return {"first": first, "second": second}
