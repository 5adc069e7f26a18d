"""The streets of the modes that are asked for, packed for their page, with zones, people and places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import Transformer

from spatialjustice import maps, network
from spatialjustice.study.sections.catchments.settings import COUNT
from spatialjustice.study.sections.groups.page import group_title
from spatialjustice.study.sections.services.compute import supply_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd

    from spatialjustice.network import Network
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.what_if.settings import WhatIfKeys


def compute(work: Work[WhatIfKeys]) -> list[dict[str, Any]]:
    """Return the blocks: one of all modes that are asked for, or one for each coordinate reference system of theirs."""
    by_crs: dict[Any, list[Travel]] = {}
    for mode in work.study.modes:
        if work.study.asked(mode):
            by_crs.setdefault(work["streets"][mode.key].crs, []).append(mode)
    return [_block(work, modes) for modes in by_crs.values()]


def _block(work: Work[WhatIfKeys], modes: list[Travel]) -> dict[str, Any]:
    study, networks = work.study, [work["streets"][mode.key] for mode in modes]
    into = Transformer.from_crs(4326, networks[0].crs, always_xy=True)
    return maps.street_block(
        network.contracted_streets(*networks),
        zones=_joined(work, networks, work["zones"], towards=False),
        people=work["people"].to_numpy(dtype=float),
        project=into.transform,
        modes=[_mode(work, mode) for mode in modes],
        services=[_service(work, networks, name) for name in study.asked(modes[0])],
        groups=[
            {"key": name, "title": group_title(study, name), "people": people.to_numpy(dtype=float)}
            for name, people in work["groups"].parts.items()
        ],
    )


def _joined(work: Work[WhatIfKeys], networks: list[Network], points: gpd.GeoDataFrame, *, towards: bool) -> list[Any]:
    limit = work.study.snap_limit
    return [network.joined_points(streets, points, towards=towards, snap_limit=limit) for streets in networks]


def _mode(work: Work[WhatIfKeys], mode: Travel) -> dict[str, Any]:
    study, travel = work.study, work["streets"][mode.key].mode
    return {
        "key": mode.key,
        "speed": travel.speed,
        "leg": travel.speed / (travel.leg_speed or travel.speed),
        "limit": study.snap_limit,
        "unit": study.widest(mode).measure,
        # The widest, at which all else on the page is told, stands last: the panel begins with it.
        "cutoffs": [
            {"value": one.value, "unit": one.measure}
            for one in sorted(study.cutoffs_of(mode), key=lambda one: one.metres(mode.kilometres_an_hour))
        ],
        "supplies": list(_supplies(work, mode)),
    }


def _supplies(work: Work[WhatIfKeys], mode: Travel) -> Iterator[dict[str, Any]]:
    """Yield the catchments of a mode whose services the page can change, and what every place has to share out."""
    study = work.study
    for one in study.catchments_of(mode):
        if set(one.services) <= set(study.asked(mode)):
            places = work["services"].places_of(*one.services)
            amounts = places[COUNT if one.supply == COUNT else supply_column(one.supply)].astype(float)
            decay: dict[str, Any] = {"kind": one.decay.kind}
            if one.decay.stepped is not None:
                limits = [step.value for step in one.decay.steps]
                decay |= {"limits": limits, "weights": list(one.decay.weights)}
            yield {
                "key": one.name,
                "title": one.title or one.name.replace("_", " ").capitalize(),
                "services": list(one.services),
                "unit": one.decay.limit.measure,
                "cutoff": one.decay.limit.value,
                "method": one.method,
                "decay": decay,
                "amounts": {name: amounts[places["service"] == name].tolist() for name in one.services},
            }


def _service(work: Work[WhatIfKeys], networks: list[Network], name: str) -> dict[str, Any]:
    services, places = work["services"], work["services"].places_of(name)
    points = places.geometry.representative_point().to_crs(4326)
    named = {column: _texts(places, column) for column in places.columns if str(column).startswith("name")}
    return {
        "key": name,
        "title": services.titles[name],
        "names": {column.removeprefix("name_"): texts for column, texts in named.items() if any(texts)},
        "lon": points.x.to_numpy(),
        "lat": points.y.to_numpy(),
        "joined": _joined(work, networks, places, towards=True),
    }


def _texts(places: gpd.GeoDataFrame, column: str) -> list[str | None]:
    known = np.asarray(places[column].notna())
    values: pd.Series[Any] = places[column]
    return [str(text) if there else None for text, there in zip(values, known, strict=True)]
