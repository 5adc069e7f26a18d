"""What cities are called where names have lost letters, or two cities share one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_ids

LOST = "[?\N{REPLACEMENT CHARACTER}]"
"""What stands where a letter was lost on the way from one encoding to another."""


def city_labels(names: pd.Series[Any], *, country: pd.Series[Any] | None = None) -> pd.Series[Any]:
    """Give every city a label that no other one has, whatever became of its name.

    A name is no key: Columbus is two cities of one country, and a name of question marks is none at all. A name that
    is alone stays as it is; one that several cities share gets the country, and the id where that is not enough; one
    that is missing or has lost letters (``?``) gives way to the id.

    Definition: the name; the name and the country; these and the id; or the id: the first that no other city has.

    Parameters
    ----------
    names
        The name of each city, on its ids.
    country
        The country of each city, on the same ids; None where all are in one.

    Returns
    -------
    Series
        A label for each city, on the same index in the same order.

    Raises
    ------
    InputError
        When ids are missing or twice, or the countries have other ids.

    References
    ----------
    Own definition: labels as described above, with no source in the literature.

    Examples
    --------
    >>> names = pd.Series({1: "Columbus", 2: "Columbus", 3: "?????", 4: "Ilam"})
    >>> city_labels(names, country=pd.Series({1: "US", 2: "US", 3: "Iran", 4: "Iran"})).tolist()
    ['Columbus (US, 1)', 'Columbus (US, 2)', 'city 3 (Iran)', 'Ilam']
    """
    if not isinstance(names, pd.Series):
        raise InputError("names", f"it is {a_kind(names)}", "Give a Series on the ids of the cities.")
    require_ids(names, "names")
    text = names.astype("string").str.strip()
    missing = text.isna() | (text == "")
    lost = text.str.contains(LOST, regex=True).fillna(value=False) & ~missing
    where = _countries(names, country)
    ids = names.index.astype(str)
    good = ~(missing | lost)
    twice = good & text.where(good).duplicated(keep=False).to_numpy()
    full = text.str.cat(where.fillna(""), sep="\n")
    still = (twice & full.where(good).duplicated(keep=False)).to_numpy()
    labels = []
    rows = zip(text, where, ids, good, twice, still, strict=True)
    for name, land, key, usable, shared, same in rows:
        told = [
            part for part in (land if pd.notna(land) and (shared or not usable) else "", key if same else "") if part
        ]
        label = str(name) if usable else f"city {key}"
        labels.append(f"{label} ({', '.join(told)})" if told else label)
    result = pd.Series(_alone(labels, ids), index=names.index, name="label", dtype=object)
    result.attrs.update(
        {"measure": "city_labels", "unit": "label", "direction": "none", "lost": [*names.index[lost.to_numpy()]]}
    )
    return add_findings(result, *_told(int(lost.sum()), int(missing.sum()), int(twice.sum())))


def _countries(names: pd.Series[Any], country: pd.Series[Any] | None) -> pd.Series[Any]:
    if country is None:
        return pd.Series(pd.NA, index=names.index, dtype="string")
    require_ids(country, "country")
    strangers = names.index.symmetric_difference(country.index)
    if len(strangers):
        raise InputError(
            "country", f"{len(strangers):,} ids are not in both names and country", "Give both of the same cities.",
            rows=strangers,
        )  # fmt: skip
    return country.reindex(names.index).astype("string")


def _alone(labels: list[str], ids: Any) -> list[str]:
    """Add the id where a label that was made is that of another city by chance."""
    twice = pd.Series(labels).duplicated(keep=False).to_numpy()
    return [f"{label} [{key}]" if same else label for label, key, same in zip(labels, ids, twice, strict=True)]


def _told(lost: int, missing: int, twice: int) -> list[Finding]:
    found = []
    if lost:
        message = f"{lost:,} cities have names that lost letters (“?”): they are called by id."
        found.append(Finding("city_names_lost_letters", "warning", message, lost))
    if missing:
        message = f"{missing:,} cities have no name; they are called by their ids."
        found.append(Finding("city_names_missing", "warning", message, missing))
    if twice:
        message = f"{twice:,} cities share their name with another; country or id tells them apart."
        found.append(Finding("city_names_shared", "information", message, twice))
    return found


def require_cities(column: pd.Series[Any], name: str) -> np.ndarray[Any, Any]:
    """Return the cities of rows as positions in their sorted list, and refuse rows without one.

    Raises
    ------
    InputError
        Naming the rows.
    """
    missing = column.isna().to_numpy()
    if missing.any():
        raise InputError(
            name, f"{int(missing.sum()):,} rows say no city", "Give the city of every row.", rows=column.index[missing]
        )
    return np.asarray(column)
