"""Mobile cells: with and without a header, listed twice, without a range; every row accounted for."""

from __future__ import annotations

import gzip

import geopandas as gpd
import pytest
import shapely

from spatialjustice._core.errors import InputError, WrongPlaceError
from spatialjustice.sources import towers

HEADER = "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal"
# 1 January 2020 is second 1577836800 of the clock that computers count by, a day has 86,400.
ROWS = [
    "LTE,262,2,801,1,0,13.4,52.5,1500,7,1,1577836800,1577836800,0",
    "LTE,262,2,801,1,0,13.5,52.5,2500,9,1,1577836800,1577923200,0",
    "GSM,262,2,801,2,0,13.4,52.5,0,1,1,1577836800,1577836800,0",
    "UMTS,262,3,801,3,0,0,0,900,1,1,1577836800,1577836800,0",
]


def written(folder, rows, header=HEADER):
    path = folder / "cells.csv"
    path.write_text("\n".join([*([header] if header else []), *rows]) + "\n")
    return path


def test_by_hand(tmp_path):
    found = towers(written(tmp_path, ROWS))
    assert found.index.tolist() == ["LTE/262/2/801/1", "GSM/262/2/801/2"]
    last = found.loc["LTE/262/2/801/1"]
    # The later of the two lines stands for the cell.
    assert (last["range"], last["last_seen"], last["network"]) == (2500, "2020-01-02", "262-2")
    assert found["range"].isna().tolist() == [False, True]
    (line,) = found.attrs["ledger"]
    assert (line["before"], line["after"]) == (4, 2)
    assert line["where"] == "1 listed twice; 1 without coordinates"
    assert found.attrs["sources"][0]["data_date"] == "2020-01-02"
    assert "cells_without_range" in [item["code"] for item in found.attrs["findings"]]


def test_without_a_header_and_packed_it_is_the_same(tmp_path):
    with_it = towers(written(tmp_path, ROWS))
    bare = towers(written(tmp_path, ROWS, header=None))
    path = tmp_path / "cells.csv.gz"
    path.write_bytes(gzip.compress("\n".join(ROWS).encode(), mtime=0))
    for found in (bare, towers(path)):
        assert found.drop(columns="geometry").equals(with_it.drop(columns="geometry"))


def test_cells_around_the_place_stay(tmp_path):
    place = gpd.GeoDataFrame(geometry=[shapely.box(13.2, 52.4, 13.45, 52.6)], crs=4326)
    near = towers(written(tmp_path, ROWS), within=place)
    assert len(near) == 2
    inside = towers(written(tmp_path, ROWS), within=place, buffer=0)
    assert inside.index.tolist() == ["GSM/262/2/801/2"]
    assert inside.attrs["ledger"][0]["where"].endswith("1 elsewhere")


def test_faults(tmp_path):
    with pytest.raises(InputError, match="TETRA"):
        towers(written(tmp_path, [*ROWS, "TETRA,262,2,801,9,0,13.4,52.5,1,1,1,1,1,0"]))
    with pytest.raises(WrongPlaceError, match="swapped"):
        towers(written(tmp_path, ["LTE,262,2,801,1,0,52.5,113.4,1500,7,1,1,1,0"]))
    elsewhere = gpd.GeoDataFrame(geometry=[shapely.box(51, 35, 52, 36)], crs=4326)
    with pytest.raises(WrongPlaceError):
        towers(written(tmp_path, ROWS), within=elsewhere)
