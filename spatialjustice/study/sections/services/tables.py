"""Every place that was used, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from spatialjustice.study.engine.section import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.services.settings import ServicesKeys


def tables(results: Results[ServicesKeys]) -> Iterator[Table]:
    """Yield the table of places."""
    if results.study.services:
        yield Table("services", service_table(results), part="inputs", index=True)


def service_table(results: Results[ServicesKeys]) -> pd.DataFrame:
    """Return every place used, with where it lies and how far off the nearest street."""
    places = results.services.to_crs(4326)
    points = places.geometry.representative_point()
    first = [item for item in results["reach"] if item.mode.key == results.study.modes[0].key]
    offsets = pd.concat([item.costs["minutes"].destinations["offset"] for item in first])
    return pd.DataFrame(
        {
            "service": places["service"],
            "name": places["name"],
            "longitude": points.x.round(6),
            "latitude": points.y.round(6),
            "offers": places["count"],
            "inside_the_place": places["inside"],
            "metres_off_the_street": offsets.groupby(level=0).min().reindex(places.index).round(1),
        }
    )
