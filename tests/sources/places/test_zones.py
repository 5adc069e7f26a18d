"""Zones divide the place: nothing of it is lost, nothing doubled, and every zone has an id of its own."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Polygon, box

from spatialjustice._core.errors import DuplicateIdError, GeometryError, InputError, WrongPlaceError
from spatialjustice._core.findings import findings
from spatialjustice.sources.places.boundary import boundary
from spatialjustice.sources.places.zones import grid, hexagons, zones
from spatialjustice.sources.places.zones_of_cells import zones_from_table

TEHRAN = gpd.GeoDataFrame(geometry=[box(51.40, 35.70, 51.43, 35.72)], crs=4326)


def square(west, south, east, north):
    return gpd.GeoDataFrame(geometry=[box(west, south, east, north)], crs=32639)


def codes(frame):
    return [each["code"] for each in frame.attrs.get("findings", [])]


@pytest.mark.parametrize("resolution", [0, 2, 5, 7, 8, 9, 10])
def test_hexagons_fill_the_place_without_overlap(resolution):
    cells = hexagons(TEHRAN, resolution=resolution)
    place = TEHRAN.to_crs(cells.crs).area.sum()
    assert cells["area"].sum() == pytest.approx(place, rel=1e-9)
    assert shapely.union_all(cells.geometry.array).area == pytest.approx(place, rel=1e-9)
    assert cells["area"].tolist() == cells.area.tolist()
    assert cells["share_inside"].between(0, 1).all()
    assert (cells["share_inside"] > 0).all()
    assert cells.crs.to_epsg() == 32639
    assert cells.index.name == "zone_id"
    assert cells.index.is_monotonic_increasing


def test_hexagons_are_the_cells_h3_finds_to_overlap():
    """H3's own search for overlapping cells, which is still marked experimental, as the other opinion."""
    cells = hexagons(TEHRAN, resolution=10)
    found = h3.h3shape_to_cells_experimental(h3.geo_to_h3shape(TEHRAN.geometry.iloc[0]), 10, contain="overlap")
    assert set(cells.index) == set(found)


def test_whole_hexagons_keep_the_shape_h3_draws():
    cells = hexagons(TEHRAN, resolution=9, clip=False)
    cut = hexagons(TEHRAN, resolution=9)
    assert cells.index.equals(cut.index)
    assert np.allclose(cells["share_inside"], cut["share_inside"])
    assert np.allclose(cut["area"], cells["area"] * cells["share_inside"])
    # Corners are rounded to a micrometre, of edges of 200 m: that is a part in a hundred million.
    for cell, shape in cells.to_crs(4326).geometry.head(5).items():
        drawn = Polygon([(x, y) for y, x in h3.cell_to_boundary(cell)])
        assert shape.symmetric_difference(drawn).area < 1e-8 * drawn.area
    # H3 measures on the sphere; metres of a UTM zone differ by less than a hundredth.
    assert cells["area"].tolist() == pytest.approx([h3.cell_area(cell, unit="m^2") for cell in cells.index], rel=0.01)


def test_neighbouring_hexagons_share_their_corners_exactly():
    assert shapely.coverage_is_valid(np.asarray(hexagons(TEHRAN, resolution=10).geometry.array))


def test_hexagons_beside_the_date_line_lie_beside_it():
    place = gpd.GeoDataFrame(geometry=[box(179.9, -17.0, 179.999, -16.9)], crs=4326)
    cells = hexagons(place, resolution=5, clip=False)
    assert cells["area"].max() < 2 * float(h3.average_hexagon_area(5, unit="m^2"))


def test_hexagons_of_a_place_with_a_hole_leave_the_hole_empty():
    ring = box(51.40, 35.70, 51.44, 35.74).difference(box(51.41, 35.71, 51.43, 35.73))
    place = gpd.GeoDataFrame(geometry=[ring], crs=4326)
    cells = hexagons(place, resolution=9)
    assert cells["area"].sum() == pytest.approx(place.to_crs(cells.crs).area.sum(), rel=1e-9)


