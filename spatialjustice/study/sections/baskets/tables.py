"""Who has the baskets of a study, as tables, columns of zones and lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import access
from spatialjustice.catalogue import text_in
from spatialjustice.study.engine.section import Table
from spatialjustice.study.engine.setting_types import EVERYBODY
from spatialjustice.study.engine.texts import in_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.baskets.settings import BasketsKeys


def tables(results: Results[BasketsKeys]) -> Iterator[Table]:
    """Yield the table of who has each basket, of everybody and of each group."""
    rows = []
    groups = results.study.groups
    for one in results["baskets"]:
        item = one.settings
        limits = ", ".join(f"{name} {limit.label}" for name, limit in item.limits.items())
        for group, people in results["groups"].counts.items():
            table = access.basket_people(one.found, people=people).reset_index()
            title = "" if group == EVERYBODY or group not in groups else text_in(groups[group].title, "en")
            table.insert(0, "basket", item.name)
            table.insert(1, "mode", one.mode.key)
            table.insert(2, "services", limits)
            table.insert(3, "at_least", item.needed)
            table.insert(4, "group", group)
            table.insert(5, "group_title", title)
            rows.append(table)
    yield Table("baskets", pd.concat(rows, ignore_index=True), counts_people=True)


def zone_columns(results: Results[BasketsKeys]) -> dict[str, pd.Series[Any]]:
    """Return of each zone whether it has each basket, how many of the services, and at which limit it would."""
    columns: dict[str, pd.Series[Any]] = {}
    for one in results["baskets"]:
        key = f"basket_{one.settings.name}"
        unit = "times_the_limits" if one.stretch else one.cost.attrs["unit"]
        columns[key] = one.found["state"].astype(str)
        columns[f"{key}_services"] = one.found["within"]
        columns[f"{key}_services_unknown"] = one.found["unknown"]
        if not one.stretch and one.settings.same_limit is not None:
            unit = one.settings.same_limit.measure
        columns[f"{key}_{unit}"] = one.cost.round(3)
    return columns


def overview(results: Results[BasketsKeys]) -> list[str]:
    """Return the share of people who have each basket."""
    table = results.table("baskets")
    everybody = table[table["group"] == EVERYBODY]
    lines = [["basket", "services", "have it", "lack it", "not known", "lacking most often"]]
    for one in results["baskets"]:
        item = one.settings
        rows = everybody[everybody["basket"] == item.name].set_index("who")
        without = rows[rows.index.str.startswith("without: ")]["share"]
        often = str(without.idxmax()).removeprefix("without: ").replace("_", " ") if without.max() > 0 else "–"
        lines.append(
            [
                f"{item.name.replace('_', ' ')}, {one.mode.phrase()}",
                f"{item.needed} of {len(item.limits)}",
                *(f"{rows.loc[state, 'share']:.1%}" for state in ("whole", "lacking", "unknown")),
                often,
            ]
        )
    return ["", *in_columns(lines)]
