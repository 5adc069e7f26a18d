"""What people have of each catchment's supply, as a table, as columns of the zones and as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import inequality
from spatialjustice.study.engine.section import Table
from spatialjustice.study.engine.texts import in_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.catchments.compute import CatchmentResult
    from spatialjustice.study.sections.catchments.settings import CatchmentsKeys

TENTH = 0.1


def tables(results: Results[CatchmentsKeys]) -> Iterator[Table]:
    """Yield the table of catchments, where the study names any."""
    yield Table("catchments", table(results["catchments"], results.people), counts_people=True)


def zone_columns(results: Results[CatchmentsKeys]) -> dict[str, pd.Series[Any]]:
    """Return what the people of each zone have."""
    return {
        f"{one.settings.name}_{one.mode.key}_per_10000_people": one.per_ten_thousand.round(6)
        for one in results["catchments"]
    }


def overview(results: Results[CatchmentsKeys]) -> list[str]:
    """Return what people have of each catchment's supply."""
    modes = {mode.key: mode.phrase() for mode in results.study.modes}
    lines = [
        ["supply for 10,000 people", "mean", "worst tenth", "people with none", "Gini"],
        *(
            [
                f"{row['catchment'].replace('_', ' ')}, {modes[row['mode']]}",
                f"{row['per_10000_people_mean']:.2f}",
                f"{row['per_10000_people_worst_served_tenth']:.2f}",
                f"{row['share_who_reach_none']:.1%}",
                f"{row['gini']:.2f}",
            ]
            for row in results.table("catchments").to_dict(orient="records")
        ),
    ]
    return ["", *in_columns(lines)]


def table(found: list[CatchmentResult], counted: pd.Series[Any]) -> pd.DataFrame:
    """Return one row per catchment and mode: what people have, who has none, and that nothing was lost.

    ``supply_handed_out`` is the sum of people times what each of them has. By the methods 2sfca, e2sfca and 3sfca it
    is the whole supply but for that of places nobody reaches. People outside the data of the streets are not counted;
    cells are empty where nobody has mapped a place.
    """
    rows = []
    everybody = counted
    for item in found:
        counted = everybody.mask(item.status == "outside_data", 0.0)
        total = float(counted.sum())
        left_out = item.per_person.attrs["left_out"]
        # Nobody is counted where nothing is known, so that a 0 there weighs nothing.
        values = item.per_ten_thousand.fillna(0.0).where(counted > 0, 0.0)
        mean = float(np.average(values, weights=counted)) if item.places else np.nan
        none = float(counted[item.per_person == 0].sum()) if item.places else np.nan
        rows.append(
            {
                "catchment": item.settings.name,
                "mode": item.mode.key,
                "method": item.settings.method,
                "decay": item.settings.decay.label,
                "places": item.places,
                "supply": item.supply,
                "supply_handed_out": float((item.per_person * counted).sum(min_count=1)),
                "supply_nobody_reaches": float(left_out["supply_unreached"]) if item.places else np.nan,
                "people": total,
                "people_who_reach_none": none,
                "share_who_reach_none": none / total,
                "per_10000_people_mean": mean,
                "per_10000_people_worst_served_tenth": _worst_tenth(values, counted) if mean > 0 else np.nan,
                "gini": inequality.gini(values, weights=counted) if mean > 0 else np.nan,
            }
        )
    return pd.DataFrame(rows)


def _worst_tenth(values: pd.Series[Any], counted: pd.Series[Any]) -> float:
    """Return the mean of the tenth of people who have least, read from the Lorenz curve, which is straight between."""
    curve = inequality.lorenz_curve(values, weights=counted)
    share = float(np.interp(TENTH, curve["population_share"], curve["value_share"]))
    return share / TENTH * float(np.average(values, weights=counted))
