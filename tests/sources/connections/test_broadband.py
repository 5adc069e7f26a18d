"""Offers of broadband by hand, tiles against the published example, and the faults of both."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import DamagedFileError, DuplicateIdError, InputError, WrongPlaceError
from spatialjustice.sources import availability, speed_tiles, tile_polygon

HEADER = "BlockCode,HocoNum,TechCode,Consumer,MaxAdDown,MaxAdUp"
BLOCKS = ("010010201001000", "010010201001001")


def offers(folder, rows, header=HEADER):
    path = folder / "offers.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


class TestAvailability:
    def test_by_hand(self, tmp_path):
        """Block 0: A by copper 20/2 and fibre 1000/1000, B by cable 100/10; block 1: B at 100/20, for firms C."""
        rows = [
            f"{BLOCKS[0]},A,10,1,20,2",
            f"{BLOCKS[0]},A,50,1,1000,1000",
            f"{BLOCKS[0]},B,42,1,100,10",
            f"{BLOCKS[1]},B,42,1,100,20",
            f"{BLOCKS[1]},C,50,0,1000,1000",
            f"{BLOCKS[1]},D,60,1,100,20",
        ]
        found = availability(offers(tmp_path, rows), area_digits=11)
        assert found.loc["01001020100"].to_dict() == {
            "blocks": 2,
            "providers": 1.5,  # (2 + 1) / 2
            "providers_somewhere": 2,
            "providers_25_3": 1.5,  # A and B; B
            "providers_100_20": 1.0,  # A; B
            "providers_fibre": 0.5,  # A; nobody
            "download": 550.0,
            "upload": 510.0,
        }
        assert found.attrs["ledger"][0]["where"] == "1 not for homes; 1 satellite"
        assert availability(offers(tmp_path, rows), satellite=True).loc[BLOCKS[1], "providers"] == 2

    def test_own_names_of_columns(self, tmp_path):
        path = offers(tmp_path, ["x,1,10,5"], "place,firm,down,up")
        names = {"area": "place", "provider": "firm", "download": "down", "upload": "up"}
        assert availability(path, columns=names).loc["x", "download"] == 10

    @pytest.mark.parametrize(
        ("rows", "header", "said"),
        [
            ([f"{BLOCKS[0]},A,50,1,100,10", "10010201001000,A,50,1,100,10"], HEADER, "zeros were lost"),
            ([f"{BLOCKS[0]},A,50,1,-1,10"], HEADER, "negative"),
            ([f"{BLOCKS[0]},A,50,1,,10"], HEADER, "empty"),
            ([f"{BLOCKS[0]},50,1,100,10"], "BlockCode,TechCode,Consumer,MaxAdDown,MaxAdUp", "no column HocoNum"),
        ],
    )
    def test_faults(self, tmp_path, rows, header, said):
        with pytest.raises(InputError, match=said):
            availability(offers(tmp_path, rows, header))


class TestTiles:
    def test_the_published_example(self):
        """Microsoft's page on the tile system: tile (3, 5) at level 3 is 213. A level-3 tile is 45 degrees wide."""
        west, south, east, north = tile_polygon("213").bounds
        assert (west, east) == (3 * 45 - 180, 4 * 45 - 180)
        # Row 5 of 8 is the second below the equator: its upper edge is one eighth of the map below the middle.
        assert north == pytest.approx(-40.97989806962013)
        assert south == pytest.approx(-66.51326044311186)

    def test_agrees_with_the_projection_of_another_library(self):
        box = gpd.GeoSeries([tile_polygon("1332033013031232")], crs=4326).to_crs(3857).total_bounds
        half = 20037508.342789244
        size = 2 * half / 2**16
        assert box[2] - box[0] == pytest.approx(size, abs=1e-6)
        assert box[3] - box[1] == pytest.approx(size, abs=1e-6)
        assert (box[0] + half) / size == pytest.approx(round((box[0] + half) / size), abs=1e-6)

    @settings(max_examples=25, deadline=None)
    @given(st.text("0123", min_size=1, max_size=15))
    def test_four_quarters_make_a_tile(self, key):
        quarters = [tile_polygon(key + digit).bounds for digit in "0123"]
        west, south, east, north = tile_polygon(key).bounds
        nw, ne, sw, se = quarters
        assert (nw[0], nw[3]) == (west, north)
        assert (se[2], se[1]) == (east, south)
        # Edges are the same numbers, not nearly the same.
        assert nw[2] == ne[0] == sw[2] == se[0]
        assert nw[1] == ne[1] == sw[3] == se[3]

    @pytest.mark.parametrize("key", ["", "124x", "4", "0" * 24, 213, None])
    def test_what_is_no_quadkey(self, key):
        with pytest.raises(InputError, match="is none"):
            tile_polygon(key)


