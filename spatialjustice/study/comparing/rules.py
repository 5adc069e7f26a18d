"""By which rules a run made its measures, and which of them several runs share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import catalogue
from spatialjustice._core.errors import InputError
from spatialjustice.catalogue import LANGUAGES
from spatialjustice.study.comparing.texts import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from spatialjustice.study.comparing.compared import Texts

BAD, GOOD = "lower is better", "higher is better"


def people_of(zones: pd.DataFrame) -> pd.Series[Any]:
    """Return the people of zones, counted or estimated.

    Raises
    ------
    InputError
        When there is no such column.
    """
    for name in ("people", "people_estimated"):
        if name in zones.columns:
            return zones[name].astype(float).fillna(0.0)
    raise InputError("compared", "the zones of a run have no people", "Run the study again with this version.")


def comparable(
    records: Sequence[Mapping[str, Any]],
    zones: Sequence[pd.DataFrame],
    keys: Sequence[str | Texts],
    numbers: Sequence[Mapping[str, dict[str, Any]]] = (),
) -> pd.DataFrame:
    """Tell of every measure of several runs whether all made it by the same rules, and if not, what differs.

    Parameters
    ----------
    records
        What ``provenance.json`` of each run holds.
    zones
        The zones of each run.
    keys
        What each run is called, one text or one per language.
    numbers
        Numbers of the whole city of each run, with their rules.

    Returns
    -------
    DataFrame
        A row for each measure of any run: ``measure``, ``title``, ``column`` (of the zones; empty where it is a number
        of the whole city), ``unit``, ``direction``, ``counts`` (people or households), ``limit``, ``group`` (the mode,
        or connections, in every language), ``comparable``, ``reason`` (what differs), ``note`` (what differs, but
        leaves the numbers comparable with care), ``said`` (the first of the two that there is, in every language).
    """
    every = [dict(_measures(record, frame)) for record, frame in zip(records, zones, strict=True)]
    every = [one | dict(more) for one, more in zip(every, numbers or [{}] * len(every), strict=True)]
    names = [dict.fromkeys(LANGUAGES, key) if isinstance(key, str) else key for key in keys]
    whole = _of_all(records, names)
    note = _joined([say(f"compare.differ.{name}") for name in _notes(records)], "; ")
    rows = []
    for name in dict.fromkeys(name for one in every for name in one):
        lacking = [text for text, one in zip(names, every, strict=True) if name not in one]
        made = [one[name] for one in every if name in one]
        reason = say("compare.reason.lacking", names=_joined(lacking, ", ")) if lacking else whole or _difference(made)
        if reason is None and made[0]["own_scale"]:
            reason = say("compare.reason.own_scale")
        limits = [one["limits"] for one in made]
        shared = set.intersection(*map(set, limits)) if limits else set()
        first = made[0]
        rows.append(
            {
                "measure": name,
                "title": first["title"],
                "column": first["column"],
                "unit": first["unit"],
                "direction": first["direction"],
                "counts": first["counts"],
                "limit": max(shared) if shared else None,
                "group": first.get("group"),
                "comparable": reason is None,
                "reason": "" if reason is None else reason["en"],
                "note": note["en"],
                "said": reason or note,
            }
        )
    return pd.DataFrame(rows)


def _difference(made: Sequence[Mapping[str, Any]]) -> Texts | None:
    """Say in which rules the same measure of several runs differs; nothing where in none."""
    names = dict.fromkeys(name for one in made for name in one["rules"])
    differ = [name for name in names if len({_plain(one["rules"].get(name)) for one in made}) > 1]
    return (
        say("compare.reason.other", rules=_joined([say(f"compare.rule.{_key(name)}") for name in differ], ", "))
        if differ
        else None
    )


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _of_all(records: Sequence[Mapping[str, Any]], names: Sequence[Texts]) -> Texts | None:
    """Say what keeps everything from being compared: another version of the program."""
    versions = [".".join(str(one.get("versions", {}).get("spatialjustice", "")).split(".")[:2]) for one in records]
    if len(set(versions)) > 1:
        each = [
            {lang: f"{text[lang]} {version}" for lang in LANGUAGES}
            for text, version in zip(names, versions, strict=True)
        ]
        named = _joined(each, ", ")
        return say("compare.reason.versions", versions=named)
    return None


def _key(name: str) -> str:
    return name.replace(" ", "_")


def _joined(texts: Sequence[Texts], sign: str) -> Texts:
    return {lang: sign.join(text[lang] for text in texts) for lang in LANGUAGES}


def _notes(records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Name what differs between runs that leaves their numbers comparable, but not without care."""
    settings = [one["settings"] for one in records]
    zones = [_plain({name: one["zones"].get(name) for name in ("kind", "resolution", "size")}) for one in settings]
    if len(set(zones)) > 1:
        yield "zones"
    if any(one["zones"].get("kind") == "polygons" for one in settings):
        yield "own_zones"
    counted = [sorted(key for key in one.get("population", {})) for one in settings]
    if len({_plain(one) for one in counted}) > 1:
        yield "people"
    dates = [_dates(one) for one in records]
    if len({_plain(one) for one in dates}) > 1:
        yield "dates"


