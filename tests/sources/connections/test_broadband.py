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


def told(found):
    """Findings and their counts, but for the one that keys of these tests are shorter than Ookla's."""
    return [(item["code"], item["count"]) for item in found.attrs["findings"] if "level" not in item["code"]]


class TestCodesOfToday:
    """Six made-up offers in the layout of the FCC since 2022, counted by hand."""

    HEADER = (
        "frn,provider_id,brand_name,location_id,technology,max_advertised_download_speed,max_advertised_upload_speed,"
        "low_latency,business_residential_code,state_usps,block_geoid"
    )
    ROWS = (
        f"1,901,Cable,1,40,1000,35,1,R,XX,{BLOCKS[0]}",
        f"2,902,Low orbit,1,61,220,25,1,X,XX,{BLOCKS[0]}",
        f"3,903,High orbit,1,60,100,3,0,R,XX,{BLOCKS[0]}",
        f"2,902,Low orbit,2,61,220,25,1,X,XX,{BLOCKS[1]}",
        f"4,904,Business fibre,3,50,1000,1000,1,B,XX,{BLOCKS[1]}",
    )

    def test_new_satellites_are_no_ground_and_new_flags_are_read(self, tmp_path):
        """Block 0: cable for homes. Block 1: fibre for businesses only, so that homes have 0 and no speed."""
        found = availability(offers(tmp_path, self.ROWS, self.HEADER))
        assert found["providers"].tolist() == [1, 0]
        assert found["providers_100_20"].tolist() == [1, 0]
        assert found["providers_somewhere"].tolist() == [1, 0]
        assert found["download"].tolist()[0] == 1000
        assert found["download"].isna().tolist() == [False, True]
        assert found.attrs["ledger"][0]["where"] == "1 not for homes; 3 satellite"
        assert told(found) == [("availability_as_reported", 2)]

    def test_a_block_without_homes_served_lowers_the_mean_of_its_tract(self, tmp_path):
        found = availability(offers(tmp_path, self.ROWS, self.HEADER), area_digits=11)
        assert found["blocks"].tolist() == [2]
        assert found["providers"].tolist() == [0.5]
        assert found["download"].tolist() == [1000]

    def test_all_offers_count_where_satellites_do(self, tmp_path):
        found = availability(offers(tmp_path, self.ROWS, self.HEADER), satellite=True)
        assert found["providers"].tolist() == [3, 1]

    def test_a_code_that_is_not_known_is_named_and_is_no_ground(self, tmp_path):
        rows = [f"{BLOCKS[0]},A,50,1,100,20", f"{BLOCKS[0]},B,62,1,100,20", f"{BLOCKS[0]},C,,1,100,20"]
        found = availability(offers(tmp_path, rows))
        assert found["providers"].tolist() == [1]
        warning = next(item for item in found.attrs["findings"] if item["code"] == "technology_not_known")
        assert "(62, none)" in warning["message"]
        assert warning["count"] == 2
        assert availability(offers(tmp_path, rows), satellite=True)["providers"].tolist() == [3]

    def test_without_a_column_of_technology_a_warning_says_that_satellites_count(self, tmp_path):
        path = offers(tmp_path, [f"{BLOCKS[0]},A,100,20"], "BlockCode,HocoNum,MaxAdDown,MaxAdUp")
        assert ("technology_not_known", 1) in told(availability(path))

    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            ([f"{BLOCKS[0]},A,50,M,100,20"], "do not say whether an offer is for homes: “M”"),
            ([f"{BLOCKS[0]},A,50,1,100,20", f"{BLOCKS[0]},B,50,,100,20"], "1 cells of Consumer"),
            ([f"{BLOCKS[0]},A,5,1,100,20"], "none of the codes"),
            (["10010201001000,A,50,1,100,20"], "14 digits.*zeros were lost"),
        ],
    )
    def test_codes_that_nobody_knows_are_refused(self, tmp_path, rows, said):
        with pytest.raises(InputError, match=said):
            availability(offers(tmp_path, rows))


# Toronto: tile 0302231312203321 of level 16, by the formula 79.3762 to 79.3817 W and 43.6480 to 43.6520 N.
TORONTO = "0302231312203321"
OUTLINE = (
    "POLYGON ((-79.3762207031 43.648000799, -79.3762207031 43.6519754873, -79.3817138672 43.6519754873, "
    "-79.3817138672 43.648000799, -79.3762207031 43.648000799))"
)


