"""Maps for print: the same breaks, colours, hatches and legend as the page, drawn by matplotlib."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import io
import re
import unicodedata
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from spatialjustice._core.disk import files
from spatialjustice._core.errors import InputError
from spatialjustice._core.frames import require_geometry, require_ids
from spatialjustice._core.ground.metres import north_up_crs
from spatialjustice._core.machine.extras import needed
from spatialjustice._core.provenance import sources_of
from spatialjustice.catalogue.lookup import END_ISOLATE, ISOLATE, date, direction, number, text_in, words
from spatialjustice.maps.colours.classify import classify
from spatialjustice.maps.colours.legend import as_record, make_legend

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.maps.colours.classify import Classes
    from spatialjustice.maps.colours.legend_rows import Legend
    from spatialjustice.maps.indicator import Indicator

GRID = 0.01
"""Metres to which edges are rounded before zones are joined, so that neighbours leave no gap."""
FONT = "vazirmatn-ttf-33.0.3"
FAMILY = ["Vazirmatn", "DejaVu Sans"]
HATCHES = {
    "diagonal": "////", "cross": "xxxx", "dots": "....", "horizontal": "----", "vertical": "||||", "grid": "++++",
    "sparse": "..", "dense": "------",
}  # fmt: skip
FORMATS = ("png", "svg", "pdf")
_LATIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,:%/+\-–°]*[A-Za-z0-9%]|[A-Za-z0-9]")


def for_matplotlib(text: str) -> str:
    """Return a text as matplotlib (3.11 or later) must be given it to show Persian joined and from right to left.

    The text stays as it is, but for Latin words and numbers inside Persian, which are isolated so that they keep their
    place.

    Examples
    --------
    >>> for_matplotlib("Walk")
    'Walk'
    """
    if not any(unicodedata.bidirectional(sign) in {"R", "AL"} for sign in text):
        return text
    return _LATIN.sub(lambda found: f"{ISOLATE}{found[0]}{END_ISOLATE}", text)


def _style() -> Any:
    """Return a context in which texts are set in Vazirmatn and files are the same each time."""
    mpl, font_manager = needed("matplotlib", "plot"), needed("matplotlib.font_manager", "plot")
    there = {font.fname for font in font_manager.fontManager.ttflist}
    for weight in ("Regular", "Bold"):
        path = str(resources.files("spatialjustice.maps").joinpath("assets", FONT, f"Vazirmatn-{weight}.ttf"))
        if path not in there:
            font_manager.fontManager.addfont(path)
    return mpl.rc_context(
        {"font.family": FAMILY, "svg.hashsalt": "spatialjustice", "pdf.fonttype": 42, "hatch.linewidth": 0.6}
    )


def plot(
    zones: gpd.GeoDataFrame,
    indicator: Indicator,
    *,
    people: pd.Series[Any] | None = None,
    place: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    title: str | Mapping[str, str] | None = None,
    sources: Iterable[SourceRecord] = (),
    lang: str = "en",
    size: tuple[float, float] = (8.0, 5.6),
) -> Figure:
    """Draw one indicator for print, with legend, scale, north, sources, date and CRS.

    Classes, colours and hatches are those of the page. The map is drawn in a metric CRS, which is named: north is up in
    the middle of the map, and its scale is true to half a hundredth for places up to some 2,000 km across, also where
    the 180th meridian or a pole lies in them.

    Parameters
    ----------
    zones
        Polygons with unique ids in any CRS.
    indicator
        What is mapped.
    people
        People on zone ids, for the legend.
    place
        Polygon whose outline is drawn.
    title
        Heading; the indicator's title where None.
    sources
        Added to those the frames carry in ``attrs``.
    lang
        ``"en"`` or ``"fa"``.
    size
        Width and height in inches.

    Returns
    -------
    matplotlib.figure.Figure
        It can be saved with :func:`save_figure`, or shown by a notebook.

    Raises
    ------
    InputError
        When ids, units, statuses or labels cannot be used, or Persian cannot be written.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> from spatialjustice.maps.indicator import Indicator
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326)
    >>> figure = plot(zones, Indicator("walk", "Synthetic walk", pd.Series([5.0, 12.0]), unit="minutes"))
    >>> figure.axes[0].get_title(loc="left")
    'Synthetic walk'
    """
    require_ids(zones, "zones")
    require_geometry(zones, "zones", kinds={"Polygon", "MultiPolygon"})
    one = indicator.on(zones.index)
    legend = make_legend(one, people=None if people is None else people.reindex(zones.index), lang=lang)
    records = list(
        dict.fromkeys([*sources, *sources_of(*(item for item in (zones, one.values, people) if item is not None))])
    )
    with _style():
        figure = _empty(size)
        axes = figure.add_axes((0.01, 0.13, 0.66, 0.77))
        crs = _draw(axes, zones, legend, place)
        heading = text_in(title or one.title, lang)
        axes.set_title(
            for_matplotlib(heading), loc="left" if direction(lang) == "ltr" else "right", weight="bold", size=12
        )
        _scale(axes, lang)
        _north(axes, lang)
        _legend(figure, legend, one, lang)
        _footer(figure, records, crs, lang)
    return figure


def small_multiples(
    zones: gpd.GeoDataFrame,
    indicators: Sequence[Indicator],
    *,
    people: pd.Series[Any] | None = None,
    title: str | Mapping[str, str] = "",
    columns: int = 3,
    lang: str = "en",
    size: tuple[float, float] | None = None,
) -> Figure:
    """Draw several indicators of one unit side by side on one scale: years, modes or scenarios that are compared.

    Where breaks are given, they must be the same; else all values together are divided into classes.

    Parameters
    ----------
    zones, people, lang, size
        As for :func:`plot`.
    indicators
        Of one unit and kind.
    title
        Heading of all.
    columns
        Maps in a row.

    Raises
    ------
    InputError
        When units, kinds or breaks differ.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> from spatialjustice.maps.indicator import Indicator
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326)
    >>> years = [Indicator(str(y), str(y), pd.Series([5.0, 12.0]) + y, unit="minutes") for y in (2019, 2020)]
    >>> [axes.get_title() for axes in small_multiples(zones, years).axes][:2]
    ['2019', '2020']
    """
    from dataclasses import replace

    placed = [one.on(zones.index) for one in indicators]
    if not placed or len({(one.unit, one.kind, tuple(one.breaks or ())) for one in placed}) != 1:
        raise InputError("indicators", "they are not of one unit, kind and breaks", "Give indicators that compare.")
    method = ""
    if not placed[0].labelled and placed[0].breaks is None:
        together = _shared_classes(placed)
        method = _method(together, placed[0], lang)
        limits = [limit for limit in together.upper if np.isfinite(limit)]
        placed = [replace(one, breaks=limits) for one in placed]
    living = None if people is None else people.reindex(zones.index)
    legends = [make_legend(one, people=living, lang=lang) for one in placed]
    across = min(columns, len(placed))
    down = -(-len(placed) // across)
    with _style():
        figure = _empty(size or (3.1 * across + 2.2, 2.9 * down + 1.0))
        wide, tall = 0.76 / across, 0.76 / down
        for n, (one, legend) in enumerate(zip(placed, legends, strict=True)):
            axes = figure.add_axes(
                (0.01 + n % across * wide, 0.12 + (down - 1 - n // across) * tall, wide * 0.97, tall * 0.9)
            )
            crs = _draw(axes, zones, legend, None)
            axes.set_title(for_matplotlib(text_in(one.title, lang)), size=10)
        _scale(figure.axes[0], lang)
        _north(figure.axes[0], lang)
        _legend(figure, legends[0], placed[0], lang, left=0.78, counted=False, method=method)
        figure.suptitle(for_matplotlib(text_in(title, lang)), weight="bold", size=12, y=0.985)
        values = [one.values for one in placed if one.values is not None]
        _footer(figure, sources_of(zones, *values), crs, lang)
    return figure


def _shared_classes(placed: Sequence[Indicator]) -> Classes:
    """Divide the values of all into one set of classes."""
    values = np.concatenate([one.values.to_numpy(dtype=float) for one in placed if one.values is not None])
    centre = placed[0].centre if placed[0].kind == "change" else None
    return classify(values, scheme=placed[0].classification, centre=centre)


def _method(made: Classes, indicator: Indicator, lang: str) -> str:
    return words(lang)[f"legend.classes.{made.method}"].format(centre=number(indicator.centre, lang))


def save_figure(figure: Figure, path: str | Path, *, dots: int = 200) -> Path:
    """Write a figure as PNG, SVG or PDF, by the ending of its name; the same figure gives the same bytes.

    Parameters
    ----------
    figure
        What :func:`plot` or :func:`small_multiples` drew.
    path
        A name ending in .png, .svg or .pdf.
    dots
        Dots per inch of a PNG.

    Raises
    ------
    InputError
        For another ending.
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise InputError("path", f"“{path.name}” does not say how to write it", "End it in .png, .svg or .pdf.")
    files.write_bytes(path, as_bytes(figure, kind, dots=dots))
    return path


