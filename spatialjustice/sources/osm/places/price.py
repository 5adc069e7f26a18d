"""What places cost: nothing, something, or nobody has said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice.sources.osm.places.tags import as_categories, count_unknown, texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FREE = {"no", "free", "none", "free of charge", "no charge", "gratis", "kostenlos", "رایگان"}
FEE = {"yes", "charge", "customers", "interval"}

PER = re.compile(r"(?:/|\bper\b|\beach\b|\bevery\b)\s*\d+(?:[.,]\d+)?\s*-?\s*[^\W\d_]+")
"""What an amount is for, where that has a number of its own: ``/2 hours``, ``per 30 min``."""

CONDITION = re.compile(r"@\s*\([^)]*\)")
"""When or for whom an amount holds: ``@ (Su)``."""


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
        On the places' index, categorical: ``free``, ``fee`` or ``unknown``. Amounts are read as numbers in any of the
        tags, whatever the currency and wherever it stands: ``0 EUR``, ``€0,00`` and ``0.00 USD/2 hours`` are free, and
        several amounts are free only if all are zero. An amount of zero that holds at some hours or for some people
        only (``0 EUR @ (Su)``) leaves it unknown. Any other ``charge`` is a fee.

    Examples
    --------
    >>> price(pd.DataFrame({"fee": ["no", "yes", None], "charge": [None, None, "2 EUR"]})).to_list()
    ['free', 'fee', 'fee']
    >>> price(pd.DataFrame({"charge": ["0 EUR", "0,50 €", "0 EUR; 2 EUR/hour"]})).to_list()
    ['free', 'fee', 'fee']
    """
    answer = pd.Series(None, index=places.index, dtype=object, name="price")
    for tag in tags:
        said = texts_of(places, tag).map(lambda text, tag=tag: _said(text, charge=tag.endswith("charge")))
        answer = answer.where(answer.notna(), said)
    result = as_categories(answer.fillna("unknown"), ("free", "fee", "unknown"))
    result.attrs.update({"measure": "price", "unit": "label"})
    return count_unknown(result, "price_unknown", "Whether {count:,} of {total:,} places cost something is not mapped.")


def _said(text: str | None, *, charge: bool) -> str | None:
    """Return free, fee or unknown; None where a tag says nothing of the price."""
    if text is None or not isinstance(text, str):
        return None
    words = text.lower().strip()
    if words in FREE:
        return "free"
    if words in FEE:
        return "fee"
    amounts = CONDITION.sub("", PER.sub("", words))
    digits = set(re.findall(r"\d", amounts))
    if not digits:
        return "fee" if charge else None
    if digits != {"0"}:
        return "fee"
    return "unknown" if CONDITION.search(words) else "free"
