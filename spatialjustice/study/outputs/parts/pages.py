"""A page for each district, and a light map of all of them: for places of more zones than a page can hold."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice import maps, report
from spatialjustice._core.disk import files
from spatialjustice.catalogue import LANGUAGES, text_in
from spatialjustice.maps.colours.legend import class_limits
from spatialjustice.study.engine.texts import number_in, sentence, whole_percent_in
from spatialjustice.study.outputs.parts.at_a_glance import in_language, is_way, overview_of, within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spatialjustice._core.disk.files import OutputFolder
    from spatialjustice._core.disk.kept_steps import KeptSteps
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import PagePart, Texts

FOLDER = "districts"
AROUND = 0.1
"""Share of the side of a district that is drawn around it: services and ground beyond its border."""
FINE = 1500
"""Parts of the longer side of the place that outlines of districts are drawn to."""
NAMED = 40
"""Letters of a district's name in that of its file."""


@dataclass(frozen=True, eq=False)
class PartPages:
    """The pages of all parts: names, titles and a line on each, in order; outlines and ids of their zones."""

    names: list[str]
    titles: list[Texts]
    lines: list[Texts]
    frame: gpd.GeoDataFrame
    of_zones: pd.Series[Any]

    def links(self) -> list[tuple[Texts, str, Texts]]:
        """Return title, address and a line on each page, as an overview has them."""
        return list(zip(self.titles, self.names, self.lines, strict=True))


def parts_of(results: Results[Any]) -> list[PagePart]:
    """Return the parts of the place that get a page each; none where one page has all zones."""
    present = [section for section in results.study.sections if section.name in results.made]
    return [part for section in present for part in section.page.parts(results)]


def write(
    results: Results[Any],
    folder: OutputFolder,
    kept: KeptSteps,
    shown: tuple[Sequence[report.ModePage], Mapping[str, Any]],
    page: str,
    *,
    now: Callable[[str], None],
) -> PartPages:
    """Write a page for each part; the shapes of one part at a time are in memory.

    Parameters
    ----------
    results
        What was found.
    folder
        Where the files are made.
    kept
        What an unfinished run has kept: a page that is there is not made again.
    shown
        What the map shows of every mode, and the words of every page.
    page
        The page of all parts, to go back to.
    now
        Told what is being done.
    """
    parts = parts_of(results)
    shown = ([_classed(mode) for mode in shown[0]], shown[1])
    names, lines, outlines, skipped = [], [], [], 0
    for number, part in enumerate(parts, start=1):
        now(f"page {number:,} of {len(parts):,}")
        name = f"{FOLDER}/{_file(number, len(parts), part.title['en'])}"
        data, outline = kept.read(name), kept.read(f"{name}.wkb")
        if data is None or outline is None:
            zones = results.shapes(results.named_zones.loc[part.zones])
            shape = shapely.union_all(np.asarray(zones.geometry.array))
            made = _page(results, part, zones, shape, shown, page)
            data, outline = made.save(folder.path(name)).read_bytes(), shapely.to_wkb(shape)
            kept.write(name, data)
            kept.write(f"{name}.wkb", outline)
        else:
            files.write_bytes(folder.path(name), data)
            skipped += 1
        names.append(name)
        lines.append(_subtitle(results, part.zones))
        outlines.append(shapely.from_wkb(outline))
    if skipped:
        kept.skipped.append(f"{FOLDER} ({skipped:,} pages)")
    titles = [part.title for part in parts]
    keys = [f"{number:0{len(str(len(parts)))}d}" for number in range(1, len(parts) + 1)]
    of_zones = pd.Series("", index=results.zones.index, dtype=object)
    for key, part in zip(keys, parts, strict=True):
        of_zones.loc[part.zones] = key
    frame = gpd.GeoDataFrame(
        {"name": [title["en"] for title in titles], "name_fa": [title["fa"] for title in titles]},
        geometry=_drawn(outlines),
        index=keys,
        crs=results.zones.crs,
    )
    return PartPages(names, titles, lines, frame, of_zones)