TILE = "quadkey,avg_d_kbps,avg_u_kbps,avg_lat_ms,tests,devices"


class TestSpeedTiles:
    def test_kilobits_become_megabits_and_sparse_tiles_are_flagged(self, tmp_path):
        found = speed_tiles(offers(tmp_path, ["0123,50500,1000,20,5,3", "0122,100,50,30,4,1"], TILE))
        assert found.loc["0123", ["download", "upload", "latency", "tests"]].tolist() == [50.5, 1.0, 20, 5]
        assert found["sparse"].tolist() == [False, True]
        assert found.attrs["findings"][0]["message"].startswith("1 of 2 tiles have fewer than 5 tests, together 44.4%")
        assert found.loc["0123", "geometry"].equals(tile_polygon("0123"))

    def test_only_those_that_meet_the_place(self, tmp_path):
        path = offers(tmp_path, ["0123,1,1,1,9,9", "3333,1,1,1,9,9"], TILE)
        place = gpd.GeoDataFrame(geometry=[tile_polygon("0123").buffer(-1)], crs=4326)
        found = speed_tiles(path, within=place)
        assert found.index.tolist() == ["0123"]
        assert [item["code"] for item in found.attrs["findings"]] == ["tiles_elsewhere"]
        far = gpd.GeoDataFrame(geometry=[tile_polygon("2000").buffer(-1)], crs=4326)
        with pytest.raises(WrongPlaceError):
            speed_tiles(path, within=far)

    @pytest.mark.parametrize(
        ("rows", "error", "said"),
        [
            (["0123,1,1,1,9,9", "123,1,1,1,9,9"], InputError, "several sizes"),
            (["0123,1,1,1,9,9", "0123,1,1,1,9,9"], DuplicateIdError, "more than once"),
            (["0123,-1,1,1,9,9"], InputError, "negative"),
            (["0123,1,1,1,,9"], InputError, "empty"),
        ],
    )
    def test_faults(self, tmp_path, rows, error, said):
        with pytest.raises(error, match=said):
            speed_tiles(offers(tmp_path, rows, TILE))

    def test_of_a_parquet_table_of_the_world_only_the_place_is_read(self, tmp_path):
        pytest.importorskip("pyarrow")
        keys = ["0123", "0122", "0110", "3333"]
        frame = pd.DataFrame({"quadkey": keys, "avg_d_kbps": 9000, "avg_u_kbps": 1, "tests": 9, "devices": 1})
        frame["tile"] = "POLYGON"
        path = tmp_path / "tiles.parquet"
        frame.to_parquet(path)
        assert len(speed_tiles(path)) == 4
        place = gpd.GeoDataFrame(geometry=[tile_polygon("0123").buffer(-1)], crs=4326)
        found = speed_tiles(path, within=place)
        assert found.index.tolist() == ["0123"]
        assert found["download"].tolist() == [9.0]
        assert found.attrs["findings"] == []
        two = gpd.GeoDataFrame(geometry=[tile_polygon("0123").buffer(-1), tile_polygon("0110").buffer(-1)], crs=4326)
        found = speed_tiles(path, within=two)
        assert sorted(found.index) == ["0110", "0123"]
        # 0122 is read, because it lies in the smallest tile around both, and counted as left out; 3333 is not read.
        assert [(item["code"], item["count"]) for item in found.attrs["findings"]] == [("tiles_elsewhere", 1)]
        path.write_bytes(path.read_bytes()[:200])
        with pytest.raises(DamagedFileError):
            speed_tiles(path)

    def test_shapes_that_are_not_those_of_their_keys(self, tmp_path):
        frame = pd.DataFrame({"quadkey": ["0123", "0122"], "avg_d_kbps": 1, "avg_u_kbps": 1, "tests": 1, "devices": 1})
        shapes = [tile_polygon("0122"), tile_polygon("0123")]
        path = tmp_path / "tiles.geojson"
        gpd.GeoDataFrame(frame, geometry=shapes, crs=4326).to_file(path)
        with pytest.raises(WrongPlaceError, match="2 shapes are not the tiles"):
            speed_tiles(path)

    def test_guam(self, shared_data):
        """All 565 shapes that Ookla drew are those we draw from their quadkeys."""
        found = speed_tiles(shared_data("ookla/guam_ookla_2023Q4_fixed.geojson"))
        assert len(found) == 565
        drawn = gpd.read_file(shared_data("ookla/guam_ookla_2023Q4_fixed.geojson")).set_index("quadkey").geometry
        apart = abs(shapely.bounds(drawn.array) - shapely.bounds(found.geometry.array)).max()
        assert apart < 1e-9
        assert found["sparse"].sum() == 174
