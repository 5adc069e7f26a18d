"""The page of a monitor: what got better, what worse, what cannot be told; alerts, and the line of every indicator."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice.catalogue import LANGUAGES, date, number, text_in, words
from spatialjustice.catalogue.amounts import amount, bare, difference
from spatialjustice.report.sheet.blocks import Line, Lines, Panel, Part, Passage, SheetColumn, SheetTable
from spatialjustice.report.sheet.page import SheetPage, sheet_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spatialjustice._core.findings import Finding
    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.report.sheet.blocks import Block

NOTHING = 1e-12
"""Parts of a change that are smaller are none."""
ORDER = (*("worse", "better", "fell", "rose", "data changed", "nothing comparable", "not measured", "no clear change"),)


@dataclass(frozen=True)
class Watched:
    """What a monitor holds, as the page tells it.

    Parameters
    ----------
    title
        Title of the page.
    titles
        What indicators are called, by language.
    levels, worst
        Rows of ``key_indicators``: means, and worst-off tenths.
    changes
        Rows of ``change`` up to the last date.
    parts
        Rows of ``change_by_source``.
    alerts
        Rows of ``alerts``.
    dates
        A row for each date: ``date``, ``status``, ``reason`` and ``what`` changed since the date before (texts by
        language), ``inputs``, ``zones``, ``people``.
    rules
        The rules.
    level, replications
        How sure ranges are, and from how many draws they come.
    """

    title: Any
    titles: Mapping[str, Any]
    levels: pd.DataFrame
    worst: pd.DataFrame
    changes: pd.DataFrame
    parts: pd.DataFrame
    alerts: pd.DataFrame
    dates: pd.DataFrame
    rules: Sequence[Mapping[str, Any]]
    level: float
    replications: int
    findings: Sequence[Finding] = ()
    sources: Sequence[SourceRecord] = ()
    languages: Sequence[str] = LANGUAGES
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def called(self, indicator: str, lang: str) -> str:
        """Return what an indicator is called in a language."""
        return text_in(self.titles.get(indicator, indicator), lang)

    @property
    def last(self) -> str:
        """The last date."""
        return str(self.dates["date"].iloc[-1])


def monitor_page(watched: Watched) -> SheetPage:
    """Return the page of a monitor."""
    blocks: list[Block] = [_alerts(watched), _lines(watched)]
    if len(watched.dates) > 1:
        blocks += [_changes(watched), *_parts(watched)]
    blocks += [_dates(watched), Part(_said("monitoring.page.rules"), [_rules(watched)], folded=True)]
    if len(watched.alerts):
        blocks.append(Part(_said("monitoring.page.earlier"), [_all_alerts(watched)], folded=True))
    return sheet_page(
        blocks,
        title=watched.title,
        lead=_lead(watched),
        lang=watched.languages[0],
        languages=watched.languages,
        method=_method(watched),
        findings=watched.findings,
        sources=watched.sources,
        provenance=watched.provenance,
    )


def _said(key: str, **parts: Callable[[str], str] | str) -> dict[str, str]:
    """Return a text in every language, its gaps filled by functions of the language, or by texts."""
    return {
        lang: words(lang)[key].format(**{name: one(lang) if callable(one) else one for name, one in parts.items()})
        for lang in LANGUAGES
    }


def _each(made: Callable[[str], str]) -> dict[str, str]:
    return {lang: made(lang) for lang in LANGUAGES}


def _day(value: str) -> Callable[[str], str]:
    return lambda lang: date(value, lang)


def _lead(watched: Watched) -> list[dict[str, str]]:
    if len(watched.dates) == 1:
        count = watched.levels["indicator"].nunique()
        return [_said("monitoring.lead.one", count=lambda lang: number(count, lang), date=_day(watched.last))]
    told = []
    for verdict in ORDER:
        rows = watched.changes[watched.changes["verdict"] == verdict].to_dict("records")
        if rows:
            names = _each(lambda lang, rows=rows: _listed([_moved(watched, row, lang) for row in rows], lang))  # type: ignore[misc]
            told.append(_said(f"monitoring.lead.{verdict}", date=_day(watched.last), names=names.__getitem__))
    return told


def _listed(names: Sequence[str], lang: str) -> str:
    return words(lang)["language.semicolon"].join(names)


def _moved(watched: Watched, row: Mapping[str, Any], lang: str) -> str:
    name = watched.called(row["indicator"], lang)
    if not math.isfinite(row["before"]) or not math.isfinite(row["after"]):
        return name
    before, after = amount(row["before"], row["unit"], lang), amount(row["after"], row["unit"], lang)
    if before == after:
        return f"{name} ({after})"
    return words(lang)["monitoring.lead.moved"].format(indicator=name, before=before, after=after)


def _alerts(watched: Watched) -> Passage:
    now = watched.alerts[watched.alerts["date"] == watched.last].sort_values("new", ascending=False, kind="stable")
    if now.empty:
        return Passage(_said("monitoring.page.no_alerts", date=_day(watched.last)), kind="note")
    told = [
        _said("monitoring.page.new", sentence=lambda lang, row=row: row[lang])  # type: ignore[misc]
        if row["new"]
        else _each(lambda lang, row=row: row[lang])  # type: ignore[misc]
        for row in now.to_dict("records")
    ]
    title = _said("monitoring.page.alerts", date=_day(watched.last))
    return Passage(told, title=title, kind="caveat", listed=True)


def _iso(day: str, lang: str) -> str:
    """Write a date as short as it is kept, with the digits of a language."""
    return day.translate(str.maketrans("0123456789", words(lang)["language.digits"]))


def place_of(day: str) -> float:
    """Return where a date stands on an axis of years.

    Examples
    --------
    >>> place_of("2019"), place_of("2020-07-01")
    (2019.0, 2020.497)
    """
    if len(day) == 4:
        return float(day)
    found = dt.date.fromisoformat(day + "-01" * (len(day) == 7))
    first, after = dt.date(found.year, 1, 1), dt.date(found.year + 1, 1, 1)
    return round(found.year + (found - first).days / (after - first).days, 3)


def _lines(watched: Watched) -> Lines:
    days = watched.dates["date"].tolist()
    labels = {place_of(day): _each(lambda lang, day=day: _iso(day, lang)) for day in days}  # type: ignore[misc]
    alerted = set(watched.alerts.loc[watched.alerts["date"] == watched.last, "indicator"])
    counted = bool((watched.levels["weighted_by"] == "people").any())
    panels = [_panel(watched, indicator, alert=indicator in alerted) for indicator in _in_order(watched, alerted)]
    return Lines(
        panels,
        title=_said("monitoring.page.lines"),
        same_scale=False,
        from_zero=False,
        x_labels=labels,
        note=_said(f"monitoring.page.lines.note.{'people' if counted else 'zones'}", level=_sure(watched)),
    )


def _in_order(watched: Watched, alerted: set[str]) -> list[str]:
    """Return the indicators, those with an alert first."""
    every = watched.levels["indicator"].drop_duplicates().tolist()
    return sorted(every, key=lambda name: name not in alerted)


def _panel(watched: Watched, indicator: str, *, alert: bool) -> Panel:
    mean = watched.levels[watched.levels["indicator"] == indicator]
    worst = watched.worst[watched.worst["indicator"] == indicator]
    places = [place_of(day) for day in mean["date"]]
    lines = [
        Line(
            places,
            mean["value"].tolist(),
            mean["low"].tolist(),
            mean["high"].tolist(),
            label=_said("monitoring.page.mean"),
        )
    ]
    if worst["value"].notna().any():
        lines.append(Line(places, worst["value"].tolist(), label=_said("monitoring.page.worst")))
    unit = str(mean["unit"].iloc[0])
    marks = [
        (place_of(row["date"]), _said("monitoring.page.mark", date=_day(row["date"]), what=row["what"].__getitem__))
        for row in watched.dates.to_dict("records")
        if row["what"]
    ]
    gone = mean.loc[mean["status"] == "missing", "date"].tolist()
    note: dict[str, str] | str = ""
    if gone:
        note = _said(
            "monitoring.page.missing",
            dates=lambda lang: words(lang)["language.comma"].join(_iso(day, lang) for day in gone),
        )
    share = unit == "share"
    # A unit stands on no axis: the title tells it.
    title = _each(lambda lang: watched.called(indicator, lang) + ("" if share else _unit(unit, lang)))
    return Panel(title, lines, marks=marks, note=note, alert=alert, unit="" if share else unit, percent=share)


def _unit(unit: str, lang: str) -> str:
    after = words(lang).get(f"unit.{unit}", unit)
    return f"{words(lang)['language.comma']}{after}" if after else ""


def _change_text(row: Mapping[str, Any], names: tuple[str, str, str], lang: str) -> str:
    """Write a change with its sign and its range."""
    value, low, high = (row[name] for name in names)
    if not math.isfinite(value):
        return "–"
    told = difference(value, row["unit"], lang, signed=True)
    if not math.isfinite(low) or not math.isfinite(high):
        return told
    ends = {name: bare(end, row["unit"], lang, signed=True, like=value) for name, end in (("low", low), ("high", high))}
    return words(lang)["monitoring.change.range"].format(change=told, **ends)


def _changes(watched: Watched) -> SheetTable:
    since = watched.changes["since"].unique().tolist()
    rows = [
        {
            "indicator": _each(lambda lang, row=row: watched.called(row["indicator"], lang)),  # type: ignore[misc]
            "verdict": _said(f"monitoring.verdict.{row['verdict']}"),
            "since": _each(lambda lang, row=row: _iso(row["since"], lang) or "–"),  # type: ignore[misc]
            "before": _each(lambda lang, row=row: amount(row["before"], row["unit"], lang)),  # type: ignore[misc]
            "after": _each(lambda lang, row=row: amount(row["after"], row["unit"], lang)),  # type: ignore[misc]
            "change": _each(lambda lang, row=row: difference(row["change"], row["unit"], lang, signed=True)),  # type: ignore[misc]
            "city": _each(lambda lang, row=row: _change_text(row, ("city", "city_low", "city_high"), lang)),  # type: ignore[misc]
        }
        for row in watched.changes.to_dict("records")
    ]
    names = ["indicator", "verdict", "since", "before", "after", "change", "city"]
    title = _said("monitoring.page.changes")
    if len(since) == 1 and since[0]:
        names.remove("since")
        title = _said("monitoring.page.changes_since", date=_day(since[0]))
    titles = {"city": _said("monitoring.column.city", level=_sure(watched))}
    columns = [SheetColumn(name, titles[name]) if name in titles else _column(name) for name in names]
    return SheetTable(pd.DataFrame(rows), columns, title=title)


def _sure(watched: Watched) -> Callable[[str], str]:
    return lambda lang: number(watched.level, lang, digits=0, percent=True)


def _column(name: str, kind: Any = "text") -> SheetColumn:
    return SheetColumn(name, _said(f"monitoring.column.{name}"), kind)


def _parts(watched: Watched) -> list[Part]:
    rows = [
        {
            "indicator": _each(lambda lang, row=row: watched.called(row["indicator"], lang)),  # type: ignore[misc]
            "part": _said(f"monitoring.part.{row['part']}", what=lambda lang, row=row: row[f"what_{lang}"]),  # type: ignore[misc]
            "change": _each(lambda lang, row=row: _change_text(row, ("change", "low", "high"), lang)),  # type: ignore[misc]
        }
        for row in watched.parts.to_dict("records")
        if row["part"] in {"city", "cannot be separated"} or abs(row["change"]) > NOTHING
    ]
    table = SheetTable(
        pd.DataFrame(rows, columns=["indicator", "part", "change"]),
        [_column("indicator"), _column("part"), _column("change")],
        note=_said("monitoring.page.parts.note"),
    )
    if len(rows) == len(watched.changes):  # the city alone moved each
        return []
    return [Part(_said("monitoring.page.parts"), [table], folded=len(rows) > 12)]


def _dates(watched: Watched) -> SheetTable:
    rows = [
        {
            "date": _each(lambda lang, row=row: date(row["date"], lang)),  # type: ignore[misc]
            "status": row["reason"] or _said("monitoring.status.measured"),
            "zones": row["zones"],
            "people": row["people"],
            "inputs": row["inputs"],
            "changed": row["what"] or "–",
        }
        for row in watched.dates.iloc[::-1].to_dict("records")
    ]
    people = [_column("people", "people")] if watched.dates["people"].notna().any() else []
    columns = [
        *(_column("date"), _column("status"), _column("inputs"), _column("changed")),
        *(_column("zones", "people"), *people),
    ]
    return SheetTable(pd.DataFrame(rows), columns, title=_said("monitoring.page.dates"))


def _all_alerts(watched: Watched) -> SheetTable:
    newest = watched.alerts.iloc[::-1].to_dict("records")
    rows = [
        {
            "date": _each(lambda lang, row=row: _iso(row["date"], lang)),  # type: ignore[misc]
            "alert": _each(lambda lang, row=row: row[lang]),  # type: ignore[misc]
        }
        for row in newest
    ]
    return SheetTable(pd.DataFrame(rows), [_column("date"), _column("alert")])


def _rules(watched: Watched) -> Passage:
    return Passage([_each(lambda lang, rule=rule: _rule(watched, rule, lang)) for rule in watched.rules], listed=True)  # type: ignore[misc]


def _rule(watched: Watched, rule: Mapping[str, Any], lang: str) -> str:
    said = words(lang)
    indicator = rule.get("indicator")
    name = watched.called(indicator, lang) if indicator else said["monitoring.rule.any"]
    units = watched.levels.set_index("indicator")["unit"].to_dict()
    statistic = rule.get("statistic", "mean")
    subject = said[f"monitoring.subject.{statistic}.people"].format(indicator=name)
    above = rule.get("above") is not None
    limit = rule.get("above") if above else rule.get("below")
    return said[f"monitoring.rule.{rule['kind']}"].format(
        subject=subject,
        count=number(rule.get("dates", 1), lang, digits=0),
        rate=number(1 - watched.level, lang, digits=0, percent=True),
        side=said[f"monitoring.rule.side.{'above' if above else 'below'}"],
        limit="" if limit is None else amount(float(limit), units.get(indicator, ""), lang),
    )


def _method(watched: Watched) -> list[dict[str, str]]:
    count = len(watched.changes)

    def rate(lang: str) -> str:
        return number(1 - watched.level, lang, digits=0, percent=True)

    return [
        _said("monitoring.method.mean"),
        _said("monitoring.method.range", draws=lambda lang: number(watched.replications, lang), level=_sure(watched)),
        _said("monitoring.method.rule"),
        _said(
            f"monitoring.method.{'one' if count == 1 else 'many'}", count=lambda lang: number(count, lang), rate=rate
        ),
    ]
