"""Maps for print: the same breaks, colours, hatches and legend as the page, drawn by matplotlib."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice._core.ground.metres import north_up_crs
from spatialjustice._core.provenance import sources_of
from spatialjustice.catalogue.lookup import date, direction, number, text_in, words
from spatialjustice.maps.colours.classify import classify
from spatialjustice.maps.colours.legend import as_record, make_legend
from spatialjustice.maps.measured import to_draw
from spatialjustice.maps.pictures import journal
from spatialjustice.maps.pictures.lettering import INK, for_matplotlib, style, wrapped
from spatialjustice.maps.pictures.saving import empty_figure, remember

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
HATCHES = {
    "diagonal": "////", "cross": "xxxx", "dots": "....", "horizontal": "----", "vertical": "||||", "grid": "++++",
    "sparse": "..", "dense": "------",
}  # fmt: skip


@dataclass(frozen=True)
class Key:
    """What a legend tells."""

    handles: list[Any]
    labels: list[str]
    title: str | None
    told: tuple[str, ...]


def plot(  # noqa: PLR0913 - all but the first two are named
    zones: Any,
    values: pd.Series[Any] | str | Indicator | None = None,
    *,
    unit: str | None = None,
    people: pd.Series[Any] | None = None,
    place: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    title: str | Mapping[str, str] | None = None,
    sources: Iterable[SourceRecord] = (),
    lang: str = "en",
    size: tuple[float, float] | float | str = (8.0, 5.6),
) -> Figure:
    """Draw one measure for print, with legend, scale, north, sources, date and CRS.

    Classes, colours and hatches are those of the page. The map is drawn in a metric CRS, which is named: north is up in
    the middle of the map, and its scale is true to half a hundredth for places up to some 2,000 km across, also where
    the 180th meridian or a pole lies in them.

    Parameters
    ----------
    zones
        Polygons, lines or points with unique ids in any CRS; what ``access.isochrones`` returned; a network or travel
        costs, which say themselves what there is to draw, as for :func:`explore`.
    values
        What is mapped: a Series on their ids, the name of a column, or an :class:`Indicator`.
    unit
        Unit of the values; needed where their ``attrs`` do not say.
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
        Width and height in inches; or a column of a journal, ``"single"``, ``"one and a half"`` or ``"double"`` (90,
        140, 190 mm, as Elsevier asks; Nature has 89 and 183 mm, PLOS at most 190.5), or its width in millimetres. The
        height follows the place then, the legend of a narrow figure stands below the map, and north, which is up, has
        no arrow.

    Returns
    -------
    matplotlib.figure.Figure
        Its legend has a row for each class that a zone is in. It can be saved with :func:`save_figure`, or shown by a
        notebook.

    Raises
    ------
    InputError
        When ids, units, statuses or labels cannot be used, or Persian cannot be written.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326)
    >>> figure = plot(zones, pd.Series([5.0, 12.0]), unit="minutes", title="Synthetic walk")
    >>> figure.axes[0].get_title(loc="left")
    'Synthetic walk'
    """
    zones, given, kind = to_draw(zones, values, title=title, unit=unit, lang=lang)
    one = given.on(zones.index)
    legend = make_legend(one, people=None if people is None else people.reindex(zones.index), lang=lang)
    records = list(
        dict.fromkeys([*sources, *sources_of(*(item for item in (zones, one.values, people) if item is not None))])
    )
    heading = text_in(title or one.title, lang)
    crs = north_up_crs(zones)
    with style():
        key = _legend_parts([legend], one, lang, counted=kind == "zones")
        foot = _foot(records, str(getattr(crs, "name", crs)), lang)
        if isinstance(size, tuple):
            figure = empty_figure(size)
            axes = figure.add_axes((0.01, 0.13, 0.66, 0.77))
        else:
            figure = empty_figure((journal.journal_width(size), 4.0))
            axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        _draw(axes, zones, legend, place, kind)
        rtl = direction(lang) == "rtl"
        if isinstance(size, tuple):
            axes.set_title(for_matplotlib(heading), loc="right" if rtl else "left", weight="bold", size=12)
            _north(axes, lang)
            _legend(figure, key, lang)
            _write_foot(figure, foot)
        else:
            texts = journal.Texts(heading, (*key.told, *foot), rtl)
            journal.arrange(figure, axes, texts, lambda columns: _key(figure, key, lang, columns=columns))
        _scale(axes, lang)
    remember(figure, title=heading, unit=one.unit, crs=str(getattr(crs, "name", crs)), sources=records)
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
    with style():
        figure = empty_figure(size or (3.1 * across + 2.2, 2.9 * down + 1.0))
        values = [one.values for one in placed if one.values is not None]
        records = sources_of(zones, *values)
        ground = north_up_crs(zones)
        crs = str(getattr(ground, "name", ground))
        foot = _foot(records, crs, lang)
        # Below the maps stand the scale and a line of 7 points for each credit.
        below = (0.4 + 0.12 * len(foot)) / float(figure.get_size_inches()[1])
        wide, tall = 0.76 / across, (0.88 - below) / down
        for n, (one, legend) in enumerate(zip(placed, legends, strict=True)):
            axes = figure.add_axes(
                (0.01 + n % across * wide, below + (down - 1 - n // across) * tall, wide * 0.97, tall * 0.9)
            )
            _draw(axes, zones, legend, None)
            axes.set_title(for_matplotlib(text_in(one.title, lang)), size=10)
        _scale(figure.axes[0], lang)
        _north(figure.axes[0], lang)
        key = _legend_parts(legends, placed[0], lang, counted=False, method=method)
        _legend(figure, key, lang, left=0.78)
        figure.suptitle(for_matplotlib(text_in(title, lang)), weight="bold", size=12, y=0.985)
        _write_foot(figure, foot)
    remember(figure, title=text_in(title, lang), unit=placed[0].unit, crs=crs, sources=records)
    return figure


def _shared_classes(placed: Sequence[Indicator]) -> Classes:
    """Divide the values of all into one set of classes."""
    values = np.concatenate([one.values.to_numpy(dtype=float) for one in placed if one.values is not None])
    centre = placed[0].centre if placed[0].kind == "change" else None
    return classify(values, scheme=placed[0].classification, centre=centre)


def _method(made: Classes, indicator: Indicator, lang: str) -> str:
    return words(lang)[f"legend.classes.{made.method}"].format(centre=number(indicator.centre, lang))


def _draw(axes: Axes, zones: gpd.GeoDataFrame, legend: Legend, place: Any, kind: str = "zones") -> None:
    """Draw the zones, class by class."""
    crs = north_up_crs(zones)
    ground = zones.geometry.to_crs(crs)
    west, south, east, north = ground.total_bounds
    # White lines between zones are for zones large enough to bear them.
    lined = float(np.sqrt((east - west) * (north - south) / max(len(ground), 1))) > (east - west) / 70
    # Of areas within reach the nearest lie upon the farther ones.
    for n, row in reversed(list(enumerate(legend.rows))):
        shapes = ground[legend.classes == n]
        if shapes.empty:
            continue
        look = row.swatch
        edge = look.ink if look.hatch else "#ffffff" if lined else look.fill
        hatch = HATCHES.get(look.hatch)
        if kind == "lines":
            shapes.plot(ax=axes, color=look.fill, linewidth=0.9)
        elif kind == "points":
            shapes.plot(ax=axes, color=look.fill, edgecolor=look.ink or "#3d4450", linewidth=0.5, markersize=22)
        else:
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


def _legend_parts(
    legends: Sequence[Legend], indicator: Indicator, lang: str, *, counted: bool = True, method: str = ""
) -> Key:
    """Put together what a legend tells: swatch, class and n of each that a zone is in; unit, method and note."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    record = as_record(legends[0], indicator, lang)
    handles: list[Any] = []
    labels: list[str] = []
    for count, (row, told) in enumerate(zip(legends[0].rows, record["rows"], strict=True)):
        look = row.swatch
        if any(legend.rows[count].zones for legend in legends):
            handles.append(
                Patch(
                    facecolor=look.fill, edgecolor=look.ink or "#8a9194", hatch=HATCHES.get(look.hatch), linewidth=0.4
                )
            )
            labels.append(wrapped(written_label(told["label"], told["zones"] if counted else ""), 34))
        for limit in record["limits"]:
            if limit["after"] == count:
                strong = limit["widest"]
                line = Line2D(
                    [], [], color="#11181c", linewidth=1.8 if strong else 0.8, linestyle="-" if strong else ":"
                )
                handles.append(line)
                labels.append(for_matplotlib(limit["text"]))
    facts = " · ".join(part for part in (record["unit"], record["direction"]) if part)
    head = f"(n) = {words(lang)['legend.zones']}" if counted else ""
    told = tuple(text for text in (head, method or record["method"], record["note"]) if text)
    return Key(handles, labels, for_matplotlib(facts) if facts else None, told)


