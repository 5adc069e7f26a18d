"""What a report says, before it is known in which language and on what paper."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from spatialjustice.catalogue import LANGUAGES, date, direction, number, text_in, words
from spatialjustice.maps.colours.legend import as_record, make_legend
from spatialjustice.maps.pages import document
from spatialjustice.maps.pictures.numbered import numbered_map
from spatialjustice.report.headline import headline
from spatialjustice.report.takeaway.without_scripts import without_scripts
from spatialjustice.report.where import Where

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import pandas as pd

    from spatialjustice import maps
    from spatialjustice._core.findings import Finding
    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.report.page import ModePage

    Text = str | dict[str, str]

SIGNS = re.compile("[\u202a-\u202e\u2067-\u2069]")
"""Signs of direction that programs which lay out cells and runs of their own show as boxes."""
LEFT_TO_RIGHT = "\u2066", "\u200e"
"""What keeps a date from left to right, and the mark that does so everywhere."""
MOST = 3
"""Neighbourhoods that the overview names for a service."""
WAYS = ("minutes", "metres", "kilometres")


@dataclass(frozen=True, eq=False)
class Takeaway:
    """What is taken away from a study.

    Parameters
    ----------
    zones
        Polygons with unique ids, and their names where there are any.
    people
        People on zone ids, NaN where their number is not known.
    modes
        What the page shows of each mode, that with which it opens first.
    title, subtitle
        Heading: one text, or one per language.
    overview
        What is told before any map; None where nothing is.
    services
        Places with ``service``, ``name`` and a geometry.
    service_titles
        What services are called, by key and language.
    place, base
        Outline and ground of the map.
    findings, sources
        What a reader must know, and what it was made of.
    estimated
        Whether the people are an estimate.
    software
        Name and version of what made it.
    """

    zones: gpd.GeoDataFrame
    people: pd.Series[Any]
    modes: Sequence[ModePage]
    title: Text
    subtitle: Text = ""
    overview: maps.Overview | None = None
    services: gpd.GeoDataFrame | None = None
    service_titles: dict[str, dict[str, str]] = field(default_factory=dict)
    place: gpd.GeoDataFrame | None = None
    base: gpd.GeoDataFrame | None = None
    findings: Sequence[Finding] = ()
    sources: Sequence[SourceRecord] = ()
    estimated: bool = False
    software: str = ""

    @cached_property
    def where(self) -> Where:
        """How the zones lie."""
        return Where(self.zones, self.people)

    @cached_property
    def shown(self) -> maps.Indicator:
        """What the map of the report shows: what the overview opens, else the first one."""
        start = "" if self.overview is None else self.overview.start
        first = self.modes[0].indicators
        return next((item for item in first if item.key == start), first[0])

    @cached_property
    def around_map(self) -> dict[str, Any]:
        """Title, worst-served neighbourhoods and their numbers, in every language."""
        told = self.told(self.shown).get("neighbourhoods")
        return without_scripts(
            self.zones, self.shown, people=self.people, lang=LANGUAGES[0], neighbourhoods=told, drawn=False
        )

    def told(self, indicator: maps.Indicator) -> dict[str, Any]:
        """Return where the badly served live, which is worked out once for each indicator."""
        kept = self._told.get(id(indicator))
        if kept is None:
            kept = self._told[id(indicator)] = self.where.told(indicator.on(self.zones.index))
        return kept

    @cached_property
    def _told(self) -> dict[int, dict[str, Any]]:
        return {}

    @cached_property
    def shown_once(self) -> list[tuple[ModePage, maps.Indicator]]:
        """Every indicator on the zones' index, with its mode; one that several modes show alike comes once."""
        seen: dict[tuple[str, str | None], list[maps.Indicator]] = {}
        found = []
        for mode in self.modes:
            for given in mode.indicators:
                item = given.on(self.zones.index)
                alike = seen.setdefault((item.key, item.mode), [])
                if not any(_same_numbers(item, other) for other in alike):
                    alike.append(item)
                    found.append((mode, item))
        return found

    def names(self, column: str, lang: str) -> list[str | None]:
        """Return the names of the zones in a language, put together once; nothing where there is no such column."""
        if (column, lang) not in self._names:
            self._names[column, lang] = named(self.zones, column, lang)
        return self._names[column, lang]

    @cached_property
    def _names(self) -> dict[tuple[str, str], list[str | None]]:
        return {}

    @property
    def ways(self) -> list[tuple[ModePage, maps.Indicator]]:
        """Every indicator that is a way to the nearest place, with its mode."""
        return [
            (mode, item)
            for mode in self.modes
            for item in mode.indicators
            if item.values is not None and item.kind == "cost" and item.unit in WAYS
        ]


