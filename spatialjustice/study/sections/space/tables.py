"""Statistics of the whole place as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spatialjustice.study.engine.section import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.space.settings import SpaceKeys


def tables(results: Results[SpaceKeys]) -> Iterator[Table]:
    """Yield the statistics of the whole place, where they were asked for: a row for each outcome and statistic."""
    if results.study.measures_ways and len(results["space"].whole.columns):
        yield Table("spatial_autocorrelation", results["space"].whole, part="details")
