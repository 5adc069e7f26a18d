"""Names of zones as columns of their table, and districts as a table of their own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import maps
from spatialjustice.report.neighbourhoods import districts_ranked
from spatialjustice.study.engine.section import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.reach.settings import ReachKeys

OUTSIDE = "outside all districts"


def zone_columns(results: Results[ReachKeys]) -> dict[str, pd.Series[Any]]:
    """Return what each zone is called, and by what; columns in which nothing stands are left out."""
    names = results["names"].zones
    return {column: names[column] for column in names if names[column].notna().any()}


def tables(results: Results[ReachKeys]) -> Iterator[Table]:
    """Yield how each district stands, service by service and mode by mode, where there are districts."""
    names = results["names"].zones
    if "district" not in names or not results.study.measures_ways:
        return
    rows = []
    known = ~results.unknown
    for item in results["reach"]:
        if not item.places:
            continue
        limit = results.study.widest(item.mode)
        way = maps.Indicator(
            key=item.service,
            title=item.service,
            values=item.closest[item.unit].where(known),
            unit=item.unit,
            status=item.status.where(known),
        )
        # The place of a district among the others is told by the order of the rows, those outside come last.
        ranked = districts_ranked(way, names["district"], people=results.people)
        ranked = ranked.loc[[*(name for name in ranked.index if not pd.isna(name)), *ranked.index[ranked.index.isna()]]]
        for place, (name, row) in enumerate(zip(ranked.index, ranked.to_dict(orient="records"), strict=True), start=1):
            outside = pd.isna(name)
            rows.append(
                {
                    "service": item.service,
                    "mode": item.mode.key,
                    "limit": limit.label,
                    "rank": None if outside else place,
                    "district": OUTSIDE if outside else name,
                    "people": row["people"],
                    "people_beyond": row["beyond"] if not math.isnan(row["beyond"]) else 0.0,
                    "share_beyond": row["share_beyond"] if not math.isnan(row["beyond"]) else 0.0,
                    "people_unreachable": row["unreached"] if not math.isnan(row["unreached"]) else 0.0,
                    "people_unknown": row["unknown"],
                    "unit": item.unit,
                    "mean_of_those_who_reach": row["mean"],
                    "worst_served_tenth": row["worst_tenth"] if np.isfinite(row["worst_tenth"]) else math.nan,
                }
            )
    frame = pd.DataFrame(rows)
    frame["rank"] = frame["rank"].astype("Int64")
    yield Table("districts", frame, counts_people=True)
