"""Tables on several lacks at once: how many people have how many, which, in which groups, and under other choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import inequality
from spatialjustice.catalogue import text_in
from spatialjustice.study.engine.section import Table
from spatialjustice.study.sections.inequality.settings import Inequality
from spatialjustice.study.sections.together.tables import groups_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.poverty.compute import PovertyResult
    from spatialjustice.study.sections.poverty.settings import Lack, PovertyKeys

ENDS = ("lowest", "independent", "highest")
UNKNOWN = "a share is not known there"


def tables(results: Results[PovertyKeys]) -> Iterator[Table]:
    """Yield every table that has rows."""
    found: PovertyResult = results["poverty"]
    made = {
        "poverty": _by_number(found),
        "poverty_lacks": _by_lack(found),
        "poverty_groups": pd.DataFrame(_by_group(results, found)),
        "poverty_measures": _measures(found),
        "poverty_choices": pd.DataFrame() if found.choices is None else found.choices.reset_index(),
    }
    for name, table in made.items():
        if not table.empty:
            yield Table(name, table.assign(counts=found.unit))


def _measures(found: PovertyResult) -> pd.DataFrame:
    """Return H, A and M0 of whole zones, with M1 and M2 where gaps are known; of shares, the ends of H and M0."""
    made = found.measures if found.bounds is None else found.bounds
    return pd.DataFrame() if made is None else made.reset_index()


def _by_number(found: PovertyResult) -> pd.DataFrame:
    """Return how many people lack at least so many things: least, independent, most."""
    rows = []
    everybody = float(found.counted.sum())
    for limit, table in found.poor.items():
        unknown = float(table["unknown"].sum())
        row: dict[str, Any] = {
            "lacks": len(found.shares.columns),
            "at_least": limit,
            "called_poor": limit == found.settings.at_least,
        }
        for end in ENDS:
            people = float(table[f"poor: {end}"].sum())
            known = everybody - unknown
            row |= {end: people, f"{end}_share": people / known if known else np.nan}
        rows.append({**row, "unknown": unknown, "left_out_because": UNKNOWN if unknown else ""})
    return pd.DataFrame(rows)


def _by_lack(found: PovertyResult) -> pd.DataFrame:
    """Return how many people lack each thing, with the line; where zones lack things as a whole, what it adds."""
    rows = []
    for name, item in found.settings.lacks.items():
        share = found.shares[name]
        known = share.notna()
        people = float((share.fillna(0.0) * found.counted).sum())
        counted = float(found.counted[known].sum())
        rows.append(
            {
                "lack": name,
                "title": text_in(item.title, "en") if item.title else "",
                "told_of": "whole zones" if found.whole[name] else "shares of zones",
                "line": _line(item, found.lines.get(name)),
                "lacking": people,
                "share": people / counted if counted else np.nan,
                "unknown": float(found.counted[~known].sum()),
            }
        )
    table = pd.DataFrame(rows)
    if found.dimensions is not None:
        for column in ("weight", "lacking_and_poor", "contribution"):
            table[column] = found.dimensions[column].to_numpy()
    return table


def _line(item: Lack, line: float | None) -> str:
    if item.service is not None and item.cutoff is not None:
        return f"no {item.service} within {item.cutoff.label}, by the {item.near} of zones"
    what = f"{item.column}" if item.price is None else f"{item.payments:g} times {item.price} beside {item.column},"
    if line is None:
        return f"{'share of' if item.worse == 'higher is worse' else 'all but the share of'} {what}"
    sign = "above" if item.worse == "higher is worse" else "below"
    return f"{what} {sign} {line:g}" + ("" if item.of_median is None else f" ({item.of_median:g} of the median)")


def _by_group(results: Results[PovertyKeys], found: PovertyResult) -> Iterator[dict[str, Any]]:
    """Tell which share of each group lacks at least as many things as make somebody poor."""
    settings = results.study.inequality or Inequality.model_validate({})
    poor = found.called_poor
    known = (poor["unknown"] == 0) & (found.counted > 0)
    for by, made, _ in groups_of(results, found.counted, found.unit):  # type: ignore[arg-type]
        means = {}
        for end in ENDS:
            share = (poor[f"poor: {end}"] / found.counted).where(known)
            draws = settings.replications if found.exact and end == "independent" else 0
            means[end] = inequality.group_means(
                share, made, suppress_below=settings.suppress_below, rng=results.seed, replications=draws
            )
        whole = means["independent"]
        poor_people = whole["mean"] * whole["people"]
        for group in whole.index:
            row = whole.loc[group]
            yield {
                "by": by,
                "group": "all" if group == "all people" else group,
                "at_least": found.settings.at_least,
                "unit": "share of the group",
                **{end: means[end].loc[group, "mean"] for end in ENDS},
                "low": row["low"],
                "high": row["high"],
                "share_of_the_poor": poor_people[group] / poor_people.iloc[-1] if poor_people.iloc[-1] else np.nan,
                "counted": row["people"],
                "left_out": row["people_left_out"],
                "left_out_because": UNKNOWN if row["people_left_out"] else "",
                "ecological": "every group is taken to have the shares of its zone",
                "note": row["note"],
            }


def zone_columns(results: Results[PovertyKeys]) -> dict[str, pd.Series[Any]]:
    """Return of each zone which share lacks each thing, and which lacks too many of them."""
    found: PovertyResult = results["poverty"]
    columns = {f"poverty_{name}": found.shares[name].round(6) for name in found.shares.columns}
    poor = found.called_poor
    for end in ENDS:
        columns[f"poverty_poor_{end}"] = poor[f"poor: {end}"].where(poor["unknown"] == 0).round(3)
    return columns


def overview(results: Results[PovertyKeys]) -> list[str]:
    """Return how many people lack how many things."""
    table = results.table("poverty")
    found: PovertyResult = results["poverty"]
    lines = ["", f"Lacks of {found.counted.sum():,.0f} {found.unit}: {', '.join(found.shares.columns)}."]
    for row in table.to_dict(orient="records"):
        told = f"{row['lowest_share']:.1%}"
        if row["highest_share"] - row["lowest_share"] > 5e-4:
            told += f" to {row['highest_share']:.1%} ({row['independent_share']:.1%} if unrelated)"
        poor = ", called poor" if row["called_poor"] else ""
        lines.append(f"  at least {row['at_least']:g} of {row['lacks']}{poor}: {told}")
    if table["unknown"].any():
        lines.append(f"  not known: {table['unknown'].iloc[0]:,.0f} {found.unit}")
    return lines
