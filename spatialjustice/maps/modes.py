"""Several modes of travel on one page: what the map shows of each is unpacked when a reader chooses it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import InputError
from spatialjustice.catalogue.lookup import text_in
from spatialjustice.maps.layers.canvas import pack_shapes
from spatialjustice.maps.layers.packing import are_many, compressed_json, packed_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd

    from spatialjustice.maps.indicator import Indicator

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class ModeMaps:
    """What a page shows of one mode of travel.

    Parameters
    ----------
    key
        Short name, as it stands in the page's address: ``map.html#mode=bicycle``.
    title
        What the switch calls it, for example “by bicycle”: one text, or one per language.
    indicators
        What can be chosen by this mode, in order. A key may be that of another mode's indicator of the same measure;
        the page then keeps the measure when the mode is changed.
    subtitle
        The line under the page's title while the mode is chosen.
    streets
        The streets of the mode, as lines.
    report
        Finished tables and sentences of the mode, as ``spatialjustice.report`` makes them.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.maps.indicator import Indicator
    >>> ModeMaps("walk", "On foot", [Indicator("way", "Way", pd.Series([5.0]), unit="minutes")]).key
    'walk'
    """

    key: str
    title: str | Mapping[str, str]
    indicators: Sequence[Indicator]
    subtitle: str | Mapping[str, str] = ""
    streets: gpd.GeoDataFrame | gpd.GeoSeries | None = None
    report: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise InputError(
                "modes", f"“{self.key}” is no short name", "Use letters, digits and _, for example bicycle."
            )


def require_modes(modes: Sequence[ModeMaps]) -> None:
    """Require that the modes of a page have keys of their own."""
    keys = [mode.key for mode in modes]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise InputError("modes", "keys occur more than once", "Give each mode its own key.", rows=twice)


def switch(modes: Sequence[ModeMaps], languages: Sequence[str]) -> list[dict[str, Any]]:
    """Return what the switch of a page says, in its languages."""
    return [
        {
            "key": mode.key,
            "title": {lang: text_in(mode.title, lang) for lang in languages},
            "subtitle": {lang: text_in(mode.subtitle, lang) for lang in languages},
        }
        for mode in modes
    ]


def blocks(
    modes: Sequence[ModeMaps],
    records: Iterable[Sequence[dict[str, Any]]],
    streets: Sequence[gpd.GeoSeries | None],
    zones: gpd.GeoDataFrame,
) -> list[tuple[str, dict[str, Any]]]:
    """Return the blocks of data of all modes but the first, whose data are on the page already; none without modes.

    What is the same as at the first mode, as the people of the zones, is a reference to it.

    Parameters
    ----------
    modes
        All modes of the page.
    records
        The indicators of each mode as the page's scripts read them; they are asked for mode by mode.
    streets
        The lines of each mode, as they are drawn.
    zones
        The zones; those of many are compressed.
    """
    made: list[tuple[str, dict[str, Any]]] = []
    if not modes:
        return made
    waiting = iter(records)
    first = {record["key"]: (place, record) for place, record in enumerate(next(waiting))}

    def shared_with_first(record: dict[str, Any]) -> dict[str, Any]:
        place, same = first.get(record["key"], (0, None))
        return {"same": place} if same == record else record

    many = are_many(zones.geometry)
    told_first = (modes[0].report or {}).get("indicators", {})
    for mode, own in zip(modes[1:], waiting, strict=True):
        shared = [shared_with_first(record) for record in own]
        report = dict(mode.report or {})
        report["indicators"] = {
            key: {"same": key} if told_first.get(key) == told else told
            for key, told in report.get("indicators", {}).items()
        }
        data = {"indicators": shared, "report": report}
        made.append((f"mode-{mode.key}", {"packed": {"data": compressed_json(data)}} if many else data))
    for place, mode in enumerate(modes[1:], start=1):
        lines = streets[place]
        if lines is None or not len(lines):
            continue
        alike = next((one for one in range(place) if _same(streets[one], lines)), None)
        if alike is not None:
            made.append((f"lines-{mode.key}", {"same": modes[alike].key}))
        elif are_many(lines):
            made.append((f"lines-{mode.key}", packed_data({}, lines, area=False)))
        else:
            made.append((f"lines-{mode.key}", {"shapes": pack_shapes(lines)}))
    return made


def _same(one: gpd.GeoSeries | None, other: gpd.GeoSeries) -> bool:
    return one is not None and len(one) == len(other) and bool(one.geom_equals(other, align=False).all())