def as_bytes(figure: Figure, kind: str, *, dots: int) -> bytes:
    """Return a figure as the bytes of a file of one of the kinds that can be written, without a date in it."""
    stream = io.BytesIO()
    dated: dict[str, Any] = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    with _style():
        figure.savefig(stream, format=kind, dpi=dots, metadata=dated)
    return stream.getvalue()


def _empty(size: tuple[float, float]) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _draw(axes: Axes, zones: gpd.GeoDataFrame, legend: Legend, place: Any) -> str:
    """Draw the zones, class by class, and return the name of the CRS they are drawn in."""
    crs = north_up_crs(zones)
    ground = zones.geometry.to_crs(crs)
    west, south, east, north = ground.total_bounds
    # White lines between zones are for zones large enough to bear them.
    lined = float(np.sqrt((east - west) * (north - south) / max(len(ground), 1))) > (east - west) / 70
    for n, row in enumerate(legend.rows):
        shapes = ground[legend.classes == n]
        if shapes.empty:
            continue
        look = row.swatch
        edge = look.ink if look.hatch else "#ffffff" if lined else look.fill
        hatch = HATCHES.get(look.hatch)
        shapes.plot(ax=axes, facecolor=look.fill, edgecolor=edge, hatch=hatch, linewidth=0.0 if hatch else 0.25)
    if legend.beyond.any():
        beyond = shapely.union_all(ground[legend.beyond].array.to_numpy(), grid_size=GRID)
        outline = shapely.boundary(beyond)
        gpd.GeoSeries([outline], crs=crs).plot(ax=axes, color="#ffffff", linewidth=1.6)
        gpd.GeoSeries([outline], crs=crs).plot(ax=axes, color="#11181c", linewidth=0.7)
    if place is not None:
        place.to_crs(crs).boundary.plot(ax=axes, color="#3d4450", linewidth=0.7)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return str(getattr(crs, "name", crs))


