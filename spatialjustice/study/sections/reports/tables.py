"""Tables on reports: every zone, who is silent, the model, delays until somebody reports, and response times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice.study.engine.section import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.reports.compute import Reported
    from spatialjustice.study.sections.reports.settings import ReportKeys

RATES = {
    "rate": "rate_per_1000",
    "rate_low": "rate_low",
    "rate_high": "rate_high",
    "shrunk": "shrunk_rate_per_1000",
    "shrunk_low": "shrunk_low",
    "shrunk_high": "shrunk_high",
    "local": "rate_with_neighbours_per_1000",
}
COUNTED = {
    True: "incidents, by their first report",
    False: "every report, those that repeat an incident too",
    None: "every report; which are of one incident is not known",
}
"""What is counted, by whether an incident counts once."""

EXPECTED = ("expected", "expected_low", "expected_high", "ratio", "ratio_low", "ratio_high")


def tables(results: Results[ReportKeys]) -> Iterator[Table]:
    """Yield the tables of the section."""
    found: Reported = results["reports"]
    yield Table("reports", _rounded(_zones(found)), counts_people=True)
    yield Table("reports_counted", _rounded(_counted(found)), part="details")
    if found.silent is not None:
        yield Table("silent_zones", _rounded(_silent(found)), counts_people=True)
        yield Table("reports_model", _rounded(_model(found)), part="details")
    if found.delays is not None:
        yield Table("reports_delay", _rounded(_delays(found)))
    if found.times is not None:
        yield Table("response_times", _rounded(_times(results, found)))


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with six decimals; p-values whole, since a small one is not 0."""
    return table.round({name: 6 for name in table.select_dtypes("float").columns if not _is_p_value(str(name))})


def _is_p_value(name: str) -> bool:
    return name.startswith("p_") or name.endswith("_p_value")


def _zones(found: Reported) -> pd.DataFrame:
    """Return reports, rates, expectation and class of every zone."""
    table = pd.DataFrame({"reports": found.counts, "people": found.rates["people"]})
    for name, title in RATES.items():
        table[title] = found.rates[name].round(4)
    table["funnel"] = found.funnel["label"]
    if found.expected is not None and found.silent is not None:
        for name in EXPECTED:
            table[name] = found.expected[name].round(4)
        table["compared"] = found.expected["label"]
        table["p_value"], table["p_adjusted"] = found.silent["p_value"], found.silent["p_adjusted"]
        table["class"] = found.silent["label"]
    table["note"] = found.rates["note"]
    return table.rename_axis("zone_id").reset_index()


def _counted(found: Reported) -> pd.DataFrame:
    """Return where all reports of the file are; the rows add up to them."""
    rows = {"in a zone": int(found.counts.sum()), **{key.replace("_", " "): n for key, n in found.elsewhere.items()}}
    table = pd.DataFrame({"reports": rows}).rename_axis("where").reset_index()
    table["share"] = table["reports"] / max(found.read, 1)
    table["counted"] = COUNTED[found.once]
    table["data_end"] = found.end
    return table


def _silent(found: Reported) -> pd.DataFrame:
    """Return zones, people, reports and expected reports of each class; people of unknown need are a class."""
    assert found.silent is not None  # noqa: S101 - the table is of it
    silent = found.silent
    grouped = silent.groupby("label", observed=True)
    table = grouped[["people", "reports", "expected", "missing_reports"]].sum(min_count=1)
    table.insert(0, "zones", grouped.size())
    classes = [name for name in silent.attrs["classes"] if name in table.index]
    table = table.loc[classes].rename_axis("class").reset_index()
    table["share_of_people"] = table["people"] / silent["people"].sum()
    table["significance"], table["spread"] = silent.attrs["significance"], silent.attrs["spread"]
    return table


def _model(found: Reported) -> pd.DataFrame:
    """Return what explains reports: ratios of rates for one standard deviation more, and how much counts vary."""
    assert found.expected is not None  # noqa: S101 - the table is of it
    facts = found.expected.attrs
    table = pd.DataFrame(facts["coefficients"])
    table.insert(0, "term", table.pop("name"))
    table["n"], table["people"] = facts["n"], facts["people"]
    table["zones_left_out"] = facts["left_out"]["zones"]
    table["people_left_out"] = facts["left_out"]["people"]
    table["alpha"], table["alpha_p_value"] = facts["alpha"], facts["alpha_p_value"]
    moran = facts.get("moran", {})
    table["moran_of_residuals"], table["moran_p_value"] = moran.get("statistic"), moran.get("p_value")
    return table


def _delays(found: Reported) -> pd.DataFrame:
    assert found.delays is not None  # noqa: S101 - the table is of it
    table = found.delays.copy()
    table.insert(0, "by", table.pop("by"))
    return table


def _times(results: Results[ReportKeys], found: Reported) -> pd.DataFrame:
    """Return days until half are closed by zone, kind and for all; and which zones wait longer than the others."""
    assert found.times is not None  # noqa: S101 - the table is of it
    asked = results.study.reports
    table = found.times.copy()
    table.insert(0, "by", table.pop("by"))
    table.insert(2, "closed_within_days", asked.closed_within if asked else None)
    table["counted"] = COUNTED[found.once]
    if found.differences is not None:
        of = table["group"].where(table["by"] == "zone")
        for name in ("ratio", "p_adjusted", "label"):
            table["closings_to_expected" if name == "ratio" else name] = of.map(found.differences[name])
    return table


def zone_columns(results: Results[ReportKeys]) -> dict[str, pd.Series[Any]]:
    """Return the columns of the table of zones on reports."""
    found: Reported = results["reports"]
    columns: dict[str, pd.Series[Any]] = {
        "reports": found.counts,
        "reports_per_1000": found.rates["shrunk"].round(4),
        "reports_funnel": found.funnel["label"],
    }
    if found.expected is not None and found.silent is not None:
        columns |= {
            "reports_expected": found.expected["expected"].round(4),
            "reports_ratio": found.expected["ratio"].round(4),
            "reports_class": found.silent["label"],
        }
    median = median_days(found)
    if median is not None:
        columns["reports_median_days"] = median.round(3)
    return columns


def median_days(found: Reported) -> pd.Series[Any] | None:
    """Return the median days until closing of each zone; None where no report was ever closed."""
    if found.times is None:
        return None
    table = found.times[found.times["by"] == "zone"].set_index("group")["median"]
    ids = found.counts.index
    return pd.Series(table.reindex(ids.astype(str)).to_numpy(), index=ids, name="median_days")


def overview(results: Results[ReportKeys]) -> list[str]:
    """Return lines on reports for the overview of a study."""
    found: Reported = results["reports"]
    rate = found.rates.attrs["common_rate"]
    lines = ["", f"Reports of residents: {found.read:,}; {int(found.counts.sum()):,} in a zone ({rate:.1f} per 1,000)."]
    if found.silent is not None:
        by_class = found.silent.attrs["people_by_class"]
        zones = int((found.silent["label"] == "silent").sum())
        lines.append(f"  silent zones: {zones:,}, with {by_class['silent']:,.0f} people")
        if by_class["need not known"]:
            lines.append(f"  need not known: {by_class['need not known']:,.0f} people")
    if found.delays is not None:
        row = found.delays.iloc[-1]
        lines.append(
            f"  until somebody reports: {row['delay']:.1f} days ({row['delay_low']:.1f} to {row['delay_high']:.1f})"
        )
    if found.times is not None:
        row = found.times.iloc[-1]
        lines.append(f"  until half are closed: {row['median']:.1f} days; within the limit {row['closed_within']:.1%}")
    return lines
