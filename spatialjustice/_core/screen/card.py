"""How networks, travel costs and results look in notebooks: a small table of their numbers, and their findings."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LINE = "1px solid rgba(128,128,128,.35)"
"""A line that can be seen on white and on black."""
TOLD = ("unit", "cutoff", "level", "method", "replications", "permutations", "adjust", "significance", "seed", "rng")
"""What frames carry in their attrs that a reader of their numbers must know, in this order."""


class Card(NamedTuple):
    """What is told of an object: what it is, and its numbers, each with its name."""

    title: str
    rows: Sequence[tuple[str, str]]


class Shown:
    """An object that notebooks show as a card: a class gives ``_card()``, and ``findings`` where it has some."""

    __slots__ = ()

    def _card(self) -> Card:
        """Return what is told of it."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        card = self._card()
        return card_as_html(card, [one.as_dict() for one in getattr(self, "findings", ())])


def card_as_html(card: Card, found: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return a card as HTML that takes its colours from the notebook, light or dark; no script, nothing fetched."""
    lines = "".join(
        f'<tr style="background:none"><th scope="row" style="text-align:start;font-weight:normal;opacity:.75;'
        f'padding:.15em 1em .15em 0">{html.escape(name)}</th>'
        f'<td style="text-align:start;padding:.15em 0">{html.escape(text)}</td></tr>'
        for name, text in card.rows
        if text
    )
    return (
        f'<div style="border:{LINE};border-radius:6px;padding:.5em .9em;margin:.2em 0;display:inline-block;'
        f'max-width:60em;color:inherit"><strong>{html.escape(card.title)}</strong>'
        f'<table style="border:0;border-collapse:collapse;margin:.3em 0 0;font-size:inherit">'
        f"<tbody>{lines}</tbody></table>"
        f"{findings_as_html(found)}</div>"
    )


def findings_as_html(found: Sequence[Mapping[str, Any]]) -> str:
    """Return findings as a list: warnings first and open, what is only to be known folded away; nothing for none."""
    warned = [one for one in found if one["severity"] == "warning"]
    others = [one for one in found if one["severity"] != "warning"]
    parts = [_listed(warned)] if warned else []
    if others:
        more = "further " if warned else ""
        many = f"{len(others):,} {more}finding{'s' if len(others) != 1 else ''}"
        parts.append(f"<details><summary>{many}</summary>{_listed(others)}</details>")
    return "".join(parts)


def _listed(found: Sequence[Mapping[str, Any]]) -> str:
    rows = "".join(f'<li style="margin:.15em 0">{_finding(one)}</li>' for one in found)
    return f'<ul style="margin:.3em 0 0;padding-inline-start:1.4em">{rows}</ul>'


def _finding(one: Mapping[str, Any]) -> str:
    parts = [
        f"<b>{html.escape(str(one['severity']))}</b> <code>{html.escape(str(one['code']))}</code>:",
        html.escape(str(one["message"])),
        html.escape(str(one.get("advice") or "")),
    ]
    if one.get("people") is not None:
        parts.append(f"People: {counted(float(one['people']))}.")
    if one.get("rows"):
        more = ", …" if int(one.get("count") or 0) > len(one["rows"]) else ""
        parts.append(f"Ids: {html.escape(', '.join(map(str, one['rows'])))}{more}")
    return " ".join(part for part in parts if part)


def facts_as_html(attrs: Mapping[str, Any]) -> str:
    """Return unit, cutoff, seed and the like of a frame as one line; nothing where it carries none."""
    told = [f"{name}: {written(attrs[name])}" for name in TOLD if attrs.get(name) not in {None, ""}]
    told += [f"{one}: {unit}" for one, unit in _units_of_columns(attrs)]
    left = attrs.get("left_out")
    if isinstance(left, dict):
        told += [f"{name.replace('_', ' ')}: {written(value)}" for name, value in left.items() if value]
    if not told:
        return ""
    return f'<p style="margin:.2em 0;opacity:.75">{html.escape(" · ".join(told))}</p>'


def _units_of_columns(attrs: Mapping[str, Any]) -> list[tuple[str, str]]:
    known = attrs.get("columns")
    if not isinstance(known, dict):
        return []
    return [(str(name), str(one["unit"])) for name, one in known.items() if isinstance(one, dict) and one.get("unit")]


def written(value: Any) -> str:
    """Return a number or a text as it is read.

    Examples
    --------
    >>> written(1500.0), written(0.05), written(42), written("minutes")
    ('1,500', '0.05', '42', 'minutes')
    """
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return str(value)


def counted(value: float) -> str:
    """Return a count with its thousands apart, and no decimals unless it is small.

    Examples
    --------
    >>> counted(12345.6), counted(3), counted(2.25)
    ('12,346', '3', '2.2')
    """
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:,.1f}"


def data_of(sources: Iterable[Any]) -> str:
    """Name the files that something was made of, each with the day that it describes and its licence."""
    told = []
    for one in sources:
        date = str(one.data_date)[:10] if one.data_date else "date unknown"
        told.append(f"{one.name}: {one.file} ({date}; {one.licence})")
    return "; ".join(dict.fromkeys(told))