def _key(figure: Figure, key: Key, lang: str, *, columns: int = 1, place: tuple[float, float] = (0.0, 1.0)) -> Any:
    """Draw the rows of a legend with its unit above."""
    from matplotlib.patches import Patch

    rtl = direction(lang) == "rtl"
    handles, labels = list(key.handles), list(key.labels)
    if rtl and columns == 2:
        # Columns are filled from the left; Persian begins with the right one.
        if len(handles) % 2:
            handles, labels = [*handles, Patch(alpha=0.0)], [*labels, ""]
        half = len(handles) // 2
        handles, labels = handles[half:] + handles[:half], labels[half:] + labels[:half]
    drawn = figure.legend(
        handles, labels, loc="upper right" if rtl else "upper left", bbox_to_anchor=place, ncols=columns,
        frameon=False, fontsize=8, title=key.title, title_fontsize=8.5, handlelength=2.0, handleheight=1.3,
        markerfirst=not rtl, alignment="right" if rtl else "left", labelspacing=0.55, borderaxespad=0.0,
    )  # fmt: skip
    drawn.set_zorder(5)
    return drawn


def _legend(figure: Figure, key: Key, lang: str, *, left: float = 0.69) -> None:
    """Draw the legend beside the map; method and note stand at the foot."""
    rtl = direction(lang) == "rtl"
    _key(figure, key, lang, place=(0.985 if rtl else left, 0.955))
    told = "\n".join(wrapped(text, 44) for text in key.told)
    at = 0.985 if rtl else left + 0.005
    figure.text(at, 0.012, told, size=7, color=INK, ha="right" if rtl else "left", va="bottom")


def written_label(label: str, count: str) -> str:
    """Return a class's label with the number of its zones."""
    return f"{label}  ({count})" if count else label


def _foot(records: Iterable[SourceRecord], crs: str, lang: str) -> list[str]:
    """Return credit, licence and date of each source, and the CRS, a line each."""
    lines = []
    for record in records:
        short = re.search(r"\(([^)]+)\)", record.licence)
        parts = [
            record.attribution or record.name,
            short[1] if short else "",
            date(record.data_date, lang) if record.data_date else "",
        ]
        lines.append(", ".join(part for part in parts if part))
    return [*dict.fromkeys(lines), words(lang)["page.crs"].format(crs=crs)]


def _write_foot(figure: Figure, foot: Sequence[str]) -> None:
    """Write credits below everything, in lines that end inside the figure."""
    signs = round(float(figure.get_size_inches()[0]) * 19)
    told = "\n".join(wrapped(line, signs) for line in foot)
    figure.text(0.015, 0.012, told, size=7, color=INK, ha="left", va="bottom")
