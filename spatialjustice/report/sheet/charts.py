"""The charts of a page without a map, as shapes that its template writes; they need no script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice.catalogue import LANGUAGES
from spatialjustice.report.sheet.numbers import axis, decimals, finite, known, range_text, value_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spatialjustice.report.sheet.blocks import Dots, Line, Lines, Panel, Points, Text

WIDE, HIGH, LEFT, RIGHT, TOP, BELOW = 300, 168, 46, 12, 12, 22
LETTER = 6.1
"""Width of a letter of 11 px, about."""
SIDE = 340


def shape(tag: str, text: Text | None = None, hint: Text | None = None, **facts: Any) -> dict[str, Any]:
    """Return one shape of a drawing, its numbers as short as a reader can see.

    Examples
    --------
    >>> shape("line", x1=0.123456, css="axis")["facts"]
    {'x1': '0.12', 'class': 'axis'}
    """
    told = {{"css": "class", "anchor": "text-anchor"}.get(name, name): _short(value) for name, value in facts.items()}
    return {"tag": tag, "facts": told, "text": text, "hint": hint}


def _short(value: Any) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def dots(block: Dots) -> dict[str, Any]:
    """Return rows with a dot and its range on one axis, as shares of the axis' length."""
    numbers = [row.get(name) for row in block.rows for name in ("value", "low", "high")]
    low, high, ticks = axis([*numbers, block.reference], from_zero=block.from_zero)
    digits = decimals(numbers, percent=block.percent) if block.digits is None else block.digits

    def at(value: Any) -> float:
        return round((finite(value) - low) / (high - low) * 100, 2)

    rows = []
    for row in block.rows:
        written: dict[str, Any] = {"digits": digits, "percent": block.percent}
        there = known(row.get("value"))
        ranged = known(row.get("low"), row.get("high"))
        rows.append(
            {
                "label": row["label"],
                "at": at(row["value"]) if there else None,
                "low": at(row["low"]) if ranged else None,
                "wide": round(at(row["high"]) - at(row["low"]), 2) if ranged else None,
                "value": value_text(row.get("value"), unit=block.unit, **written),
                "range": range_text(row.get("low"), row.get("high"), **written) if ranged else "",
                "note": row.get("note", ""),
                "mark": bool(row.get("mark")),
            }
        )
    return {
        "kind": "dots",
        "title": block.title,
        "rows": rows[: block.shown],
        "rest": rows[block.shown :],
        "ticks": [{"at": at(tick), "text": _tick(tick, ticks, percent=block.percent)} for tick in ticks],
        "reference": at(block.reference) if known(block.reference) else None,
        "reference_title": block.reference_title,
        "reference_value": value_text(block.reference, digits=digits, percent=block.percent, unit=block.unit)
        if known(block.reference)
        else "",
        "note": block.note,
    }


def _tick(value: float, ticks: Sequence[float], *, percent: bool) -> dict[str, str]:
    return value_text(value, digits=_tick_digits(ticks, percent=percent), percent=percent)


def _tick_digits(ticks: Sequence[float], *, percent: bool) -> int:
    """Return the decimals that all ticks of an axis need."""
    scaled = [tick * (100 if percent else 1) for tick in ticks]
    return next((digits for digits in range(4) if all(abs(one - round(one, digits)) < 1e-9 for one in scaled)), 4)


def lines(block: Lines) -> dict[str, Any]:
    """Return small pictures of series, on one scale where they are to be compared."""
    shared = [value for panel in block.panels for line in panel.lines for value in _heights(line)]
    everywhere = sorted({float(x) for panel in block.panels for line in panel.lines for x in line.x})
    panels = []
    for panel in block.panels:
        percent = block.percent if panel.percent is None else panel.percent
        own = [value for line in panel.lines for value in _heights(line)]
        alike = block.same_scale and panel.percent is None and panel.unit is None
        values = shared if alike else own
        digits = panel.digits if panel.digits is not None else block.digits
        panels.append(
            {
                "title": panel.title,
                "note": panel.note,
                "alert": panel.alert,
                "marks": [{"number": place, "text": text} for place, (_, text) in enumerate(panel.marks, start=1)],
                "shapes": _panel(
                    panel,
                    values,
                    everywhere,
                    {
                        "percent": percent,
                        "digits": decimals(values, percent=percent) if digits is None else digits,
                        "unit": block.unit if panel.unit is None else panel.unit,
                        "from_zero": block.from_zero,
                        "x_labels": block.x_labels,
                    },
                ),
                "names": [line.label for line in panel.lines if line.label],
            }
        )
    return {"kind": "lines", "title": block.title, "panels": panels, "note": block.note, "size": (WIDE, HIGH)}