@pytest.mark.parametrize("resolution", [-1, 16, 9.0, "9", True])
def test_resolutions_h3_does_not_have_are_refused(resolution):
    with pytest.raises(InputError, match="from 0 to 15"):
        hexagons(TEHRAN, resolution=resolution)


def test_absurdly_many_zones_are_refused_before_they_are_made():
    with pytest.raises(InputError, match=r"the limit is 2,000,000.*lower resolution"):
        hexagons(TEHRAN, resolution=15)
    with pytest.raises(InputError, match=r"the limit is 2,000,000.*larger squares"):
        grid(TEHRAN, size=1)


def test_a_scattered_place_is_refused_before_its_squares_are_made():
    """Two squares of 1 km, 2,000 km apart: some 500 squares of 100 m, and 4 x 10^8 between the sides."""
    place = gpd.GeoDataFrame(geometry=[box(0, 0, 1000, 1000), box(1999000, 1999000, 2000000, 2000000)], crs=32639)
    with pytest.raises(InputError, match="so scattered that 388,053,883 squares"):
        grid(place, size=100)


def test_squares_by_hand():
    """A place of 250 m x 150 m from (950, 50) to (1,200, 200) in squares of 100 m.

    Three columns from 900 to 1,200, of which 50, 100 and 100 m are inside; two rows, of which 50 and 100 m are inside.
    """
    cells = grid(square(950, 50, 1200, 200), size=100)
    assert cells.index.tolist() == ["e900n0", "e1000n0", "e1100n0", "e900n100", "e1000n100", "e1100n100"]
    assert cells["area"].tolist() == [2500, 5000, 5000, 5000, 10000, 10000]
    assert cells["share_inside"].tolist() == [0.25, 0.5, 0.5, 0.5, 1, 1]
    whole = grid(square(950, 50, 1200, 200), size=100, clip=False)
    assert whole["area"].tolist() == [10000] * 6
    assert whole["share_inside"].tolist() == cells["share_inside"].tolist()


def test_neighbouring_places_have_the_same_squares():
    left, right = grid(square(0, 0, 550, 300), size=100), grid(square(550, 0, 900, 300), size=100)
    assert {"e500n0", "e500n100", "e500n200"} == set(left.index) & set(right.index)


def test_squares_west_and_south_of_the_origin_have_ids():
    assert grid(square(-100, -50, 50, 0), size=50).index.tolist() == ["e-100n-50", "e-50n-50", "e0n-50"]


@pytest.mark.parametrize("size", [0, -5, 0.5, float("nan"), float("inf"), "250"])
def test_sides_that_are_none_are_refused(size):
    with pytest.raises(InputError, match="at least 1"):
        grid(TEHRAN, size=size)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    corners=st.lists(st.tuples(st.floats(0, 3000), st.floats(0, 3000)), min_size=3, max_size=8),
    size=st.floats(90, 700),
    resolution=st.integers(6, 9),
)
def test_any_outline_is_divided_without_rest(corners, size, resolution):
    shape = shapely.convex_hull(shapely.multipoints(np.array(corners) + np.array([536000, 3950000])))
    if shape.geom_type != "Polygon" or shape.area < 100:
        return
    place = gpd.GeoDataFrame(geometry=[shape], crs=32639)
    for cells in (grid(place, size=size), hexagons(place, resolution=resolution)):
        assert cells["area"].sum() == pytest.approx(shape.area, rel=1e-6)
        assert cells.index.is_unique
        assert cells.geom_type.isin(["Polygon", "MultiPolygon"]).all()


def test_a_place_that_cannot_be_divided_is_refused():
    bowtie = Polygon([(51, 35), (52, 36), (52, 35), (51, 36)])
    for shape in (bowtie, shapely.LineString([(51, 35), (52, 36)])):
        with pytest.raises(GeometryError):
            grid(gpd.GeoDataFrame(geometry=[shape], crs=4326), size=100)


