"""Places as points: what is not in use, not where it says, or there twice is named, and every row is accounted for."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice._core.errors import DuplicateIdError, InputError, WrongPlaceError
from spatialjustice.sources import distinct_places, points

ROLES = {"id": "Id", "longitude": "Lon", "latitude": "Lat"}


def table(folder, rows, header="Id,Lon,Lat,Status", name="kiosks.csv"):
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def codes(frame):
    return [finding["code"] for finding in frame.attrs["findings"]]


def accounted(frame):
    return all(line["before"] == line["after"] + line["elsewhere"] for line in frame.attrs["ledger"])


class TestReading:
    def test_places_come_as_services_do(self, tmp_path):
        found = points(table(tmp_path, ["a,-73.9,40.7,Live"]), service="kiosk", columns=ROLES)
        assert found.index.tolist() == ["kiosk/a"]
        assert found.loc["kiosk/a", "tags"] == {"Id": "a", "Lon": "-73.9", "Lat": "40.7", "Status": "Live"}
        assert found.loc["kiosk/a", "access"].geom_type == "MultiPoint"
        assert found.crs.to_epsg() == 4326

    def test_those_not_in_use_are_set_aside_by_state(self, tmp_path):
        rows = ["a,-73.9,40.7,Live", "b,-73.8,40.7,Installed", "c,-73.7,40.7,", "d,0,0,Live", "e,,,Live"]
        found = points(table(tmp_path, rows), service="kiosk", columns=ROLES, in_use={"Status": ["Live"]})
        assert found.index.tolist() == ["kiosk/a"]
        assert found.attrs["set_aside"] == ["b", "c"]
        assert codes(found) == ["points_not_in_use", "points_without_coordinates"]
        assert found.attrs["ledger"][0]["before"] == 5
        assert accounted(found)

    def test_a_state_nobody_has_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="Status live.*It holds: Live"):
            points(table(tmp_path, ["a,1,1,Live"]), service="k", columns=ROLES, in_use={"Status": "live"})

    def test_an_id_that_is_there_twice_is_refused_by_name(self, tmp_path):
        with pytest.raises(DuplicateIdError) as caught:
            points(table(tmp_path, ["a,1,1,", "a,2,2,"]), service="k", columns=ROLES)
        assert list(caught.value.rows) == ["a"]
        with pytest.raises(DuplicateIdError, match="no id"):
            points(table(tmp_path, [",1,1,"]), service="k", columns=ROLES)

    def test_swapped_axes(self, tmp_path):
        path = table(tmp_path, ["a,40.7,-173.9,"])
        with pytest.raises(WrongPlaceError, match="swapped"):
            points(path, service="k", columns=ROLES)
        # Both are possible numbers here: only the place tells.
        place = gpd.GeoDataFrame(geometry=[shapely.box(-74.3, 40.4, -73.6, 41)], crs=4326)
        path = table(tmp_path, ["a,40.7,-73.9,"])
        with pytest.raises(WrongPlaceError, match="swapped"):
            points(path, service="k", columns=ROLES, within=place)

    def test_decimals_lost_on_one_axis_of_one_row(self, tmp_path):
        path = table(tmp_path, ["a,430000.5,4583000.5", "b,430000500,4583000.5"], "Id,X,Y")
        options = {"service": "k", "columns": {"id": "Id", "x": "X", "y": "Y"}, "crs": 25831}
        with pytest.raises(WrongPlaceError, match="1 of 2 rows are 1,000 times too large"):
            points(path, **options)
        found = points(path, rescale=True, **options)
        assert codes(found) == ["coordinates_rescaled"]
        assert found.geometry.iloc[0].distance(found.geometry.iloc[1]) < 1e-9

    def test_degrees_are_no_metres(self, tmp_path):
        path = table(tmp_path, ["a,2.17,41.4", "b,430000,4583000"], "Id,X,Y")
        with pytest.raises(WrongPlaceError, match="1 rows lie outside the area that ETRS89") as caught:
            points(path, service="k", columns={"id": "Id", "x": "X", "y": "Y"}, crs=25831)
        assert list(caught.value.rows) == [1]

    def test_coordinates_nobody_names_are_found_by_their_names_or_not_at_all(self, tmp_path):
        found = points(table(tmp_path, ["a,1,2,Live"]), service="k", columns={"id": "Id"})
        assert (
            found.geometry.iloc[0].coords[0]
            == points(table(tmp_path, ["a,1,2,Live"]), service="k", columns=ROLES)["geometry"].iloc[0].coords[0]
        )
        assert "coordinates_from_columns" in [each["code"] for each in found.attrs["findings"]]
        with pytest.raises(InputError, match="no column of shapes"):
            points(pd.DataFrame({"Id": ["a"]}), service="k", columns={"id": "Id"})

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"columns": {"longitude": "Lon"}}, "only one of"),
            ({"columns": {"x": "Lon", "y": "Lat"}}, "reference system"),
            ({"columns": {**ROLES, "colour": "Id"}}, "colour"),
            ({"columns": {**ROLES, "latitude": "Status"}}, "no plain numbers"),
            ({"columns": {**ROLES, "latitude": "Breite"}}, "no column Breite"),
            ({"in_use": {"State": ["Live"]}}, "no column State"),
        ],
    )
    def test_settings_that_cannot_be(self, tmp_path, change, said):
        with pytest.raises(InputError, match=said):
            points(table(tmp_path, ["a,1,1,Live"]), **{"service": "k", "columns": ROLES, **change})


def layer(service, labels, spots, tags=None):
    return gpd.GeoDataFrame(
        {"service": service, "tags": tags or [{} for _ in labels]},
        index=[f"{service}/{label}" for label in labels],
        geometry=gpd.points_from_xy(*zip(*spots, strict=True), crs=32631).to_crs(4326),
        crs=4326,
    )


class TestCountingOnce:
    def test_by_hand(self):
        """2 kiosks (a third is set aside) and 5 hotspots: one is kiosk 1, one is the kiosk set aside, two are one."""
        kiosks = layer("kiosk", ["1", "2"], [(0, 0), (500, 0)])
        kiosks.attrs["set_aside"] = ["3"]
        tags = [{"of": "1"}, {"of": "3"}, {}, {}, {"of": ""}]
        wifi = layer("wifi", list("abcde"), [(0, 0), (900, 0), (100, 0), (100, 0), (200, 0)], tags)
        found = distinct_places([kiosks, wifi], same={"wifi": "of"})
        assert found["entries"].to_dict() == {"kiosk/1": 2, "kiosk/2": 1, "wifi/c": 2, "wifi/e": 1}
        (line,) = found.attrs["ledger"]
        assert (line["before"], line["after"], line["elsewhere"]) == (7, 4, 3)
        assert line["where"] == "1 same place; 1 named as another; 1 not in use"

    def test_a_chain_does_not_grow(self):
        """At 0, 10 and 20 metres with a limit of 10: the second is the first, the third is 20 metres from it."""
        row = layer("wifi", ["a", "b", "c"], [(500_000, 5_000_000), (500_010, 5_000_000), (500_020, 5_000_000)])
        found = distinct_places([row], distance=10.001)
        assert found.index.tolist() == ["wifi/a", "wifi/c"]
        assert found["entries"].tolist() == [2, 1]

    def test_the_order_of_rows_means_nothing(self):
        rng = np.random.default_rng(2)
        spots = rng.integers(0, 6, (40, 2)) * 30.0
        one = layer("wifi", [f"{n:02}" for n in range(40)], spots)
        found = distinct_places([one], distance=35)
        again = distinct_places([one.sample(frac=1, random_state=3)], distance=35)
        pd.testing.assert_series_equal(found["entries"], again["entries"])
        assert found["entries"].sum() == 40

    def test_layers_without_places_are_passed_over(self):
        one = layer("wifi", ["a"], [(0, 0)])
        assert distinct_places([one.iloc[:0], one, one.iloc[:0]]).index.tolist() == ["wifi/a"]
        assert not len(distinct_places([one.iloc[:0]]))

    def test_what_cannot_be(self):
        one = layer("wifi", ["a"], [(0, 0)])
        for given, options in (([], {}), ([one, one], {}), ([one], {"distance": -1})):
            with pytest.raises(InputError):
                distinct_places(given, **options)


KIOSK = {"id": "CB Link ID", "longitude": "Longitude", "latitude": "Latitude", "name": "Street Address"}
WIFI = {"id": "OBJECTID", "longitude": "Longitude", "latitude": "Latitude", "name": "Name", "x": "X", "y": "Y"}


class TestRealFiles:
    def test_new_york(self, shared_data):
        """Counts taken from the files with grep and sort: 1,868 kiosks of which 1,811 live; 3,319 hotspots."""
        live = {"Project Status": ["Live"]}
        file = shared_data("new_york/LinkNYC_Locations.csv")
        kiosks = points(file, service="kiosk", columns=KIOSK, in_use=live)
        assert (len(kiosks), len(kiosks.attrs["set_aside"])) == (1811, 57)
        wifi = points(shared_data("new_york/NYC_Wi-Fi_Hotspot_Locations.csv"), service="wifi", columns=WIFI, crs=2263)
        assert codes(wifi) == [], "its feet agree with its degrees"
        found = distinct_places([kiosks, wifi], same={"wifi": "SourceID"})
        assert accounted(found)
        line = found.attrs["ledger"][-1]
        # All kiosks are in the list of hotspots, too, also the 57 that do not work.
        assert line["where"].endswith("1,811 named as another; 57 not in use")
        assert line["after"] == len(found) == found["service"].eq("kiosk").sum() + found["service"].eq("wifi").sum()
        assert found["service"].eq("kiosk").sum() == 1811

    def test_barcelona(self, shared_data):
        path = shared_data("barcelona/08019_punts_wifi.geojson")
        options = {"service": "wifi", "columns": {"x": "ETRS89_COORD_X", "y": "ETRS89_COORD_Y"}, "crs": 25831}
        with pytest.raises(WrongPlaceError, match="1,000 times too large for ETRS89"):
            points(path, **options)
        found = points(path, rescale=True, **options)
        # Corrected, they agree with the longitudes and latitudes beside them: no finding says otherwise.
        assert codes(found) == ["coordinates_rescaled"]
        assert (len(found), len(distinct_places([found]))) == (593, 577)

    def test_madrid_says_its_places_in_an_old_datum(self, shared_data):
        path = shared_data("madrid/28079_wifi_municipal.geojson")
        options = {"service": "wifi", "columns": {"id": "PK", "x": "COORDENADA-X", "y": "COORDENADA-Y"}}
        found = points(path, crs=25830, **options)
        (said,) = [item for item in found.attrs["findings"] if item["code"] == "coordinates_disagree"]
        assert said["count"] == 208
        assert "235 metres" in said["message"]
        # In ED50 all but one agree.
        again = points(path, crs=23030, **options)
        (said,) = [item for item in again.attrs["findings"] if item["code"] == "coordinates_disagree"]
        assert said["count"] == 1
        quarters = gpd.read_file(shared_data("madrid/madrid_nbhds.gpkg"))
        within = points(path, within=quarters, crs=23030, **options)
        assert within["inside"].mean() > 0.99


class TestStopsOfTimetables:
    """By location_type one boards at 0 or empty; 1 is a station, 2 a door, 3 a node, 4 a part of a platform (GTFS)."""

    COLUMNS = {"id": "stop_id", "longitude": "stop_lon", "latitude": "stop_lat"}  # noqa: RUF012 - never changed
    HEADER = "stop_id,stop_lon,stop_lat,location_type,parent_station"

    @pytest.mark.parametrize("packed", [False, True])
    def test_each_place_to_board_counts_once(self, tmp_path, packed):
        rows = ["s,9,50,1,", "p,9,50,0,s", "d,9,50,2,s", "n,9,50,3,s", "b,9,50,4,p", "q,9.1,50,,", "t,9.2,50,1,"]
        path = table(tmp_path, rows, self.HEADER, name="stops.txt")
        if packed:
            import gzip

            path = tmp_path / "stops.csv.gz"
            path.write_bytes(gzip.compress((tmp_path / "stops.txt").read_bytes()))
        found = points(path, service="stop", columns=self.COLUMNS)
        assert found.index.tolist() == ["stop/p", "stop/q"]
        assert codes(found) == ["stops_not_for_boarding"]
        message = found.attrs["findings"][0]["message"]
        assert "5 of 7" in message
        assert "1 of the stations have no row to board at" in message
        assert accounted(found)

    def test_who_names_the_values_chooses(self, tmp_path):
        path = table(tmp_path, ["s,9,50,1,", "p,9,50,0,s"], self.HEADER)
        found = points(path, service="stop", columns=self.COLUMNS, in_use={"location_type": ["1"]})
        assert found.index.tolist() == ["stop/s"]

    def test_a_table_without_the_column_counts_whole(self, tmp_path):
        path = table(tmp_path, ["s,9,50", "p,9,50.1"], "stop_id,stop_lon,stop_lat")
        assert len(points(path, service="stop", columns=self.COLUMNS)) == 2

    def test_a_kind_that_no_timetable_has_counts_and_is_told(self, tmp_path):
        found = points(table(tmp_path, ["s,9,50,7,"], self.HEADER), service="stop", columns=self.COLUMNS)
        assert (len(found), codes(found)) == (1, ["stops_of_unknown_kind"])
