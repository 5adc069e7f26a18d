"""The streets of every mode that is asked for, packed for its page, with zones, people and places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import Transformer

from spatialjustice import maps, network
from spatialjustice.study.sections.groups.page import group_title

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from spatialjustice.network import Network
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.what_if.settings import WhatIfKeys


def compute(work: Work[WhatIfKeys]) -> dict[str, dict[str, Any]]:
    """Return the block of every mode by its key."""
    study = work.study
    return {mode.key: _block(work, mode, work["streets"][mode.key]) for mode in study.modes if study.asked(mode)}


def _block(work: Work[WhatIfKeys], mode: Travel, streets: Network) -> dict[str, Any]:
    study, widest = work.study, work.study.widest(mode)
    into = Transformer.from_crs(4326, streets.crs, always_xy=True)
    travel = streets.mode
    return maps.street_block(
        network.contracted_streets(streets),
        zones=network.joined_points(streets, work["zones"], towards=False, snap_limit=study.snap_limit),
        people=work["people"].to_numpy(dtype=float),
        project=into.transform,
        mode={
            "key": mode.key,
            "speed": travel.speed,
            "leg": travel.speed / (travel.leg_speed or travel.speed),
            "limit": study.snap_limit,
            "unit": widest.measure,
            "cutoffs": [{"value": one.value, "unit": one.measure} for one in study.cutoffs_of(mode)],
        },
        services=[_service(work, streets, name) for name in study.asked(mode)],
        groups=[
            {"key": name, "title": group_title(study, name), "people": people.to_numpy(dtype=float)}
            for name, people in work["groups"].parts.items()
        ],
    )


def _service(work: Work[WhatIfKeys], streets: Network, name: str) -> dict[str, Any]:
    services, places = work["services"], work["services"].places_of(name)
    points = places.geometry.representative_point().to_crs(4326)
    named = {column: _texts(places, column) for column in places.columns if str(column).startswith("name")}
    return {
        "key": name,
        "title": services.titles[name],
        "names": {column.removeprefix("name_"): texts for column, texts in named.items() if any(texts)},
        "lon": points.x.to_numpy(),
        "lat": points.y.to_numpy(),
        "joined": network.joined_points(streets, places, towards=True, snap_limit=work.study.snap_limit),
    }


def _texts(places: gpd.GeoDataFrame, column: str) -> list[str | None]:
    known = np.asarray(places[column].notna())
    values: pd.Series[Any] = places[column]
    return [str(text) if there else None for text, there in zip(values, known, strict=True)]
