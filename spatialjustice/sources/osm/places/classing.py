"""Places whose name contradicts their tags, and a user's own table that corrects the service they are counted as."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.sources.known_files import record_of
from spatialjustice.sources.osm.places.services_catalogue import Catalogue, Service, read_catalogue
from spatialjustice.sources.places.vector import folded
from spatialjustice.sources.tables._text_tables import read_text_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from spatialjustice._core.provenance import SourceRecord

NAMES = ("name", "name:en", "name:fa", "official_name", "alt_name")
SHOWN = 10
ID = re.compile(r"(?:.*/)?(n|w|r|node|way|relation)/?(-?\d+)", re.ASCII)


@dataclass(frozen=True)
class Reclassing:
    """Which objects are no place of a service although tagged so, and which are one although not.

    Parameters
    ----------
    out, into
        Pairs of an object's id (``n1``, ``w1``, ``r1``) and a service.
    record
        Where that stands; None for no table.
    """

    out: frozenset[tuple[str, str]] = frozenset()
    into: frozenset[tuple[str, str]] = frozenset()
    record: SourceRecord | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all objects in the table."""
        return frozenset(place for place, _ in self.out | self.into)

    def fits(self, place: str, tags: Mapping[str, str], service: Service) -> bool:
        """Whether a place offers a service, by the table where it speaks of it, else by the tags."""
        if service.members:
            return any(self.fits(place, tags, member) for member in service.members)
        if (place, service.name) in self.out:
            return False
        return (place, service.name) in self.into or service.fits(tags)


def reclassing(path: str | Path | None, known: Catalogue) -> Reclassing:
    """Read a table that sets classes right.

    Parameters
    ----------
    path
        A text table with the columns ``id`` (``n123``, ``way/45`` or ``hospital/r6``), ``from`` (the service that a
        place is not; empty for none) and ``to`` (the service that it is; empty for none); others are the user's own,
        for example the reason. None for no table.
    known
        The catalogue that says which services there are.

    Raises
    ------
    MissingFileError, DamagedFileError
        When the file cannot be read.
    InputError
        When a column is missing, an id is none of OpenStreetMap, or a service is not in the catalogue.
    """
    if path is None:
        return Reclassing()
    name = "reclass"
    rows = read_text_table(path, name=name, columns=("id", "from", "to"))
    ids = [ID.fullmatch(str(cell).strip()) for cell in rows["id"]]
    wrong = rows.index[[found is None for found in ids]]
    if len(wrong):
        raise InputError(
            name,
            f"{len(wrong):,} ids are none of OpenStreetMap ({rows.loc[wrong[0], 'id']!r} for one)",
            "Write n, w or r (node, way, relation) and the number: n123.",
            rows=wrong,
        )
    places = [f"{found.group(1)[0]}{found.group(2)}" for found in ids if found]
    pairs: dict[str, frozenset[tuple[str, str]]] = {}
    for column in ("from", "to"):
        cells = ["" if pd.isna(cell) else str(cell).strip() for cell in rows[column]]
        for cell in set(cells) - {""}:
            if known.service(cell).members:
                raise InputError(name, f"“{cell}” is a group of services", "Name one of its services.")
        pairs[column] = frozenset((place, cell) for place, cell in zip(places, cells, strict=True) if cell)
    return Reclassing(pairs["from"], pairs["to"], record_of(path, "table of classes"))


def reclassed(table: Reclassing, seen: Mapping[str, Mapping[str, str]], sought: list[Service]) -> list[Finding]:
    """Say how many places have another class than their tags say, and which of the table were not found."""
    if table.record is None:
        return []
    asked = {one.name for service in sought for one in (service.members or (service,))}
    concerned = {place for place, service in table.out | table.into if service in asked}
    found = [
        Finding(
            "places_reclassed",
            "information",
            f"{len(concerned & set(seen)):,} places have the class of {table.record.file}, not that of their tags.",
            count=len(concerned & set(seen)),
        )
    ]
    if lost := sorted(concerned - set(seen)):
        found.append(
            Finding(
                "places_to_reclass_not_found",
                "warning",
                f"{len(lost):,} places of {table.record.file} are not in the data: {', '.join(lost[:SHOWN])}.",
                count=len(lost),
                advice="They may have been deleted, or the ids may be wrong.",
            )
        )
    return found


