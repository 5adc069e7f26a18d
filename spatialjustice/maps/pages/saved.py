"""A map as it is shown in a notebook and saved as one page."""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice._core.disk import files
from spatialjustice._core.errors import InputError
from spatialjustice.catalogue.lookup import number, text_in, words
from spatialjustice.maps.layers.antimeridian import bounds_of, middle_longitude
from spatialjustice.maps.pages import document
from spatialjustice.maps.pages.from_folium import parts_of_map

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import folium
    from matplotlib.figure import Figure

LARGEST_INLINE = 1_000_000
DOTS_INLINE = 90
"""Dots per inch of the picture that notebooks show in place of a large map."""


@dataclass(frozen=True)
class Map:
    """A map that can be shown in a notebook and saved as one file.

    ``folium`` is an ordinary Folium map: more Folium layers may be added to it, and they are exported with it.
    """

    folium: folium.Map
    page: document.Page
    tiles: bool = False
    drawn: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        """Name the map; its data would fill pages."""
        return f"<Map: {text_in(self.page.title, self.page.lang)}>"

    @property
    def first_finding(self) -> str | Mapping[str, str]:
        """The sentence with which the page opens; empty where it has none."""
        told = (self.page.report or {}).get("indicators", {})
        return next((one["finding"] for one in told.values() if one.get("finding")), "")

    def to_html(self) -> str:
        """Return the whole page; the same map gives the same bytes."""
        return document.assemble(parts_of_map(self.folium, tiles=self.tiles), self.page)

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
        from spatialjustice.maps.pictures import printed

        if self.drawn is None:
            raise InputError(
                "map", "it was made by Folium alone", "Draw it with maps.plot, from zones and an Indicator."
            )
        known = {one.key: one for one in self.drawn["indicators"]}
        key = next(iter(known)) if indicator is None else indicator
        if key not in known:
            raise InputError("indicator", f"there is no “{key}”", f"Choose one of {', '.join(known)}.")
        parts = {name: part for name, part in self.drawn.items() if name not in {"zones", "indicators"}}
        return printed.plot(self.drawn["zones"], known[key], **{"lang": self.page.lang, **parts, **given})

    def _repr_html_(self) -> str:
        whole = self.to_html()
        size = len(whole.encode())
        if size > LARGEST_INLINE:
            written = number(size / 1e6, self.page.lang, digits=1)
            told = html.escape(words(self.page.lang)["notebook.too_large"].format(size=written))
            return f"{self._picture()}<p>{told}</p>"
        return (
            f'<iframe srcdoc="{html.escape(whole)}" title="{html.escape(text_in(self.page.title, self.page.lang))}" '
            'style="width:100%;height:640px;border:1px solid #d8dcdd;border-radius:6px"></iframe>'
        )

    def _picture(self) -> str:
        """Return the first indicator as a picture for notebooks; nothing where matplotlib is not installed."""
        try:
            from spatialjustice.maps.pictures import saving

            drawn = saving.as_bytes(self.plot(), "png", dpi=DOTS_INLINE)
        except (ImportError, InputError):
            return ""
        title = html.escape(text_in(self.page.title, self.page.lang))
        data = base64.b64encode(drawn).decode()
        return f'<img src="data:image/png;base64,{data}" alt="{title}" style="max-width:100%">'


def alone(
    layers: Sequence[Any], shapes: Any, *, title: str | Mapping[str, str], lang: str, drawn: Mapping[str, Any]
) -> Map:
    """Return a map of these layers with nothing beside them, as far as the shapes reach."""
    import folium

    west, south, east, north = bounds_of(shapes, middle_longitude(shapes))
    made = folium.Map(tiles=None)
    for layer in layers:
        layer.add_to(made)
    made.fit_bounds([[south, west], [north, east]])
    return Map(made, document.Page(title=title, lang=lang, plain=True), drawn=drawn)


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
    return Map(made, document.Page(title=title, lang=lang, plain=True)).save(path)
