"""Curves of inequality and bars of groups as figures for papers, drawn by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import InputError
from spatialjustice.catalogue import direction, number, text_in, words
from spatialjustice.maps.pictures.journal import GAP, journal_width
from spatialjustice.maps.pictures.lettering import INK, for_matplotlib, style, wrapped
from spatialjustice.maps.pictures.saving import empty_figure, remember
from spatialjustice.report.curves_and_bars import Bars, Curve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

LINES = (("#1f5a78", "-"), ("#c4561d", (0, (5, 1.6))), ("#4c7d2b", (0, (1.2, 1.2))), ("#7a4b94", (0, (5, 1.5, 1, 1.5))))
"""Colour and dashes of each curve: they differ in grey and for the colour-blind as well."""
UNSURE = "#9aa5ab"
"""Colour of a bar whose gap cannot be told from none."""
SIZE = 7.5


def chart(part: Curve | Bars | Sequence[Curve], *, size: float | str = "single", lang: str = "en") -> Figure:
    """Draw curves of inequality or bars of groups for a paper.

    Parameters
    ----------
    part
        A :class:`Curve`, up to four of them that are compared, or :class:`Bars`.
    size
        A column of a journal, ``"single"``, ``"one and a half"`` or ``"double"`` (90, 140, 190 mm), or its width in
        millimetres. The height follows from what is drawn.
    lang
        ``"en"`` or ``"fa"``.

    Returns
    -------
    matplotlib.figure.Figure
        For :func:`~spatialjustice.maps.save_figure`. Intervals are drawn where there are any, and each curve's index
        stands in its legend.

    Raises
    ------
    InputError
        When there is no curve or more than four, no bar, or no such size.

    Examples
    --------
    >>> import pandas as pd, spatialjustice as sj
    >>> minutes, people = pd.Series([5.0, 9.0, 20.0]), pd.Series([10.0, 20.0, 5.0])
    >>> corners = sj.inequality.lorenz_curve(minutes, people=people)
    >>> figure = chart(Curve(corners, sj.inequality.gini(minutes, people=people), "Synthetic walk"))
    >>> [round(float(side) * 25.4) for side in figure.get_size_inches()][0]
    90
    """
    wide = journal_width(size)
    with style():
        if isinstance(part, Bars):
            return _bars(part, wide, lang)
        curves = [part] if isinstance(part, Curve) else list(part)
        if not 1 <= len(curves) <= len(LINES):
            raise InputError("part", f"there are {len(curves)} curves", f"Draw 1 to {len(LINES)} in one figure.")
        return _curves(curves, wide, lang)


def _curves(curves: Sequence[Curve], wide: float, lang: str) -> Figure:
    text = words(lang)
    rtl = direction(lang) == "rtl"
    labels = [_label(curve, lang) for curve in curves]
    lines = [wrapped(label, round(wide * 15)) for label in labels]
    key = 0.12 + 0.19 * sum(line.count("\n") + 1 for line in lines)
    left, below = 0.62, key + 0.46
    side = min(wide - left - 0.2, 4.2)
    tall = below + side + 0.14
    figure = empty_figure((wide, tall))
    axes = figure.add_axes((left / wide, below / tall, side / wide, side / tall))
    axes.plot([0, 1], [0, 1], color="#8a9194", linewidth=0.8)
    for curve, (colour, dashes), label in zip(curves, LINES, lines, strict=False):
        shares = curve.corners[["population_share", "value_share"]].to_numpy(dtype=float)
        axes.plot(shares[:, 0], shares[:, 1], color=colour, linestyle=dashes, linewidth=1.4, label=label)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ticks = [0, 0.25, 0.5, 0.75, 1]
    axes.set_xticks(ticks, [number(one, lang, percent=True) for one in ticks], size=SIZE)
    axes.set_yticks(ticks, [number(one, lang, percent=True) for one in ticks], size=SIZE)
    axes.set_xlabel(for_matplotlib(text["chart.people"]), size=SIZE)
    axes.set_ylabel(for_matplotlib(text["chart.amount"]), size=SIZE)
    _plain(axes)
    figure.legend(
        *axes.get_legend_handles_labels(), loc="lower right" if rtl else "lower left",
        bbox_to_anchor=(1 - GAP / wide if rtl else GAP / wide, 0.06 / tall), frameon=False, fontsize=SIZE,
        handlelength=2.6, markerfirst=not rtl, alignment="right" if rtl else "left", borderaxespad=0.0,
    )  # fmt: skip
    remember(figure, title="; ".join(labels), unit="share", crs="", sources=())
    return figure


def _label(curve: Curve, lang: str) -> str:
    """Return what a curve is of, with its index and the interval of that."""
    record = curve.as_record()["index"]
    parts = {"name": record["name"][lang], "value": number(curve.index, lang, digits=3)}
    key = "page.curve.index"
    if record["low"] is not None and record["high"] is not None:
        key = "page.curve.interval"
        parts |= {name: number(record[name], lang, digits=3) for name in ("low", "high")}
    return f"{text_in(curve.title, lang)}: {words(lang)[key].format(**parts)}"


def _bars(bars: Bars, wide: float, lang: str) -> Figure:
    rows = [row for row in bars.as_record()["rows"] if row["value"] is not None]
    if not rows:
        raise InputError("part", "no bar has a value", "Give rows with a value.")
    rtl = direction(lang) == "rtl"
    labels = [wrapped(text_in(row["label"], lang), 24) for row in rows]
    heights = [0.18 + 0.13 * label.count("\n") for label in labels]
    title = wrapped(text_in(bars.title, lang), round(wide * 13))
    head, foot = 0.14 + 0.17 * (title.count("\n") + 1), 0.3
    tall = head + 1.25 * sum(heights) + foot
    figure = empty_figure((wide, tall))
    room = min(0.42, 1.5 / wide)
    axes = figure.add_axes((0.03 if rtl else room, foot / tall, 0.95 - room, 1.25 * sum(heights) / tall))
    places = [1.25 * (sum(heights[:count]) + heights[count] / 2) for count in range(len(rows))]
    for place, row in zip(places, rows, strict=True):
        axes.barh(place, row["value"], height=0.13, color=UNSURE if row["same"] else LINES[0][0])
        if row["low"] is not None and row["high"] is not None:
            axes.plot(
                [row["low"], row["high"]], [place, place], color="#11181c", linewidth=1.0, marker="|", markersize=4
            )
    axes.axvline(0, color="#11181c", linewidth=0.7)
    axes.set_ylim(1.25 * sum(heights), 0)
    axes.set_yticks(places, labels, size=SIZE)
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter(lambda value, _: number(value, lang, percent=bars.percent))
    axes.tick_params(axis="x", labelsize=SIZE)
    _plain(axes)
    if rtl:
        axes.invert_xaxis()
        axes.yaxis.tick_right()
    axes.tick_params(axis="y", length=0)
    figure.text(
        1 - GAP / wide if rtl else GAP / wide, 1 - GAP / tall, title, size=9, weight="bold", va="top",
        ha="right" if rtl else "left",
    )  # fmt: skip
    remember(figure, title=text_in(bars.title, lang), unit="share" if bars.percent else "", crs="", sources=())
    return figure


def _plain(axes: Any) -> None:
    """Draw axes thin, without a box."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(width=0.6, length=2.5, colors=INK)
    for spine in axes.spines.values():
        spine.set_linewidth(0.6)
