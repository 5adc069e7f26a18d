"""The people of each zone as a column of the table of zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.people.settings import PeopleKeys


def zone_columns(results: Results[PeopleKeys]) -> dict[str, pd.Series[Any]]:
    """Return the people, called estimated where they are, and missing where the source says nothing."""
    return {"people_estimated" if results.estimated else "people": results.people.where(~results.unknown)}