def plain(text: str) -> str:
    """Return a text without signs of direction, but for the mark that keeps a date as it is.

    Examples
    --------
    >>> plain("in \u2068Vegueta\u2069")
    'in Vegueta'
    """
    return SIGNS.sub("", text.replace(*LEFT_TO_RIGHT))


def named(frame: pd.DataFrame, column: str, lang: str) -> list[str | None]:
    """Return the names of a column in a language; nothing where there is no such column.

    Examples
    --------
    >>> import pandas as pd
    >>> named(pd.DataFrame({"name": ["Kluuvi", None], "name_fa": [None, None]}), "name", "fa")
    ['Kluuvi', None]
    """
    if column not in frame:
        return []
    own = f"{column}_{lang}"
    names = frame[own].where(frame[own].notna(), frame[column]) if own in frame else frame[column]
    known = names.notna().tolist()
    return [plain(str(name)) if there else None for name, there in zip(names.tolist(), known, strict=True)]


def called(indicator: maps.Indicator, lang: str) -> str:
    """Return what an indicator is called, its group first."""
    parts = (text_in(indicator.group, lang), text_in(indicator.title, lang))
    return ": ".join(part for part in parts if part)


def title_of(report: Takeaway, mode: ModePage, indicator: maps.Indicator, lang: str) -> str:
    """Return what an indicator is called, with its mode where there are several and its title does not say it."""
    title, by = plain(called(indicator, lang)), plain(text_in(mode.title, lang))
    if len(report.modes) < 2 or indicator.mode is None or by.casefold() in title.casefold():
        return title
    return words(lang)["takeaway.column.by"].format(title=title, mode=by)


def headed(report: Takeaway, mode: ModePage, indicator: maps.Indicator, lang: str) -> str:
    """Return what an indicator is called, with its unit."""
    title, said = title_of(report, mode, indicator, lang), words(lang)
    if indicator.labelled or indicator.unit == "amount":
        return title
    return said["takeaway.column.with_unit"].format(
        title=title, unit=said.get(f"unit.{indicator.unit}", indicator.unit)
    )


def _same_numbers(one: maps.Indicator, other: maps.Indicator) -> bool:
    pairs = ((one.values, other.values), (one.labels, other.labels))
    return all(a is b or (a is not None and b is not None and a.equals(b)) for a, b in pairs)


def contents(report: Takeaway, lang: str, *, drawn: bool = True) -> dict[str, Any]:
    """Return what a report says in a language, as plain data: every number is written already.

    Not ``drawn``, its map is left out.
    """
    said = words(lang)
    overview = report.overview
    return {
        "lang": lang,
        "dir": direction(lang),
        "title": text_in(report.title, lang),
        "subtitle": text_in(report.subtitle, lang),
        "date": _until(report, lang),
        "sentences": [] if overview is None else [text_in(one, lang) for one in overview.sentences],
        "caveats": _caveats(report, lang),
        "overview": None if overview is None or not overview.rows else _overview(report, overview, lang),
        "digits": list(said["language.digits"]),
        "map": _map(report, lang, drawn=drawn),
        "worst": _worst(report, lang),
        "further": []
        if overview is None
        else [{"title": text_in(title, lang), "line": text_in(line, lang)} for title, _, line in overview.further],
        "method": list(dict.fromkeys(text_in(one, lang) for mode in report.modes for one in mode.method)),
        "findings": _findings(report, lang),
        "sources": _sources(report, lang),
        "credits": _credits(report, lang),
        "software": report.software,
        "words": {key: said[key] for key in said if key.startswith("takeaway.")}
        | {key: said[key] for key in WORDS}
        | ({"overview.further": text_in(overview.further_title, lang)} if overview and overview.further_title else {}),
    }


WORDS = (
    "overview.title", "overview.service", "overview.further", "page.worst", "page.method", "page.findings",
    "page.sources", "page.licence", "page.date", "page.source",
)  # fmt: skip


def _until(report: Takeaway, lang: str) -> str:
    """Say up to which day data are, if of any it is known: a report says the same whenever it is made."""
    dates = [source.data_date[:10] for source in report.sources if source.data_date]
    said = words(lang)
    return said["takeaway.data_until"].format(date=date(max(dates), lang)) if dates else said["takeaway.data_undated"]


def _caveats(report: Takeaway, lang: str) -> list[str]:
    own = () if report.overview is None else report.overview.caveats
    told = own or report.modes[0].caveats.get(report.shown.key, ())
    return [text_in(one, lang) for one in told]