def class_contradictions(places: gpd.GeoDataFrame, *, catalogue: str | Path | None = None) -> pd.DataFrame:
    """List places whose name or further tags say that they are something else than what they are tagged as.

    Parameters
    ----------
    places
        From :func:`spatialjustice.sources.services`, with ``service`` and ``tags``.
    catalogue
        The user's own file that adds to the catalogue; its entries say under ``doubtful`` what contradicts them.

    Returns
    -------
    DataFrame
        On the places' index, only those in doubt: ``service``, ``name`` and ``because``, what contradicts it.

    Examples
    --------
    >>> import geopandas as gpd
    >>> names = ["Kawempe Health Centre", "City Hospital"]
    >>> columns = {"service": "hospital", "name": names, "tags": [{"amenity": "hospital", "name": n} for n in names]}
    >>> where = gpd.points_from_xy([0, 1], [0, 1])
    >>> places = gpd.GeoDataFrame(columns, geometry=where, crs=4326, index=["hospital/n1", "hospital/n2"])
    >>> class_contradictions(places)["because"].to_dict()
    {'hospital/n1': 'name: health centre'}
    """
    known = read_catalogue(catalogue)
    services = {name: known.service(name) for name in places["service"].unique() if name in known.names}
    rows = {}
    for place, service, tags in zip(places.index, places["service"], places["tags"], strict=True):
        if service not in services or not isinstance(tags, dict):
            continue
        # A group is in doubt where all of its services that fit are.
        members = [one for one in (services[service].members or (services[service],)) if one.fits(tags)]
        reasons = [contradiction(one, tags) for one in members]
        if reasons and all(reasons):
            rows[place] = {"service": service, "name": tags.get("name"), "because": reasons[0]}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["service", "name", "because"])


def contradiction(service: Service, tags: Mapping[str, str]) -> str | None:
    """Return what speaks against a place's class; None where nothing does."""
    for condition in service.doubt.tags:
        if service.holds(condition, tags):
            return ", ".join(f"{key}={tags[key]}" for key in condition)
    written = [f" {_plain_words(tags[key])} " for key in NAMES if tags.get(key)]
    if any(f" {_plain_words(one)} " in name for one in service.doubt.but for name in written):
        return None
    for one in service.doubt.names:
        if any(f" {_plain_words(one)} " in name for name in written):
            return f"name: {one}"
    return None


def doubts_of_classes(found: gpd.GeoDataFrame, catalogue: str | Path | None, table: Reclassing) -> list[Finding]:
    """Make the finding that lists places in doubt, without those that the user's table speaks of."""
    listed = class_contradictions(found, catalogue=catalogue)
    listed = listed[[str(place).partition("/")[2] not in table.ids for place in listed.index]]
    if not len(listed):
        return []
    shown = "; ".join(
        f"{place} “{row['name'] or ''}” ({row['because']})" for place, row in listed.head(SHOWN).iterrows()
    )
    rest = f"; and {len(listed) - SHOWN:,} more" if len(listed) > SHOWN else ""
    return [
        Finding(
            "class_contradicted",
            "warning",
            f"{len(listed):,} of {len(found):,} places are called, or tagged beside, something else than what they "
            f"count as: {shown}{rest}.",
            values={"count": len(listed), "all": len(found), "shown": f"{shown}{rest}"},
            count=len(listed),
            advice="class_contradictions lists all; set them right with a table (reclass), or ask for any_health_care.",
        )
    ]


def _plain_words(text: Any) -> str:
    """Return the words of a text in one spelling, without accents and plurals, apart by single spaces."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", str(text)) if not unicodedata.combining(letter))
    words = (str(folded(word)).casefold() for word in re.findall(r"\w+", plain))
    return " ".join(word.removesuffix("s") if len(word) > 3 and word.isascii() else word for word in words)
