"""The tables on the environment: means by group, people beyond guidelines, burdens, changes, burden and access."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import catalogue
from spatialjustice.study.engine.section import Table
from spatialjustice.study.sections.environment.compute import mean_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.environment.compute import Burdens
    from spatialjustice.study.sections.environment.settings import EnvironmentKeys

CLASSES = ("burdened and without access", "only burdened", "only without access", "neither")
ENDS = ("lowest", "independent", "highest")
UNKNOWN = "the exposure is not known there"
ECOLOGICAL = "every group is taken to have the exposure of its zone"


def tables(results: Results[EnvironmentKeys]) -> Iterator[Table]:
    """Yield every table that was asked for and has rows."""
    found: Burdens = results["environment"]
    made = {
        "exposure_by_group": _left_out(found.by_group, results),
        "above_guideline": _left_out(found.above, results),
        "burden_concentration": _concentration(found, results),
        "burdens": _burdens(found, results),
        "exposure_change": _changes(found),
        "burden_and_access": _both(found, results),
        "burden_and_access_groups": _both_groups(found, results),
    }
    for name, table in made.items():
        if not table.empty:
            yield Table(name, _rounded(table), counts_people=name not in {"burdens", "exposure_change"})


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with six decimals; p-values whole, since a small one is not 0."""
    numbers = [str(name) for name in table.select_dtypes("float").columns]
    return table.round({name: 6 for name in numbers if not name.startswith("p_")})


def titles(results: Results[EnvironmentKeys], lang: str = "en") -> dict[str, str]:
    """Return what each exposure, characteristic and change is called."""
    settings = results.study.environment
    assert settings is not None  # noqa: S101 - there are results of it
    named = {name: one.title for name, one in settings.layers.items()}
    named |= {name: one.title for name, one in settings.change.items()}
    return {name: catalogue.text_in(title, lang) for name, title in named.items()}


def _left_out(table: pd.DataFrame, results: Results[EnvironmentKeys]) -> pd.DataFrame:
    """Name the exposure in words, and say why people are left out."""
    if table.empty:
        return table
    made = table.copy()
    made.insert([*made.columns].index("exposure") + 1, "title", made["exposure"].map(titles(results)))
    made["left_out_because"] = np.where(made["people_left_out"] > 0, UNKNOWN, "")
    made["ecological"] = ECOLOGICAL
    return made


def _concentration(found: Burdens, results: Results[EnvironmentKeys]) -> pd.DataFrame:
    if found.concentration.empty:
        return found.concentration
    table = found.concentration.reset_index()
    table.insert(1, "title", table["exposure"].map(titles(results)))
    table.insert(2, "measure", "concentration index, corrected (Erreygers)")
    table.insert(3, "rank_by", results.study.rank_by or "")
    why = f"the exposure or {results.study.rank_by} is not known there"
    table["left_out_because"] = np.where(table["people_left_out"] > 0, why, "")
    return table


def _burdens(found: Burdens, results: Results[EnvironmentKeys]) -> pd.DataFrame:
    """Return all that is known of each zone: its exposures, its cumulative burden and its index of each burden."""
    people = results.people
    table = pd.DataFrame({"people": people, **found.layers}, index=people.index)
    if found.score is not None:
        score = found.score
        parts = [name for name in ("exposures", "environmental_effects", "sensitive", "socioeconomic") if name in score]
        table = table.join(score[["pollution_burden", "population_characteristics", "score", "score_percentile"]])
        for name in parts:
            table[f"component: {name}"] = score[name]
        percentiles = [one for one in map(str, score.columns) if one.startswith("percentile: ")]
        table = table.join(score[percentiles])
        table["indicators"] = score["indicators"]
    if found.justice is not None:
        ejscreen = found.justice.set_axis([f"ejscreen: {name}" for name in found.justice.columns], axis=1)
        table = table.join(ejscreen)
    table["note"] = np.where(people > 0, "", "nobody lives here")
    if found.score is not None:
        lacking = (people > 0) & found.score["score"].isna()
        table["note"] = np.where(lacking, "nothing is known of a component: no score", table["note"])
    table = table.rename_axis("zone_id").reset_index()
    if found.score is not None:
        table = table.sort_values("score", ascending=False, kind="stable", ignore_index=True)
    return table


