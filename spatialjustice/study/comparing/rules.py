"""By which rules a run made its measures, and which of them several runs share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import catalogue
from spatialjustice._core.errors import InputError
from spatialjustice.catalogue import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
    records: Sequence[Mapping[str, Any]], zones: Sequence[pd.DataFrame], keys: Sequence[str]
) -> pd.DataFrame:
    """Tell of every measure of several runs whether all made it by the same rules, and if not, what differs.

    Parameters
    ----------
    records
        What ``provenance.json`` of each run holds.
    zones
        The zones of each run.
    keys
        What each run is called.

    Returns
    -------
    DataFrame
        A row for each measure of any run: ``measure``, ``title``, ``column`` (of the zones; empty where it is a number
        of the whole city), ``unit``, ``direction``, ``counts`` (people or households), ``limit``, ``comparable``,
        ``reason`` (what differs), ``note`` (what differs, but leaves the numbers comparable with care).
    """
    every = [dict(_measures(record, frame)) for record, frame in zip(records, zones, strict=True)]
    whole = _of_all(records, keys)
    note = "; ".join(_notes(records))
    rows = []
    for name in dict.fromkeys(name for one in every for name in one):
        lacking = [key for key, one in zip(keys, every, strict=True) if name not in one]
        made = [one[name] for one in every if name in one]
        reason = f"only some have it: not {', '.join(lacking)}" if lacking else whole or _difference(made)
        if not reason and made[0]["own_scale"]:
            reason = "it ranks the zones of a city against one another"
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
                "comparable": not reason,
                "reason": reason,
                "note": note,
            }
        )
    return pd.DataFrame(rows)


def _difference(made: Sequence[Mapping[str, Any]]) -> str:
    """Say in which rules the same measure of several runs differs; nothing where in none."""
    first = made[0]["rules"]
    names = dict.fromkeys(name for one in made for name in one["rules"])
    differ = [name for name in names if len({_plain(one["rules"].get(name)) for one in made}) > 1]
    return f"other {', '.join(differ)}" if differ and first is not None else ""


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _of_all(records: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> str:
    """Say what keeps everything from being compared: another version of the program."""
    versions = [".".join(str(one.get("versions", {}).get("spatialjustice", "")).split(".")[:2]) for one in records]
    if len(set(versions)) > 1:
        return "other versions: " + ", ".join(f"{key} {version}" for key, version in zip(keys, versions, strict=True))
    return ""


def _notes(records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say what differs between runs that leaves their numbers comparable, but not without care."""
    settings = [one["settings"] for one in records]
    zones = [_plain({name: one["zones"].get(name) for name in ("kind", "resolution", "size")}) for one in settings]
    if len(set(zones)) > 1:
        yield "other zones"
    if any(one["zones"].get("kind") == "polygons" for one in settings):
        yield "zones of each city's own drawing"
    counted = [sorted(key for key in one.get("population", {})) for one in settings]
    if len({_plain(one) for one in counted}) > 1:
        yield "people counted in other ways"
    dates = [_dates(one) for one in records]
    if len({_plain(one) for one in dates}) > 1:
        yield "data of other dates"


def _dates(record: Mapping[str, Any]) -> list[str]:
    return sorted({str(one.get("data_date") or "")[:4] for one in record.get("inputs", []) if one.get("data_date")})


def _measures(record: Mapping[str, Any], zones: pd.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every measure of a run that has a column of zones, or a row in the table of Moran's I."""
    settings = record["settings"]
    yield from _ways(settings, zones)
    yield from _connection(settings, zones)


def _ways(settings: Mapping[str, Any], zones: pd.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    streets = "straight lines" if settings.get("streets") == "straight lines" else "streets"
    for mode in settings.get("modes", []):
        for service in settings.get("services", []):
            name, title, defined = _service(service)
            for unit in ("metres", "minutes"):
                column = f"{name}_{mode['key']}_{unit}"
                if column not in zones.columns:
                    continue
                rules = {
                    "mode": mode,
                    "streets": streets,
                    "service": defined,
                    "snap limit": settings.get("snap_limit"),
                }
                if unit == "minutes" and any(f"{name}_{mode['key']}_metres" in one for one in zones.columns):
                    continue
                yield (
                    f"way to the nearest {name}, {mode['key']}",
                    {
                        "title": _title("compare.way", title, mode),
                        "column": column,
                        "unit": unit,
                        "direction": BAD,
                        "counts": "people",
                        "limits": _limits(settings, mode["key"], unit),
                        "rules": rules,
                        "own_scale": False,
                    },
                )


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
    from spatialjustice.study.engine.travel_modes import Travel

    phrase = Travel(**{name: value for name, value in mode.items() if name in Travel.model_fields}).phrase
    return {
        lang: catalogue.words(lang)[key].format(service=title.get(lang) or title["en"], mode=phrase(lang))
        for lang in LANGUAGES
    }


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
                    "own_scale": column == "digital_divide_index",
                },
            )