def write(tmp_path, shapes, crs=32639, **columns):
    path = tmp_path / "zones.gpkg"
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path)
    return path


def strip(west, east, height=100):
    return box(500000 + west, 0, 500000 + east, height)


ROW = [strip(100 * i, 100 * i + 100) for i in range(4)]


def test_zones_of_a_file_keep_their_order_and_columns(tmp_path):
    read = zones(write(tmp_path, ROW, code=["d", "a", "c", "b"], people=[1, 2, 3, 4]), id="code")
    assert read.index.tolist() == ["d", "a", "c", "b"]
    assert read.index.name == "zone_id"
    assert read["people"].tolist() == [1, 2, 3, 4]
    assert read["area"].tolist() == [10000] * 4
    assert read["share_inside"].tolist() == [1] * 4
    assert codes(read) == []


def test_zones_mostly_in_the_place_are_kept_whole_and_the_others_counted(tmp_path):
    """The place ends at 2.4 zones: zones 0 and 1 lie inside, 0.4 of zone 2, nothing of zone 3."""
    place = square(500000, 0, 500240, 100)
    read = zones(write(tmp_path, ROW, code=list("abcd")), id="code", within=place)
    assert read.index.tolist() == ["a", "b"]
    assert read["area"].tolist() == [10000] * 2
    left_out, part = read.attrs["findings"]
    assert (left_out["code"], left_out["count"], left_out["severity"]) == ("zones_left_out", 2, "warning")
    assert "1 of them reach into it" in left_out["message"]
    assert left_out["rows"] == ["c", "d"], "who is left out is named"
    assert left_out["people"] is None, "nobody said how many live there"
    told = findings(zones(write(tmp_path, ROW, code=list("abcd"), population=[5, 6, 7, 8]), id="code", within=place))
    first = told.iloc[0]
    assert (first["code"], first["people"], first["rows"]) == ("zones_left_out", 15.0, ["c", "d"])
    assert part["code"] == "zones_cover_part_of_place"
    assert "83.3%" in part["message"]  # 200 of 240 m


def test_a_zone_with_exactly_half_of_its_area_inside_is_kept(tmp_path):
    read = zones(write(tmp_path, ROW), within=square(500000, 0, 500150, 100))
    assert read["share_inside"].tolist() == [1.0, 0.5]


def test_zones_take_the_metric_crs_of_the_place(tmp_path):
    shapes = gpd.GeoSeries([box(51.40, 35.70, 51.42, 35.72)], crs=4326)
    assert zones(write(tmp_path, shapes, crs=4326), within=TEHRAN).crs.to_epsg() == 32639


def test_overlapping_zones_are_named(tmp_path):
    """The second zone covers a fifth of the first."""
    path = write(tmp_path, [strip(0, 100), strip(80, 180), strip(180, 280)], code=list("abc"))
    with pytest.raises(GeometryError, match=r"1 pairs of zones overlap.*a and b: 2,000 m²"):
        zones(path, id="code")


def test_a_zone_drawn_twice_is_named(tmp_path):
    with pytest.raises(GeometryError, match="1 and 2: 10,000 m²"):
        zones(write(tmp_path, [ROW[0], ROW[0]]))


def test_overlaps_of_less_than_a_hundredth_go_to_the_first(tmp_path):
    """0.5 m x 100 m of 100 m x 100 m: 50 m², half a hundredth."""
    read = zones(write(tmp_path, [strip(0, 100), strip(99.5, 199.5)]))
    assert read["area"].tolist() == [10000, 9950]
    (finding,) = read.attrs["findings"]
    assert (finding["code"], finding["count"]) == ("zone_overlaps_cut", 1)
    assert "50 m²" in finding["message"]


def test_slivers_and_edges_that_do_not_meet_are_told(tmp_path):
    """A gap a thousandth of a millimetre wide, and a zone of half a square metre."""
    read = zones(write(tmp_path, [strip(0, 100), strip(100.000001, 200), strip(300, 301, 0.5)]))
    assert {each["code"]: each["count"] for each in read.attrs["findings"]} == {
        "zone_slivers": 1,
        "zone_edges_do_not_meet": 2,
    }


