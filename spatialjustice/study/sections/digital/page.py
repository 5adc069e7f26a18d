"""What a study says of connections: columns of its zones, lines of its overview, and maps of its page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import catalogue, maps
from spatialjustice.study.engine.texts import sentence
from spatialjustice.study.sections.digital import compute as digital
from spatialjustice.study.sections.space.page import clusters_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.digital.compute import Divide
    from spatialjustice.study.sections.digital.settings import DigitalKeys

    Text = dict[str, str]

CONNECTED_PERCENT = "study.digital.connected_percent"

QUARTERS = (0.25, 0.5, 0.75, 1.0)
"""Classes of a share that is often none or all."""


def zone_columns(results: Results[DigitalKeys]) -> dict[str, pd.Series[Any]]:
    """Return the columns of the table of zones on connections; empty where the study asks for none."""
    found: Divide = results["digital"]
    columns = {f"digital_{name}": values.round(6) for name, values in found.amounts.items()}
    if found.index is not None:
        columns["digital_divide_rank"] = found.index["rank"]
    if found.exclusion is not None:
        columns |= {
            f"digital_far_and_offline_{end}": found.exclusion[f"neither: {end}"].round(3)
            for end in ("lowest", "independent", "highest")
        }
    for name, labels in (
        ("exclusion_class", found.classes),
        ("supply_class", found.supply_classes),
        ("supply_certainty", found.certainty),
    ):
        if labels is not None:
            columns[f"digital_{name}"] = labels.astype(str)
    for called, statistic, there in _every_cluster(results):
        key = f"digital_{called}_{'cluster' if statistic == 'local_moran' else statistic}"
        label = there["label"].astype(object).where(there["label"].notna(), "nobody lives here")
        columns |= {key: label, f"{key}_p_value": there["p_value"], f"{key}_p_adjusted": there["p_adjusted"]}
    return columns


def _every_cluster(results: Results[DigitalKeys]) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield the statistics of every zone by what they are of and by statistic."""
    for called in (digital.OFFLINE, digital.INDEX):
        for statistic, found in clusters_of(results, "", called).items():
            yield called, statistic, found


def overview(results: Results[DigitalKeys]) -> list[str]:
    """Return lines on connections for the overview of a study."""
    found: Divide = results["digital"]
    total = float(found.counted.sum())
    lines = ["", f"Connections of {total:,.0f} {found.unit}."]
    for name, said in ((digital.CONNECTED, "connected"), (digital.OFFLINE, "offline")):
        if name in found.amounts:
            lines.append(f"  {said}: {_mean(found, name):.1%}")
    if "digital_exclusion" in results.tables:
        table = results.table("digital_exclusion").set_index("access")
        far = table.loc["neither"]
        asked = results.study.digital.exclusion if results.study.digital else None
        limit = asked.cutoff.label if asked else ""
        lines.append(
            f"  farther than {limit} and offline: {far['lowest_share']:.1%} to {far['highest_share']:.1%} "
            f"({far['independent_share']:.1%} if the two had nothing to do with each other)"
        )
        name = "digital_exclusion_groups"
        groups = results.table(name) if name in results.tables else pd.DataFrame()
        lines += _offline_near(groups, limit, found.unit)
    if "served_not_connected" in results.tables:
        row = results.table("served_not_connected").query("group == 'all'").iloc[0]
        lines.append(f"  served but not connected: {row['not_connected']:.1%}; not served: {row['not_served']:.1%}")
    if found.index is not None:
        worst = found.index.index[(found.index["rank"] == 1).to_numpy()]
        lines.append(f"  divide index of {int(found.index['index'].notna().sum()):,} zones; worst: {worst[0]}")
    return lines


def _offline_near(groups: pd.DataFrame, limit: str, unit: str) -> list[str]:
    """Tell which part of offline households is near, of the poorest and the richest group of income."""
    if groups.empty:
        return []
    by = groups["by"].iloc[-1]
    rows = groups[(groups["by"] == by) & ~groups["group"].isin(["unknown", "all"])]
    everybody = groups[(groups["by"] == by) & (groups["group"] == "all")].iloc[0]
    names = ("poorest group", "richest group") if by.startswith("income") else rows["group"].iloc[[0, -1]]
    told = ", ".join(
        f"{name} {share:.1%}" for name, share in zip(names, rows["offline_near_independent"].iloc[[0, -1]], strict=True)
    )
    return [f"  of offline {unit}, within {limit}: {everybody['offline_near_independent']:.1%} ({told})"]


def _mean(found: Divide, name: str) -> float:
    known = found.amounts[name].notna() & (found.counted > 0)
    return float(np.average(found.amounts[name][known], weights=found.counted[known]))