def _overview(report: Takeaway, overview: maps.Overview, lang: str) -> dict[str, Any]:
    return {
        "heads": [[text_in(name, lang), text_in(limit, lang)] for name, limit in overview.modes],
        "rows": [
            {
                "title": text_in(title, lang),
                "cells": [
                    None
                    if cell is None
                    else {
                        **{part: text_in(getattr(cell, part), lang) for part in ("share", "beyond", "worst")},
                        "step": cell.step,
                    }
                    for cell in cells
                ],
                "most": _where_most(report, cells[0].href if cells and cells[0] is not None else "", lang),
            }
            for title, cells in overview.rows
        ],
    }


def _where_most(report: Takeaway, address: str, lang: str) -> list[str]:
    """Return where most people live who are badly served by what a cell leads to; nothing where nobody is."""
    key = parse_qs(urlsplit(address).fragment).get("show", [""])[0]
    item = next((one for one in report.modes[0].indicators if one.key == key), None)
    told = None if item is None else report.told(item).get("neighbourhoods")
    if told is None or told["rule"] != "beyond":
        return []
    said, zones = words(lang), report.zones
    column = next((name for name in ("neighbourhood", "name") if name in zones), None)
    if column is None:
        return []
    names = report.names(column, lang)
    return [
        said["overview.place"].format(name=names[one["named"]], people=number(one["people"], lang, digits=0))
        for one in told["first"][:MOST]
        if names[one["named"]] is not None and one["people"] >= 1
    ]


def _map(report: Takeaway, lang: str, *, drawn: bool) -> dict[str, Any]:
    shown = report.shown.on(report.zones.index)
    legend = make_legend(shown, people=report.people, lang=lang)
    record = as_record(legend, shown, lang, report.people)
    mode = report.modes[0]
    finding = mode.findings_in_words.get(shown.key) or headline(
        shown, people=report.people, limit=mode.limits.get(shown.key), zones=report.zones
    )
    svg = ""
    if drawn:
        numbered = report.around_map["numbered"]
        svg = numbered_map(report.zones, shown, numbered=numbered, place=report.place, base=report.base, lang=lang)
    title = called(shown, lang)
    return {
        "title": title,
        "finding": text_in(finding, lang),
        "unit": " · ".join(part for part in (record["unit"], record["direction"]) if part),
        # Paper has no room for what is not there; classes of values come first, so that limits keep their places.
        "rows": [
            {key: row[key] for key in ("label", "swatch", "people", "zones")}
            for row, counted in zip(record["rows"], legend.rows, strict=True)
            if counted.value or counted.zones
        ],
        "limits": record["limits"],
        "note": record["note"],
        "method": record["method"],
        "counts": words(lang)["page.counts.people" if record["people"] is not None else "page.counts.zones"],
        "svg": svg,
        "ratio": _ratio(svg),
        "alt": f"{title}. {text_in(finding, lang)}",
    }


def _ratio(svg: str) -> float:
    """Return how high a drawing is, as parts of its width."""
    size = re.search(r'width="(\d+)" height="(\d+)"', svg)
    return int(size[2]) / int(size[1]) if size else 1.0


def _worst(report: Takeaway, lang: str) -> dict[str, Any] | None:
    around = report.around_map
    if not around["worst"]:
        return None
    said = words(lang)
    unit = f" {said['unit.people']}"
    return {
        "title": said[around["headed"] if report.shown.better != "none" else around["ranked"]],
        "about": text_in(around["title"], lang),
        "note": "" if around["note"] is None else text_in(around["note"], lang),
        "heads": [said[f"takeaway.head.{name}"] for name in ("number", "place", "way", "people")],
        "rows": [[text_in(cell, lang).removesuffix(unit) for cell in row] for row in around["worst"]],
    }


def _findings(report: Takeaway, lang: str) -> list[dict[str, Any]]:
    return [
        {
            "heading": row["heading"].get(lang, ""),
            "warning": row["severity"] == "warning",
            "messages": [
                {
                    "text": text_in(one["message"], lang),
                    "advice": text_in(one["advice"], lang) if one["advice"] else "",
                    # What no language but English has stays English, and is set from the left.
                    "lang": spoken,
                    "dir": direction(spoken),
                }
                for one in row["messages"]
                for spoken in (lang if lang in one["message"] else LANGUAGES[0],)
            ],
        }
        for row in document.finding_rows(report.findings)
    ]


def _sources(report: Takeaway, lang: str) -> list[dict[str, str]]:
    return [
        {
            "name": text_in(row["name"], lang),
            "file": row["file"],
            "licence": text_in(row["licence"], lang),
            "credit": row["credit"],
            "date": text_in(row["date"], lang),
            "note": row["note"],
        }
        for row in document.source_rows(report.sources)
    ]


def _credits(report: Takeaway, lang: str) -> list[str]:
    return [
        " · ".join([row["text"], *(text_in(one, lang) for one in row["detail"])])
        for row in document.credits_of(report.sources)
    ]
