"""What if places stood elsewhere: a map of today that computes by itself, inside a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.frames import require_geometry, require_ids
from spatialjustice._core.machine.extras import needed
from spatialjustice.catalogue.lookup import LANGUAGES, text_in, words
from spatialjustice.maps.atlas import atlas
from spatialjustice.maps.indicator import Indicator
from spatialjustice.maps.streets.block import street_block

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

    from spatialjustice.maps.streets.widget import WhatIf

SERVICE = "places"


def what_if(
    zones: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    *,
    network: Any,
    people: pd.Series[Any],
    cutoff: float,
    unit: Literal["minutes", "metres"] = "minutes",
    title: str | Mapping[str, str] = "",
    lang: str = "en",
) -> WhatIf:
    """Move, add and remove places on a map in the notebook, see at once what follows, and take them back to Python.

    The streets are inside the widget: every change is computed in the browser by the streets of the network, to the
    last bit as :meth:`Network.travel_costs` would, and nothing is asked of any server. It needs the extra ``notebook``.

    Parameters
    ----------
    zones
        Polygons with unique ids, where people live.
    places
        Where they want to go, as the destinations of :meth:`Network.travel_costs`; a column ``name`` is shown.
    network
        The streets, made by :func:`spatialjustice.network.from_osm`.
    people
        People on zone ids.
    cutoff
        Up to what cost a place is near, itself included, in ``unit``.
    unit
        ``minutes`` at the mode's speed, or ``metres``.
    title
        What the places are.
    lang
        ``"en"`` or ``"fa"``.

    Returns
    -------
    WhatIf
        A widget: ``.places``, ``.costs`` and ``.result`` follow what is done on the map; set ``.places``, and the map
        follows.

    Raises
    ------
    MissingPackageError
        When anywidget is not installed.
    InputError
        When the network has no streets that can be sent (straight lines, public transport), ids or people cannot be
        used, or there is no place.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> from spatialjustice.network import from_frames
    >>> nodes = pd.DataFrame({"x": [24.94, 24.95], "y": [60.17, 60.17]}, index=[1, 2])
    >>> ways = pd.DataFrame({"nodes": [[1, 2]], "tags": [{"highway": "footway"}]}, index=[10])
    >>> homes = [shapely.Point(x, 60.17).buffer(0.0005) for x in (24.941, 24.948)]
    >>> zones = gpd.GeoDataFrame(geometry=homes, crs=4326)
    >>> kiosk = gpd.GeoDataFrame(geometry=[shapely.Point(24.94, 60.17)], crs=4326)
    >>> what_if(zones, kiosk, network=from_frames(nodes, ways), people=pd.Series([5.0, 7.0]), cutoff=5, title="Kiosk")
    <WhatIf: 1 places today; 0 new, 0 moved, 0 gone>
    """
    needed("anywidget", "what_if")
    from spatialjustice.maps.streets.widget import WhatIf

    require_ids(zones, "zones")
    require_geometry(zones, "zones", kinds={"Polygon", "MultiPolygon"})
    require_ids(places, "places")
    if not hasattr(network, "_for_page"):
        found = f"it is {a_kind(network)}, which has no streets to send"
        raise InputError("network", found, "Give what network.from_osm or from_frames returned.")
    if places.empty:
        raise InputError("places", "there is none", "Give at least one, which can then be moved.")
    living = people.reindex(zones.index).astype(float)
    named: dict[str, str] = {one: text_in(title, one) or words(one)["layer.services"] for one in LANGUAGES}
    known = network._for_page(zones, places, unit=unit, cutoff=cutoff, snap_limit=500.0)  # noqa: SLF001
    block = street_block(
        known["streets"],
        zones=known["zones"],
        people=np.asarray(living.fillna(0), dtype=np.float64),
        project=known["project"],
        modes=[known["mode"]],
        services=[_service(places, named, known["joined"])],
    )
    status = known["status"].where(living != 0, "no_population")
    way = Indicator(
        "way", named, known["closest"], unit=unit, kind="cost", status=status, cutoffs=[float(cutoff)], service=SERVICE
    )
    page = atlas(
        zones,
        [way],
        title=named,
        services=places.to_crs(zones.crs).assign(service=SERVICE),
        service_titles={SERVICE: named},
        people=living,
        what_if=[block],
        lang=lang,
    )
    about = {"title": text_in(named, lang), "unit": unit, "cutoff": float(cutoff)}
    return WhatIf(page, zones.index, places, about)


def _service(places: gpd.GeoDataFrame, title: Mapping[str, str], joined: Any) -> dict[str, Any]:
    points = places.geometry.representative_point().to_crs(4326)
    return {
        "key": SERVICE,
        "title": dict(title),
        "names": {},
        "lon": points.x.to_numpy(),
        "lat": points.y.to_numpy(),
        "joined": joined,
    }
