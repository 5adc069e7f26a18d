"""Numbers of a run that are of the whole city: people within each of its limits, and how alike neighbours are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice.report.sheet.numbers import value_text
from spatialjustice.study.comparing.rules import GOOD, rules_of_ways
from spatialjustice.study.comparing.texts import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SHARES, ALIKE = "shares", "spatial_autocorrelation"
WAY = "way to the nearest"


def numbers_of(folder: Path, settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the numbers of a run by their names, each with the rules by which it was made.

    Parameters
    ----------
    folder
        The folder of the run.
    settings
        What its record says of the study.
    """
    ways = {(name, mode): (title, rules) for name, mode, title, rules in rules_of_ways(settings)}
    return {**dict(_within(folder, ways)), **dict(_alike(folder, ways, settings))}


def _table(folder: Path, name: str) -> list[dict[str, Any]]:
    path = folder / "tables" / f"{name}.csv"
    if not path.is_file():
        return []
    found = pd.read_csv(path, encoding="utf-8-sig")
    return [{str(key): value for key, value in row.items()} for row in found.to_dict("records")]


def _within(folder: Path, ways: Mapping[tuple[str, str], Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in _table(folder, SHARES):
        way = ways.get((row.get("service", ""), row.get("mode", "")))
        if way is None or row.get("group") != "everybody":
            continue
        yield (
            f"people within {row['cutoff']} of {row['service']}, {row['mode']}",
            {**_about("compare.within", way[0], limit=_limit(str(row["cutoff"]))), "unit": "share", "direction": GOOD,
             "rules": way[1], "value": row["share_within"]},
        )  # fmt: skip


def _alike(
    folder: Path, ways: Mapping[tuple[str, str], Any], settings: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in _table(folder, ALIKE):
        way = ways.get((row.get("service", ""), row.get("mode", "")))
        if way is None or row.get("outcome") != WAY or row.get("measure") != "moran":
            continue
        zones = settings.get("zones", {})
        rules = {
            **way[1],
            "neighbours": row.get("neighbours"),
            "zones": {name: zones.get(name) for name in ("kind", "resolution", "size")},
        }
        yield (
            f"Moran's I of the way to the nearest {row['service']}, {row['mode']}",
            {**_about("compare.alike", way[0]), "unit": "index", "direction": "none", "rules": rules,
             "value": row["statistic"]},
        )  # fmt: skip


def _limit(text: str) -> dict[str, str]:
    """Write a limit of a table, such as ``400 m``, in every language.

    Examples
    --------
    >>> _limit("1600 m")["en"].replace("\u00a0", " ")
    '1,600 m'
    """
    value, _, unit = text.partition(" ")
    named = {"m": "metres", "min": "minutes"}.get(unit, unit)
    return value_text(float(value), digits=0, percent=False, unit=named)


def _about(key: str, title: Mapping[str, str], **parts: dict[str, str]) -> dict[str, Any]:
    return {
        "title": say(key, title=dict(title), **parts),
        "column": "",
        "counts": "people",
        "limits": [],
        "own_scale": False,
    }