def test_ids_must_be_unique(tmp_path):
    with pytest.raises(DuplicateIdError, match=r"1 ids occur more than once \(a\)"):
        zones(write(tmp_path, ROW, code=["a", "b", "a", "c"]), id="code")


def test_zones_elsewhere_are_refused(tmp_path):
    with pytest.raises(WrongPlaceError, match="outside the place"):
        zones(write(tmp_path, ROW), within=TEHRAN)
    swapped = gpd.GeoSeries([box(35.70, 51.40, 35.72, 51.42)], crs=4326)
    with pytest.raises(WrongPlaceError, match="swapped"):
        zones(write(tmp_path, swapped, crs=4326), within=TEHRAN)


def test_own_columns_are_not_overwritten(tmp_path):
    with pytest.raises(InputError, match="own column area"):
        zones(write(tmp_path, ROW, area=[1, 2, 3, 4]))


def test_the_school_catchments_of_las_palmas_overlap(shared_data):
    """Two catchments share half a square kilometre: they cannot divide people."""
    place = boundary(shared_data("las_palmas/municipality.geojson"))
    with pytest.raises(GeometryError, match="35009577 and 35009395"):
        zones(shared_data("las_palmas/secondary_school_catchments.geojson"), id="Codigo", within=place)


def test_the_tracts_of_chicago_divide_the_city(shared_data):
    read = zones(shared_data("chicago/chicago_tracts_acs2019_fcc.gpkg"), id="geoid")
    assert len(read) == 872
    assert read["area"].sum() == pytest.approx(shapely.union_all(read.geometry.array).area, rel=1e-9)
    assert codes(read) == []


def test_las_palmas_is_divided_without_rest(shared_data):
    place = boundary(shared_data("las_palmas/municipality.geojson"))
    cells = hexagons(place, resolution=10)
    assert cells["area"].sum() == pytest.approx(place.to_crs(cells.crs).area.sum(), rel=1e-9)
    assert cells.attrs["sources"] == place.attrs["sources"]


MIDDLE = h3.latlng_to_cell(35.71, 51.415, 9)


def written(path, cells, name="cell"):
    path.write_text("\ufeff" + f"{name},people\n" + "".join(f"{cell},{n}\n" for n, cell in enumerate(cells)), "utf-8")
    return path


def test_cells_of_a_table_are_those_h3_draws(tmp_path):
    """Nineteen cells around one, in the order of the file; their areas are H3's own to the error of the projection."""
    cells = h3.grid_disk(MIDDLE, 2)
    read = zones_from_table(written(tmp_path / "cells.csv", cells), h3="cell")
    assert read.index.tolist() == cells
    assert read["people"].tolist() == list(range(19))
    assert read.crs.to_epsg() == 32639
    truth = [h3.cell_area(cell, unit="m^2") for cell in cells]
    np.testing.assert_allclose(read["area"], truth, rtol=5e-3)
    assert shapely.union_all(read.geometry.array).area == pytest.approx(read["area"].sum(), rel=1e-9)
    assert (read["share_inside"] == 1).all()
    assert [record["file"] for record in read.attrs["sources"]] == ["cells.csv"]


def test_cells_outside_the_place_are_left_out_and_told(tmp_path):
    place = hexagons(TEHRAN, resolution=9)
    near, far = place.index[place["share_inside"] == 1][0], h3.latlng_to_cell(35.9, 51.6, 9)
    read = zones_from_table(written(tmp_path / "cells.csv", [near, far]), h3="cell", within=TEHRAN)
    assert read.index.tolist() == [near]
    assert codes(read) == ["zones_left_out"]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([MIDDLE, MIDDLE], "1 ids occur more than once"),
        ([MIDDLE, "nowhere"], "1 ids are no cells of H3"),
        ([MIDDLE, h3.cell_to_parent(MIDDLE)], "the cells are of the resolutions 8, 9"),
        ([], "holds no rows below its header"),
    ],
)
def test_a_table_that_does_not_divide_a_place_is_refused(tmp_path, cells, message):
    with pytest.raises(InputError, match=message):
        zones_from_table(written(tmp_path / "cells.csv", cells), h3="cell")


