"""Who can reach digital and public services, who cannot, and what would change that.

Rooms, in the direction in which data flow: ``sources`` (where data come from), ``network`` (streets to travel costs),
``access`` (who reaches what), ``inequality`` (how unequally), ``digital`` (who is connected), ``remedies`` (what would
change it), ``environment`` (who bears what), ``participation`` (who takes part), ``cities`` (side by side),
``prediction`` (where nobody has measured), ``monitoring`` (over time), ``maps`` (how it is shown), ``report`` (what the
numbers say) and ``study`` (all of it from one file); ``datasets`` has data for lessons. Each loads on first use.
"""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice import (
        access,
        catalogue,
        cities,
        datasets,
        digital,
        environment,
        inequality,
        maps,
        monitoring,
        network,
        participation,
        prediction,
        remedies,
        report,
        sources,
        study,
    )
    from spatialjustice._core.errors import InputError, SpatialJusticeError, SpatialJusticeWarning
    from spatialjustice._core.findings import findings
    from spatialjustice._core.frames import keep
    from spatialjustice.study.outputs.record.cite import cite

__version__ = "0.1.0"

__all__ = [
    "InputError",
    "SpatialJusticeError",
    "SpatialJusticeWarning",
    "access",
    "catalogue",
    "cite",
    "cities",
    "datasets",
    "digital",
    "environment",
    "findings",
    "inequality",
    "keep",
    "maps",
    "monitoring",
    "network",
    "participation",
    "prediction",
    "remedies",
    "report",
    "sources",
    "study",
]

lazy_room(
    __name__,
    {
        **{room: f".{room}" for room in __all__ if room.islower()},
        "cite": ".study.outputs.record.cite",
        "SpatialJusticeWarning": "._core.errors",
        "findings": "._core.findings",
        "InputError": "._core.errors",
        "SpatialJusticeError": "._core.errors",
        "keep": "._core.frames",
    },
)
