"""Who lives with bad air, heat, noise, floods and little green, and who bears several of them at once."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.environment.burden_and_access import (
        burden_and_access,
        burden_and_access_by_group,
        burden_and_access_classes,
    )
    from spatialjustice.environment.by_group import exposure_by_group
    from spatialjustice.environment.change import exposure_change
    from spatialjustice.environment.concentration import burden_concentration
    from spatialjustice.environment.cumulative.calenviroscreen import calenviroscreen_score
    from spatialjustice.environment.cumulative.ejscreen import ejscreen_index
    from spatialjustice.environment.cumulative.percentiles import burden_percentiles
    from spatialjustice.environment.exposures.from_polygons import exposure_from_polygons
    from spatialjustice.environment.exposures.from_raster import exposure_from_raster
    from spatialjustice.environment.exposures.from_table import exposure_from_table
    from spatialjustice.environment.guideline import above_guideline, guidelines
    from spatialjustice.environment.sdg import sdg_11_6_2, sdg_11_7_1

_PUBLIC = {
    ".burden_and_access": ["burden_and_access", "burden_and_access_by_group", "burden_and_access_classes"],
    ".by_group": ["exposure_by_group"],
    ".change": ["exposure_change"],
    ".concentration": ["burden_concentration"],
    ".cumulative.calenviroscreen": ["calenviroscreen_score"],
    ".cumulative.ejscreen": ["ejscreen_index"],
    ".cumulative.percentiles": ["burden_percentiles"],
    ".exposures.from_polygons": ["exposure_from_polygons"],
    ".exposures.from_raster": ["exposure_from_raster"],
    ".exposures.from_table": ["exposure_from_table"],
    ".guideline": ["above_guideline", "guidelines"],
    ".sdg": ["sdg_11_6_2", "sdg_11_7_1"],
}

__all__ = [
    "above_guideline",
    "burden_and_access",
    "burden_and_access_by_group",
    "burden_and_access_classes",
    "burden_concentration",
    "burden_percentiles",
    "calenviroscreen_score",
    "ejscreen_index",
    "exposure_by_group",
    "exposure_change",
    "exposure_from_polygons",
    "exposure_from_raster",
    "exposure_from_table",
    "guidelines",
    "sdg_11_6_2",
    "sdg_11_7_1",
]

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
