"""What a study leaves behind: tables for analysts, a map for planners, the record for researchers."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from spatialjustice import __version__
from spatialjustice._core import files
from spatialjustice._core.errors import OutputError
from spatialjustice._core.provenance import checksum, versions
from spatialjustice._core.spreadsheets import safe_for_spreadsheets
from spatialjustice.report import inequality_paragraph
from spatialjustice.study import crate, digital_pages, pages
from spatialjustice.study.moving import by
from spatialjustice.study.settings import EVERYBODY, STRAIGHT

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from spatialjustice._core.files import OutputFolder
    from spatialjustice._core.keep import Kept
    from spatialjustice.study.parts import Travel
    from spatialjustice.study.run import Results


def overview(results: Results) -> str:
    """Return the share of people within each cutoff as aligned text, one block per mode, one line per service."""
    people = f"{results.people.sum():,.0f} people" + (" (estimated)" if results.estimated else "")
    way = "in straight lines" if results.study.streets == STRAIGHT else "along streets"
    note = f"Share of {people} within each limit {way}; times of those who can reach a place at all."
    blocks = [_of_mode(results, mode) for mode in results.study.modes]
    return "\n".join(
        [
            note,
            *(line for block in blocks for line in block),
            *_by_group(results),
            *_caught(results),
            *digital_pages.overview(results),
            *_in_words(results),
        ]
    )


def _of_mode(results: Results, mode: Travel) -> list[str]:
    everybody = results.shares[(results.shares["group"] == EVERYBODY) & (results.shares["mode"] == mode.key)]
    share = {(row["service"], row["cutoff"]): row["share_within"] for row in everybody.to_dict(orient="records")}
    labels = [cutoff.label for cutoff in results.study.cutoffs_of(mode)]
    lines = [[by(mode), "places", *(f"within {label}" for label in labels), "median trip", "worst tenth"]]
    rows = results.distribution[results.distribution["mode"] == mode.key]
    for row in rows.to_dict(orient="records"):
        times = (row["median_minutes"], row["minutes_of_the_worst_served_tenth"])
        lines.append(
            [
                row["service"].replace("_", " "),
                f"{row['places']:,}",
                *("not mapped" if not row["places"] else f"{share[row['service'], label]:.1%}" for label in labels),
                *("none" if np.isnan(time) else f"{time:.1f} min" for time in times),
            ]
        )
    return ["", *_aligned(lines)]


def _by_group(results: Results) -> list[str]:
    """Return the share of each group within the largest cutoff of the first mode, where the study names groups."""
    if not results.study.groups:
        return []
    mode = results.study.modes[0]
    widest = results.study.widest(mode).label
    chosen = results.shares[(results.shares["cutoff"] == widest) & (results.shares["mode"] == mode.key)]
    rows = chosen.to_dict(orient="records")
    titles = {row["group"]: row["group_title"] or row["group"] for row in rows}
    share = {(row["service"], row["group"]): row["share_within"] for row in rows}
    lines = [["service", *titles.values()]]
    for service in results.study.service_names:
        within = (share[service, group] for group in titles)
        lines.append([service.replace("_", " "), *("–" if np.isnan(value) else f"{value:.1%}" for value in within)])
    return ["", f"Share of each group within {widest} {by(mode)}.", "", *_aligned(lines)]


def _caught(results: Results) -> list[str]:
    """Return what people have of each catchment's supply, where the study names any."""
    if results.catchments.empty:
        return []
    modes = {mode.key: by(mode) for mode in results.study.modes}
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
            for row in results.catchments.to_dict(orient="records")
        ),
    ]
    return ["", *_aligned(lines)]


def _in_words(results: Results) -> list[str]:
    """Tell how unequal what is within the largest limit of the first mode is, where the study measures it."""
    table = results.justice.measures
    if table.empty:
        return []
    mode, language = results.study.modes[0], "en"
    widest = results.study.widest(mode)
    said = []
    for service in results.study.service_names:
        rows = table[
            (table["service"] == service) & (table["mode"] == mode.key) & (table["outcome"] == f"within {widest.label}")
        ]
        if rows.empty or rows["value"].isna().all():
            continue
        enough = results.study.inequality.sufficiency.get(service, 1.0) if results.study.inequality else 1.0
        line = f"{enough:g} of them" if isinstance(enough, float) and enough != 1 else "one of them"
        subject = f"{service.replace('_', ' ')} within {widest.label} {by(mode, language)}"
        text = inequality_paragraph(rows, subject=f"places ({subject})", enough=line, language=language)
        said += ["", *textwrap.wrap(text, 100)]
    return said


