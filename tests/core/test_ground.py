"""Errors, findings, ledger, provenance and frame checks."""

from __future__ import annotations

import hashlib
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, Polygon, box

from spatialjustice._core import frames
from spatialjustice._core.errors import (
    ConservationError,
    DuplicateIdError,
    GeometryError,
    InputError,
    MissingCRSError,
    SpatialJusticeError,
    WrongPlaceError,
)
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.provenance import SourceRecord, add_sources, checksum, sources_of, versions


def test_an_error_names_input_rows_and_remedy_and_is_caught_both_ways():
    error = InputError("zones", "9 ids occur more than once", "Keep one of each.", rows=np.arange(9))
    assert str(error) == "zones: 9 ids occur more than once (0, 1, 2, 3, 4 and 4 more). Keep one of each."
    assert error.rows == tuple(range(9))
    assert isinstance(error, ValueError)
    assert isinstance(error, SpatialJusticeError)


def test_findings_and_sources_travel_with_frames_and_survive_json():
    finding = Finding("people_outside", "warning", "8 people live outside the zones.", 1, 8.0)
    record = SourceRecord("streets", "a.osm.pbf", "00", 3, data_date="2023-02-21")
    frame = add_sources(add_findings(pd.DataFrame({"a": [1, 2]}), finding, finding), record)
    selected = frame[frame["a"] > 1]
    assert findings_of(frame, selected) == [finding]
    assert sources_of(frame, selected) == [record]
    assert json.loads(json.dumps(frame.attrs)) == frame.attrs


def test_ledger_refuses_what_nobody_named():
    ledger = Ledger()
    ledger.record("zones", "people", before=100, after=92, elsewhere={"outside the zones": 8})
    with pytest.raises(ConservationError, match="100 people went in, 92 came out and 8 are unaccounted for"):
        ledger.record("zones", "people", before=100, after=92)
    with pytest.raises(ConservationError):
        ledger.record("zones", "people", before=100, after=float("nan"))
    table = ledger.to_frame()
    assert table.loc[0, ["before", "after", "elsewhere", "where"]].tolist() == [100, 92, 8, "8 outside the zones"]


def test_checksum_is_sha256(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    # The digest of "abc" published in FIPS 180-2, appendix B.1.
    published = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert checksum(tmp_path / "file") == published == hashlib.sha256(b"abc").hexdigest()


def test_versions_name_python_and_the_parts():
    found = versions()
    assert found["spatialjustice"] == "0.1.0"
    assert "not installed" not in {found["numpy"], found["geopandas"], found["osmium"]}


def squares(crs=32628):
    return gpd.GeoDataFrame({"a": [1, 2]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=crs)


def test_require_ids_names_the_repeated_ones():
    frame = squares()
    frame.index = [17, 17]
    with pytest.raises(DuplicateIdError, match=r"zones: 1 ids occur more than once \(17\)"):
        frames.require_ids(frame, "zones")
    frame.index = [1.0, np.nan]
    with pytest.raises(DuplicateIdError, match="1 rows have no id"):
        frames.require_ids(frame, "zones")


def test_require_crs():
    with pytest.raises(MissingCRSError, match=r"zones: the layer has no coordinate reference system.*set_crs"):
        frames.require_crs(squares(crs=None), "zones")


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (None, "1 rows have no geometry"),
        (Polygon(), "1 rows have an empty geometry"),
        (Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "1 rows have an invalid shape, the first because of “Self-inter"),
        (Point(np.inf, 1), "1 rows have coordinates that are not numbers"),
        (Point(1, 1), "1 rows are Point"),
    ],
)
def test_require_geometry_names_the_row(shape, message):
    frame = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[box(0, 0, 1, 1), shape], index=["good", "bad"], crs=32628)
    with pytest.raises(GeometryError, match=message) as caught:
        frames.require_geometry(frame, "zones", kinds={"Polygon"})
    assert caught.value.rows == ("bad",)


def test_require_overlap_tells_swapped_axes():
    tehran = gpd.GeoDataFrame(geometry=[box(51.2, 35.6, 51.6, 35.8)], crs=4326)
    swapped = gpd.GeoDataFrame(geometry=[Point(35.7, 51.4)], crs=4326)
    with pytest.raises(WrongPlaceError, match="Latitude and longitude are swapped"):
        frames.require_overlap(swapped, tehran, "clinics")
    elsewhere = gpd.GeoDataFrame(geometry=[Point(2.3, 48.8)], crs=4326)
    with pytest.raises(WrongPlaceError, match="coordinate reference system is the right one"):
        frames.require_overlap(elsewhere, tehran, "clinics")


def test_metric_crs_takes_utm_for_degrees_and_world_maps_and_keeps_a_local_one():
    place = gpd.GeoDataFrame(geometry=[box(-15.5, 28.0, -15.4, 28.1)], crs=4326)
    assert frames.metric_crs(place).to_epsg() == 32628
    assert frames.metric_crs(place.to_crs(3857)).to_epsg() == 32628
    assert frames.metric_crs(place.to_crs("ESRI:54009")).to_epsg() == 32628
    assert frames.metric_crs(place.to_crs(4083)).to_epsg() == 4083


def test_keep_refuses_other_ids():
    zones = pd.DataFrame({"people": [1, 2]}, index=["a", "b"])
    with pytest.raises(InputError, match="2 ids are not the same"):
        frames.keep(zones, minutes=pd.Series({"a": 1.0, "c": 2.0}))
