"""What remedies do, as tables, as columns of the zones and as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice.remedies.plans.comparison import BEFORE, EVERYBODY
from spatialjustice.study.engine.section import Table
from spatialjustice.study.engine.texts import in_columns
from spatialjustice.study.sections.remedies import telling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.remedies.result import RemedyResult
    from spatialjustice.study.sections.remedies.settings import RemediesKeys

FACTS = ("value", "bound", "gap", "proven")
"""Of a plan's goal, in its row."""


def tables(results: Results[RemediesKeys]) -> Iterator[Table]:
    """Yield the tables of plans, of their sites, of other settings, and of what each further site brings."""
    found: list[RemedyResult] = results["remedies"]
    yield Table("remedies", pd.concat([_plans(one) for one in found], ignore_index=True), counts_people=True)
    yield Table("remedy_sites", pd.concat([_sites(one) for one in found], ignore_index=True), counts_people=True)
    between = [_frontier(one) for one in found if one.frontier is not None]
    if between:
        yield Table("remedy_frontier", pd.concat(between, ignore_index=True), part="details")
    settings = [_settings(one) for one in found if one.stability is not None]
    if settings:
        yield Table("remedy_settings", pd.concat(settings, ignore_index=True), part="details")
    steps = [_steps(one) for one in found if one.marginal is not None]
    if steps:
        yield Table("remedy_steps", pd.concat(steps, ignore_index=True), part="details")


def _plans(one: RemedyResult) -> pd.DataFrame:
    """Return a row for each plan and group, with the goal's value and what no plan can be better than."""
    frame = one.rows.copy()
    labels = {key: plan.goal.label for key, plan in one.plans.items()}
    facts = {key: plan.facts for key, plan in one.plans.items()}
    frame["plan"] = frame["plan"].map(lambda key: labels.get(key, "as it is now"))
    key_of = {label: key for key, label in labels.items()}
    for name in FACTS:
        values = [
            facts[key_of[plan]][name] if plan in key_of and group == EVERYBODY else None
            for plan, group in zip(frame["plan"], frame["group"], strict=True)
        ]
        frame[f"goal_{name}"] = values
    frame.insert(0, "remedy", one.settings.name)
    frame.insert(3, "unit", one.settings.unit)
    numbers = frame.select_dtypes("number").columns
    return frame.round(dict.fromkeys(numbers, 4))


def _sites(one: RemedyResult) -> pd.DataFrame:
    """Return a row for each site of each plan; reasons, stability and price are those of the plan that is shown."""
    rows: list[dict[str, Any]] = []
    for plan in one.plans.values():
        shown = plan is one.shown
        where = one.points.loc[list(plan.names)].to_crs(4326).geometry
        for rank, site in enumerate(plan.names, start=1):
            row: dict[str, Any] = {
                "remedy": one.settings.name,
                "goal": plan.goal.label,
                "rank": rank,
                "site": site,
                "kind": "opened" if one.opens else "closed",
                "longitude": round(where.loc[site].x, 6),
                "latitude": round(where.loc[site].y, 6),
            }
            if shown:
                row |= one.why.loc[site].drop(["longitude", "latitude", "near_fa"]).to_dict()
                row |= _trust(one, site)
            rows.append(row)
    frame = pd.DataFrame(rows)
    return frame.round(dict.fromkeys(frame.select_dtypes("number").columns.difference(["longitude", "latitude"]), 3))


def _trust(one: RemedyResult, site: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if one.stability is not None:
        found |= {name: one.stability.loc[site, name] for name in ("share_of_settings", "share_near")}
    if one.prices is not None:
        found["price_of_doing_without"] = one.prices.loc[site, "price"]
    return found


def _settings(one: RemedyResult) -> pd.DataFrame:
    assert one.stability is not None  # noqa: S101 - asked before
    frame = pd.DataFrame(one.stability.attrs["settings"])
    frame.insert(0, "remedy", one.settings.name)
    return frame.round(dict.fromkeys(frame.select_dtypes("number").columns, 4))


def _frontier(one: RemedyResult) -> pd.DataFrame:
    """Return a row for each plan between two goals, with the price of the step from the one before."""
    assert one.frontier is not None  # noqa: S101 - asked before
    frame = one.frontier.round({"first": 4, "second": 4, "price": 6})
    frame.insert(0, "plan", range(1, len(frame) + 1))
    for place, (name, goal) in enumerate(zip(("first_goal", "second_goal"), one.settings.traded, strict=True)):
        frame.insert(place, name, goal.label)
    frame.insert(0, "remedy", one.settings.name)
    return frame


def _steps(one: RemedyResult) -> pd.DataFrame:
    assert one.marginal is not None  # noqa: S101 - asked before
    frame = one.marginal.copy()
    frame.insert(0, "remedy", one.settings.name)
    return frame.round(dict.fromkeys(frame.select_dtypes("number").columns, 4))


def zone_columns(results: Results[RemediesKeys]) -> dict[str, pd.Series[Any]]:
    """Return the way of each zone before and after the plan that is shown of each remedy."""
    columns = {}
    for one in results["remedies"]:
        key = f"{one.settings.name}_{one.settings.unit}"
        columns[f"{key}_before"] = one.before.round(1)
        columns[f"{key}_after"] = one.shown.after.round(1)
    return columns


def overview(results: Results[RemediesKeys]) -> list[str]:
    """Return what each plan does."""
    lines = [["remedy", "mean", "worst tenth", "farthest", "Gini", "gain", "lose"]]
    for one in results["remedies"]:
        for key, row in one.compared.xs(EVERYBODY, level="group").iterrows():
            name = "as it is now" if key == BEFORE else one.plans[str(key)].goal.label
            amounts = [row["mean"], row["worst_tenth"], row["farthest"]]
            lines.append(
                [
                    f"{one.settings.name.replace('_', ' ')}: {name}",
                    *("–" if np.isnan(amount) else f"{amount:,.0f}" for amount in amounts),
                    f"{row['gini']:.3f}",
                    f"{row['people_gaining']:,.0f}",
                    f"{row['people_losing']:,.0f}",
                ]
            )
    return ["", *in_columns(lines)]


def paragraphs(results: Results[RemediesKeys]) -> Iterator[str]:
    """Yield what each plan does, in a sentence."""
    for one in results["remedies"]:
        yield ""
        yield telling.finding(results, one)["en"]
