"""One page with maps of many indicators over the same zones."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import html
from itertools import chain
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_geometry, require_ids
from spatialjustice._core.provenance import SourceRecord, sources_of
from spatialjustice.catalogue.lookup import LANGUAGES, direction, measures, number, text_in, words
from spatialjustice.maps import modes as by_mode
from spatialjustice.maps.colours.legend import as_record, make_legend
from spatialjustice.maps.colours.symbols import symbols_of
from spatialjustice.maps.layers import canvas
from spatialjustice.maps.layers.antimeridian import bounds_of, middle_longitude, turned_around
from spatialjustice.maps.layers.names_on_page import middles_of, names_of, part_of_each, parts_of
from spatialjustice.maps.pages import document
from spatialjustice.maps.pages.saved import Map

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from spatialjustice.maps.indicator import Indicator
    from spatialjustice.maps.modes import ModeMaps

_SHARE = 100
PEOPLE_DECIMALS = 3
"""Decimals of people of a zone: so many that sums of thousands of zones are those of the tables."""
HALF, NEAR, SURE = 0.5, 1e-3, 2.0**40
"""How near to the middle of two, and above what, a number must be for its rounding to be looked at."""
DIGITS = np.array(list("0123456789abcdefghijklmnopqrstuvwxyz"))
"""What scripts read the class of a zone from: a sign each."""
SAID = ("page.", "legend.", "unit.", "language.")
"""Beginnings of the words that scripts say."""


def atlas(  # noqa: PLR0913 (a page has many optional parts; all but two are named)
    zones: gpd.GeoDataFrame,
    indicators: Sequence[Indicator],
    *,
    title: str | Mapping[str, str],
    subtitle: str | Mapping[str, str] | None = None,
    services: gpd.GeoDataFrame | None = None,
    service_titles: Mapping[str, str | Mapping[str, str]] | None = None,
    streets: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    base: gpd.GeoDataFrame | None = None,
    place: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    named_streets: gpd.GeoDataFrame | None = None,
    people: pd.Series[Any] | None = None,
    sources: Iterable[SourceRecord] = (),
    findings: Iterable[Finding] = (),
    provenance: Mapping[str, Any] | None = None,
    lang: str = "en",
    languages: Sequence[str] | None = None,
    report: Mapping[str, Any] | None = None,
    modes: Sequence[ModeMaps] = (),
    what_if: Sequence[Mapping[str, Any]] = (),
    alternate: Mapping[str, str] | None = None,
    tiles: str | None = None,
    tiles_attribution: str = "",
) -> Map:
    """Draw many indicators over one set of zones, on one page with a chooser.

    Parameters
    ----------
    zones
        Polygons with unique ids in any CRS; a column ``name`` (and ``name_fa``) is shown where there is one, and
        readers can search for ``neighbourhood`` and ``district``.
    indicators
        What can be chosen, in order; groups are kept together.
    title, subtitle
        Heading of the page: one text, or one per language.
    services
        Frame of places with columns ``service``, ``name``, optionally ``name_fa``; one layer per service.
    service_titles
        Titles of the services by key; the catalogue's words otherwise.
    streets
        Lines to show on request, usually the streets the computation used.
    base
        Ground with a column ``kind``: sea, water, green, beach, urban, building, waterway, coast, rail, minor, middle
        or major.
    place
        Polygon whose outline is drawn.
    named_streets
        Streets that readers can search for, with ``name`` and perhaps ``name_fa``, one row for each.
    people
        People on zone ids, for legends and tooltips; NaN where it is not known how many live there.
    sources, findings
        Added to those the frames and Series carry in ``attrs``.
    provenance
        Plain data put into the page as JSON and listed for readers.
    lang
        ``"en"`` or ``"fa"``: the language the page opens in.
    languages
        All languages of the page, which a reader switches between without loading another one; ``lang`` alone where
        None.
    report
        Finished tables and sentences that stand beside the map, as ``spatialjustice.report`` makes them.
    modes
        Modes of travel between which a reader switches on the page, that with which it opens first; ``indicators``,
        ``subtitle``, ``streets`` and ``report`` are then those of the first.
    what_if
        Streets of modes inside the page, as :func:`street_block` packs them, from which scripts compute.
    alternate
        File names, relative to this page, of the same map in other languages, for example ``{"fa": "map.fa.html"}``.
    tiles
        Address of background tiles with {z}, {x} and {y}. The page then needs the network, and says so.
    tiles_attribution
        Credit of the tiles; required with them.

    Returns
    -------
    Map
        With ``.folium``, ``.save(path)``, ``.to_html()``, and shown by notebooks.

    Raises
    ------
    InputError
        When there is no indicator, keys repeat, or ids, units, statuses or labels cannot be used.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> from spatialjustice.maps.indicator import Indicator
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326)
    >>> walk = Indicator("walk", "Walk", pd.Series([5.0, 12.0]), unit="minutes", kind="cost", breaks=[10, 15])
    >>> made = atlas(zones, [walk], title="Synthetic")
    >>> "up to 10" in made.to_html()
    True
    """
    require_ids(zones, "zones")
    require_geometry(zones, "zones", kinds={"Polygon", "MultiPolygon"})
    spoken = _spoken(lang, languages)
    placed = _placed(zones, indicators)
    living = None if people is None else _living(people, zones)
    by_mode.require_modes(modes)
    further = [_placed(zones, mode.indicators) for mode in modes[1:]]
    shown = [item for one in (indicators, *further) for item in one]
    series = [getattr(item, name) for item in shown for name in ("values", "status", "labels")]
    carried = [item for item in (zones, services, streets, base, place, people, *series) if item is not None]
    records = list(dict.fromkeys([*sources, *sources_of(*carried)]))
    found = list(dict.fromkeys([*findings, *findings_of(*carried)]))

    turn = middle_longitude(zones, place)
    drawn = {"zones": zones, "indicators": placed, "people": living, "place": place, "sources": records}
    bounds = bounds_of(place if place is not None else zones, turn)
    zones, place, base, services, streets = (
        None if layer is None else turned_around(layer, turn) for layer in (zones, place, base, services, streets)
    )
    made = _empty_map(bounds, tiles, tiles_attribution)
    if base is not None and len(base):
        found += _base_findings(base)
        parts = {"role": "base", "parts": canvas.pack_base(base)}
        canvas.BaseLayer("base", parts | _titled("layer.base", spoken)).add_to(made)
    data = _zone_data(zones, placed, living, spoken) | _searched(named_streets, turn, spoken)
    canvas.ZoneLayer("zones", data, zones.geometry, old=words(lang)["page.too_old"]).add_to(made)
    # Of one mode after the other: the numbers of all would fill memory.
    told = chain([data["indicators"]], ([_indicator_data(item, living, spoken) for item in one] for one in further))
    of_modes = [None if one.streets is None else turned_around(one.streets, turn).geometry for one in modes]
    blocks = by_mode.blocks(modes, told, of_modes, zones)
    if place is not None:
        outline = {"role": "place", "shapes": canvas.pack_shapes(place.geometry.boundary)}
        canvas.LineLayer("place", outline | _titled("layer.place", spoken)).add_to(made)
    if streets is not None and len(streets):
        lines = {"role": "streets", "shapes": canvas.pack_shapes(streets.geometry)}
        canvas.LineLayer("streets", lines | _titled("layer.streets", spoken), show=False).add_to(made)
    for layer in _service_layers(services, service_titles or {}, placed, spoken):
        layer.add_to(made)
    credit = document.credits_of(records)
    if tiles is not None:
        credit.append({"text": tiles_attribution, "href": "", "detail": []})
    credit.append({"text": {one: words(one)["page.drawn_in"] for one in spoken}, "href": "", "detail": []})
    switch = by_mode.switch(modes, spoken)
    canvas.PageElement(_page_data(bounds, spoken) | ({"modes": switch} if switch else {})).add_to(made)
    around = document.Page(
        title=title,
        subtitle=subtitle or "",
        lang=lang,
        languages=spoken,
        groups=_groups(placed) if any(len(one) > 1 for one in (placed, *further)) else [],
        findings=document.finding_rows(found),
        sources=document.source_rows(records),
        credits=credit,
        provenance=document.flatten(provenance),
        modes=switch,
        blocks=blocks,
        report=report,
        what_if=tuple(what_if),
        record=provenance,
        alternate=document.alternates(alternate),
        remote=tiles.split("{", maxsplit=1)[0] if tiles else "",
    )
    return Map(made, around, tiles=tiles is not None, drawn=drawn)


def _empty_map(bounds: Sequence[float], tiles: str | None, attribution: str) -> folium.Map:
    west, south, east, north = bounds
    made = folium.Map(
        location=[round((south + north) / 2, 5), round((west + east) / 2, 5)],
        tiles=None, zoom_control=False, attribution_control=False, zoom_snap=0.25, zoom_delta=0.5, max_zoom=18,
        wheel_px_per_zoom_level=120,
    )  # fmt: skip
    if tiles is not None:
        if not attribution:
            raise InputError("tiles", "the tiles have no credit line", "Give tiles_attribution=.")
        folium.TileLayer(tiles=tiles, attr=html.escape(attribution), control=False).add_to(made)
    return made


def _spoken(lang: str, languages: Sequence[str] | None) -> tuple[str, ...]:
    """Return the languages of a page, the one it opens in first."""
    spoken = tuple(dict.fromkeys([lang, *(languages or ())]))
    for one in spoken:
        words(one)  # refuses a language that the catalogue does not know
    return spoken


def _in_languages(make: Callable[[str], dict[str, Any]], spoken: Sequence[str]) -> dict[str, Any]:
    """Return texts in the first language, and under ``texts`` what is different in the others."""
    first = make(spoken[0])
    others = {}
    for lang in spoken[1:]:
        other = {name: text for name, text in make(lang).items() if text != first[name]}
        if other:
            others[lang] = other
    return {**first, "texts": others} if others else first


def _titled(key: str, spoken: Sequence[str]) -> dict[str, Any]:
    return _in_languages(lambda lang: {"title": words(lang)[key]}, spoken)


def _page_data(bounds: Sequence[float], spoken: Sequence[str]) -> dict[str, Any]:
    west, south, east, north = bounds
    return {
        "lang": spoken[0],
        "directions": {lang: direction(lang) for lang in spoken},
        "bounds": [[south, west], [north, east]],
        "words": {lang: {key: text for key, text in words(lang).items() if key.startswith(SAID)} for lang in spoken},
    }


def _placed(zones: gpd.GeoDataFrame, indicators: Sequence[Indicator]) -> list[Indicator]:
    if not indicators:
        raise InputError("indicators", "there is none", "Give at least one Indicator.")
    keys = [indicator.key for indicator in indicators]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise InputError("indicators", "keys occur more than once", "Give each indicator its own key.", rows=twice)
    # The chooser shows groups together, so the order of the page is the order of the groups.
    groups = list(dict.fromkeys(text_in(indicator.group, "en") for indicator in indicators))
    ordered = sorted(indicators, key=lambda indicator: groups.index(text_in(indicator.group, "en")))
    return [indicator.on(zones.index) for indicator in ordered]


def _living(people: pd.Series[Any], zones: gpd.GeoDataFrame) -> pd.Series[Any]:
    require_ids(people, "people")
    strange, missing = people.index.difference(zones.index), zones.index.difference(people.index)
    if len(strange):
        raise InputError(
            "people", f"{len(strange):,} ids are not in the zones", "Use the ids of the zones.", rows=strange
        )
    if len(missing):
        raise InputError(
            "people",
            f"{len(missing):,} zones have no number of people",
            "Give 0 where nobody lives, and NaN where it is not known how many do.",
            rows=missing,
        )
    return people.reindex(zones.index).astype(float)


def _base_findings(base: gpd.GeoDataFrame) -> list[Finding]:
    unknown = canvas.unknown_base_kinds(base)
    if not unknown:
        return []
    count = int(base["kind"].astype(str).isin(unknown).sum())
    message = f"{count:,} shapes of the base map are not drawn because their kind has no style: {', '.join(unknown)}."
    return [Finding("base_kinds_not_drawn", "information", message, count)]


def _groups(indicators: Sequence[Indicator]) -> list[dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {}
    for place, indicator in enumerate(indicators):
        group = groups.setdefault(text_in(indicator.group, "en"), {"name": indicator.group, "options": []})
        # A closed list shows the title alone, so it names its group, too.
        names = {lang: (text_in(indicator.group, lang), text_in(indicator.title, lang)) for lang in LANGUAGES}
        title = {lang: ": ".join(part for part in parts if part) for lang, parts in names.items()}
        group["options"].append({"place": place, "title": title})
    return list(groups.values())


def _rounded(values: NDArray[np.float64], decimals: int) -> list[float | int | None]:
    missing = np.isnan(values)
    scaled = np.where(missing, 0.0, values) * 10.0**decimals
    nearest = np.rint(scaled)
    written: list[Any] = (nearest / 10.0**decimals if decimals else nearest.astype(np.int64)).tolist()
    # Scaled, a number near the middle of two may come to lie on its other side: Python rounds these one by one.
    near = (np.abs(np.abs(scaled - nearest) - HALF) < NEAR) | (np.abs(scaled) > SURE)
    for place in np.flatnonzero(near & ~missing).tolist():
        written[place] = round(float(values[place]), decimals or None)
    for place in np.flatnonzero(missing).tolist():
        written[place] = None
    return written


def _on_their_side(
    written: list[float | int | None], numbers: NDArray[np.float64], indicator: Indicator, upper: Sequence[float]
) -> list[float | int | None]:
    """Return rounded values on that side of each class limit on which they are: 750.3 m is not within 750 m."""
    step = 10.0**-indicator.decimals
    found = list(written)
    shown = np.array(written, dtype=float)
    for limit in upper:
        for place in np.flatnonzero((shown <= limit) & (limit < numbers)).tolist():
            value = float(shown[place]) + step
            found[place] = round(value, indicator.decimals) if indicator.decimals else round(value)
    return found


def _zone_data(
    zones: gpd.GeoDataFrame, indicators: Sequence[Indicator], people: pd.Series[Any] | None, spoken: Sequence[str]
) -> dict[str, Any]:
    return {
        "ids": [str(zone) for zone in zones.index],
        "people": None if people is None else _rounded(people.to_numpy(dtype=float), PEOPLE_DECIMALS),
        "indicators": [_indicator_data(indicator, people, spoken) for indicator in indicators],
        "part_of": part_of_each(zones),
        **_in_languages(lambda lang: {"names": names_of(zones, lang), "parts": parts_of(zones, lang)}, spoken),
    }


def _searched(streets: gpd.GeoDataFrame | None, turn: float | None, spoken: Sequence[str]) -> dict[str, Any]:
    """Return the streets that readers can search for: a point and the names of each."""
    if streets is None or streets.empty:
        return {}
    points = canvas.pack_points(middles_of(turned_around(streets, turn)))
    return {"streets": {"points": points, **_in_languages(lambda lang: {"names": names_of(streets, lang)}, spoken)}}


def _indicator_data(indicator: Indicator, people: pd.Series[Any] | None, spoken: Sequence[str]) -> dict[str, Any]:
    said_of = [series.attrs.get("measure") for series in (indicator.values, indicator.labels) if series is not None]
    measure = next((name for name in said_of if name), None)
    # Labels of a change are limits around 0, not the outcome of a test.
    untested = indicator.kind == "lisa" and indicator.scheme == "change"
    measure = "local_moran" if indicator.kind == "lisa" and measure is None and not untested else measure
    percent = indicator.unit == "share"
    legends = {lang: make_legend(indicator, people=people, lang=lang) for lang in spoken}
    values = None
    if indicator.values is not None:
        numbers = indicator.values.to_numpy(dtype=float)
        values = _rounded(numbers * _SHARE if percent else numbers, indicator.decimals)
        if indicator.kind == "cost":
            values = _on_their_side(values, numbers, indicator, legends[spoken[0]].upper)

    def texts(lang: str) -> dict[str, Any]:
        said = words(lang)
        return {
            "title": text_in(indicator.title, lang),
            "group": text_in(indicator.group, lang),
            "short": said[f"unit.{indicator.unit}.short"] if indicator.unit else "",
            "one": said.get(f"unit.{indicator.unit}.one", ""),
            "explanation": said[f"measure.{measure}.explanation"] if measure in measures() else "",
            "legend": as_record(legends[lang], indicator, lang, people) | ({"method": ""} if untested else {}),
        }

    return {
        "key": indicator.key,
        "unit": indicator.unit,
        "kind": indicator.kind,
        "better": indicator.better,
        **({} if indicator.served else {"served": False}),
        "percent": percent,
        "decimals": indicator.decimals,
        "service": indicator.service,
        "values": values,
        "classes": "".join(DIGITS[legends[spoken[0]].classes].tolist()),
        **_in_languages(texts, spoken),
    }


def _service_layers(
    services: gpd.GeoDataFrame | None,
    titles: Mapping[str, str | Mapping[str, str]],
    indicators: Sequence[Indicator],
    spoken: Sequence[str],
) -> list[canvas.ServiceLayer]:
    if services is None or services.empty:
        return []
    ground = services.to_crs(4326)
    kinds = list(dict.fromkeys(ground["service"]))
    first = next((indicator.service for indicator in indicators), None)
    made = []
    looks = symbols_of([str(kind) for kind in kinds])
    for kind in kinds:
        rows = ground[ground["service"] == kind]

        def texts(lang: str, kind: Any = kind, rows: gpd.GeoDataFrame = rows) -> dict[str, Any]:
            title = text_in(titles[kind], lang) if kind in titles else ""
            return {
                "title": title or words(lang).get(f"service.{kind}", str(kind).replace("_", " ")),
                "count": number(len(rows), lang, digits=0),
                "names": names_of(rows, lang) or [None] * len(rows),
            }

        points = shapely.get_coordinates(shapely.point_on_surface(rows.geometry.array.to_numpy()))
        areas = rows.geometry[rows.geom_type.isin(["Polygon", "MultiPolygon"])]
        data = {
            "role": "services",
            "key": str(kind),
            "shape": looks[str(kind)][0],
            "colour": looks[str(kind)][1],
            "points": canvas.pack_points(points),
            "areas": canvas.pack_shapes(areas.simplify(canvas.SIMPLIFIED)),
            **_in_languages(texts, spoken),
        }
        made.append(canvas.ServiceLayer(data["title"], data, show=first is None or first == kind))
    # The list shows the layer added last on top: added backwards, they read in the order given.
    return made[::-1]
