"""One measure as an indicator: its unit, title and direction are read from what the values carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.frames import require_geometry, require_ids
from spatialjustice._core.screen.drawn import Drawn
from spatialjustice.catalogue.lookup import LANGUAGES, measures, text_in, words
from spatialjustice.maps.indicator import UNITS, Indicator, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

_KINDS: dict[str, Kind] = {
    "minutes": "cost",
    "metres": "cost",
    "kilometres": "cost",
    "opportunities": "count",
    "share": "share",
    "people": "people",
}


SINGLE = 5
"""Up to so many different values have a class each."""
SHAPES = {"Polygon": "zones", "MultiPolygon": "zones", "LineString": "lines", "MultiLineString": "lines"}
"""What shapes are drawn as; all others are places."""


def measured(
    zones: gpd.GeoDataFrame,
    values: pd.Series[Any] | str | Indicator,
    *,
    title: str | Mapping[str, str] | None = None,
    unit: str | None = None,
    status: pd.Series[Any] | None = None,
    breaks: Sequence[float] | None = None,
    note: str | Mapping[str, str] = "",
    lang: str = "en",
) -> Indicator:
    """Make an indicator of one measure; one that is an indicator already stays as it is.

    Raises
    ------
    InputError
        When the unit is not known; a legend never goes without one.
    """
    if isinstance(values, Indicator):
        return values
    series, known = _series(zones, values)
    unit = unit or known.get("unit")
    if not unit:
        raise InputError("values", "their unit is not known", 'Give unit=, for example unit="minutes".')
    measure = known.get("measure")
    named = words(lang).get(f"measure.{measure}.title", "") or str(series.name or "")
    kind = _KINDS.get(unit, "count")
    record = measures().get(str(measure), {})
    if record.get("kind") in _KINDS.values():
        kind = cast("Kind", record["kind"])
    direction = known.get("direction") or record.get("direction") or (None if unit in _KINDS else "none")
    if unit not in UNITS:
        # Somebody's own opportunities, beds or kilowatts: the legend names them below its numbers.
        note = {each: f"{_counts(unit, each)} {text_in(note, each)}".strip() for each in LANGUAGES}
        unit = "amount"
    return Indicator(
        key="value", title=title or named or words(lang)["page.value"], values=series, unit=unit, kind=kind,
        status=status, breaks=breaks, note=note, direction=direction,
    )  # fmt: skip


def to_draw(
    zones: Any,
    values: pd.Series[Any] | str | Indicator | None,
    *,
    title: str | Mapping[str, str] | None,
    unit: str | None,
    lang: str,
) -> tuple[gpd.GeoDataFrame, Indicator, str]:
    """Return shapes, what is told of them, and what they are: zones, lines, points, or areas that lie in layers.

    Raises
    ------
    InputError
        When there is nothing to draw.
    """
    if isinstance(zones, Drawn):
        shapes, own = zones._to_draw()  # noqa: SLF001 - the room asks, as a notebook asks for _repr_html_
        zones, values = shapes.to_frame("geometry") if isinstance(shapes, pd.Series) else shapes, own
        drawn = own.attrs.get("drawn")
        title = title or ({each: words(each)[f"drawn.{drawn}"] for each in LANGUAGES} if drawn else None)
    if not hasattr(zones, "geometry"):
        found = f"it is {a_kind(zones)}"
        raise InputError("zones", found, "Give a GeoDataFrame, a network, or travel costs.")
    layered = values is None and "cutoff" in zones and "from_id" in zones
    if layered:
        return _areas(zones, title, unit, lang)
    require_ids(zones, "zones")
    require_geometry(zones, "zones")
    kinds = {SHAPES.get(kind, "points") for kind in zones.geom_type.unique()}
    if len(kinds) > 1 and "points" in kinds:  # places, some of which are mapped as areas
        inside = zones.geometry.representative_point()
        zones, kinds = zones.set_geometry(inside), {"points"}
    if len(kinds) != 1:
        found = f"there are {' and '.join(sorted(kinds))}" if kinds else "there are none"
        raise InputError("zones", found, "Give shapes of one kind: areas, lines or points.")
    if values is None:
        raise InputError("values", "they are missing", "Give a Series on the ids, or the name of a column.")
    return zones, measured(zones, values, title=title, unit=unit, lang=lang), kinds.pop()


def _areas(
    areas: gpd.GeoDataFrame, title: str | Mapping[str, str] | None, unit: str | None, lang: str
) -> tuple[gpd.GeoDataFrame, Indicator, str]:
    """Draw areas within reach from the farthest to the nearest, and leave out those that are empty."""
    there = areas[~areas.geometry.is_empty].sort_values("cutoff", ascending=False, kind="stable").reset_index(drop=True)
    if there.empty:
        raise InputError("zones", "every area is empty", "Look at their column status, which says why.")
    cutoff = there["cutoff"].astype(float)
    cutoff.attrs = {"unit": areas.attrs.get("unit"), "measure": areas.attrs.get("measure")}
    title = title or {each: words(each)["drawn.areas"] for each in LANGUAGES}
    breaks = sorted(set(cutoff)) if cutoff.nunique() > SINGLE else None
    one = measured(there, cutoff, title=title, unit=unit, breaks=breaks, lang=lang)
    return there, one, "areas"


def _counts(unit: str, lang: str) -> str:
    """Say what the numbers are, in the reader's language where the unit has a word there."""
    said = words(lang)
    return said["legend.counts"].format(what=said.get(f"unit.{unit}", unit))


def _series(zones: gpd.GeoDataFrame, values: pd.Series[Any] | str) -> tuple[pd.Series[Any], dict[str, Any]]:
    if not isinstance(values, str) and not hasattr(values, "attrs"):
        advice = "Give a Series on the zones' ids, or the name of a column."
        raise InputError("values", f"they are {a_kind(values)}", advice)
    if not isinstance(values, str):
        return values, {str(key): value for key, value in values.attrs.items()}
    if values not in zones:
        raise InputError("values", f"the zones have no column “{values}”", "Give a Series, or the name of a column.")
    return zones[values], dict(zones.attrs.get("columns", {}).get(values, {}))