def _changes(found: Burdens) -> pd.DataFrame:
    """Return changes of each zone, beside what is stated of them."""
    tables = []
    for name, change in found.changes.items():
        table = change.rename_axis("zone_id").reset_index()
        table.insert(0, "of", name)
        table.insert(1, "unit", change.attrs["unit"])
        tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _both(found: Burdens, results: Results[EnvironmentKeys]) -> pd.DataFrame:
    """Return how many people bear a burden, lack access, both or neither; the rows add up to all people."""
    asked = results.study.environment.burden_and_access if results.study.environment else None
    if found.both is None or asked is None:
        return pd.DataFrame()
    both, every = found.both, float(results.people.sum())
    rows = {label: [math.fsum(both[f"{label}: {end}"]) for end in ENDS] for label in CLASSES}
    rows["unknown"] = [math.fsum(both["unknown"])] * len(ENDS)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(ENDS)).rename_axis("class")
    for end in ENDS:
        table[f"{end}_share"] = table[end] / every
    table = table.reset_index()
    table.insert(0, "burden", asked.burden)
    table.insert(1, "service", asked.service)
    table.insert(2, "mode", results.study.bearing.key)
    table.insert(3, "near", f"within {asked.cutoff.label}, by the {asked.near} of zones")
    table["n"] = int((both["unknown"] == 0).sum())
    unknown = (table["class"] == "unknown") & (table["independent"] > 0)
    table["left_out_because"] = np.where(unknown, "the burden or the access is not known there", "")
    return table


def _both_groups(found: Burdens, results: Results[EnvironmentKeys]) -> pd.DataFrame:
    asked = results.study.environment.burden_and_access if results.study.environment else None
    if found.both_groups.empty or asked is None:
        return pd.DataFrame()
    columns = [name.replace(": ", "_").replace(" ", "_") for name in found.both_groups.columns]
    table = found.both_groups.set_axis(columns, axis=1)
    table.insert(0, "burden", asked.burden)
    table.insert(1, "service", asked.service)
    why = "the burden or the access is not known there"
    table["left_out_because"] = np.where(table["people_left_out"] > 0, why, "")
    table["ecological"] = "every group is taken to have the shares of its zone"
    return table


def zone_columns(results: Results[EnvironmentKeys]) -> dict[str, pd.Series[Any]]:
    """Return the columns of the table of zones on the environment."""
    found: Burdens = results["environment"]
    columns = {f"environment_{name}": values.round(6) for name, values in found.layers.items()}
    columns |= {f"environment_{name}": frame["change"].round(6) for name, frame in found.changes.items()}
    if found.score is not None:
        columns["environment_burden_score"] = found.score["score"].round(4)
        columns["environment_burden_percentile"] = found.score["score_percentile"].round(2)
    if found.both is not None:
        name = "burdened and without access"
        columns |= {f"environment_burdened_and_far_{end}": found.both[f"{name}: {end}"].round(3) for end in ENDS}
    return columns


def overview(results: Results[EnvironmentKeys]) -> list[str]:
    """Return lines on the environment for the overview of a study."""
    found: Burdens = results["environment"]
    said = titles(results)
    lines = ["", "What people are exposed to on average, weighted by people."]
    settings = results.study.environment
    assert settings is not None  # noqa: S101 - there are results of it
    every = found.by_group[found.by_group["group"] == "all people"].drop_duplicates("exposure")
    for row in records(every):
        name = row["exposure"]
        change = settings.change.get(name)
        years = "" if change is None else f", {change.years[0]} to {change.years[1]}"
        told = f"  {said[name]}{years}: {amount(row['mean'], row['unit'], change=change is not None)}"
        if np.isfinite(row["low"]):
            ends = [amount(row[end], row["unit"], change=change is not None, bare=True) for end in ("low", "high")]
            told += f" ({' to '.join(ends)})"
        lines.append(told)
    if not found.above.empty:
        rows = found.above[(found.above["group"] == "all people")].drop_duplicates(["exposure", "guideline"])
        lines += [
            f"  beyond {row['guideline']} ({row['value']:g} {row['unit']}): {row['share_above']:.1%}"
            for row in records(rows)
        ]
    if found.both is not None:
        total = float(results.people.sum())
        low, middle, high = (math.fsum(found.both[f"burdened and without access: {end}"]) / total for end in ENDS)
        asked = settings.burden_and_access
        limit = asked.cutoff.label if asked else ""
        bounds = f" ({low:.1%} to {high:.1%})" if high - low > 1e-6 else ""
        lines.append(f"  burdened and farther than {limit}: {middle:.1%}{bounds}")
    return lines


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table by column."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict(orient="records")]


def amount(value: float, unit: str, *, change: bool = False, bare: bool = False) -> str:
    """Write a mean with its unit: shares in percent, their changes in points, others with the decimals they need."""
    if unit == "share":
        return f"{100 * value:+.2f}{'' if bare else ' percentage points'}" if change else f"{value:.1%}"
    return f"{value:,.{decimals(value)}f} {'' if unit == 'amount' or bare else unit}".strip()


def decimals(value: float) -> int:
    """Return decimals that leave about four figures."""
    size = abs(value)
    return 0 if size >= 1000 else 1 if size >= 100 else 2


__all__ = ["amount", "decimals", "mean_of", "overview", "records", "tables", "titles", "zone_columns"]
