"""Make the data files that travel with the package: cut-outs of larger files, and copies of small ones.

    python tools/make_lesson_data.py FOLDER

``FOLDER`` holds the files of ``spatialjustice/sources/registry.yml`` by their names. What is written stands in
``spatialjustice/datasets/shipped``; the name of a cut-out ends with ``_cut``. Size and sha256 of each are told, for
the registry.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import geopandas
import osmium
import shapely

SHIPPED = Path(__file__).resolve().parents[1] / "spatialjustice" / "datasets" / "shipped"
# Whole files, byte by byte.
COPIED = (
    "belo_horizonte/bho_hex_landuse.gpkg",
    "belo_horizonte/bho_travel_matrix.parquet",
    "chicago/chicago_tracts_acs2019_fcc.gpkg",
    "helsinki/Helsinki.osm.pbf",
    "las_palmas/ghs_pop_2015_100m.tif",
    "new_york/new-york-city_tracts_acs2019_fcc.gpkg",
    "us_counties/broadband_data_2019November.csv",
    "us_counties/broadband_data_2020October.csv",
    "us_counties/cb_2018_us_county_20m.geojson",
)
# Las Palmas between the beaches of Las Canteras and Las Alcaravaneras: west, south, east, north in degrees. Streets
# reach half a kilometre farther than the place, so that nobody's nearest place is cut off.
QUARTER = (-15.4420, 28.1230, -15.4190, 28.1460)
AROUND = (-15.4475, 28.1180, -15.4135, 28.1510)
STREETS = frozenset({"barrier", "entrance", "highway", "kerb", "public_transport", "railway"})
PLACES = frozenset({"amenity", "healthcare", "leisure", "office", "shop", "tourism"})
GROUND = frozenset({"historic", "landuse", "natural", "place", "waterway"})
LARGE_AREA = 3_000


def is_kept(tags):
    """Streets, places and what the ground is; no houses, addresses and single trees."""
    keys = {tag.k for tag in tags}
    if tags.get("natural") in {"tree", "coastline"} or ("building" in keys and not keys & PLACES):
        return False
    return bool(keys & (STREETS | PLACES | GROUND))


def in_the_box(file):
    """Return the nodes of the box, and those of them that are kept for their own tags."""
    west, south, east, north = AROUND
    inside, tagged = set(), set()
    for node in osmium.FileProcessor(str(file), osmium.osm.NODE):
        if west <= node.location.lon <= east and south <= node.location.lat <= north:
            inside.add(node.id)
            if len(node.tags) and is_kept(node.tags):
                tagged.add(node.id)
    return inside, tagged


def cut_streets(file, out):
    """Keep ways that touch the box whole, areas of several ways, and bans of turns among them."""
    inside, nodes = in_the_box(file)
    ways, shapes, bans, areas = set(), {}, [], []
    for item in osmium.FileProcessor(str(file), osmium.osm.WAY | osmium.osm.RELATION):
        if item.is_way():
            shapes[item.id] = [node.ref for node in item.nodes]
            if is_kept(item.tags) and not inside.isdisjoint(shapes[item.id]):
                ways.add(item.id)
        elif item.tags.get("type") == "multipolygon" and is_kept(item.tags):
            areas.append((item.id, [member.ref for member in item.members if member.type == "w"]))
        elif item.tags.get("type") == "restriction":
            bans.append((item.id, [(member.type, member.ref) for member in item.members]))
    relations = set()
    for area, members in areas:
        size = sum(len(shapes.get(member, ())) for member in members)
        touches = any(not inside.isdisjoint(shapes.get(member, ())) for member in members)
        if touches and size < LARGE_AREA and all(member in shapes for member in members):
            relations.add(area)
            ways.update(members)
    for way in ways:
        nodes.update(shapes[way])
    for ban, members in bans:
        if all(ref in (ways if kind == "w" else nodes) for kind, ref in members):
            relations.add(ban)
    header = osmium.io.Header()
    header.set("generator", "spatialjustice make_lesson_data")
    with osmium.io.Reader(str(file)) as reader:
        date = reader.header().get("osmosis_replication_timestamp") or reader.header().get("timestamp")
    header.set("osmosis_replication_timestamp", date)
    out.unlink(missing_ok=True)
    target = osmium.io.File(str(out), "pbf,add_metadata=false,pbf_compression=zlib")
    with osmium.SimpleWriter(target, header=header) as writer:
        for item in osmium.FileProcessor(str(file)):
            wanted = nodes if item.is_node() else ways if item.is_way() else relations
            if item.id in wanted:
                writer.add(item)


def cut_boundary(file, out):
    """Keep the land of the municipality inside the quarter, with seven decimals of a degree."""
    place = geopandas.read_file(file).to_crs(4326)
    inside = shapely.set_precision(place.union_all().intersection(shapely.box(*QUARTER)), 1e-7)
    facts = {"name": "Las Palmas de Gran Canaria, from Las Canteras to Las Alcaravaneras (cut-out)"}
    feature = {"type": "Feature", "properties": facts, "geometry": json.loads(shapely.to_geojson(inside))}
    told = {"type": "FeatureCollection", "features": [feature]}
    out.write_text(json.dumps(told, ensure_ascii=False) + "\n", encoding="utf-8")


def main():
    folder = Path(sys.argv[1])
    for name in COPIED:
        (SHIPPED / name).parent.mkdir(parents=True, exist_ok=True)
        if (folder / name).exists():
            shutil.copyfile(folder / name, SHIPPED / name)
        elif not (SHIPPED / name).exists():
            sys.exit(f"{folder / name} is missing")
    city = SHIPPED / "las_palmas"
    cut_streets(folder / "las_palmas/las_palmas_20230221.osm.pbf", city / "quarter_20230221_cut.osm.pbf")
    cut_boundary(folder / "las_palmas/municipality.geojson", city / "quarter_boundary_cut.geojson")
    for path in sorted(path for path in SHIPPED.rglob("*") if path.is_file() and path.suffix != ".md"):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        sys.stdout.write(f"{path.relative_to(SHIPPED).as_posix()}\n  sha256: {digest}\n  size: {path.stat().st_size}\n")


if __name__ == "__main__":
    main()
