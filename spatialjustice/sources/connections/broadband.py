"""Fixed broadband: what providers say they offer, and speeds that people measured, tile by tile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, WrongPlaceError, listed
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_ids
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.machine.extras import needed
from spatialjustice._core.provenance import add_sources, path_of
from spatialjustice.sources.connections._quadkeys import CENTRES, DRAWN_AS, keys_of, quadkey_around, tile_polygon
from spatialjustice.sources.guards.damage import reading_whole_file
from spatialjustice.sources.guards.shapefiles import DRAWN
from spatialjustice.sources.known_files import record_of
from spatialjustice.sources.places.vector import read_vector
from spatialjustice.sources.tables._text_tables import numbers_in, read_text_table
from spatialjustice.sources.tables.frames.arrow_files import PARQUET
from spatialjustice.sources.tables.frames.cells import quadkey_texts
from spatialjustice.sources.tables.frames.rows import Source, is_file, rows_given

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

OFFERS = {
    "area": "BlockCode",
    "provider": "HocoNum",
    "download": "MaxAdDown",
    "upload": "MaxAdUp",
    "technology": "TechCode",
    "residential": "Consumer",
}
"""Columns of the fixed broadband deployment files of FCC Form 477; speeds are advertised, in Mbit/s."""

OFFERS_SINCE_2022 = {
    "area": "block_geoid",
    "provider": "provider_id",
    "download": "max_advertised_download_speed",
    "upload": "max_advertised_upload_speed",
    "technology": "technology",
    "residential": "business_residential_code",
}
"""Columns of the files of the Broadband Data Collection, which came after Form 477."""

BLOCK_DIGITS = 15
"""Digits of the code of a census block of the United States, of which those files are."""

FIBRE = 50
SATELLITES = frozenset({60, 61})
"""Form 477 had one code for all satellites; since 2022 60 is the geostationary ones and 61 the others."""

GROUND = frozenset({0, 10, 11, 12, 20, 30, 40, 41, 42, 43, 50, 70, 71, 72, 90})
"""All other codes of either generation: copper, cable, fibre, wireless on the ground, power lines, others."""

HOMES = {
    **dict.fromkeys(["1", "1.0", "true", "t", "yes", "y", "r", "x", "residential", "both"], True),
    **dict.fromkeys(["0", "0.0", "false", "f", "no", "n", "b", "business"], False),
}
"""Whether an offer is for homes: a flag in Form 477; since 2022 R for homes, B for businesses, X for both."""

SPEEDS = ((25, 3), (100, 20))
"""Download and upload speeds, Mbit/s, that the FCC called broadband from 2015 and from 2024."""

TILES = {"avg_d_kbps": "download", "avg_u_kbps": "upload", "avg_lat_ms": "latency"}


def availability(
    source: Source,
    *,
    columns: Mapping[str, str] | None = None,
    area_digits: int | None = None,
    speeds: Sequence[tuple[float, float]] = SPEEDS,
    satellite: bool = False,
) -> pd.DataFrame:
    """Read offers of broadband, one row for each provider, technology and block, and sum them up by area.

    Definition: different providers, counted in each block and averaged over the blocks of an area; of speeds the
    fastest that is advertised.

    Parameters
    ----------
    source
        A text table such as those of FCC Form 477 or, since 2022, of its Broadband Data Collection, also ``.gz``; or
        a frame of pandas, polars, pyarrow or DuckDB.
    columns
        What is in which column: ``area``, ``provider``, ``download``, ``upload`` (advertised, Mbit/s), ``technology``
        (code; 50 is fibre, 60 and 61 satellites) and ``residential`` (1, R or X where homes are served, 0 or B where
        only businesses are; these do not count). None takes the names of Form 477 or of the Broadband Data Collection,
        whichever the file has. The last two may be absent.
    area_digits
        How many digits of the code make the area: 11 for tracts, 5 for counties of the United States. None keeps the
        code whole, for example blocks.
    speeds
        Pairs of download and upload, Mbit/s, to count providers at.
    satellite
        Whether offers by satellite count: they are made nearly everywhere, and say little of a place. Where they do
        not, offers of a technology that is not known do not either (finding ``technology_not_known``).

    Returns
    -------
    DataFrame
        By area, sorted: ``blocks`` in the file, those of which no offer counts (satellites only, businesses only)
        among them, with 0 providers; ``providers``, on the mean of these blocks; ``providers_somewhere``, different
        ones in any of them, which no single home need have; ``providers_25_3`` and so on at each speed and
        ``providers_fibre``, on the mean of these blocks; ``download`` and ``upload``, the fastest advertised, on the
        mean of the blocks with an offer that counts, missing where there is none. Blocks without any row are not
        known. ``attrs["ledger"]`` accounts for every row.

    Raises
    ------
    MissingFileError, DamagedFileError
        When the file cannot be read.
    InputError
        When a column is absent, a speed is no number or negative, a flag of homes or all codes of technology are not
        known, or codes of areas differ in length or are one digit short, as they are when leading zeros were lost.

    Notes
    -----
    A provider that serves one home counts the whole block as served: such tables overstate what there is
    (:func:`spatialjustice.digital.served_not_connected` sets them beside use).

    References
    ----------
    Federal Communications Commission (2020). FCC Form 477 local telephone competition and broadband reporting
    instructions. Federal Communications Commission (2022). Broadband Data Collection: data specifications for
    biannual submission of subscription, availability, and supporting data.
    """
    name = "availability"
    names = dict(OFFERS if columns is None else columns)
    lacking = [role for role in ("area", "provider", "download", "upload") if role not in names]
    if lacking:
        raise InputError(name, f"nothing is said of {', '.join(lacking)}", "Name the columns of all four.")
    frame = read_text_table(source, name=name, columns=[] if columns is None else list(names.values()))
    if columns is None and OFFERS["area"] not in frame.columns and OFFERS_SINCE_2022["area"] in frame.columns:
        names = dict(OFFERS_SINCE_2022)
    names = {role: column for role, column in names.items() if column in frame.columns}
    absent = [OFFERS[role] for role in ("area", "provider", "download", "upload") if role not in names]
    if absent:
        raise InputError(name, f"there is no column {', '.join(absent)}", f"It has: {', '.join(frame.columns)}.")
    offers = _offers(frame, names, area_digits, name)
    from_space, on_ground = (offers["technology"].isin(codes) for codes in (SATELLITES, GROUND))
    unknown = ~from_space & ~on_ground if "technology" in names else pd.Series(data=False, index=offers.index)
    for_homes = offers["residential"]
    kept = for_homes if satellite else for_homes & ~from_space & ~unknown
    result = _by_area(offers, kept, speeds)
    ledger = Ledger()
    elsewhere = {"not for homes": int((~for_homes).sum())}
    if not satellite:
        elsewhere["satellite"] = int((for_homes & from_space).sum())
        elsewhere["technology not known"] = int((for_homes & unknown).sum())
    ledger.record("availability", "offers", before=len(offers), after=int(kept.sum()), elsewhere=elsewhere, unit="rows")
    result.attrs = {
        "measure": "availability",
        "unit": "providers",
        "direction": "higher is better",
        "ledger": ledger.to_frame().to_dict("records"),
        "sources": list(frame.attrs["sources"]),
        "findings": list(frame.attrs.get("findings", [])),
    }
    message = "Offers are what providers report: a block counts as served when one home in it could be."
    add_findings(result, Finding("availability_as_reported", "information", message, count=len(result)))
    told = "technology" in names
    return result if satellite else add_findings(result, *_of_technology(offers, unknown if told else None))


def _of_technology(offers: pd.DataFrame, unknown: pd.Series[Any] | None) -> list[Finding]:
    """Warn of offers of which it is not known whether they come by satellite; None where nothing tells it of any."""
    if unknown is None:
        message = "Nothing is said of the technology of offers, so that offers by satellite count as well."
        advice = "Name the column of technology, if the file has one, among columns=."
        return [Finding("technology_not_known", "warning", message, count=len(offers), advice=advice)]
    if not unknown.any():
        return []
    codes = offers.loc[unknown, "technology"].drop_duplicates().sort_values()
    named = listed("none" if np.isnan(code) else f"{code:g}" for code in codes)
    message = f"{int(unknown.sum()):,} offers have a technology that is not known ({named}) and do not count."
    advice = "Look the codes up in the documentation of the file; satellite=True counts all offers."
    return [Finding("technology_not_known", "warning", message, count=int(unknown.sum()), advice=advice)]


def _offers(frame: pd.DataFrame, names: Mapping[str, str], digits: int | None, name: str) -> pd.DataFrame:
    codes = frame[names["area"]].str.strip()
    lengths = codes.str.len()
    usual = int(lengths.mode().iloc[0])
    if (lengths != usual).any():
        raise InputError(
            name,
            f"{int((lengths != usual).sum()):,} area codes have not {usual} digits as the others have",
            "Leading zeros were lost, perhaps in a spreadsheet: get the table again and keep codes as text.",
            rows=codes[lengths != usual].unique(),
        )
    if names["area"] in {OFFERS["area"], OFFERS_SINCE_2022["area"]} and usual == BLOCK_DIGITS - 1:
        raise InputError(
            name,
            f"all area codes have {usual} digits, and those of census blocks have {BLOCK_DIGITS}",
            "Their leading zeros were lost, perhaps in a spreadsheet: get the table again and keep codes as text.",
        )
    if digits is not None and not 1 <= digits <= usual:
        raise InputError("area_digits", f"they are {digits!r}", f"The codes have {usual} digits.")
    offers = pd.DataFrame(
        {"block": codes, "area": codes.str[:digits], "provider": frame[names["provider"]].str.strip()}
    )
    for speed in ("download", "upload"):
        column = names[speed]
        offers[speed] = numbers_in(frame[column], f"{name}, column {column}", may_be_missing=False)
        if (offers[speed] < 0).any():
            rows = offers.index[offers[speed] < 0]
            raise InputError(name, f"{len(rows):,} speeds in {column} are negative", "Correct them.", rows=rows)
    offers["technology"] = -1.0
    if "technology" in names:
        offers["technology"] = numbers_in(frame[names["technology"]], f"{name}, column {names['technology']}")
        if not offers["technology"].isin(SATELLITES | GROUND).any():
            found = f"none of the codes in {names['technology']} is one of the FCC's"
            raise InputError(name, found, "Leave the technology out of columns=, and satellites out of the file.")
    offers["residential"] = True
    if "residential" in names:
        offers["residential"] = _for_homes(frame[names["residential"]], name)
    return offers


def _for_homes(column: pd.Series[Any], name: str) -> pd.Series[Any]:
    flags = column.str.strip().str.casefold()
    strange = ~flags.isin(list(HOMES))
    if strange.any():
        examples = listed(f"“{flag}”" for flag in column[strange].drop_duplicates())
        raise InputError(
            name,
            f"{int(strange.sum()):,} cells of {column.name} do not say whether an offer is for homes: {examples}",
            "Write 1, R or X where homes are served and 0 or B where they are not, or leave the column out.",
            rows=column.index[strange],
        )
    return flags.map(HOMES).astype(bool)


def _by_area(every: pd.DataFrame, kept: pd.Series[Any], speeds: Sequence[tuple[float, float]]) -> pd.DataFrame:
    offers = every[kept]
    flags = {"providers": pd.Series(data=True, index=offers.index)}
    for down, up in speeds:
        flags[f"providers_{down:g}_{up:g}"] = (offers["download"] >= down) & (offers["upload"] >= up)
    flags["providers_fibre"] = offers["technology"] == FIBRE
    # A block of which no offer counts is known to have none: it stays, and its providers are 0.
    everywhere = every.groupby(["area", "block"], sort=True).size().index
    blocks = offers.groupby(["area", "block"], sort=True)[["download", "upload"]].max().reindex(everywhere)
    for label, chosen in flags.items():
        counts = offers[chosen].groupby(["area", "block"])["provider"].nunique()
        blocks[label] = counts.reindex(blocks.index, fill_value=0)
    by_area = blocks.groupby(level="area")
    means = by_area.mean()
    return pd.DataFrame(
        {
            "blocks": by_area.size(),
            **{label: means[label] for label in ("providers",)},
            "providers_somewhere": offers.groupby("area")["provider"].nunique().reindex(means.index, fill_value=0),
            **{label: means[label] for label in flags if label != "providers"},
            "download": means["download"],
            "upload": means["upload"],
        }
    )


def speed_tiles(source: Source, *, within: gpd.GeoDataFrame | None = None, few: int = 5) -> gpd.GeoDataFrame:
    """Read measured speeds by tile, as Ookla publishes them.

    Parameters
    ----------
    source
        A text table, a Parquet table (of the whole world, too: with a place only its part is read) or a file with
        shapes: ``quadkey``, ``avg_d_kbps``, ``avg_u_kbps``, ``avg_lat_ms`` (may be absent), ``tests``, ``devices``.
        Tiles are drawn from their quadkeys, which are exact; shapes (also those written as text in ``tile``, or the
        middles in ``tile_x`` and ``tile_y``) are compared with them. Where these show that keys lost their leading
        zeros, the zeros are put back (finding ``quadkeys_padded``); keys of another length than Ookla's 16 digits with
        nothing to compare are told in ``quadkeys_of_another_level``.
    within
        The place: tiles that do not meet it are left out; those in the same large tile are counted.
    few
        Tests below which a tile is called sparse.

    Returns
    -------
    GeoDataFrame
        Index ``quadkey``; ``download`` and ``upload`` in Mbit/s (means over the tests), ``latency`` in milliseconds,
        ``tests``, ``devices``, ``sparse``, ``geometry`` (EPSG:4326).

    Raises
    ------
    MissingFileError, DamagedFileError
        When the file cannot be read.
    InputError
        When a quadkey is none, tiles are of several sizes, or a speed or a number of tests is missing or negative.
    DuplicateIdError
        When a tile is there twice, as in two quarters put together.
    WrongPlaceError
        When shapes are not those of the quadkeys.

    Notes
    -----
    People choose when to measure: mostly at home, often when something is wrong, and more of them where more are
    online. Tiles without a test are not in the file; that is not the same as no connection.
    """
    name = "speed tiles"
    frame = _rows_of_tiles(source, within, name)
    needed = ["quadkey", "avg_d_kbps", "avg_u_kbps", "tests", "devices"]
    absent = [column for column in needed if column not in frame.columns]
    if absent:
        raise InputError(name, f"there is no column {', '.join(absent)}", f"It has: {', '.join(frame.columns)}.")
    keys, told = keys_of(frame, name)
    shapes = gpd.GeoSeries([tile_polygon(key) for key in keys], index=keys, crs=4326)
    found = {new: _measured_numbers(frame, old, name) / (1000 if "kbps" in old else 1)
             for old, new in TILES.items() if old in frame.columns}  # fmt: skip
    counts = {column: _measured_numbers(frame, column, name) for column in ("tests", "devices")}
    result = gpd.GeoDataFrame({**found, **counts}, index=keys, geometry=shapes, crs=4326)
    require_ids(result, name)
    result.insert(len(result.columns) - 1, "sparse", result["tests"] < few)
    if within is not None:
        meets = np.asarray(result.geometry.intersects(within.to_crs(4326).union_all()))
        if not meets.any():
            advice = "Check that the file is of this place."
            if any(finding.code == "quadkeys_of_another_level" for finding in told):
                advice = f"{told[0].message} {told[0].advice}"
            raise WrongPlaceError(name, "no tile meets the place", advice)
        left, result = int((~meets).sum()), result[meets].copy()
    result.attrs = {"sources": list(frame.attrs["sources"]), "findings": list(frame.attrs.get("findings", []))}
    add_findings(result, *told)
    if within is not None and left:
        message = f"{left:,} tiles do not meet the place and are left out."
        add_findings(result, Finding("tiles_elsewhere", "information", message, count=left))
    sparse = int(result["sparse"].sum())
    if sparse:
        part = result.loc[result["sparse"], "tests"].sum() / max(1.0, result["tests"].sum())
        message = f"{sparse:,} of {len(result):,} tiles have fewer than {few} tests, together {part:.1%} of all tests."
        advice = "Weigh tiles by tests, and do not rank single tiles."
        add_findings(result, Finding("sparse_tiles", "warning", message, count=sparse, advice=advice))
    return result


def _rows_of_tiles(source: Source, within: gpd.GeoDataFrame | None, name: str) -> pd.DataFrame:
    """Read the rows of tiles, of any kind of source."""
    if not is_file(source):
        given = rows_given(source, name)
        if "quadkey" in given.columns:
            quadkey_texts(given["quadkey"], name)
        drawn = isinstance(given, gpd.GeoDataFrame)
        return read_vector(given, name=name) if drawn else read_text_table(given, name=name)
    path = path_of(source, "tiles")
    ending = path.suffix.lower()
    if ending in PARQUET:
        return _parquet_tiles(path, within, name)
    return read_vector(path, name=name) if ending in DRAWN or ending == ".zip" else read_text_table(path, name=name)


def _parquet_tiles(path: Path, within: gpd.GeoDataFrame | None, name: str) -> pd.DataFrame:
    """Read the columns that matter, and of these the rows in the smallest tile around the place."""
    record = record_of(path, name)
    pq = needed("pyarrow.parquet", name)
    prefix = "" if within is None else quadkey_around(within)
    with reading_whole_file(path, name):
        schema = pq.read_schema(path)
        # Keys that are numbers have no beginning to compare, and may have lost it.
        texts = "quadkey" in schema.names and str(schema.field("quadkey").type).endswith(("string", "string_view"))
        beside = [DRAWN_AS] if DRAWN_AS in schema.names else list(CENTRES)
        wanted = [column for column in ("quadkey", *beside, *TILES, "tests", "devices") if column in schema.names]
        # Where no key begins as it should, look for those that lost their zeros.
        for beginning in dict.fromkeys([prefix, prefix.lstrip("0")]):
            rows = [("quadkey", ">=", beginning), ("quadkey", "<", beginning + "4")] if beginning and texts else None
            frame: pd.DataFrame = pq.read_table(path, columns=wanted, filters=rows).to_pandas()
            if len(frame):
                break
    if not len(frame):
        raise WrongPlaceError(name, "no tile meets the place", "Check that the file is of this place.")
    frame.attrs = {}
    return add_sources(frame, record)


def _measured_numbers(frame: pd.DataFrame, column: str, name: str) -> np.ndarray[Any, Any]:
    values = numbers_in(frame[column], f"{name}, column {column}", may_be_missing=False)
    if (values < 0).any():
        rows = frame.index[values < 0]
        raise InputError(name, f"{len(rows):,} numbers in {column} are negative", "Correct them.", rows=rows)
    return values.to_numpy()
