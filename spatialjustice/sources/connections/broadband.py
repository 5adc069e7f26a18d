"""Fixed broadband: what providers say they offer, and speeds that people measured, tile by tile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import InputError, WrongPlaceError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_ids
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.provenance import add_sources
from spatialjustice.sources._damage import whole
from spatialjustice.sources.known_files import record_of
from spatialjustice.sources.places.vector import DRAWN, PARQUET, read_vector
from spatialjustice.sources.tables._text_tables import numbers_in, read_text_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OFFERS = {
    "area": "BlockCode",
    "provider": "HocoNum",
    "download": "MaxAdDown",
    "upload": "MaxAdUp",
    "technology": "TechCode",
    "residential": "Consumer",
}
"""Columns of the fixed broadband deployment files of FCC Form 477; speeds are advertised, in Mbit/s."""

FIBRE = 50
SATELLITE = 60
SPEEDS = ((25, 3), (100, 20))
"""Download and upload speeds, Mbit/s, that the FCC called broadband from 2015 and from 2024."""

TILES = {"avg_d_kbps": "download", "avg_u_kbps": "upload", "avg_lat_ms": "latency"}
HIGHEST_LATITUDE = 85.0511287798066
LONGEST = 23
"""Levels of detail of the tile system."""

NEAR = 1e-6
"""Degrees that two drawings of one tile may differ by."""


def availability(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    area_digits: int | None = None,
    speeds: Sequence[tuple[float, float]] = SPEEDS,
    satellite: bool = False,
) -> pd.DataFrame:
    """Read offers of broadband, one row for each provider, technology and block, and sum them up by area.

    Parameters
    ----------
    path
        A text table such as those of FCC Form 477, also ``.gz``.
    columns
        What is in which column: ``area``, ``provider``, ``download``, ``upload`` (advertised, Mbit/s), ``technology``
        (code; 50 is fibre, 60 satellite) and ``residential`` (1 where homes are served; other rows do not count).
        None takes the names of Form 477. The last two may be absent.
    area_digits
        How many digits of the code make the area: 11 for tracts, 5 for counties of the United States. None keeps the
        code whole, for example blocks.
    speeds
        Pairs of download and upload, Mbit/s, to count providers at.
    satellite
        Whether offers by satellite count: they are made nearly everywhere, and say little of a place.

    Returns
    -------
    DataFrame
        By area, sorted: ``blocks`` with an offer; ``providers``, on the mean of these blocks; ``providers_somewhere``,
        different ones in any of them, which no single home need have; ``providers_25_3`` and so on at each speed and
        ``providers_fibre``, on the mean of these blocks; ``download`` and ``upload``, the fastest advertised, on the
        mean of these blocks. Blocks without any offer are not in such files: they are not counted, and the means are
        those of served blocks. ``attrs["ledger"]`` accounts for every row.

    Raises
    ------
    MissingFileError, DamagedFileError
        When the file cannot be read.
    InputError
        When a column is absent, a speed is no number or negative, or codes differ in length, as they do when leading
        zeros were lost.

    Notes
    -----
    A provider that serves one home counts the whole block as served: such tables overstate what there is
    (:func:`spatialjustice.digital.served_not_connected` sets them beside use).

    References
    ----------
    Federal Communications Commission (2020). FCC Form 477 local telephone competition and broadband reporting
    instructions.
    """
    name = "availability"
    names = dict(OFFERS if columns is None else columns)
    lacking = [role for role in ("area", "provider", "download", "upload") if role not in names]
    if lacking:
        raise InputError(name, f"nothing is said of {', '.join(lacking)}", "Name the columns of all four.")
    frame = read_text_table(path, name=name, columns=[] if columns is None else list(names.values()))
    names = {role: column for role, column in names.items() if column in frame.columns}
    absent = [OFFERS[role] for role in ("area", "provider", "download", "upload") if role not in names]
    if absent:
        raise InputError(name, f"there is no column {', '.join(absent)}", f"It has: {', '.join(frame.columns)}.")
    offers = _offers(frame, names, area_digits, name)
    kept = offers["residential"] & (satellite | (offers["technology"] != SATELLITE))
    result = _by_area(offers[kept], speeds)
    ledger = Ledger()
    elsewhere = {"not for homes": int((~offers["residential"]).sum()), "satellite": 0}
    elsewhere["satellite"] = int((~kept).sum()) - elsewhere["not for homes"]
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
    return add_findings(result, Finding("availability_as_reported", "information", message, count=len(result)))


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
    offers["residential"] = True
    if "residential" in names:
        offers["residential"] = frame[names["residential"]].str.strip().str.casefold().isin({"1", "true", "t", "yes"})
    return offers


def _by_area(offers: pd.DataFrame, speeds: Sequence[tuple[float, float]]) -> pd.DataFrame:
    flags = {"providers": pd.Series(data=True, index=offers.index)}
    for down, up in speeds:
        flags[f"providers_{down:g}_{up:g}"] = (offers["download"] >= down) & (offers["upload"] >= up)
    flags["providers_fibre"] = offers["technology"] == FIBRE
    by_block = offers.groupby(["area", "block"], sort=True)
    blocks = by_block[["download", "upload"]].max()
    for label, chosen in flags.items():
        counts = offers[chosen].groupby(["area", "block"])["provider"].nunique()
        blocks[label] = counts.reindex(blocks.index, fill_value=0)
    by_area = blocks.groupby(level="area")
    means = by_area.mean()
    return pd.DataFrame(
        {
            "blocks": by_area.size(),
            **{label: means[label] for label in ("providers",)},
            "providers_somewhere": offers.groupby("area")["provider"].nunique(),
            **{label: means[label] for label in flags if label != "providers"},
            "download": means["download"],
            "upload": means["upload"],
        }
    )


def tile_polygon(quadkey: str) -> shapely.Polygon:
    """Draw the tile of the web map's tile system that a quadkey names, in degrees.

    Every digit halves the tile before it: 0 is its north-west, 1 north-east, 2 south-west, 3 south-east quarter. The
    edges are exact: those of neighbouring tiles are the same numbers.

    Parameters
    ----------
    quadkey
        1 to 23 digits from 0 to 3.

    Raises
    ------
    InputError
        When it is not such a text.

    References
    ----------
    Schwartz, J. Bing Maps Tile System. Microsoft.

    Examples
    --------
    >>> [round(bound, 9) for bound in tile_polygon("0").bounds]
    [-180.0, 0.0, 0.0, 85.05112878]
    """
    x, y, level = _tile(quadkey)
    size = 2**level
    west, east = (360.0 * column / size - 180.0 for column in (x, x + 1))
    south, north = (_latitude(row, size) for row in (y + 1, y))
    return shapely.box(west, south, east, north)


def _tile(quadkey: Any) -> tuple[int, int, int]:
    """Return column, row and level of a tile."""
    if not isinstance(quadkey, str) or not 1 <= len(quadkey) <= LONGEST or set(quadkey) - set("0123"):
        raise InputError(
            "quadkey",
            f"“{quadkey}” is none",
            f"It is text of 1 to {LONGEST} digits from 0 to 3. Numbers lose their leading zeros: read it as text.",
        )
    bits = [int(digit) for digit in quadkey]
    level = len(bits)
    x = sum((bit & 1) << (level - place) for place, bit in enumerate(bits, start=1))
    y = sum((bit >> 1) << (level - place) for place, bit in enumerate(bits, start=1))
    return x, y, level


def _latitude(row: int, size: int) -> float:
    if row in {0, size}:
        return HIGHEST_LATITUDE if row == 0 else -HIGHEST_LATITUDE
    return float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * row / size)))))


def speed_tiles(path: str | Path, *, within: gpd.GeoDataFrame | None = None, few: int = 5) -> gpd.GeoDataFrame:
    """Read measured speeds by tile, as Ookla publishes them.

    Parameters
    ----------
    path
        A text table, a Parquet table (of the whole world, too: with a place only its part is read) or a file with
        shapes: ``quadkey``, ``avg_d_kbps``, ``avg_u_kbps``, ``avg_lat_ms`` (may be absent), ``tests``, ``devices``.
        Tiles are drawn from their quadkeys, which are exact; shapes are compared with them.
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
    path = Path(path)
    drawn = path.suffix.lower() in DRAWN or path.suffix.lower() == ".zip"
    if path.suffix.lower() in PARQUET:
        frame = _parquet_tiles(path, within, name)
    else:
        frame = read_vector(path, name=name) if drawn else read_text_table(path, name=name)
    needed = ["quadkey", "avg_d_kbps", "avg_u_kbps", "tests", "devices"]
    absent = [column for column in needed if column not in frame.columns]
    if absent:
        raise InputError(name, f"there is no column {', '.join(absent)}", f"It has: {', '.join(frame.columns)}.")
    keys = pd.Index(frame["quadkey"].astype(str), name="quadkey")
    shapes = gpd.GeoSeries([tile_polygon(key) for key in keys], index=keys, crs=4326)
    if len({len(key) for key in keys}) > 1:
        raise InputError(name, "tiles are of several sizes", "Leading zeros of quadkeys were lost: keep them as text.")
    found = {new: _measured(frame, old, name) / (1000 if "kbps" in old else 1)
             for old, new in TILES.items() if old in frame.columns}  # fmt: skip
    counts = {column: _measured(frame, column, name) for column in ("tests", "devices")}
    result = gpd.GeoDataFrame({**found, **counts}, index=keys, geometry=shapes, crs=4326)
    require_ids(result, name)
    if drawn:
        _require_same(frame, shapes, name)
    result.insert(len(result.columns) - 1, "sparse", result["tests"] < few)
    if within is not None:
        meets = np.asarray(result.geometry.intersects(within.to_crs(4326).union_all()))
        if not meets.any():
            raise WrongPlaceError(name, "no tile meets the place", "Check that the file is of this place.")
        left, result = int((~meets).sum()), result[meets].copy()
    result.attrs = {"sources": list(frame.attrs["sources"]), "findings": list(frame.attrs.get("findings", []))}
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