def _file(number: int, count: int, title: str) -> str:
    """Return the name of a part's file: its number, and its own name as far as any system can write it."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    word = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:NAMED].strip("_")
    return f"{number:0{len(str(count))}d}{f'_{word}' if word else ''}.html"


def _subtitle(results: Results[Any], ids: pd.Index[Any]) -> Texts:
    return sentence(
        "study.subtitle_estimated" if results.estimated else "study.subtitle",
        people=number_in(float(results.people.loc[ids].sum()), digits=0),
        zones=number_in(len(ids)),
    )


def _drawn(outlines: Sequence[Any]) -> Any:
    """Return outlines as coarse as a page shows them, borders that two share drawn once."""
    shapes = np.asarray(outlines, dtype=object)
    left, bottom, right, top = shapely.total_bounds(shapes)
    step = max(right - left, top - bottom) / FINE
    simple = shapely.coverage_simplify(shapes, step)
    return np.where(shapely.is_valid(simple) & ~shapely.is_empty(simple), simple, shapes)


def _page(
    results: Results[Any],
    part: PagePart,
    zones: gpd.GeoDataFrame,
    outline: Any,
    shown: tuple[Sequence[report.ModePage], Mapping[str, Any]],
    page: str,
) -> maps.Map:
    """Return the page of a part: that of the whole place with its zones alone."""
    modes, around = shown
    study, people = results.study, results.people.where(~results.unknown).loc[part.zones]
    back = (sentence("parts.back"), f"../{page}", "")
    mine = [_of_part(mode, part.zones, _subtitle(results, part.zones)) for mode in modes]
    return report.planner_page(
        zones,
        title={lang: f"{text_in(study.title, lang)} – {part.title[lang]}" for lang in LANGUAGES},
        modes=mine,
        people=people,
        overview=overview_of(mine, people, further=[back], further_title=sentence("parts.beyond")),
        **_clipped(around, outline, zones.crs),
        place=gpd.GeoDataFrame(geometry=[outline], crs=zones.crs),
        sources=results.sources,
        findings=results.findings,
        lang=study.languages[0],
        languages=study.languages,
    )


def _clipped(around: Mapping[str, Any], outline: Any, crs: Any) -> dict[str, Any]:
    """Return what is drawn around a part and under it, without what lies far off."""
    left, bottom, right, top = outline.bounds
    more = AROUND * max(right - left, top - bottom)
    box = gpd.GeoSeries([shapely.box(left - more, bottom - more, right + more, top + more)], crs=crs)

    def near(thing: Any) -> Any:
        if not isinstance(thing, gpd.GeoDataFrame) or thing.empty:
            return thing
        kept = thing[thing.intersects(box.to_crs(thing.crs).iloc[0])]
        kept.attrs = dict(thing.attrs)
        return kept

    return {key: near(thing) for key, thing in around.items()}


def _of_part(mode: report.ModePage, ids: pd.Index[Any], subtitle: Texts) -> report.ModePage:
    """Return what the page of a part shows of a mode: curves, bars and sentences of the whole place are left out."""
    return replace(
        mode,
        indicators=[_cut(item, ids) for item in mode.indicators],
        subtitle=subtitle,
        findings_in_words={},
        curves={},
        bars={},
        weights={key: (title, counted.loc[ids]) for key, (title, counted) in mode.weights.items()},
        streets=None,
    )


def _cut(item: maps.Indicator, ids: pd.Index[Any]) -> maps.Indicator:
    """Return an indicator of some zones."""
    taken = {name: getattr(item, name) for name in ("values", "status", "labels")}
    cut: dict[str, Any] = {name: series.loc[ids] for name, series in taken.items() if series is not None}
    if item.interval is not None:
        low, high = item.interval
        cut["interval"] = (low.loc[ids], high.loc[ids])
    return replace(item, **cut)


def _classed(mode: report.ModePage) -> report.ModePage:
    """Return what is shown of a mode with the classes of the whole place, so that pages can be compared."""
    free = [item.breaks is None and not item.cutoffs and not item.labelled for item in mode.indicators]
    shown = [
        replace(item, breaks=class_limits(item)) if one else item
        for item, one in zip(mode.indicators, free, strict=True)
    ]
    return replace(mode, indicators=shown)


def of_all(mode: report.ModePage, pages: PartPages, results: Results[Any]) -> report.ModePage:
    """Return what the page of all parts shows of a mode: an area for each part, with the numbers of all its people."""
    people = results.people.where(~results.unknown)
    made = [(item, _total(item, mode, pages, people)) for item in mode.indicators]
    shown = [total for _, total in made if total is not None]
    keys = {item.key for item in shown}
    told = {total.key: _told(total, pages) for total in shown if total.kind != "people"}
    return replace(
        mode,
        indicators=shown,
        findings_in_words={key: text for key, text in told.items() if text},
        caveats={key: text for key, text in mode.caveats.items() if key in keys},
        limits={},
        curves={},
        bars={},
        weights={
            key: (title, counted.groupby(pages.of_zones).sum().reindex(pages.frame.index))
            for key, (title, counted) in mode.weights.items()
            if key in keys
        },
        method=[sentence("parts.method"), *mode.method],
        streets=None,
    )


def _total(
    item: maps.Indicator, mode: report.ModePage, pages: PartPages, people: pd.Series[Any]
) -> maps.Indicator | None:
    """Return an indicator of the parts: people are added up, of ways the share within the limit is told, else the mean.

    None for classes, of which there is no mean.
    """
    if item.labelled or item.values is None:
        return None
    counted = mode.weights[item.key][1] if item.key in mode.weights else people
    values, many = item.values, counted.fillna(0.0)
    plain: dict[str, Any] = dict.fromkeys(("status", "interval", "breaks", "line"))
    if item.kind == "people" and item.unit == "people":
        sums = values.groupby(pages.of_zones).sum(min_count=1).reindex(pages.frame.index)
        return replace(item, values=sums, **plain)
    if is_way(item):
        known, near = within(item)
        share = _mean(near.astype(float), many.where(known, 0.0), pages)
        title = sentence(
            "parts.within", title=in_language(item.title), limit=in_language(mode.limits.get(item.key, ""))
        )
        plain |= {"title": title, "unit": "share", "kind": "share", "cutoffs": (), "direction": None, "note": ""}
        return replace(item, values=share, **plain)
    known = values.notna()
    mean = _mean(values.fillna(0.0), many.where(known, 0.0), pages)
    title = sentence("parts.mean", title=in_language(item.title))
    return replace(item, values=mean, title=title, cutoffs=(), none="", note="", **plain)


def _told(total: maps.Indicator, pages: PartPages) -> Texts | None:
    """Say between which parts the people of all are best and worst off; None where nothing is known, or all are one."""
    assert total.values is not None  # noqa: S101 - it was made of numbers
    values, titles = total.values.dropna(), dict(zip(pages.frame.index, pages.titles, strict=True))
    if values.nunique() < 2:
        return None
    worst, best = str(values.idxmin()), str(values.idxmax())
    if total.better == "lower is better":
        worst, best = best, worst

    def said(value: float) -> Callable[[str], str]:
        return whole_percent_in(value) if total.unit == "share" else number_in(value, digits=total.decimals)

    title = {
        lang: " · ".join(filter(None, (text_in(total.group, lang), text_in(total.title, lang)))) for lang in LANGUAGES
    }
    return sentence(
        "parts.told",
        title=title.__getitem__,
        low=said(float(values[worst])),
        worst=in_language(titles[worst]),
        high=said(float(values[best])),
        best=in_language(titles[best]),
    )


def _mean(values: pd.Series[Any], many: pd.Series[Any], pages: PartPages) -> pd.Series[Any]:
    """Return the mean of each part over what is counted of its zones; missing where there is nothing to count."""
    total = many.groupby(pages.of_zones).sum().reindex(pages.frame.index)
    sums = (values * many).groupby(pages.of_zones).sum().reindex(pages.frame.index)
    mean: pd.Series[Any] = sums / total.where(total > 0)
    return mean.clip(0.0, 1.0) if bool(values.between(0.0, 1.0).all()) else mean
