"""Buildings, and the people who may live in them: an estimate for places without a census table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely

from spatialjustice._core.errors import InputError, PopulationError
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.frames import metric_crs, require_crs, require_ids
from spatialjustice._core.provenance import add_sources, sources_of
from spatialjustice.sources.osm.extract import open_osm, reading_osm
from spatialjustice.sources.osm.places import life_cycle

if TYPE_CHECKING:
    from pathlib import Path

# Values of building=* in which people live: the wiki's heading "Accommodation", without hotels.
RESIDENTIAL = {
    "apartments", "bungalow", "cabin", "detached", "dormitory", "farm", "ger", "house", "houseboat", "residential",
    "semidetached_house", "semi", "static_caravan", "terrace", "barracks",
}  # fmt: skip
# building=yes says nothing; these tags on it say that it is something else than a home.
OTHER_USE = (
    "amenity",
    "shop",
    "office",
    "tourism",
    "leisure",
    "craft",
    "healthcare",
    "religion",
    "man_made",
    "railway",
)
# What fills a building that is not a home, mapped as a point inside it.
BUSINESS_KEYS = ("shop", "office", "craft", "healthcare")
BUSINESSES = {
    "amenity": {
        "arts_centre", "bank", "bar", "bureau_de_change", "cafe", "cinema", "clinic", "college", "conference_centre",
        "courthouse", "dentist", "doctors", "embassy", "events_venue", "fast_food", "gym", "kindergarten",
        "language_school", "library", "nightclub", "pharmacy", "place_of_worship", "police", "post_office", "pub",
        "restaurant", "school",
        "social_centre", "theatre", "townhall", "university",
    },
    "tourism": {"gallery", "guest_house", "hostel", "hotel", "museum"},
}  # fmt: skip
MOST_BUSINESSES = 1
HIGHEST = 200.0
_LEVELS = re.compile(r"^\d+(?:[.,]\d+)?$")


def buildings(path: str | Path, *, within: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Read the buildings of a place, with how many levels they have and whether people may live in them.

    Parameters
    ----------
    path
        A file ending in .osm.pbf, .osm, .osm.gz or .osm.bz2.
    within
        The place; buildings that touch it are taken whole.

    Returns
    -------
    GeoDataFrame
        Index ``building_id`` (w or r and the OpenStreetMap id); ``building`` (the tag's value), ``levels`` (NaN where
        not mapped), ``residential`` (``yes`` by its tag; ``possible`` for ``building=yes`` without a name, another use
        or more than one shop, office, restaurant and the like inside; ``no``, also for what is abandoned, in ruins,
        planned or being built by its tags),
        ``footprint_area`` in m², ``floor_area`` in m² (outline times levels; the place's median levels where they are
        not mapped), ``geometry`` in the place's metric CRS.

    Raises
    ------
    MissingFileError, DamagedFileError
        When the file cannot be read.
    PopulationError
        When no building is mapped in the place.

    Notes
    -----
    Parts of buildings (``building:part``) are left to their outlines. Levels below ground and roofs do not count.
    """
    osm = open_osm(path, "buildings")
    require_crs(within, "within")
    factory = osmium.geom.WKBFactory()
    day = life_cycle.day_of(osm.record.data_date)
    rows: list[dict[str, Any]] = []
    shapes: list[Any] = []
    businesses: list[Any] = []
    unreadable = 0
    with reading_osm(osm.path, "buildings"):
        processor = osm.shapes()
        processor = processor.with_areas(osmium.filter.KeyFilter("building"))
        processor = processor.with_filter(osmium.filter.KeyFilter("building", *BUSINESS_KEYS, *BUSINESSES))
        processor = processor.with_filter(osmium.filter.EntityFilter(osmium.osm.AREA | osmium.osm.NODE))
        item: Any
        for item in processor:
            tags = dict(item.tags)
            if item.type_str() == "n":
                if _is_business(tags) and life_cycle.not_serving(tags, day) is None:
                    businesses.append(shapely.Point(item.lon, item.lat))
                continue
            if "building" not in tags or tags["building"] in {"no", "roof", "carport"}:
                continue
            given = tags.get("building:levels", "")
            levels = _levels(given)
            unreadable += bool(given) and levels is None
            shapes.append(shapely.from_wkb(factory.create_multipolygon(item)))
            rows.append(
                {
                    "building_id": f"{'w' if item.from_way() else 'r'}{item.orig_id()}",
                    "building": tags["building"],
                    "levels": np.nan if levels is None else levels,
                    # Nobody lives in what is abandoned, in ruins, planned or being built.
                    "residential": "no" if life_cycle.not_serving(tags, day) else _residential(tags),
                }
            )
    columns = ["building_id", "building", "levels", "residential"]
    crs = metric_crs(within)
    found = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry=gpd.GeoSeries(shapes, crs=4326), crs=4326)
    found = found.set_index("building_id").to_crs(crs)
    found = found[found.geometry.intersects(within.to_crs(crs).union_all())]
    points = np.asarray(gpd.GeoSeries(businesses, crs=4326).to_crs(crs).array)
    inside = shapely.STRtree(points).query(np.asarray(found.geometry.array), predicate="contains")[0]
    busy = np.bincount(inside, minlength=len(found)) > MOST_BUSINESSES
    found.loc[busy & (found["residential"] == "possible"), "residential"] = "no"
    if not len(found):
        raise PopulationError(
            "buildings",
            f"{osm.path.name} has no building in the place",
            "People cannot be estimated from floor area here: use a population raster or a column instead.",
        )
    found["footprint_area"] = found.geometry.area
    known = found["levels"].notna()
    homes = found["residential"] != "no"
    median = float(found.loc[known & homes, "levels"].median()) if (known & homes).any() else 1.0
    found["floor_area"] = found["footprint_area"] * found["levels"].fillna(median)
    found = found[["building", "levels", "residential", "footprint_area", "floor_area", "geometry"]]
    found.attrs = {}
    add_sources(found, osm.record)
    return add_findings(found, *osm.findings, *_remarks(known & homes, homes, median, unreadable))


