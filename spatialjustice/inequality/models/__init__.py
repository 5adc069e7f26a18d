"""Models that explain differences between zones, and differences left when need is allowed for."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.inequality.models.gwr import LocalModel, geographically_weighted
    from spatialjustice.inequality.models.linear import (
        Choice,
        Model,
        choose_model,
        ordinary_least_squares,
        spatial_error,
        spatial_lag,
    )
    from spatialjustice.inequality.models.need import need_against_access

__all__ = [
    "Choice",
    "LocalModel",
    "Model",
    "choose_model",
    "geographically_weighted",
    "need_against_access",
    "ordinary_least_squares",
    "spatial_error",
    "spatial_lag",
]

lazy_room(
    __name__,
    {
        **dict.fromkeys(["LocalModel", "geographically_weighted"], ".gwr"),
        **dict.fromkeys(
            ["Choice", "Model", "choose_model", "ordinary_least_squares", "spatial_error", "spatial_lag"], ".linear"
        ),
        "need_against_access": ".need",
    },
)
