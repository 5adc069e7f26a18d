"""Zones outside what the data of the streets cover: named, left out of every result, and never too many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.errors import StudyError
from spatialjustice._core.findings import Finding
from spatialjustice.catalogue import number
from spatialjustice.network.network import Network
from spatialjustice.network.snap import beyond_data, origins_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from spatialjustice.network import StraightLines
    from spatialjustice.study.sections.streets.settings import StreetsKeys


def zones_outside(networks: Mapping[str, Network | StraightLines], frame: gpd.GeoDataFrame) -> pd.Series[bool]:
    """Say which zones lie outside the data of the streets of any mode."""
    found = pd.Series(data=False, index=frame.index)
    for made in networks.values():
        # Public transport lies on top of streets, whose data it rests on.
        streets = getattr(made, "streets", made)
        if isinstance(streets, Network) and streets.area is not None:
            found |= beyond_data(streets, origins_of(streets, frame, "zones"))
    return found


def finding_of_outside(counted: pd.Series[Any], beyond: pd.Series[bool]) -> pd.Series[Any]:
    """Return the people of whom the streets tell: those of each zone, and 0 outside the data."""
    known = counted.mask(beyond, 0.0) if beyond.any() else counted
    known.attrs = dict(counted.attrs)
    return known


def require_covered(study: StreetsKeys, beyond: pd.Series[bool], counted: pd.Series[Any]) -> list[Finding]:
    """Say how many people live outside the data of the streets.

    Raises
    ------
    StudyError
        When they are more than the study allows.
    """
    people, everybody = float(counted[beyond].sum()), float(counted.sum())
    if not beyond.any():
        return []
    share = people / everybody if everybody else 0.0
    said = f"{people:,.0f} of {everybody:,.0f} people ({number(share, 'en', digits=1, percent=True)})"
    where = "live outside what the data of the streets cover"
    if share > study.outside_limit:
        raise StudyError(
            "streets",
            f"{said} {where}, more than the {number(study.outside_limit, 'en', digits=1, percent=True)} that the study "
            "allows",
            "Take streets of the whole place or a smaller place, or set outside_limit: to a larger share.",
        )
    return [
        Finding(
            "zones_outside_data",
            "warning" if people else "information",
            f"{said} {where}; what they reach is not known, and they are in no result.",
            count=int(beyond.sum()),
            people=people,
            advice="Take streets of the whole place, or a smaller place.",
        )
    ]
