"""A map page of many indicators over one set of zones."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core import files
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_geometry, require_ids
from spatialjustice._core.provenance import SourceRecord, sources_of
from spatialjustice.catalogue.lookup import direction, measures, number, text_in, words
from spatialjustice.maps import layers, page, palette
from spatialjustice.maps.export import take_apart
from spatialjustice.maps.legend import as_record, make_legend

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd
    from matplotlib.figure import Figure

    from spatialjustice.maps.indicator import Indicator

LARGEST_INLINE = 1_000_000
_SHARE = 100


@dataclass(frozen=True)
class Map:
    """A map that can be shown in a notebook and saved as one file.

    ``folium`` is an ordinary Folium map: more Folium layers may be added to it, and they are exported with it.
    """

    folium: folium.Map
    page: page.Page
    tiles: bool = False
    drawn: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        """Name the map; its data would fill pages."""
        return f"<Map: {self.page.title}>"

    def to_html(self) -> str:
        """Return the whole page; the same map gives the same bytes."""
        return page.assemble(take_apart(self.folium, tiles=self.tiles), self.page)

    def save(self, path: str | Path) -> Path:
        """Write the page as one file that needs no network, whole or not at all."""
        files.write_text(path, self.to_html())
        return Path(path)

    def plot(self, indicator: str | None = None, **given: Any) -> Figure:
        """Draw the map for print with matplotlib: same breaks, colours, hatches and legend.

        Parameters
        ----------
        indicator
            Key of the indicator; the first where None.
        **given
            ``title``, ``lang`` and ``size``, as for :func:`spatialjustice.maps.plot`.

        Raises
        ------
        InputError
            When there is no such indicator, or the map is one of Folium's own.
        """
        from spatialjustice.maps import static

        if self.drawn is None:
            raise InputError(
                "map", "it was made by Folium alone", "Draw it with maps.plot, from zones and an Indicator."
            )
        known = {one.key: one for one in self.drawn["indicators"]}
        key = next(iter(known)) if indicator is None else indicator
        if key not in known:
            raise InputError("indicator", f"there is no “{key}”", f"Choose one of {', '.join(known)}.")
        parts = {name: part for name, part in self.drawn.items() if name not in {"zones", "indicators"}}
        return static.plot(self.drawn["zones"], known[key], **{"lang": self.page.lang, **parts, **given})

    def _repr_html_(self) -> str:
        whole = self.to_html()
        size = len(whole.encode())
        if size > LARGEST_INLINE:
            written = number(size / 1e6, self.page.lang, digits=1)
            return f"<p>{html.escape(words(self.page.lang)['notebook.too_large'].format(size=written))}</p>"
        return (
            f'<iframe srcdoc="{html.escape(whole)}" title="{html.escape(self.page.title)}" '
            'style="width:100%;height:640px;border:1px solid #d8dcdd;border-radius:6px"></iframe>'
        )


def save(made: Map | folium.Map, path: str | Path, *, title: str = "Map", lang: str = "en") -> Path:
    """Write a map, ours or any of Folium's, as one file that needs no network.

    Parameters
    ----------
    made
        A :class:`Map`, or a folium map. Folium's own tooltips and layer texts are taken as the HTML they are.
    path
        The file to write.
    title
        Title of the page of a folium map.
    lang
        Language of the page of a folium map.

    Raises
    ------
    InputError
        When the folium map needs something from the network, naming its address.
    """
    if isinstance(made, Map):
        return made.save(path)
    return Map(made, page.Page(title=title, lang=lang, plain=True)).save(path)


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
    people: pd.Series[Any] | None = None,
    sources: Iterable[SourceRecord] = (),
    findings: Iterable[Finding] = (),
    provenance: Mapping[str, Any] | None = None,
    lang: str = "en",
    alternate: Mapping[str, str] | None = None,
    tiles: str | None = None,
    tiles_attribution: str = "",
) -> Map:
    """Draw many indicators over one set of zones, on one page with a chooser.

    Parameters
    ----------
    zones
        Polygons with unique ids in any CRS; a column ``name`` (and ``name_fa``) is shown where there is one.
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
    people
        People on zone ids, for legends and tooltips.
    sources, findings
        Added to those the frames and Series carry in ``attrs``.
    provenance
        Plain data put into the page as JSON and listed for readers.
    lang
        ``"en"`` or ``"fa"``.
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
    >>> import geopandas as gpd
    >>> from spatialjustice.maps.indicator import Indicator
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326)
    >>> walk = Indicator("walk", "Walk", pd.Series([5.0, 12.0]), unit="minutes", kind="cost", breaks=[10, 15])
    >>> made = atlas(zones, [walk], title="Synthetic")
    >>> "up to 10" in made.to_html()
    True
    """
    require_ids(zones, "zones")
    require_geometry(zones, "zones", kinds={"Polygon", "MultiPolygon"})
    said = words(lang)
    placed = _placed(zones, indicators)
    living = None if people is None else _living(people, zones)
    series = [getattr(item, name) for item in indicators for name in ("values", "status", "labels")]
    carried = [item for item in (zones, services, streets, base, place, people, *series) if item is not None]
    records = list(dict.fromkeys([*sources, *sources_of(*carried)]))
    found = list(dict.fromkeys([*findings, *findings_of(*carried)]))

    bounds = (place if place is not None else zones).to_crs(4326).total_bounds.round(5).tolist()
    made = _empty_map(bounds, tiles, tiles_attribution)
    if base is not None and len(base):
        found += _base_findings(base)
        parts = layers.pack_base(base)
        layers.BaseLayer(said["layer.base"], {"role": "base", "title": said["layer.base"], "parts": parts}).add_to(made)
    data = _zone_data(zones, placed, living, lang)
    layers.ZoneLayer("zones", data, zones.geometry, old=said["page.too_old"]).add_to(made)
    if place is not None:
        outline = {"role": "place", "title": said["layer.place"], "shapes": layers.pack(place.geometry.boundary)}
        layers.LineLayer(said["layer.place"], outline).add_to(made)
    if streets is not None and len(streets):
        lines = {"role": "streets", "title": said["layer.streets"], "shapes": layers.pack(streets.geometry)}
        layers.LineLayer(said["layer.streets"], lines, show=False).add_to(made)
    for layer in _service_layers(services, service_titles or {}, placed, lang):
        layer.add_to(made)
    credit = page.credits_of(records, lang)
    if tiles is not None:
        credit.append({"text": tiles_attribution, "href": "", "detail": []})
    layers.PageElement(_page_data(bounds, lang)).add_to(made)
    around = page.Page(
        title=text_in(title, lang),
        subtitle=text_in(subtitle or "", lang),
        lang=lang,
        groups=_groups(placed, lang) if len(placed) > 1 else [],
        findings=page.finding_rows(found),
        tally=page.tally(len(found), lang),
        sources=page.source_rows(records, lang),
        credits=credit,
        provenance=page.flatten(provenance),
        record=provenance,
        alternate=page.alternates(alternate),
        remote=tiles.split("{", maxsplit=1)[0] if tiles else "",
    )
    drawn = {"zones": zones, "indicators": placed, "people": living, "place": place, "sources": records}
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


def _page_data(bounds: Sequence[float], lang: str) -> dict[str, Any]:
    west, south, east, north = bounds
    said = words(lang)
    return {
        "lang": lang,
        "dir": direction(lang),
        "bounds": [[south, west], [north, east]],
        "words": {key: text for key, text in said.items() if key.startswith(("page.", "legend.", "unit."))},
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
    if len(missing) or people.isna().any():
        rows = [*missing, *people.index[people.isna()]]
        raise InputError(
            "people", f"{len(rows):,} zones have no number of people", "Give 0 where nobody lives.", rows=rows
        )
    return people.reindex(zones.index).astype(float)


def _base_findings(base: gpd.GeoDataFrame) -> list[Finding]:
    unknown = layers.unknown_base_kinds(base)
    if not unknown:
        return []
    count = int(base["kind"].astype(str).isin(unknown).sum())
    message = f"{count:,} shapes of the base map are not drawn because their kind has no style: {', '.join(unknown)}."
    return [Finding("base_kinds_not_drawn", "information", message, count)]


def _groups(indicators: Sequence[Indicator], lang: str) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for place, indicator in enumerate(indicators):
        option = {"place": place, "title": text_in(indicator.title, lang)}
        groups.setdefault(text_in(indicator.group, lang), []).append(option)
    return [{"name": name, "options": options} for name, options in groups.items()]


def _rounded(values: np.ndarray, decimals: int) -> list[float | int | None]:
    whole = decimals == 0
    return [None if np.isnan(v) else round(float(v)) if whole else round(float(v), decimals) for v in values]


def _zone_data(
    zones: gpd.GeoDataFrame, indicators: Sequence[Indicator], people: pd.Series[Any] | None, lang: str
) -> dict[str, Any]:
    columns = [name for name in (("name_fa", "name") if lang == "fa" else ("name",)) if name in zones]
    names = None
    if columns:
        chosen = zones[columns[0]] if len(columns) == 1 else zones[columns[0]].fillna(zones[columns[1]])
        names = [None if pd.isna(name) else str(name) for name in chosen]
    return {
        "ids": [str(zone) for zone in zones.index],
        "names": names,
        "people": None if people is None else _rounded(people.to_numpy(dtype=float), 1),
        "indicators": [_indicator_data(indicator, people, lang) for indicator in indicators],
    }


def _indicator_data(indicator: Indicator, people: pd.Series[Any] | None, lang: str) -> dict[str, Any]:
    said = words(lang)
    legend = make_legend(indicator, people=people, lang=lang)
    measure = indicator.values.attrs.get("measure") if indicator.values is not None else None
    measure = "local_moran" if indicator.kind == "lisa" and measure is None else measure
    percent = indicator.unit == "share"
    values = None
    if indicator.values is not None:
        numbers = indicator.values.to_numpy(dtype=float)
        values = _rounded(numbers * _SHARE if percent else numbers, indicator.decimals)
    return {
        "key": indicator.key,
        "title": text_in(indicator.title, lang),
        "group": text_in(indicator.group, lang),
        "unit": indicator.unit,
        "short": said[f"unit.{indicator.unit}.short"] if indicator.unit else "",
        "one": said.get(f"unit.{indicator.unit}.one", ""),
        "percent": percent,
        "decimals": indicator.decimals,
        "explanation": said[f"measure.{measure}.explanation"] if measure in measures() else "",
        "service": indicator.service,
        "values": values,
        "classes": "".join(np.base_repr(int(place), 36).lower() for place in legend.classes),
        "legend": as_record(legend, indicator, lang),
    }


def _service_layers(
    services: gpd.GeoDataFrame | None,
    titles: Mapping[str, str | Mapping[str, str]],
    indicators: Sequence[Indicator],
    lang: str,
) -> list[layers.ServiceLayer]:
    if services is None or services.empty:
        return []
    ground = services.to_crs(4326)
    kinds = list(dict.fromkeys(ground["service"]))
    first = next((indicator.service for indicator in indicators), None)
    made = []
    for place, kind in enumerate(kinds):
        rows = ground[ground["service"] == kind]
        title = text_in(titles[kind], lang) if kind in titles else ""
        title = title or words(lang).get(f"service.{kind}", str(kind).replace("_", " "))
        names = rows["name"] if "name" in rows else pd.Series(None, index=rows.index, dtype=object)
        if lang == "fa" and "name_fa" in rows:
            names = rows["name_fa"].where(rows["name_fa"].notna(), names)
        points = shapely.get_coordinates(shapely.point_on_surface(rows.geometry.array.to_numpy()))
        areas = rows.geometry[rows.geom_type.isin(["Polygon", "MultiPolygon"])]
        data = {
            "role": "services",
            "key": str(kind),
            "title": title,
            "count": number(len(rows), lang, digits=0),
            "shape": palette.SERVICE_SHAPES[place % len(palette.SERVICE_SHAPES)],
            "colour": palette.SERVICE_COLOURS[place % len(palette.SERVICE_COLOURS)],
            "points": layers.pack_points(points),
            "names": [None if pd.isna(name) else str(name) for name in names],
            "areas": layers.pack(areas.simplify(layers.SIMPLIFIED)),
        }
        made.append(layers.ServiceLayer(title, data, show=first is None or first == kind))
    # The list shows the layer added last on top: added backwards, they read in the order given.
    return made[::-1]