def test_a_table_without_its_column(tmp_path):
    path = written(tmp_path / "cells.csv", [MIDDLE])
    with pytest.raises(InputError, match="has no column h3") as caught:
        zones_from_table(path, h3="h3")
    assert "It has: cell, people" in str(caught.value)
    with pytest.raises(InputError, match="its own column area"):
        path.write_text(f"cell,area\n{MIDDLE},3\n", encoding="utf-8")
        zones_from_table(path, h3="cell")


def test_zones_whose_edges_cross_themselves_are_refused_or_mended_by_name(tmp_path):
    """The bow tie crosses itself at (200, 50): it is two triangles of base 100 and height 50, 5,000 m² together."""
    bowtie = Polygon([(150, 0), (250, 100), (250, 0), (150, 100)])
    path = write(tmp_path, [strip(0, 100), bowtie], code=["plain", "crossed"])
    with pytest.raises(GeometryError, match=r"repair=True") as refused:
        zones(path, id="code")
    assert refused.value.rows == ("crossed",)
    mended = zones(path, id="code", repair=True)
    assert mended["area"].to_dict() == pytest.approx({"plain": 10_000, "crossed": 5_000})
    found = [finding for finding in mended.attrs["findings"] if finding["code"] == "shapes_mended"]
    assert [finding["count"] for finding in found] == [1]
    # The two triangles run round in opposite senses, so that their areas had cancelled out.
    assert "crossed, by 100.00%" in found[0]["message"]


def test_a_hole_that_lies_outside_its_outline_is_a_part_of_the_zone(tmp_path):
    """A square of 100 by 100 m with a hole of 20 by 20 m inside and one of 50 by 40 m beside it: 9,600 + 2,000 m²."""
    inside = [(10, 10), (10, 30), (30, 30), (30, 10)]
    beside = [(100, 0), (100, 40), (150, 40), (150, 0)]
    stray = Polygon([(0, 0), (100, 0), (100, 100), (0, 100)], [inside, beside])
    path = write(tmp_path, [stray, strip(200, 300)], code=["stray", "plain"])
    mended = zones(path, id="code", repair=True)
    assert mended["area"].to_dict() == pytest.approx({"stray": 11_600, "plain": 10_000})
    found = [finding for finding in mended.attrs["findings"] if finding["code"] == "shapes_mended"]
    assert found[0]["message"].endswith("Rings that were holes of nothing became parts of stray.")


def test_mending_leaves_whole_zones_alone(tmp_path):
    path = write(tmp_path, [strip(0, 100), strip(100, 150)], code=["a", "b"])
    assert zones(path, id="code", repair=True).equals(zones(path, id="code"))
    assert not zones(path, id="code", repair=True).attrs["findings"]


def test_the_counties_of_iran_are_mended_and_keep_their_people(shared_data):
    path = shared_data("iran/iran_counties_2016.gpkg")
    with pytest.raises(GeometryError, match="35 rows have an invalid shape"):
        zones(path, id="county_code")
    counties = zones(path, id="county_code", repair=True)
    assert len(counties) == 429
    assert counties.is_valid.all()
    # The census of 2016 counted 79,926,270 people.
    assert counties["population"].sum() == 79_926_270
    # The province of Qom is one county of 11,526 km² (Statistical Centre of Iran); a tenth of it was stored as a hole.
    assert counties.loc[2501, "area"] / 1e6 == pytest.approx(11_526, rel=0.02)
    # Nothing is left open inside the country but Lake Urmia.
    country = shapely.union_all(counties.to_crs(4326).geometry.array)
    (lake,) = [shapely.Polygon(ring) for part in shapely.get_parts(country) for ring in part.interiors]
    assert lake.contains(shapely.Point(45.4, 37.7))