class TestKeysThatLostZeros:
    def frame(self, keys, **columns):
        return pd.DataFrame({"quadkey": keys, "avg_d_kbps": 1, "avg_u_kbps": 1, "tests": 9, "devices": 1, **columns})

    @pytest.mark.parametrize("ending", ["csv", "parquet"])
    @pytest.mark.parametrize("columns", [{"tile": OUTLINE}, {"tile_x": -79.379, "tile_y": 43.65}])
    @pytest.mark.parametrize("kind", [str, int, float])
    def test_shapes_beside_the_keys_prove_the_zeros(self, tmp_path, ending, columns, kind):
        path = tmp_path / f"tiles.{ending}"
        frame = self.frame([kind(TORONTO.lstrip("0"))], **columns)
        frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path)
        place = gpd.GeoDataFrame(geometry=[shapely.Point(-79.379, 43.65).buffer(0.01)], crs=4326)
        for found in (speed_tiles(path), speed_tiles(path, within=place)):
            assert found.index.tolist() == [TORONTO]
            assert found.attrs["findings"][0]["code"] == "quadkeys_padded"
            middle = found.geometry.iloc[0].centroid
            assert (round(middle.x, 3), round(middle.y, 2)) == (-79.379, 43.65)

    def test_two_lost_zeros_and_mixed_lengths(self, tmp_path):
        keys = ["0031233330010111", "0302231312203321", "1302231312203321"]
        path = tmp_path / "tiles.csv"
        outlines = [tile_polygon(key).wkt for key in keys]
        self.frame([key.lstrip("0") for key in keys], tile=outlines).to_csv(path, index=False)
        found = speed_tiles(path)
        assert found.index.tolist() == keys
        assert told(found) == [("quadkeys_padded", 2)]

    def test_without_shapes_another_length_is_told(self, tmp_path):
        path = tmp_path / "tiles.csv"
        self.frame([TORONTO[1:]]).to_csv(path, index=False)
        found = speed_tiles(path)
        assert found.attrs["findings"][0]["code"] == "quadkeys_of_another_level"
        assert "leading zeros" in found.attrs["findings"][0]["message"]
        place = gpd.GeoDataFrame(geometry=[shapely.Point(-79.379, 43.65).buffer(0.01)], crs=4326)
        with pytest.raises(WrongPlaceError, match="leading zeros"):
            speed_tiles(path, within=place)

    def test_whole_keys_are_read_in_silence_and_mixed_rows_refused(self, tmp_path):
        path = tmp_path / "tiles.csv"
        self.frame([TORONTO], tile=OUTLINE).to_csv(path, index=False)
        assert speed_tiles(path).attrs["findings"] == []
        self.frame(["1302231312203321"], tile=OUTLINE).to_csv(path, index=False)
        with pytest.raises(WrongPlaceError, match="not the tiles"):
            speed_tiles(path)


class TestSpeedTiles:
    def test_kilobits_become_megabits_and_sparse_tiles_are_flagged(self, tmp_path):
        found = speed_tiles(offers(tmp_path, ["0123,50500,1000,20,5,3", "0122,100,50,30,4,1"], TILE))
        assert found.loc["0123", ["download", "upload", "latency", "tests"]].tolist() == [50.5, 1.0, 20, 5]
        assert found["sparse"].tolist() == [False, True]
        assert found.attrs["findings"][-1]["message"].startswith("1 of 2 tiles have fewer than 5 tests, together 44.4%")
        assert found.loc["0123", "geometry"].equals(tile_polygon("0123"))

    def test_only_those_that_meet_the_place(self, tmp_path):
        path = offers(tmp_path, ["0123,1,1,1,9,9", "3333,1,1,1,9,9"], TILE)
        place = gpd.GeoDataFrame(geometry=[tile_polygon("0123").buffer(-1)], crs=4326)
        found = speed_tiles(path, within=place)
        assert found.index.tolist() == ["0123"]
        assert told(found) == [("tiles_elsewhere", 1)]
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
        assert told(found) == []
        two = gpd.GeoDataFrame(geometry=[tile_polygon("0123").buffer(-1), tile_polygon("0110").buffer(-1)], crs=4326)
        found = speed_tiles(path, within=two)
        assert sorted(found.index) == ["0110", "0123"]
        # 0122 is read, because it lies in the smallest tile around both, and counted as left out; 3333 is not read.
        assert told(found) == [("tiles_elsewhere", 1)]
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