def _levels(text: str) -> float | None:
    """Read a number of levels strictly, in Latin, Persian or Arabic digits; None for anything else."""
    text = text.strip()
    # int() knows every decimal digit of Unicode; the pattern decides what a number may look like.
    plain = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text).replace("٫", ".")
    if not _LEVELS.match(plain):
        return None
    levels = float(plain.replace(",", "."))
    return levels if 0 < levels <= HIGHEST else None


def _residential(tags: dict[str, str]) -> str:
    if tags["building"] in RESIDENTIAL:
        return "yes"
    if tags["building"] == "yes" and not any(key in tags for key in ("name", *OTHER_USE)):
        return "possible"
    return "no"


def _is_business(tags: dict[str, str]) -> bool:
    return any(key in tags for key in BUSINESS_KEYS) or any(tags.get(key) in kinds for key, kinds in BUSINESSES.items())


def _remarks(known: pd.Series[bool], homes: pd.Series[bool], median: float, unreadable: int) -> list[Finding]:
    remarks = []
    if unknown := int(homes.sum() - known.sum()):
        remarks.append(
            Finding(
                "levels_assumed",
                "information",
                f"{unknown:,} of {int(homes.sum()):,} buildings that may be homes have no mapped number of levels; the "
                f"median of the others, {median:g}, is taken.",
                values={"count": unknown, "all": int(homes.sum()), "median": float(median)},
                count=unknown,
            )
        )
    if unreadable:
        remarks.append(
            Finding(
                "levels_unreadable", "information", f"{unreadable:,} numbers of levels are not numbers.", unreadable
            )
        )
    return remarks