def _scale(axes: Axes, lang: str) -> None:
    """Draw a bar of 1, 2 or 5 times a power of ten metres, about a fifth of the map."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    wanted = (east - west) / 5
    power = 10 ** np.floor(np.log10(wanted))
    length = float(max(step * power for step in (1, 2, 5) if step * power <= wanted))
    kilometres = length >= 1000
    unit = words(lang)["unit.kilometres.short" if kilometres else "unit.metres.short"]
    said = f"{number(length / 1000 if kilometres else length, lang)}\u00a0{unit}"
    x, y = west + (east - west) * 0.01, south - (north - south) * 0.03
    axes.plot([x, x + length], [y, y], color="#1c2428", linewidth=1.6, solid_capstyle="butt", clip_on=False)
    axes.text(x + length / 2, y - (north - south) * 0.012, for_matplotlib(said), ha="center", va="top", size=8)


def _north(axes: Axes, lang: str) -> None:
    axes.annotate(
        for_matplotlib(words(lang)["page.north"]), xy=(0.98, 0.985), xytext=(0.98, 0.90), xycoords="axes fraction",
        ha="center", va="top", size=9, weight="bold",
        arrowprops={"arrowstyle": "-|>", "color": "#1c2428", "linewidth": 1.1},
    )  # fmt: skip


def _legend(
    figure: Figure,
    legend: Legend,
    indicator: Indicator,
    lang: str,
    *,
    left: float = 0.69,
    counted: bool = True,
    method: str = "",
) -> None:
    """Draw the legend: swatch, class, and n of each; then unit, method and note."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    record = as_record(legend, indicator, lang)
    handles: list[Any] = []
    labels: list[str] = []
    kept: list[str] = []
    for row, told in zip(legend.rows, record["rows"], strict=True):
        look = row.swatch
        handles.append(
            Patch(facecolor=look.fill, edgecolor=look.ink or "#8a9194", hatch=HATCHES.get(look.hatch), linewidth=0.4)
        )
        labels.append(_wrapped_text(written_label(told["label"], told["zones"] if counted else ""), 34))
        for limit in record["limits"]:
            if limit["after"] == len(kept):
                strong = limit["widest"]
                line = Line2D(
                    [], [], color="#11181c", linewidth=1.8 if strong else 0.8, linestyle="-" if strong else ":"
                )
                handles.append(line)
                labels.append(for_matplotlib(limit["text"]))
        kept.append(row.key)
    rtl = direction(lang) == "rtl"
    facts = " · ".join(part for part in (record["unit"], record["direction"]) if part)
    drawn = figure.legend(
        handles, labels, loc="upper right" if rtl else "upper left", bbox_to_anchor=(0.985 if rtl else left, 0.955),
        frameon=False, fontsize=8, title=for_matplotlib(facts) if facts else None, title_fontsize=8.5, handlelength=2.0,
        handleheight=1.3, markerfirst=not rtl, alignment="right" if rtl else "left", labelspacing=0.55,
    )  # fmt: skip
    drawn.set_zorder(5)
    head = f"(n) = {words(lang)['legend.zones']}" if counted else ""
    told = [text for text in (head, method or record["method"], record["note"]) if text]
    figure.text(
        0.985 if rtl else left + 0.005, 0.012, "\n".join(_wrapped_text(text, 44) for text in told),
        size=7, color="#414c52", ha="right" if rtl else "left", va="bottom",
    )  # fmt: skip


def written_label(label: str, count: str) -> str:
    """Return a class's label with the number of its zones."""
    return f"{label}  ({count})" if count else label


def _wrapped_text(text: str, width: int) -> str:
    import textwrap

    return "\n".join(for_matplotlib(line) for line in textwrap.wrap(text, width) or [""])


def _footer(figure: Figure, records: Iterable[SourceRecord], crs: str, lang: str) -> None:
    lines = []
    for record in records:
        short = re.search(r"\(([^)]+)\)", record.licence)
        parts = [
            record.attribution or record.name,
            short[1] if short else "",
            date(record.data_date, lang) if record.data_date else "",
        ]
        lines.append(", ".join(part for part in parts if part))
    told = [*dict.fromkeys(lines), words(lang)["page.crs"].format(crs=crs)]
    text = "\n".join(for_matplotlib(line) for line in told)
    figure.text(0.015, 0.012, text, size=7, color="#414c52", ha="left", va="bottom")