def _heights(line: Line) -> list[Any]:
    return [*line.y, *line.low, *line.high]


def _panel(panel: Panel, values: Sequence[Any], span: Sequence[float], how: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the shapes of one small picture."""
    low, high, ticks = axis(values, from_zero=how["from_zero"], most=3)
    first, last = (span[0], span[-1]) if span else (0.0, 1.0)

    def across(x: float) -> float:
        return LEFT + (WIDE - LEFT - RIGHT) * ((x - first) / (last - first) if last > first else 0.5)

    def up(y: Any) -> float:
        return TOP + (HIGH - TOP - BELOW) * (1 - (finite(y) - low) / (high - low))

    shapes = []
    for tick in ticks:
        shapes.append(shape("line", x1=LEFT, x2=WIDE - RIGHT, y1=up(tick), y2=up(tick), css="grid"))
        text = _tick(tick, ticks, percent=how["percent"])
        shapes.append(shape("text", text, x=LEFT - 6, y=up(tick) + 3.5, anchor="end", css="tick"))
    shapes += _x_ticks(span, across, how["x_labels"])
    for place, (x, _) in enumerate(panel.marks, start=1):
        shapes.append(shape("line", x1=across(x), x2=across(x), y1=TOP, y2=HIGH - BELOW, css="mark-line"))
        number = value_text(place, digits=0, percent=False)
        shapes.append(shape("text", number, x=across(x), y=TOP - 3, anchor="middle", css="mark-number"))
    for place, line in enumerate(panel.lines, start=1):
        shapes += _band(line, across, up, place)
    for place, line in enumerate(panel.lines, start=1):
        shapes += _line(line, across, up, place, how)
    return shapes


def _x_ticks(span: Sequence[float], across: Any, labels: Mapping[float, Text]) -> list[dict[str, Any]]:
    """Return the texts under a picture: as many as have room, the first and the last among them."""
    if not span:
        return []
    texts = [labels.get(x) or {lang: _plain(x, lang) for lang in LANGUAGES} for x in span]
    widest = max(len(part) for text in texts for part in ([text] if isinstance(text, str) else text.values()))
    half = widest * LETTER / 2

    def placed(place: int) -> tuple[str, float]:
        """Return how a text hangs at its place, and where its middle is then."""
        x = across(span[place])
        return ("end", x - half) if x + half > WIDE else ("start", x + half) if x - half < 0 else ("middle", x)

    chosen: list[int] = []
    for place in [len(span) - 1, 0, *range(1, len(span) - 1)]:
        if all(abs(placed(place)[1] - placed(other)[1]) >= 2 * half + 10 for other in chosen):
            chosen.append(place)
    made = []
    for place in sorted(chosen):
        x = min(across(span[place]), WIDE - 1.0)
        made.append(shape("text", texts[place], x=x, y=HIGH - 6, anchor=placed(place)[0], css="tick"))
    return made


def _plain(value: float, lang: str) -> str:
    """Write a year or a place on an axis: whole numbers without a sign between thousands."""
    from spatialjustice.catalogue import number, words

    if value != round(value):
        return number(value, lang)
    digits = words(lang)["language.digits"]
    return "".join(digits[int(sign)] if sign.isdecimal() else sign for sign in f"{value:.0f}")


def _pieces(line: Line, *rows: Sequence[Any]) -> list[list[int]]:
    """Return the places of a line that follow one another without a gap."""
    pieces: list[list[int]] = [[]]
    for place in range(len(line.x)):
        if all(len(row) > place and known(row[place]) for row in rows):
            pieces[-1].append(place)
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _band(line: Line, across: Any, up: Any, place: int) -> list[dict[str, Any]]:
    made = []
    for piece in _pieces(line, line.low, line.high):
        if len(piece) == 1:
            x = across(line.x[piece[0]])
            ends = {"y1": up(line.low[piece[0]]), "y2": up(line.high[piece[0]])}
            made.append(shape("line", x1=x, x2=x, **ends, css=f"range series-{place}"))
            continue
        there = [f"{across(line.x[one]):.1f},{up(line.high[one]):.1f}" for one in piece]
        back = [f"{across(line.x[one]):.1f},{up(line.low[one]):.1f}" for one in reversed(piece)]
        made.append(shape("polygon", points=" ".join(there + back), css=f"band series-{place}"))
    return made


def _line(line: Line, across: Any, up: Any, place: int, how: dict[str, Any]) -> list[dict[str, Any]]:
    made = []
    for piece in _pieces(line, line.y):
        corners = " ".join(f"{across(line.x[one]):.1f},{up(line.y[one]):.1f}" for one in piece)
        if len(piece) > 1:
            made.append(shape("polyline", points=corners, css=f"series series-{place}"))
        for one in piece:
            said = value_text(line.y[one], digits=how["digits"], percent=how["percent"], unit=how["unit"])
            where = how["x_labels"].get(line.x[one]) or {lang: _plain(float(line.x[one]), lang) for lang in LANGUAGES}
            hint = {
                lang: f"{where if isinstance(where, str) else where.get(lang, '')}: {said[lang]}" for lang in LANGUAGES
            }
            made.append(
                shape(
                    "circle", None, hint, cx=across(line.x[one]), cy=up(line.y[one]), r=2.4, css=f"dot series-{place}"
                )
            )
    return made


def points(block: Points) -> dict[str, Any]:
    """Return points on two axes."""
    xs, ys = (
        [row["x"] for row in block.rows],
        [row[name] for row in block.rows for name in ("y", "low", "high") if name in row],
    )
    if block.identity:
        xs = ys = [*xs, *ys]
    x_low, x_high, x_ticks = axis(xs, from_zero=block.identity, most=5)
    y_low, y_high, y_ticks = axis(ys, from_zero=block.identity, most=5)
    left, below = 52, 26

    def across(x: Any) -> float:
        return left + (SIDE - left - 12) * (finite(x) - x_low) / (x_high - x_low)

    def up(y: Any) -> float:
        return 10 + (SIDE - below - 10) * (1 - (finite(y) - y_low) / (y_high - y_low))

    shapes = []
    for tick in y_ticks:
        shapes.append(shape("line", x1=left, x2=SIDE - 12, y1=up(tick), y2=up(tick), css="grid"))
        text = _tick(tick, y_ticks, percent=block.percent)
        shapes.append(shape("text", text, x=left - 6, y=up(tick) + 3.5, anchor="end", css="tick"))
    for tick in x_ticks:
        text = _tick(tick, x_ticks, percent=block.percent)
        shapes.append(shape("text", text, x=across(tick), y=SIDE - 8, anchor="middle", css="tick"))
    if block.identity:
        shapes.append(shape("line", x1=across(x_low), y1=up(x_low), x2=across(x_high), y2=up(x_high), css="mark-line"))
    most = max((finite(row.get("people")) for row in block.rows if known(row.get("people"))), default=0.0)
    for row in block.rows:
        if not known(row["x"], row["y"]):
            continue
        x, y = across(row["x"]), up(row["y"])
        if known(row.get("low"), row.get("high")):
            shapes.append(shape("line", x1=x, x2=x, y1=up(row["low"]), y2=up(row["high"]), css="range series-1"))
        size = 2.2 + 6 * (finite(row["people"]) / most) ** 0.5 if most and known(row.get("people")) else 3.4
        css = "dot series-2" if row.get("mark") else "dot series-1"
        shapes.append(shape("circle", None, row.get("label"), cx=x, cy=y, r=size, css=css))
        if row.get("mark") and row.get("label"):
            right = x < SIDE * 0.7
            place: dict[str, Any] = {
                "x": x + size + 4 if right else x - size - 4,
                "y": y + 4,
                "anchor": "start" if right else "end",
            }
            shapes.append(shape("text", row["label"], **place, css="name"))
    return {
        "kind": "points",
        "title": block.title,
        "shapes": shapes,
        "x_title": block.x_title,
        "y_title": block.y_title,
        "note": block.note,
        "size": (SIDE, SIDE),
    }
