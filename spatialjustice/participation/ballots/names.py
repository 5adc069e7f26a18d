"""Which zone a place of a vote is, although the two are spelled differently: hyphens, blanks, letters with marks."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_ids
from spatialjustice.sources.places.vector import folded

if TYPE_CHECKING:
    from collections.abc import Iterable

AS_WRITTEN, OTHERWISE, NOT_MATCHED = "as written", "spelled otherwise", "not matched"
# Letters that do not come apart into a plain one and a mark.
PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})


def plain_name(name: str) -> str:
    """Return a name without case, marks on letters, hyphens, blanks and points, for comparing only.

    Examples
    --------
    >>> plain_name("Praga-Południe") == plain_name("PRAGA POLUDNIE")
    True
    """
    letters = unicodedata.normalize("NFKD", str(folded(name)).casefold()).translate(PLAIN)
    # A mark of a Latin letter is left out; those of other scripts make another letter.
    return "".join(sign for sign in letters if sign.isalnum())


def match_names(names: Iterable[Any], *, zones: pd.Index[Any] | pd.Series[Any] | pd.DataFrame) -> pd.DataFrame:
    """Tell which zone each name means, as it is written or spelled otherwise; every match is told.

    Parameters
    ----------
    names
        Names as a vote has them, for example the districts of ballots; each is looked at once. Empty ones mean no
        place.
    zones
        The zones, on an index of names.

    Returns
    -------
    DataFrame
        A row for each name: ``zone`` (empty where none is meant) and ``matched``: ``as written``, ``spelled otherwise``
        (the same but for case, hyphens, blanks, points, or marks on letters) or ``not matched``. Findings:
        ``names_spelled_otherwise``, which tells every pair, and ``names_not_matched``.

    Raises
    ------
    InputError
        When two zones cannot be told apart so, or no name is that of a zone.

    Examples
    --------
    >>> found = match_names(["Praga-Południe", "Wola", "Nowhere"], zones=pd.Index(["Praga Południe", "Wola"]))
    >>> found["zone"].tolist()
    ['Praga Południe', 'Wola', '']
    >>> found["matched"].tolist()
    ['spelled otherwise', 'as written', 'not matched']
    """
    if not isinstance(zones, pd.Index):
        require_ids(zones, "zones")
    index = zones if isinstance(zones, pd.Index) else zones.index
    there = [str(one) for one in index]
    keys: dict[str, str] = {}
    for one in there:
        other = keys.setdefault(plain_name(one), one)
        if other != one:
            found = f"{other} and {one} are the same but for hyphens, blanks and marks on letters"
            raise InputError("zones", found, "Give zones names that can be told apart.")
    asked = [str(one) for one in dict.fromkeys(names) if one is not None and one == one and str(one).strip()]  # noqa: PLR0124 (NaN)
    rows = []
    for one in asked:
        exact = one in keys.values()
        zone = one if exact else keys.get(plain_name(one), "")
        rows.append((zone, AS_WRITTEN if exact else OTHERWISE if zone else NOT_MATCHED))
    found_ = pd.DataFrame(rows, columns=["zone", "matched"], index=pd.Index(asked, dtype=object, name="name"))
    if len(found_) and not (found_["zone"] != "").any():
        found = f"none of {len(asked):,} names is that of a zone: {listed(asked)}"
        raise InputError("names", found, f"The zones are called {listed(there)}.")
    return add_findings(found_, *_told(found_))


def _told(found: pd.DataFrame) -> list[Finding]:
    said = []
    otherwise = found[found["matched"] == OTHERWISE]
    if len(otherwise):
        pairs = "; ".join(f"{name} = {zone}" for name, zone in otherwise["zone"].items())
        message = (
            f"{len(otherwise):,} places of the vote are spelled otherwise than the zone they were taken for: {pairs}."
        )
        values = {"count": len(otherwise), "pairs": pairs}
        said.append(Finding("names_spelled_otherwise", "information", message, count=len(otherwise), values=values))
    strange = found.index[found["matched"] == NOT_MATCHED]
    if len(strange):
        shown = listed(strange)
        message = (
            f"{len(strange):,} places of the vote are no zone: {shown}; what belongs to them is a class of its own."
        )
        values = {"count": len(strange), "shown": shown}
        advice = "Look whether the zones lack them, or are called otherwise."
        said.append(Finding("names_not_matched", "warning", message, count=len(strange), values=values, advice=advice))
    return said
