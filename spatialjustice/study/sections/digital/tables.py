"""The tables on connections: index, exclusion, supply beside use, districts, with who is counted and who is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import inequality, sources
from spatialjustice._core.errors import InputError
from spatialjustice.digital import exclusion_by_group, exclusion_totals, people_by_class
from spatialjustice.sources.tables.table import as_text
from spatialjustice.study.engine.section import Table
from spatialjustice.study.sections.digital import compute as divide
from spatialjustice.study.sections.digital.compute import households_of
from spatialjustice.study.sections.inequality.compared_groups import compared_groups
from spatialjustice.study.sections.inequality.compute import as_shares
from spatialjustice.study.sections.inequality.settings import Inequality

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import geopandas as gpd

    from spatialjustice.inequality import Groups
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.digital.compute import Divide
    from spatialjustice.study.sections.digital.settings import DigitalKeys, Regions

CLASSES = ("both", "only physical", "only digital", "neither")
ENDS = ("lowest", "independent", "highest")
UNKNOWN = "a share is not known there"


def tables(results: Results[DigitalKeys]) -> Iterator[Table]:
    """Yield every table that was asked for and has rows."""
    study, found, frame = results.study, results["digital"], results.zones
    settings = study.inequality or Inequality.model_validate({})
    asked = study if found.unit == "people" else as_shares(study)
    groups = list(
        compared_groups(asked, settings, households_of(found, results["groups"].counts), results["groups"].rank)
    )
    made = {
        "digital_index": _index(found),
        "digital_correlation": _correlation(found),
        "digital_regions": _regions(study, found, results.files, frame),
        "digital_exclusion": _exclusion(study, found),
        "digital_exclusion_groups": pd.DataFrame(_exclusion_groups(settings, found, groups)),
        "served_not_connected": pd.DataFrame(_served(settings, found, groups)),
        "digital_classes": pd.DataFrame(_classes(found, groups)),
        "digital_affordability": _affordability(study, found),
        "smart_city_profile": pd.DataFrame() if found.profile is None else found.profile.reset_index(),
    }
    for name, table in made.items():
        if not table.empty:
            counts = name not in {"digital_index", "digital_correlation"}
            yield Table(name, table.assign(counts=found.unit) if counts else table)


def _index(found: Divide) -> pd.DataFrame:
    """Return the index of each zone with its rank, how far that hangs on the rule, and what the index is made of."""
    if found.index is None:
        return pd.DataFrame()
    index = found.index
    table = pd.DataFrame({found.unit: found.counted, "index": index["index"], "rank": index["rank"]})
    if found.ranges is not None:
        # The rule of the study is one of those that somebody may choose.
        for name, end in (("lowest_rank", "min"), ("highest_rank", "max")):
            table[name] = pd.concat([found.ranges[name], index["rank"]], axis=1).agg(end, axis=1, skipna=False)
        table["share_among_worst"] = found.ranges["share_among_worst"]
    table["percentile"] = index["percentile"]
    table["indicators"] = index["indicators"]
    rest = [name for name in index.columns if name.startswith(("theme: ", "contribution: "))]
    table = pd.concat([table, index[rest]], axis=1)
    table["note"] = np.where(index["index"].isna(), "an indicator is not known, or nobody lives here", "")
    return table.rename_axis("zone_id").reset_index().sort_values("rank", kind="stable", ignore_index=True)


def _correlation(found: Divide) -> pd.DataFrame:
    if found.correlation is None:
        return pd.DataFrame()
    return found.correlation.rename_axis("indicator").reset_index()


def _exclusion(study: DigitalKeys, found: Divide) -> pd.DataFrame:
    """Return how many households have both kinds of access, one, or neither; the rows add up to all of them."""
    if found.exclusion is None or found.classes is None:
        return pd.DataFrame()
    table = exclusion_totals(found.exclusion).reset_index()
    zones = people_by_class(found.classes, found.counted)["zones"]
    table["zones_of_this_class"] = table["access"].map(zones).to_numpy()
    asked = study.digital.exclusion if study.digital else None
    assert asked is not None  # noqa: S101 - there is a table of it
    table.insert(0, "service", asked.service)
    table.insert(1, "mode", study.excluding.key)
    table.insert(2, "near", f"within {asked.cutoff.label}, by the {asked.near} of zones")
    table["n"] = int((found.exclusion["unknown"] == 0).sum())
    table["left_out_because"] = np.where((table["access"] == "unknown") & (table["independent"] > 0), UNKNOWN, "")
    return table


def exclusion_shares(exclusion: pd.DataFrame) -> tuple[float, float, float, float]:
    """Return how many are far and offline, of how many, and the lowest and the highest number that can be true."""
    table = exclusion_totals(exclusion)
    every = float(table["independent"].sum())
    lowest, middle, highest = (float(table[end].loc["neither"]) for end in ("lowest", "independent", "highest"))
    return middle, every, lowest, highest


def _exclusion_groups(
    settings: Inequality, found: Divide, groups: list[tuple[str, Groups, str | None]]
) -> Iterator[dict[str, Any]]:
    """Tell which share of each group has neither, one or both, and which share of its offline households is near."""
    if found.exclusion is None:
        return
    for by, made, _ in groups:
        table = exclusion_by_group(found.exclusion, made, suppress_below=settings.suppress_below)
        for group, row in table.to_dict(orient="index").items():
            offline = row["only physical: independent"] + row["neither: independent"]
            told = {f"{label.replace(' ', '_')}_{end}": row[f"{label}: {end}"] for label in CLASSES for end in ENDS}
            near = {
                f"offline_near_{end}": row[f"only physical: {end}"] / offline if offline else np.nan for end in ENDS
            }
            yield {
                "by": by,
                "group": "all" if group == "all people" else group,
                "unit": "share of the group",
                **told,
                "offline": offline,
                "offline_counted": offline * row["people"],
                **near,
                "counted": row["people"],
                "left_out": row["people_left_out"],
                "left_out_because": UNKNOWN if row["people_left_out"] else "",
                "ecological": "every group is taken to have the shares of its zone",
                "note": row["note"],
            }


def _served(
    settings: Inequality, found: Divide, groups: list[tuple[str, Groups, str | None]]
) -> Iterator[dict[str, Any]]:
    """Tell who is connected, served but not connected, and not served: all, and each group as its zones are."""
    if found.served is None:
        return
    table, counted = found.served, found.counted
    parts = ("connected", "not_connected", "not_served", "not_connected_at_most")
    for by, made, _ in groups or [("", inequality.groups_from_counts(counted.to_frame("all")), None)]:
        means = {}
        for name in parts:
            share = (table[name] / counted).where((counted > 0) & table["gap"].notna())
            means[name] = inequality.group_means(
                share, made, replications=0, suppress_below=settings.suppress_below, rng=0
            )
        for group in means["connected"].index:
            row = means["connected"].loc[group]
            yield {
                "by": by,
                "group": "all" if group == "all people" else group,
                "unit": "share of the group",
                **{name: means[name].loc[group, "mean"] for name in parts},
                "counted": row["people"],
                "n": int(row["n"]) if "n" in row else int(table["gap"].notna().sum()),
                "left_out": row["people_left_out"],
                "left_out_because": UNKNOWN if row["people_left_out"] else "",
                "note": row["note"],
            }


def _classes(found: Divide, groups: list[tuple[str, Groups, str | None]]) -> Iterator[dict[str, Any]]:
    """Tell who lives in zones of each class; a class is of the zone, not of everybody in it."""
    for what, labels in (("far and offline", found.classes), ("supply and use", found.supply_classes)):
        if labels is None:
            continue
        for label, row in people_by_class(labels, found.counted).iterrows():
            yield {
                "of": what, "class": label, "by": "", "group": "all",
                "zones": int(row["zones"]), "counted": row["people"], "share_of_group": row["share"],
            }  # fmt: skip
        for by, made, _ in groups:
            sums = made.people.groupby(labels.reindex(made.people.index), observed=False).sum()
            for group in sums.columns:
                total = float(sums[group].sum())
                for label, counted in sums[group].items():
                    yield {
                        "of": what, "class": label, "by": by, "group": group,
                        "zones": int((labels == label).sum()), "counted": float(counted),
                        "share_of_group": float(counted) / total if total else np.nan,
                    }  # fmt: skip


def _affordability(study: DigitalKeys, found: Divide) -> pd.DataFrame:
    """Tell how many households live where the typical one pays more than the line for a connection."""
    price = study.digital.price if study.digital else None
    if price is None:
        return pd.DataFrame()
    share, counted = found.amounts[divide.PRICE], found.counted
    rows = {"affordable": share <= price.line, "too dear": share > price.line, "unknown": share.isna()}
    total = float(counted.sum())
    return pd.DataFrame(
        [
            {
                "connection": name,
                "line": price.line,
                "unit": "share of income",
                "zones": int(there.sum()),
                "counted": float(counted[there].sum()),
                "share": float(counted[there].sum()) / total,
                "left_out_because": "income is not known" if name == "unknown" and there.any() else "",
            }
            for name, there in rows.items()
        ]
    )


def _regions(study: DigitalKeys, found: Divide, files: Mapping[str, Path], frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add zones up to districts, make the index of these, and compare households with what is published of them."""
    asked = study.digital.regions if study.digital else None
    if asked is None:
        return pd.DataFrame()
    of = pd.Series(as_text(frame[asked.column]), index=frame.index)
    counted = found.counted
    table = pd.DataFrame({"zones": of.groupby(of).size(), found.unit: counted.groupby(of).sum()})
    for name in (divide.CONNECTED, divide.OFFLINE, divide.NEAR, divide.NEITHER):
        if name in found.amounts:
            table[name] = _means(found.amounts[name], counted, of)
    if found.index is not None and study.digital and study.digital.index:
        settings = study.digital.index
        means = pd.DataFrame({name: _means(frame[name], counted, of) for name in settings.columns})
        try:
            index = divide.index_of(settings, means)
        except InputError as reason:
            # Two districts have no order, for one.
            table["index_note"] = f"no index: {reason.found}"
        else:
            table["divide_index"], table["rank"] = index["index"], index["rank"]
            contributions = [name for name in index.columns if name.startswith("contribution: ")]
            table = pd.concat([table, index[contributions]], axis=1)
    if asked.file is not None:
        table = _beside_published(table, asked, files[asked.file], (frame, of, counted), found.unit)
    order = pd.to_numeric(pd.Series(table.index, index=table.index), errors="coerce").sort_values(kind="stable").index
    table = table.loc[order].rename_axis("region").reset_index()
    unknown = float(counted[of.isna()].sum())
    if of.isna().any():
        rest = {"region": "", "zones": int(of.isna().sum()), found.unit: unknown, "note": "zones without a region"}
        table = pd.concat([table, pd.DataFrame([rest])], ignore_index=True)
    return table


