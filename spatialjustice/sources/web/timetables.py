"""Timetables of public transport from the web: from their address, or found in the Mobility Database's list."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import DamagedFileError, InputError, listed
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.provenance import SourceRecord, add_sources
from spatialjustice.sources.places.vector import folded
from spatialjustice.sources.web import web
from spatialjustice.sources.web._question import Question
from spatialjustice.sources.web._validators import AGAIN, archive_names, server_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MOBILITY_DATABASE = "https://files.mobilitydatabase.org/feeds_v2.csv"
LISTED_AS = re.compile(r"[a-z]+-[A-Za-z0-9_-]+")
TABLES = ("agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt")
BOX = tuple(
    f"location.bounding_box.{end}"
    for end in ("minimum_longitude", "minimum_latitude", "maximum_longitude", "maximum_latitude")
)
COLUMNS = {
    "provider": "provider",
    "name": "name",
    "location.country_code": "country",
    "location.subdivision_name": "region",
    "location.municipality": "municipality",
    "status": "status",
    "features": "features",
    "urls.license": "licence",
    "redirect.id": "instead",
}
"""What the list calls the columns that are given on, and what they are called here."""


def gtfs(
    address: str,
    *,
    secret_params: Sequence[tuple[str, str]] = (),
    licence: str = "",
    attribution: str = "",
    deadline: float = 1800.0,
) -> Path:
    """Fetch a timetable of public transport (GTFS) from its address, or by its id in the Mobility Database.

    Parameters
    ----------
    address
        Address of the archive; or the id under which the Mobility Database lists it, such as ``"mdb-10"``, of which
        the copy that it keeps is taken, else the publisher's own: :func:`gtfs_feeds` tells the ids of a place.
        Parameters of an address that are keys by their name (``key``, ``api_key``, ``token`` and the like) are kept out
        of records and errors.
    secret_params
        More parameters that are secret.
    licence, attribution
        What its publisher says of it; where empty, what the Mobility Database says, else it is not stated.
    deadline
        Seconds that all attempts together may take.

    Returns
    -------
    Path
        The archive in the cache. Its data date is the first day of the feed, where it says it.

    Raises
    ------
    InputError
        When the Mobility Database lists no such feed or only where a key is needed, or the server cannot be reached,
        refuses, or is busy to the end.
    DamagedFileError
        When the archive is not whole or lacks one of the tables that every timetable has.
    """
    if LISTED_AS.fullmatch(address):
        feed = _listed_as(address, deadline=deadline)
        licence, attribution = licence or feed["licence"], attribution or feed["provider"]
        address = feed["address"]
    question = Question.of(address, name="timetable", secret_params=secret_params)

    def inspect(path: Path) -> Mapping[str, Any]:
        names = archive_names(path, question.public, name="timetable")
        lost = [each for each in TABLES if each not in names]
        if not {"calendar.txt", "calendar_dates.txt"} & set(names):
            lost.append("calendar.txt or calendar_dates.txt")
        if lost:
            raise DamagedFileError("timetable", f"{question.public} lacks {listed(lost)}", "Is it a GTFS archive?")
        begins = _first_day(path) if "feed_info.txt" in names else None
        known = {"data_date": begins, "data_date_from": "feed information"} if begins else {}
        return {"licence": licence or "not stated", "attribution": attribution, **known}

    file = PurePosixPath(question.address).name
    promise = web.Promise(file=file if file.lower().endswith(".zip") else "timetable.zip")
    return web.download(question, check=inspect, promise=promise, deadline=deadline)


def _first_day(path: Path) -> str | None:
    with zipfile.ZipFile(path) as archive, archive.open("feed_info.txt") as stream:
        rows = list(csv.DictReader(io.TextIOWrapper(stream, "utf-8-sig", "replace")))
    day = (rows[0].get("feed_start_date") or "").strip() if rows else ""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if re.fullmatch(r"\d{8}", day) else None


def gtfs_feeds(
    place: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    *,
    country: str | None = None,
    name: str | None = None,
    server: str | None = None,
    deadline: float = 120.0,
) -> gpd.GeoDataFrame:
    """Find timetables of public transport in the list of the Mobility Database.

    Parameters
    ----------
    place
        Only feeds whose box of stops meets the box of this place, in any CRS; those whose box nobody knows are told.
    country
        Only feeds of this country: two letters (ISO 3166-1), such as ``"BR"``.
    name
        Only feeds with this in the name of their provider, feed, region or municipality; letters are compared without
        regard to case and spaces.
    server
        Address of the list; None takes ``SPATIALJUSTICE_MOBILITY_DATABASE``, else the public one.
    deadline
        Seconds that all attempts together may take.

    Returns
    -------
    GeoDataFrame
        On the id of each feed, which :func:`gtfs` takes: ``provider``, ``name``, ``country``, ``region``,
        ``municipality``, ``status`` (``active``, ``inactive``, ``deprecated``, …), ``features`` (what it tells besides
        times, such as pathways), ``licence`` (usually an address), ``instead`` (the id that replaces it), ``address``,
        ``needs_key``, ``kept`` (whether the Mobility Database keeps a copy, whose ``address`` it then is) and the box
        of its stops in EPSG:4326, or none. Those in use come first, then those of the smallest box.

    Raises
    ------
    InputError
        When the country is no code, no feed is as asked for, or the server cannot be reached, refuses, or is busy.
    DamagedFileError
        When the answer is no list of feeds.

    References
    ----------
    MobilityData, The Mobility Database: mobilitydatabase.org.
    """
    if country is not None and not re.fullmatch(r"[A-Z]{2}", country):
        raise InputError("country", f"{country} is no code of a country", 'Write two letters: "BR" for Brazil.')
    feeds = _all_feeds(server, deadline)
    if country is not None:
        feeds = feeds[feeds["country"] == country]
    if name is not None:
        wanted = _plain(name)
        texts = [feeds[column].map(_plain) for column in ("provider", "name", "region", "municipality")]
        feeds = feeds[[any(wanted in text for text in row) for row in zip(*texts, strict=True)]]
    without = 0
    if place is not None:
        without = int(feeds.geometry.isna().sum())
        here = shapely.box(*place.to_crs(4326).total_bounds)
        feeds = feeds[feeds.geometry.notna() & feeds.geometry.intersects(here)]
    if feeds.empty:
        found = "the Mobility Database lists no timetable of that place, country or name"
        advice = "Ask with fewer conditions, or give the address of the feed to sources.gtfs."
        raise InputError("feeds", f"{found} ({without:,} feeds without a known place were not looked at)", advice)
    # In square degrees, for their order alone.
    size = shapely.area(feeds.geometry.to_numpy())
    order = np.lexsort((feeds.index.to_numpy(dtype=str), np.nan_to_num(size, nan=np.inf), feeds["status"] != "active"))
    feeds = feeds.iloc[order]
    if without:
        message = f"{without:,} feeds whose place is not in the list were left out; ask for them by country or name."
        add_findings(feeds, Finding("feeds_without_place", "information", message, count=without))
    return feeds


def _plain(text: str) -> str:
    return str(folded(text)).casefold()


def _listed_as(feed: str, *, deadline: float) -> dict[str, Any]:
    """Return what the list says of a feed."""
    feeds = _all_feeds(None, deadline)
    if feed not in feeds.index:
        found = f"the Mobility Database lists no timetable as {feed}"
        raise InputError("address", found, "Look for it with sources.gtfs_feeds, or give its address.")
    row: dict[str, Any] = feeds.loc[feed].to_dict()
    if row["instead"]:
        found = f"{feed} ({row['provider']}) was replaced by {row['instead']}"
        raise InputError("address", found, f'Ask for "{row["instead"]}", or give the address of the old one.')
    if not row["address"] or (row["needs_key"] and not row["kept"]):
        found = f"the Mobility Database keeps no copy of {feed} ({row['provider']}), and its publisher asks for a key"
        raise InputError("address", found, "Give its address, and the key in secret_params.")
    return row


def _all_feeds(server: str | None, deadline: float) -> gpd.GeoDataFrame:
    address = server_of(server, "MOBILITY_DATABASE", MOBILITY_DATABASE)
    facts = {"licence": "CC0 1.0", "attribution": "The Mobility Database, MobilityData"}

    def check(answer: web.Answer) -> Mapping[str, Any]:
        _rows(answer)
        return facts

    answer = web.get(address, name="feeds", deadline=deadline, check=check)
    rows = _rows(answer)
    record = SourceRecord("feeds", PurePosixPath(address).name, answer.sha256, answer.size, **facts, address=address)
    return add_sources(_layer(rows), record)


def _rows(answer: web.Answer) -> pd.DataFrame:
    """Return the timetables in the list; a page about an error is no list."""
    try:
        frame = pd.read_csv(io.BytesIO(answer.data), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (ValueError, pd.errors.ParserError) as error:
        raise DamagedFileError("feeds", f"the answer of {answer.address} is no table ({error})", AGAIN) from None
    needed = ["id", "data_type", "urls.direct_download", "urls.latest", "urls.authentication_type", *COLUMNS, *BOX]
    lost = [column for column in needed if column not in frame]
    if lost:
        found = f"the answer of {answer.address} has no column {listed(lost)}"
        raise DamagedFileError("feeds", found, "The list has changed: give the address of a feed to sources.gtfs.")
    frame = frame[frame["data_type"] == "gtfs"]
    if frame.empty or frame["id"].duplicated().any():
        raise DamagedFileError("feeds", f"the answer of {answer.address} is no list of timetables by their ids", AGAIN)
    return frame.set_index("id")


def _layer(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    made = rows[list(COLUMNS)].set_axis([*COLUMNS.values()], axis="columns")
    made["kept"] = rows["urls.latest"] != ""
    made["address"] = rows["urls.latest"].where(made["kept"], rows["urls.direct_download"])
    made["needs_key"] = ~rows["urls.authentication_type"].isin(["", "0", "none"])
    ends = rows[list(BOX)].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    known = np.isfinite(ends).all(axis=1)
    boxes = np.full(len(rows), None, dtype=object)
    boxes[known] = shapely.box(*ends[known].T)
    return gpd.GeoDataFrame(made, geometry=boxes, crs=4326)