def _dates(record: Mapping[str, Any]) -> list[str]:
    return sorted({str(one.get("data_date") or "")[:4] for one in record.get("inputs", []) if one.get("data_date")})


def _measures(record: Mapping[str, Any], zones: pd.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every measure of a run that has a column of zones."""
    settings = record["settings"]
    yield from _ways(settings, zones)
    yield from _connection(settings, zones)


def _ways(settings: Mapping[str, Any], zones: pd.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    phrases = {mode["key"]: _phrase(mode) for mode in settings.get("modes", [])}
    for name, mode, title, rules in rules_of_ways(settings):
        there = [unit for unit in ("metres", "minutes") if f"{name}_{mode}_{unit}" in zones.columns]
        for unit in there[:1]:
            yield (
                f"way to the nearest {name}, {mode}",
                {
                    "title": title,
                    "column": f"{name}_{mode}_{unit}",
                    "unit": unit,
                    "direction": BAD,
                    "counts": "people",
                    "limits": _limits(settings, mode, unit),
                    "rules": rules,
                    "group": say("compare.group.way", mode=phrases[mode]),
                    "own_scale": False,
                },
            )


def rules_of_ways(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, str], dict[str, Any]]]:
    """Yield the service and the mode of every way that a study measures, what it is called, and by which rules."""
    streets = "straight lines" if settings.get("streets") == "straight lines" else "streets"
    for mode in settings.get("modes", []):
        for service in settings.get("services", []):
            name, title, defined = _service(service)
            rules = {"mode": mode, "streets": streets, "service": defined, "snap limit": settings.get("snap_limit")}
            yield name, mode["key"], _title("compare.way", title, mode), rules


def _service(service: Any) -> tuple[str, dict[str, str], Any]:
    """Return the name, the title and the definition of a service: of its own list only what it counts."""
    if isinstance(service, str):
        from spatialjustice.sources import read_catalogue

        return service, dict(read_catalogue().title(service)), service
    name = str(service["name"])
    given = service.get("title") or name.replace("_", " ")
    title = {lang: given if isinstance(given, str) else str(given.get(lang) or name) for lang in LANGUAGES}
    counted = {key: service.get(key) for key in ("name", "tags", "count", "in_use") if service.get(key)}
    return name, title, counted


def _limits(settings: Mapping[str, Any], mode: str, unit: str) -> list[float]:
    given = settings.get("cutoffs", [])
    found = given.get(mode, []) if isinstance(given, dict) else given
    short = {"metres": "m", "minutes": "min"}[unit]
    return [float(one["value"]) for one in found if one["unit"] == short]


def _title(key: str, title: Mapping[str, str], mode: Mapping[str, Any]) -> dict[str, str]:
    phrase = _phrase(mode)
    return {
        lang: catalogue.words(lang)[key].format(service=title.get(lang) or title["en"], mode=phrase[lang])
        for lang in LANGUAGES
    }


def _phrase(mode: Mapping[str, Any]) -> dict[str, str]:
    """Return how a mode is told, in every language."""
    from spatialjustice.study.engine.travel_modes import Travel

    phrase = Travel(**{name: value for name, value in mode.items() if name in Travel.model_fields}).phrase
    return {lang: phrase(lang) for lang in LANGUAGES}


def _connection(settings: Mapping[str, Any], zones: pd.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what is known of connection: shares of households, and the index, which has a scale of its own."""
    given = settings.get("digital") or {}
    known = {
        "digital_offline": ("compare.offline", BAD, given.get("offline")),
        "digital_connected": ("compare.connected", GOOD, given.get("connected")),
        "digital_divide_index": ("compare.index", BAD, given.get("index")),
    }
    for column, (key, direction, rule) in known.items():
        if column in zones.columns:
            yield (
                column,
                {
                    "title": {lang: catalogue.words(lang)[key] for lang in LANGUAGES},
                    "column": column,
                    "unit": "share" if column != "digital_divide_index" else "index",
                    "direction": direction,
                    "counts": "households",
                    "limits": [],
                    "rules": {"definition": rule},
                    "group": say("compare.group.connection"),
                    "own_scale": column == "digital_divide_index",
                },
            )
