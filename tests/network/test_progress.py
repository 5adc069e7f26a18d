"""Whoever waits for streets, a timetable or areas is told how far they are; what is short says nothing."""

from __future__ import annotations

from typing import ClassVar

import geopandas as gpd
import pytest
import shapely
from tqdm.auto import tqdm

import spatialjustice as sj
from tests.made_streets import write


class Heard(tqdm):
    """A bar that keeps what it is told."""

    made: ClassVar[list[tuple[str, int, float]]] = []

    def close(self) -> None:
        if not getattr(self, "told", False):
            self.told = True
            self.made.append((self.desc.strip(": "), self.n, self.delay))
        super().close()


@pytest.fixture
def heard(monkeypatch):
    monkeypatch.setattr(Heard, "made", [])
    for module in (
        *(
            "sources.osm._pieces",
            "sources.osm.extract",
            "sources.osm._current",
            "network.streets.osm_file",
            "network.streets.build",
        ),
        *("access.areas.isochrones", "access.areas.in_squares", "sources.timetables.gtfs"),
    ):
        monkeypatch.setattr(f"spatialjustice.{module}.tqdm", Heard)
    return Heard.made


def test_streets_and_areas_tell_how_far_they_are(tmp_path, heard, capsys):
    walk = sj.network.from_osm(write(tmp_path / "town.osm"), mode="walk")
    said = {desc: done for desc, done, _ in heard}
    assert said["reading town.osm"] > 5
    assert said["network: walk"] == 7
    assert said["streets"] == 2
    home = gpd.GeoSeries([shapely.Point(0.0, 0.0), shapely.Point(0.001, 0.001)], crs=4326)
    for verb in (sj.access.isochrones, sj.access.isochrones_in_squares):
        heard.clear()
        verb(walk, home, cutoff=2)
        assert [one for one in heard if one[0] == "areas"] == [("areas", 2, 2)]
    assert capsys.readouterr().err == "", "nothing is drawn for what takes a moment"