def _parquet_tiles(path: Path, within: gpd.GeoDataFrame | None, name: str) -> pd.DataFrame:
    """Read the columns that matter, and of these the rows in the smallest tile around the place."""
    record = record_of(path, name)
    try:
        import pyarrow.parquet as pq
    except ImportError as error:
        advice = 'Install it with: pip install "spatialjustice[parquet]"'
        raise InputError(name, "reading Parquet needs the package pyarrow", advice) from error
    prefix = "" if within is None else _around(within)
    rows = [("quadkey", ">=", prefix), ("quadkey", "<", prefix + "4")] if prefix else None
    with whole(path, name):
        there = pq.read_schema(path).names
        wanted = [column for column in ("quadkey", *TILES, "tests", "devices") if column in there]
        frame: pd.DataFrame = pq.read_table(path, columns=wanted, filters=rows).to_pandas()
    if not len(frame):
        raise WrongPlaceError(name, "no tile meets the place", "Check that the file is of this place.")
    frame.attrs = {}
    return add_sources(frame, record)


def _around(place: gpd.GeoDataFrame) -> str:
    """Return the quadkey of the smallest tile that holds a place; empty where only the whole world does."""
    west, south, east, north = place.to_crs(4326).total_bounds
    size = 2**LONGEST
    ends = []
    for longitude, latitude in ((west, north), (east, south)):
        rising = np.arcsinh(np.tan(np.radians(np.clip(latitude, -HIGHEST_LATITUDE, HIGHEST_LATITUDE)))) / np.pi
        x, y = (int(np.clip(part * size, 0, size - 1)) for part in ((longitude + 180) / 360, (1 - rising) / 2))
        ends.append("".join(str((x >> bit & 1) + 2 * (y >> bit & 1)) for bit in reversed(range(LONGEST))))
    same = [one == other for one, other in zip(*ends, strict=True)]
    return ends[0][: [*same, False].index(False)]


def _measured(frame: pd.DataFrame, column: str, name: str) -> np.ndarray[Any, Any]:
    values = numbers_in(frame[column], f"{name}, column {column}", may_be_missing=False)
    if (values < 0).any():
        rows = frame.index[values < 0]
        raise InputError(name, f"{len(rows):,} numbers in {column} are negative", "Correct them.", rows=rows)
    return values.to_numpy()


def _require_same(frame: pd.DataFrame, shapes: gpd.GeoSeries, name: str) -> None:
    """Refuse shapes that are not those of their quadkeys."""
    given = shapely.bounds(gpd.GeoSeries(frame["geometry"], crs=frame.crs).to_crs(4326).array)
    off = (np.abs(given - shapely.bounds(shapes.array)) > NEAR).any(axis=1)
    if off.any():
        raise WrongPlaceError(
            name,
            f"{int(off.sum()):,} shapes are not the tiles that their quadkeys name",
            "Rows were mixed up, or quadkeys lost digits. Get the file again.",
            rows=shapes.index[off],
        )
