"""Proposals that came back from the pages of a study: checked, computed anew, joined and ranked by whom they help."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice import access, inequality, maps, report
from spatialjustice._core.disk import files
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import checksum as checksum_of_file
from spatialjustice._core.provenance import file_record, folder_of, path_of, versions
from spatialjustice.report.proposals import joined, ranked, shown
from spatialjustice.study.engine.section import Table
from spatialjustice.study.engine.work import Work
from spatialjustice.study.outputs.tables import as_csv
from spatialjustice.study.readers_proposals import Proposals
from spatialjustice.study.run import locate
from spatialjustice.study.sections.what_if.about import checksum, modes_of
from spatialjustice.study.sections.what_if.compute import compute as streets_of_pages
from spatialjustice.study.settings import Study

if TYPE_CHECKING:
    from collections.abc import Callable

    from spatialjustice.report.proposals import Proposal
    from spatialjustice.study.engine.section import Section
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.what_if.settings import WhatIfKeys

FAR = 100.0
"""Metres by which a place of a file may lie off the place of that number."""
CLOSE = 0.5
"""People by which what a page told may differ: both compute alike."""
STEPS = ("zones", "people", "services", "streets", "groups")
"""Sections whose results a proposal is computed from."""


def proposals(
    folder: str | Path, study_file: str | Path, *, data_dir: str | Path | None = None, out: str | Path | None = None
) -> Proposals:
    """Check, compute and rank them: see :func:`spatialjustice.study.proposals`."""
    study_file = path_of(study_file, "study_file")
    study = cast("WhatIfKeys", Study.read(study_file))
    asked = {mode.key: study.asked(mode) for mode in study.modes}
    if not any(asked.values()):
        found = "the study has no what_if, so that its pages make no proposals"
        raise InputError(str(study_file), found, "Write what_if: true into it, and run it.")
    made, findings = report.read_proposals(folder)
    if out is not None and Path(out).exists() and Path(out).samefile(folder):
        advice = "Give another folder: what is written there would be read as proposals the next time."
        raise InputError("out", f"{out} is the folder of the proposals themselves", advice)
    work = Work(
        study,
        locate(cast("Study", study), study_file.resolve().parent, folder_of(data_dir, "data_dir")),
        seed=study.seed or 0,
    )
    fitting = []
    for one in made:
        wrong = _unfit(one, study, asked)
        if wrong is None:
            fitting.append(one)
        else:
            findings.append(wrong)
    used: list[Proposal] = []
    rows: list[dict[str, Any]] = []
    if fitting:
        for section in _needed(work):
            work.compute(section)
        sums = {key: checksum(block) for block in streets_of_pages(work) for key in modes_of(block)}
        findings += _of_other_data(fitting, sums)
        today = lru_cache(maxsize=None)(partial(_ways_of_today, work))
        for one in fitting:
            effect, said = _effect(work, one, today)
            findings += said
            if effect is not None:
                used.append(one)
                rows.append(effect)
    # Where people have no way at all no number stands.
    table = ranked(used, pd.DataFrame(rows).replace(np.inf, np.nan))
    findings += joined(table)
    sites = _sites(table, used)
    result = Proposals(
        table.drop(columns="first", errors="ignore"),
        tuple(dict.fromkeys(findings)),
        len({one.file for one in used}),
        sites,
    )
    if out is None:
        return result
    _write(result, Path(out), [Path(folder) / name for name in sorted({one.file for one in used})], study, study_file)
    return Proposals(result.table, result.findings, result.read, sites, Path(out))


def _unfit(one: Proposal, study: WhatIfKeys, asked: dict[str, tuple[str, ...]]) -> Finding | None:
    """Say why a proposal cannot be computed for a study; None where it can."""
    name = shown(one.file)
    if one.study != study.name:
        message = f"{name}: it is for the study “{shown(one.study)}”, and this one is “{study.name}”. It was left out."
        return Finding("proposal_of_another_study", "warning", message, 1, advice="Give --study the study it is for.")
    if not asked.get(one.mode):
        message = f"{name}: mode: “{shown(one.mode)}” is none of {', '.join(key for key in asked if asked[key])}."
        return _wrong(message)
    if one.service not in asked[one.mode]:
        message = (
            f"{name}: features.properties.service: “{shown(one.service)}” is none of {', '.join(asked[one.mode])}."
        )
        return _wrong(message)
    return None


def _wrong(message: str) -> Finding:
    advice = "Open the page of the study, load the file there, and save it again."
    return Finding("proposal_field_wrong", "warning", f"{message} The proposal was left out.", 1, advice=advice)


def _needed(work: Work[WhatIfKeys]) -> list[Section]:
    """Return the sections that proposals are computed from, and all that those need."""
    wanted = set(STEPS)
    plan = work.plan
    for section in reversed(plan):
        if section.name in wanted or section.changes in wanted:
            wanted |= {section.name, *section.needs}
    return [section for section in plan if section.name in wanted]


def _of_other_data(made: list[Proposal], sums: dict[str, str]) -> list[Finding]:
    other = sorted({shown(one.file) for one in made if one.checksum != sums[one.mode]})
    if not other:
        return []
    few = ", ".join(other[:5]) + (", …" if len(other) > 5 else "")
    files_were = "1 file was" if len(other) == 1 else f"{len(other):,} files were"
    message = f"{files_were} made on a page with other streets, people or places than those here: {few}."
    advice = "All was computed anew with the data here; run the study again if the page that people use is old."
    return [Finding("proposal_of_other_data", "warning", message, len(other), advice=advice)]


def _ways_of_today(work: Work[WhatIfKeys], mode: str, service: str, unit: Any) -> pd.Series[Any]:
    """Return the ways as they are: the same for all proposals about a service."""
    travel = next(item for item in work.study.modes if item.key == mode)
    return _ways(work, travel, work["services"].places_of(service), unit)


def _effect(
    work: Work[WhatIfKeys], one: Proposal, today: Callable[..., pd.Series[Any]]
) -> tuple[dict[str, Any] | None, list[Finding]]:
    study, name = work.study, shown(one.file)
    mode: Travel = next(item for item in study.modes if item.key == one.mode)
    places = work["services"].places_of(one.service)
    gone = {number for number, *_ in one.removed}
    if wrong := _not_there(one, places):
        return None, [wrong]
    changed = _changed(places, one, gone)
    streets = work["streets"][mode.key]
    if not _at_streets(work, one, streets):
        message = f"{name}: features.geometry: a new place lies more than {study.snap_limit:,.0f} m from any street."
        advice = "Nobody could come there: ask its author for a place at a street. It was left out."
        return None, [Finding("proposal_outside", "warning", message, 1, advice=advice)]
    widest = study.widest(mode)
    people: pd.Series[Any] = work["people"]
    before = today(mode.key, one.service, widest.measure)
    after = _ways(work, mode, changed, widest.measure)
    told = _told(before, after, people, widest.value, work["groups"].parts)
    own = told
    if (one.limit, one.unit) != (widest.value, widest.measure):
        pair = before, after
        if one.unit != widest.measure:
            pair = today(mode.key, one.service, one.unit), _ways(work, mode, changed, one.unit)
        own = _told(*pair, people, one.limit, {})
    return {**told, "limit": widest.label}, _differences(one, own)


def _at_streets(work: Work[WhatIfKeys], one: Proposal, streets: Any) -> bool:
    if not one.added:
        return True
    points = gpd.GeoSeries.from_xy([lon for _, lon, _ in one.added], [lat for lat, *_ in one.added], crs=4326)
    try:
        return bool((streets.snap(points, snap_limit=work.study.snap_limit)["edge"] >= 0).all())
    except InputError:  # all of them are in another part of the world
        return False


def _not_there(one: Proposal, places: gpd.GeoDataFrame) -> Finding | None:
    """Say which place of today, that is to go or to move, is not there."""
    points = places.geometry.representative_point().to_crs(4326)
    for number, lat, lon in one.removed:
        kind = one.service.replace("_", " ")
        told = f"{shown(one.file)}: features.properties.place: {number} is no place of {kind} here"
        if number >= len(places):
            return _wrong(f"{told}, which has {len(places):,}.")
        point = points.iloc[number]
        if np.hypot((point.x - lon) * np.cos(np.radians(lat)), point.y - lat) * 111_195 > FAR:
            return _wrong(f"{told} at {lat:.5f}, {lon:.5f}.")
    return None


def _changed(places: gpd.GeoDataFrame, one: Proposal, gone: set[int]) -> gpd.GeoDataFrame:
    """Return the places that would be there: those of today that stay, and the new ones, a door each."""
    kept = places[~np.isin(np.arange(len(places)), list(gone))].to_crs(4326)
    points = [shapely.Point(lon, lat) for lat, lon, _ in one.added]
    shapes = [*kept.geometry, *points]
    frame = gpd.GeoDataFrame(geometry=shapes, index=pd.RangeIndex(len(shapes)), crs=4326)
    if "access" in places.columns:
        doors = gpd.GeoSeries(places.loc[kept.index, "access"], crs=places["access"].crs or places.crs).to_crs(4326)
        frame["access"] = gpd.GeoSeries([*doors, *map(shapely.MultiPoint, ([point] for point in points))], crs=4326)
    return frame


def _ways(work: Work[WhatIfKeys], mode: Travel, places: gpd.GeoDataFrame, unit: Any) -> pd.Series[Any]:
    """Return the way of every zone to its nearest place: infinite without one, NaN where nothing is known."""
    if not len(places):
        return pd.Series(np.inf, index=work["zones"].index)
    costs = work["streets"][mode.key].travel_costs(work["zones"], places, unit=unit, snap_limit=work.study.snap_limit)
    found = access.cost_to_closest(costs).fillna(np.inf)
    return found.mask(np.asarray(costs.origins["status"] == "outside_data"))


def _told(
    before: pd.Series[Any], after: pd.Series[Any], people: pd.Series[Any], limit: float, groups: dict[str, Any]
) -> dict[str, Any]:
    known = before.notna() | after.notna()
    living = people.where(known, 0).fillna(0.0)
    was, then = before <= limit, after <= limit
    made: dict[str, Any] = {"gained": float(living[then & ~was].sum()), "lost": float(living[was & ~then].sum())}
    edges = {}
    for time, ways in (("before", before), ("after", after)):
        status = np.where(np.isinf(ways), "unreachable", np.where(known, "ok", "outside_data"))
        shown_ways = maps.Indicator(
            "way", "Way", ways.replace(np.inf, np.nan), unit="metres", direction="lower is better",
            status=pd.Series(status, index=ways.index),
        )  # fmt: skip
        found = report.standing(shown_ways, people=living)
        edges[time] = found.worst_tenth("lower is better")
        there = np.isfinite(ways) & (living > 0)
        within = float(living[ways <= limit].sum())
        made[f"within_{time}"] = within
        made[f"share_within_{time}"] = within / found.people if found.people > 0 else np.nan
        made[f"mean_{time}"] = found.mean
        made[f"worst_tenth_{time}"] = edges[time]
        made[f"gini_{time}"] = float(inequality.gini(ways[there], people=living[there])) if there.any() else np.nan
    worst = before >= edges["before"]
    made["worst_tenth_gained"] = float(living[worst & then & ~was].sum())
    made["worst_tenth_nearer"] = float(living[worst & (after < before)].sum())
    for name, part in groups.items():
        counted = part.reindex(people.index).fillna(0.0).where(known, 0)
        made[f"gained_{name}"] = float(counted[then & ~was].sum())
        made[f"lost_{name}"] = float(counted[was & ~then].sum())
    return made


def _differences(one: Proposal, own: dict[str, Any]) -> list[Finding]:
    """Say where the page told something else than is computed here."""
    told = [
        f"{name} {one.claimed[name]:,.1f} instead of {own[name]:,.1f}"
        for name in ("gained", "lost", "within_before", "within_after")
        if name in one.claimed and abs(one.claimed[name] - own[name]) > CLOSE
    ]
    if not told:
        return []
    message = f"{shown(one.file)}: effects: the file says {', '.join(told)}; the table has what was computed here."
    advice = "Somebody changed the file, or the page was made with other data."
    return [Finding("proposal_numbers_differ", "warning", message, len(told), advice=advice)]


def _sites(table: pd.DataFrame, used: list[Proposal]) -> gpd.GeoDataFrame:
    rows = []
    for row in table.to_dict(orient="records"):
        facts = {name: row[name] for name in ("service", "mode", "rank", "name", "asked_by", "gained")}
        rows += [facts | {"geometry": shapely.Point(lon, lat)} for lat, lon, _ in used[row["first"]].added]
    columns = ["service", "mode", "rank", "name", "asked_by", "gained", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=4326)


def _write(result: Proposals, out: Path, read: list[Path], study: WhatIfKeys, study_file: Path) -> None:
    """Write the table, the sites and their record, each whole or not at all."""
    rounded = result.table.round(3)
    files.write_text(out / "proposals.csv", as_csv(Table("proposals", rounded), estimated=False))
    files.write_text(out / "proposals.geojson", result.sites.to_json(drop_id=True) + "\n")
    record = {
        "study": {"name": study.name, **file_record(study_file, "study").as_dict()},
        "files": {path.name: checksum_of_file(path) for path in read},
        "findings": [one.as_dict() for one in result.findings],
        "versions": versions(),
    }
    files.write_json(out / "proposals.json", record)
