"""Tables on services at places and online: everybody and each group, before and after places close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice.digital import together_by_group, together_totals
from spatialjustice.study.engine.outcome import PER
from spatialjustice.study.engine.section import Table
from spatialjustice.study.engine.setting_types import EVERYBODY
from spatialjustice.study.sections.inequality.compared_groups import compared_groups
from spatialjustice.study.sections.inequality.compute import as_shares
from spatialjustice.study.sections.inequality.settings import Inequality
from spatialjustice.study.sections.together.supply import supply_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.inequality import Groups
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.together.compute import TogetherResult
    from spatialjustice.study.sections.together.settings import TogetherKeys

ENDS = ("lowest", "independent", "highest")
WEIGHED = {"access": "access by what it is worth", "change": "change of access by what it is worth"}
UNKNOWN = "a share is not known there"


def tables(results: Results[TogetherKeys]) -> Iterator[Table]:
    """Yield every table that has rows."""
    made: dict[str, list[pd.DataFrame]] = {}
    for one in results["together"]:
        for name, table in (("together", one.reached), ("moving_online", one.moved)):
            if table is None:
                continue
            totals = together_totals(table).reset_index()
            made.setdefault(name, []).append(_told(totals, one))
            rows = pd.DataFrame(_groups(results, one, table))
            made.setdefault(f"{name}_groups", []).append(_told(rows, one) if len(rows) else rows)
    for name in ("together", "together_groups", "moving_online", "moving_online_groups"):
        parts = [table for table in made.get(name, []) if len(table)]
        if parts:
            yield Table(name, pd.concat(parts, ignore_index=True))
    supplied = [
        row
        for one in results["together"]
        if one.supply is not None
        for row in supply_rows(one.settings, one.mode, one.supply, results.people)
    ]
    if supplied:
        yield Table("supply_together", pd.DataFrame(supplied), counts_people=True)


def _told(table: pd.DataFrame, one: TogetherResult) -> pd.DataFrame:
    """Put before a table of which service, limit and conditions it tells."""
    item = one.settings
    table.insert(0, "together", item.name)
    table.insert(1, "service", item.service)
    table.insert(2, "mode", one.mode.key)
    table.insert(3, "near", f"within {item.cutoff.label}, by the {item.near} of zones")
    table.insert(4, "online", " and ".join(["connected", *item.able]))
    table.insert(5, "remote_share", item.remote_share)
    table.insert(6, "remote_value", item.remote_value)
    if one.moved is not None and "access" in table and "keep a place" in set(table["access"]):
        table.insert(7, "places_closed", f"{one.closed} of {one.places}")
    table["counts"] = one.unit
    return table


def groups_of(
    results: Results[TogetherKeys], counted: pd.Series[Any], unit: str
) -> list[tuple[str, Groups, str | None]]:
    """Return the groups that the study compares, as people or as households."""
    study = results.study
    settings = study.inequality or Inequality.model_validate({})
    people = dict(results["groups"].counts)
    if unit != "people":
        everybody = next(iter(people.values()))
        shares = {name: (part / everybody.where(everybody > 0)).fillna(0.0).clip(0, 1) for name, part in people.items()}
        people = {name: counted if name == EVERYBODY else counted * share for name, share in shares.items()}
    asked = study if unit == "people" else as_shares(study)
    return list(compared_groups(asked, settings, people, results["groups"].rank))


def _groups(results: Results[TogetherKeys], one: TogetherResult, table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    settings = results.study.inequality or Inequality.model_validate({})
    for by, made, _ in groups_of(results, one.counted, one.unit):
        found = together_by_group(table, made, suppress_below=settings.suppress_below)
        for group, row in found.to_dict(orient="index").items():
            told = {
                str(name).replace(": ", "_").replace(" ", "_"): value
                for name, value in row.items()
                if ": " in str(name)
            }
            yield {
                "by": by,
                "group": "all" if group == "all people" else group,
                "unit": "share of the group",
                **told,
                "counted": row["people"],
                "left_out": row["people_left_out"],
                "left_out_because": UNKNOWN if row["people_left_out"] else "",
                "ecological": "every group is taken to have the shares of its zone",
                "note": row["note"],
            }


def zone_columns(results: Results[TogetherKeys]) -> dict[str, pd.Series[Any]]:
    """Return of each zone who has neither, who has only the remote, and who would lose the service, with bounds."""
    columns: dict[str, pd.Series[Any]] = {}
    for one in results["together"]:
        for table, labels in (
            (one.reached, ("neither", "only remote")),
            (one.moved, ("lose all access", "gain remote access")),
        ):
            if table is None:
                continue
            for label in labels:
                for end in ENDS:
                    values = table[f"{label}: {end}"].where(table["unknown"] == 0)
                    columns[f"together_{one.settings.name}_{label.replace(' ', '_')}_{end}"] = values.round(3)
        if one.supply is not None:
            for end in ENDS:
                per = one.supply.found[f"together: {end}"] * PER
                columns[f"together_{one.settings.name}_supply_per_10000_people_{end}"] = per.round(6)
    return columns


def overview(results: Results[TogetherKeys]) -> list[str]:
    """Return who reaches each service how."""
    lines = []
    for one in results["together"]:
        item = one.settings
        online = " and ".join(["connected", *(name.replace("_", " ") for name in item.able)])
        lines += ["", f"{item.name.replace('_', ' ').capitalize()}: within {item.cutoff.label}, or {online}."]
        for table in (one.reached, one.moved):
            if table is None:
                continue
            lines += [
                f"  {WEIGHED.get(str(label), label)}: {row['lowest_share']:.1%} to {row['highest_share']:.1%} of "
                f"{one.unit} ({row['independent_share']:.1%} if unrelated)"
                for label, row in together_totals(table).iterrows()
                if label != "unknown" or row["independent"]
            ]
    return lines