def _aligned(lines: list[list[str]]) -> list[str]:
    """Return rows as text in columns, the first to the left, a line under the head."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = [
        "  ".join(word.rjust(width) if column else word.ljust(width) for column, (word, width) in enumerate(pairs))
        for pairs in ([*zip(line, widths, strict=True)] for line in lines)
    ]
    return [text[0], "-" * len(text[0]), *text[1:]]


def zone_table(results: Results) -> gpd.GeoDataFrame:
    """Return the zones with every measure as a column, units in the names, statuses beside the values."""
    known = results.people.where(~results.unknown)
    columns: dict[str, pd.Series[Any]] = {"people_estimated" if results.estimated else "people": known}
    for item in results.reached:
        key = f"{item.service}_{item.mode.key}"
        for unit, values in item.closest.items():
            columns[f"{key}_{unit}"] = values.round(1 if unit == "metres" else 2)
        columns[f"{key}_status"] = item.status.astype(str).mask(results.unknown, "population_unknown")
        for cutoff, values in item.counts.items():
            columns[f"{key}_within_{cutoff}"] = values
        for (mode, service, name), labelled in results.local.items():
            if (mode, service) == (item.mode.key, item.service):
                found = labelled.reindex(results.zones.index)
                label = found["label"].astype(object).where(found["label"].notna(), "nobody lives here")
                called = f"{key}_{'cluster' if name == 'local_moran' else name}"
                columns[called] = label.mask(results.unknown, "population unknown")
                columns[f"{called}_p_value"] = found["p_value"]
                columns[f"{called}_p_adjusted"] = found["p_adjusted"]
    for one in results.caught:
        columns[f"{one.settings.name}_{one.mode.key}_per_10000_people"] = one.per_ten_thousand.round(6)
    columns |= digital_pages.zone_columns(results)
    # A GeoPackage does not tell small letters from capitals: a column of the zones' own that would clash gives way.
    taken = {name.casefold() for name in (*columns, "zone_id")}
    clashing = [name for name in results.zones.columns if str(name).casefold() in taken]
    zones = results.zones.drop(columns=clashing).round({"area": 1, "share_inside": 6})
    # All at once: hundreds of columns added one by one would be slow.
    both = pd.concat([zones, pd.DataFrame(columns, index=zones.index)], axis=1)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=zones.crs)


def service_table(results: Results) -> pd.DataFrame:
    """Return every place used, with where it lies and how far off the nearest street."""
    places = results.services.to_crs(4326)
    points = places.geometry.representative_point()
    first = [item for item in results.reached if item.mode.key == results.study.modes[0].key]
    offsets = pd.concat([item.costs["minutes"].destinations["offset"] for item in first])
    return pd.DataFrame(
        {
            "service": places["service"],
            "name": places["name"],
            "longitude": points.x.round(6),
            "latitude": points.y.round(6),
            "offers": places["count"],
            "inside_the_place": places["inside"],
            "metres_off_the_street": offsets.groupby(level=0).min().reindex(places.index).round(1),
        }
    )


def write(results: Results, folder: OutputFolder, started: datetime, study_file: Path, kept: Kept) -> None:
    """Make every file of a study in the folder's staging area, the manifest last."""
    zones = zone_table(results)
    made = tables(results, zones)
    for name, table in made.items():
        text = safe_for_spreadsheets(table).to_csv(index=name in {"zones", "services"}, lineterminator="\n")
        files.write_text(folder.path(f"tables/{name}.csv"), text)
    _write_geopackage(zones, folder.path("tables/zones.gpkg"), _latest_date(results))
    pages.write(results, folder, [f"{name}.csv" for name in made] + ["zones.gpkg"], kept)
    checksums = folder.checksums()
    manifest = {
        "made": started.isoformat(timespec="seconds"),
        "software": f"spatialjustice {__version__}",
        "study": {"file": study_file.name, "sha256": checksum(study_file)},
        **record(results),
        "outputs": checksums,
    }
    files.write_json(folder.path(files.MANIFEST), manifest)
    sizes = {name: folder.path(name).stat().st_size for name in [*checksums, files.MANIFEST]}
    text = crate.as_text(manifest, sha256=checksum(folder.path(files.MANIFEST)), sizes=sizes)
    files.write_text(folder.path(files.CRATE), text)


def tables(results: Results, zones: gpd.GeoDataFrame) -> dict[str, pd.DataFrame]:
    """Return every table by its name; those of several modes and of catchments only where there are such."""
    findings = pd.DataFrame(
        [finding.as_dict() for finding in results.findings],
        columns=["code", "severity", "message", "count", "people", "advice"],
    )
    made_of = {"population": "estimated" if results.estimated else "counted"}
    return {
        "zones": pd.DataFrame(zones.drop(columns="geometry")),
        "shares": results.shares.assign(**made_of),
        **({"modes": results.modes.assign(**made_of)} if len(results.study.modes) > 1 else {}),
        "distribution": results.distribution.assign(**made_of),
        **({"catchments": results.catchments.assign(**made_of)} if results.caught else {}),
        **{name: table.assign(**made_of) for name, table in results.justice.tables.items()},
        **results.digital_tables,
        "lorenz_curves": results.lorenz,
        "spatial_autocorrelation": results.autocorrelation,
        "services": service_table(results),
        "findings": findings,
        "ledger": results.ledger.to_frame(),
    }


def record(results: Results) -> dict[str, Any]:
    """Return the record of a run as plain data: inputs, settings, versions, seed, findings and the ledger."""
    return {
        "title": results.study.title,
        "inputs": [source.as_dict() for source in results.sources],
        "settings": results.study.model_dump(mode="json", exclude_none=True),
        "seed": results.seed,
        "versions": versions(),
        "coordinate_reference_system": results.zones.crs.to_string(),
        "findings": [finding.as_dict() for finding in results.findings],
        "ledger": results.ledger.to_frame().to_dict(orient="records"),
    }


def _latest_date(results: Results) -> str:
    """Return the newest data date as GDAL wants it: the GeoPackage's own stamp must not be the day of the run."""
    dates = [record.data_date for record in results.sources if record.data_date]
    return f"{max(dates)[:10] if dates else '2000-01-01'}T00:00:00.000Z"


def _write_geopackage(zones: gpd.GeoDataFrame, path: Path, stamp: str) -> None:
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    try:
        zones.reset_index().to_file(path, driver="GPKG", layer="zones", engine="pyogrio")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, RuntimeError) as error:
        message = f"{path.name}: cannot be written ({error}). Is the disk full? Choose another folder with --out."
        raise OutputError(message) from error
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
