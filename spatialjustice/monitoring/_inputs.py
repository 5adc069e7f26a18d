"""What an indicator was measured with on two dates, and which of that is the city and which is data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS, VERSION, UNIT, INPUT, BREAK = "settings", "version", "unit", "input", "break"
BY_ROWS = ("people", "zones")
"""Inputs whose effect follows from the rows of a history: who is counted, and in which zones."""


def data_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return what is not alike of two dates besides the city: settings, the version of this package, other inputs.

    The rule: a change is counted to the data where anything changed but the series that the indicator itself measures
    (``city`` names the inputs that hold it). People and zones stand apart, because their effect can be computed from
    the rows. A break (``era``) is a date from which, as somebody says, the same is measured in another way. Inputs that
    are not known of one of the dates are taken as unchanged.

    Examples
    --------
    >>> old = {"inputs": [{"name": "ballots", "sha256": "a"}, {"name": "census", "sha256": "c"}]}
    >>> new = {"inputs": [{"name": "ballots", "sha256": "b"}, {"name": "census", "sha256": "d"}], "city": ["ballots"]}
    >>> data_changes(old, new)
    ['input: census']
    """
    found = []
    if _known_and_other(before.get("settings_sha256"), after.get("settings_sha256")):
        found.append(SETTINGS)
    if _known_and_other(_version(before), _version(after)):
        found.append(VERSION)
    if before.get("era", "") != after.get("era", ""):
        found.append(f"{BREAK}: {after.get('era', '') or before.get('era', '')}")
    city = {*after.get("city", ()), *before.get("city", ()), *after.get("by_rows", ())}
    old, new = _files(before), _files(after)
    if old and new:
        found += [f"{INPUT}: {name}" for name in sorted({*old, *new} - city) if old.get(name) != new.get(name)]
    return found


def _known_and_other(one: Any, other: Any) -> bool:
    return bool(one) and bool(other) and one != other


def _version(known: Mapping[str, Any]) -> str:
    return str(known.get("versions", {}).get("spatialjustice", ""))


def _files(known: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the checksums of each input by what it was used as: an input may be several files."""
    found: dict[str, list[str]] = {}
    for one in known.get("inputs", ()):
        found.setdefault(str(one["name"]), []).append(str(one["sha256"]))
    return {name: tuple(sorted(sums)) for name, sums in found.items()}