def _means(values: pd.Series[Any], counted: pd.Series[Any], of: pd.Series[Any]) -> pd.Series[Any]:
    """Return the mean of each district, every zone with a value counting with its households."""
    known = values.notna() & (counted > 0)
    weights = counted.where(known, 0.0)
    sums = (values.fillna(0.0) * weights).groupby(of).sum()
    total = weights.groupby(of).sum()
    return sums / total.where(total > 0)


def _beside_published(
    table: pd.DataFrame,
    asked: Regions,
    path: Path,
    zones: tuple[gpd.GeoDataFrame, pd.Series[Any], pd.Series[Any]],
    unit: str,
) -> pd.DataFrame:
    """Set published households beside the sums of zones; where they differ, look for zones that lie mostly outside."""
    frame, of, counted = zones
    published = sources.read_vector(path, name="regions", layer=asked.layer)
    published.index = pd.Index(as_text(published[asked.key]))
    if asked.name is not None:
        table.insert(0, "name", published[asked.name].reindex(table.index))
    if asked.households is None:
        return table
    table[f"published_{unit}"] = published[asked.households].reindex(table.index).astype(float)
    table["difference"] = table[unit] - table[f"published_{unit}"]
    shapes = published.geometry.to_crs(frame.crs)
    notes = {}
    for region in table.index[table["difference"].abs() > 0.5]:
        inside = frame[of == region]
        part = inside.geometry.intersection(shapes.loc[region]).area / inside.geometry.area
        outside = part.index[(part < 0.5) & (counted[part.index] > 0)]
        lost = float(counted[outside].sum())
        if len(outside) and abs(table.loc[region, "difference"] - lost) < 0.5:
            ids = ", ".join(map(str, outside))
            notes[region] = (
                f"as published without {lost:,.0f} {unit} of {len(outside)} zones that lie mostly outside its "
                f"published shape: {ids}"
            )
        else:
            notes[region] = "differs from what is published"
    table["note"] = pd.Series(notes, dtype=object).reindex(table.index).fillna("")
    return table