def estimated_population(
    homes: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    *,
    people: float | None = None,
    floor_area_per_person: float | None = None,
) -> pd.Series[float]:
    """Estimate how many people live in each zone, from residential floor area.

    Parameters
    ----------
    homes
        From :func:`buildings`. Those with ``residential`` ``yes`` or ``possible`` take part.
    zones
        Polygons with unique ids. A building on a border is divided by the area of its outline.
    people
        Number of people in all buildings together; spread by floor area. Or:
    floor_area_per_person
        Square metres a person has.

    Returns
    -------
    Series
        People by zone, named ``people``; **an estimate**, as ``attrs["note"]`` says. ``attrs["people_before"]`` and
        ``attrs["people_outside_zones"]`` tell how many there are in all, and how many of them outside the zones.

    Raises
    ------
    InputError
        When not exactly one of ``people`` and ``floor_area_per_person`` is given.
    PopulationError
        When no building may be a home.

    Examples
    --------
    >>> from shapely import box
    >>> shapes = [box(0, 0, 20, 10)]
    >>> homes = gpd.GeoDataFrame({"residential": ["yes"], "floor_area": [400.0]}, geometry=shapes, crs=32635)
    >>> zones = gpd.GeoDataFrame(geometry=[box(0, 0, 15, 10)], index=["a"], crs=32635)
    >>> estimated_population(homes, zones, floor_area_per_person=40).round(6).to_dict()
    {'a': 7.5}
    """
    if (people is None) == (floor_area_per_person is None):
        raise InputError("people", "give either people or floor_area_per_person", "One of the two decides the total.")
    amount = people if people is not None else floor_area_per_person
    if amount is None or not 0 < amount < np.inf:
        raise InputError("people", f"the number is {amount}", "Give a number above 0.")
    require_ids(zones, "zones")
    require_crs(zones, "zones")
    lived_in = homes[homes["residential"].isin(["yes", "possible"])].to_crs(zones.crs)
    floor = lived_in["floor_area"].to_numpy(dtype=float)
    if not floor.sum() > 0:
        raise PopulationError("buildings", "none of them may be a home", "Use a population raster or a column instead.")
    each = floor * people / floor.sum() if people is not None else floor / amount
    shapes, areas = np.asarray(lived_in.geometry.array), np.asarray(zones.geometry.array)
    zone, building = shapely.STRtree(shapes).query(areas, predicate="intersects")
    share = shapely.area(shapely.intersection(areas[zone], shapes[building])) / shapely.area(shapes)[building]
    counted = np.bincount(zone, weights=each[building] * share, minlength=len(zones))
    result = pd.Series(counted, index=zones.index, name="people")
    total = float(each.sum())
    # What lies in no zone, from the shapes themselves, so that the ledger's check is a check.
    left = shapely.difference(shapes, shapely.union_all(areas))
    outside = float((each * shapely.area(left) / shapely.area(shapes)).sum())
    result.attrs = {
        "measure": "people",
        "unit": "people",
        "direction": "none",
        "note": "estimated from residential floor area",
        "people_before": total,
        "people_outside_zones": outside,
    }
    add_sources(result, *sources_of(homes))
    possible = lived_in["residential"] == "possible"
    remarks = [
        Finding(
            "people_estimated",
            "warning",
            f"The {total - outside:,.0f} people are estimated from the floor area of {len(lived_in):,} buildings, "
            f"of which {int(possible.sum()):,} are only possibly homes.",
            values={"people": round(total - outside), "count": len(lived_in), "possible": int(possible.sum())},
            count=len(lived_in),
            people=total - outside,
            advice="Use a census table or a population raster where there is one.",
        )
    ]
    if outside > 0.5:
        remarks.append(
            Finding(
                "people_outside_zones",
                "information",
                f"{outside:,.0f} more live in buildings, or parts of buildings, outside the zones.",
                values={"people": round(outside)},
                people=outside,
            )
        )
    return add_findings(result, *findings_of(homes), *remarks)