def _said(results: Results[DigitalKeys], key: str) -> Text:
    """Return a text of the catalogue in every language, with the service and the limit of the section on exclusion."""
    asked = results.study.digital.exclusion if results.study.digital else None
    said = {}
    for language in catalogue.LANGUAGES:
        words, gaps = catalogue.words(language), {}
        if asked is not None:
            unit = words[f"unit.{asked.cutoff.measure}.short"]
            gaps["limit"] = f"{catalogue.number(asked.cutoff.value, language)}\u00a0{unit}"
            gaps["service"] = catalogue.text_in(results.titles[asked.service], language)
        said[language] = words[key].format(**gaps)
    return said


def indicators(results: Results[DigitalKeys], _mode: Travel) -> list[maps.Indicator]:
    """Return the maps of connections, which no mode of travel belongs to; empty where the study asks for none."""
    found: Divide = results["digital"]
    group = _said(results, "study.digital")
    shown: list[maps.Indicator] = []
    shares = {digital.OFFLINE: "lower is better", digital.NEAR: "higher is better", digital.NEITHER: "lower is better"}
    if digital.INDEX in found.amounts:
        shown.append(_map(results, digital.INDEX, group, unit="index", direction="lower is better"))
        shown += _clusters(results, digital.INDEX, group)
    for name, direction in shares.items():
        if name in found.amounts:
            shown.append(_map(results, name, group, unit="share", direction=direction))
    shown += [*_clusters(results, digital.OFFLINE, group), *_classes(results, group), *_supply_and_use(results, group)]
    if digital.PRICE in found.amounts and bool((found.amounts[digital.PRICE].dropna() <= 1).all()):
        shown.append(_map(results, digital.PRICE, group, unit="share", direction="lower is better"))
    return shown


def index_line(_results: Results[DigitalKeys], _mode: Travel, line: Text) -> Text:
    """Say that the map shows connections, too."""
    return sentence("study.map_line_connections", line=line.__getitem__)


def _map(results: Results[DigitalKeys], name: str, group: Text, *, unit: str, direction: str) -> maps.Indicator:
    found: Divide = results["digital"]
    values = found.amounts[name]
    return maps.Indicator(
        key=f"digital_{name}",
        title=_said(results, f"study.digital.{name}"),
        unit=unit,
        kind="share",
        # People may live where there is no household, in barracks for one: of them nothing is known.
        values=values.where(found.counted > 0),
        status=_status(results),
        group=group,
        direction=direction,
        breaks=QUARTERS if name == digital.NEAR else None,
        note=_said(results, f"study.digital.{name}.note"),
    )


def _status(results: Results[DigitalKeys]) -> pd.Series[Any]:
    """Say where nobody lives to have anything."""
    return pd.Series(np.where(results.people > 0, "ok", "no_population"), index=results.people.index)


def _classes(results: Results[DigitalKeys], group: Text) -> list[maps.Indicator]:
    """Return the map of which access the zones have, where the study asks for exclusion."""
    found: Divide = results["digital"]
    if found.classes is None:
        return []
    labels = found.classes.astype(object).where(found.classes != "unknown", "no data")
    labels.attrs = {"measure": "double_exclusion_classes"}
    return [
        maps.Indicator(
            key="digital_exclusion",
            title=_said(results, "study.digital.exclusion"),
            kind="lisa",
            values=None,
            labels=labels,
            status=_status(results).where(results.people == 0),
            group=group,
            note=_said(results, "study.digital.exclusion.note"),
        )
    ]


def _supply_and_use(results: Results[DigitalKeys], group: Text) -> list[maps.Indicator]:
    """Return the map of two variables, with the limits of the table of classes; none where there are no classes."""
    found: Divide = results["digital"]
    settings = results.study.digital
    if found.supply_classes is None or settings is None or settings.supply is None:
        return []
    limits = found.supply_classes.attrs["breaks"]
    there = found.counted > 0
    made = maps.bivariate(
        found.amounts[digital.SUPPLY].where(there),
        100 * found.amounts[digital.CONNECTED].where(there),
        titles=(settings.supply.title or _said(results, "study.digital.supply"), _said(results, CONNECTED_PERCENT)),
        title=_said(results, "study.digital.supply_and_use"),
        first_breaks=limits["supply"],
        second_breaks=[100 * limit for limit in limits["adoption"]],
        classes=len(limits["supply"]) + 1,
        key="digital_supply_and_use",
        direction="higher is better",
        note=_said(results, "study.digital.supply_and_use.note"),
    )
    return [replace(made, group=group, status=_status(results).where(results.people == 0))]


def _clusters(results: Results[DigitalKeys], name: str, group: Text) -> list[maps.Indicator]:
    mapped = clusters_of(results, "", name)
    statistic = results.study.clusters.local[0]
    if statistic not in mapped:
        return []
    found = mapped[statistic]
    labels: pd.Series[Any] = found["label"].astype(object)
    return [
        maps.Indicator(
            key=f"digital_{name}_clusters",
            title=_said(results, f"study.digital.{name}.clusters"),
            kind="lisa",
            values=found["statistic"],
            labels=labels.where(labels.notna(), "no data"),
            status=_status(results).where(results.people == 0),
            group=group,
            note=_said(results, "study.digital.clusters.note"),
        )
    ]
