"""A study whose streets end before the place does, and one of a service that nobody has mapped."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest

from spatialjustice import study
from spatialjustice._core.errors import StudyError

ZONES = {"zones": {"kind": "polygons", "file": "zones.gpkg"}, "population": {"column": "people"}}
WEST, SOUTH, UTM = 500_000.0, 5_540_000.0, 32632


def cut(city, metres):
    """Say in the streets' header that the data end ``metres`` east of the western edge of the city."""
    edge = gpd.GeoSeries.from_xy([WEST - 500, WEST + metres], [SOUTH - 500, SOUTH + 2000], crs=UTM).to_crs(4326)
    header = osmium.io.Header()
    header.add_box(osmium.osm.Box(edge.x.iloc[0], edge.y.iloc[0], edge.x.iloc[1], edge.y.iloc[1]))
    old, new = city.folder / "streets.osm.pbf", city.folder / "cut.osm.pbf"
    with osmium.SimpleWriter(str(new), header=header) as writer:
        for item in osmium.FileProcessor(str(old)):
            writer.add(item)
    return "cut.osm.pbf"


def test_too_many_people_outside_stop_the_study(city, tmp_path):
    """The middles of the four easternmost zones, with 40 of 160 people, lie at 1,050 m: a quarter."""
    streets = cut(city, 1000)
    with pytest.raises(StudyError, match=r"40 of 160 people \(25.*outside_limit"):
        study.run(city.study(streets=streets, **ZONES), out=tmp_path / "out")
    with pytest.raises(StudyError, match="40 of 160"):
        study.check(city.study(streets=streets, **ZONES))


def test_people_outside_are_told_and_in_no_result(city, tmp_path):
    streets = cut(city, 1000)
    catchments = [{"name": "one", "services": ["pharmacy"], "decay": {"binary": "3 km"}}]
    asked = {"streets": streets, "services": ["pharmacy"], "cutoffs": ["3000 m"], "outside_limit": 0.3}
    found = study.run(city.study(**asked, catchments=catchments, inequality={}, **ZONES), out=tmp_path / "out")
    shares = found.table("shares").iloc[0]
    # All of the 120 others are within 3 km: not 75 % of 160.
    assert (shares["people"], shares["people_within"], shares["people_outside_data"]) == (160, 120, 40)
    assert shares["share_within"] == 1
    told = {item.code: item for item in found.findings}["zones_outside_data"]
    assert (told.count, told.people) == (4, 40)
    zones = pd.read_csv(tmp_path / "out" / "tables" / "zones.csv").set_index("zone_id")
    outside = zones["pharmacy_walk_status"] == "outside_data"
    assert outside.sum() == 4
    assert zones.loc[outside, ["pharmacy_walk_within_3000_m", "one_walk_per_10000_people"]].isna().all(axis=None)
    assert found.table("distribution")["mean_within_3000_m"].item() == 1
    assert found.table("catchments")["people_who_reach_none"].item() == 0
    assert found.table("catchments")["per_10000_people_mean"].item() == pytest.approx(10_000 / 120)
    means = found["inequality"].measures.query("measure == 'mean' and outcome == 'within 3000 m'")
    assert means["value"].item() == 1


def test_a_service_nobody_has_mapped_is_unknown_in_every_table(city, tmp_path):
    """Until now 0 for every zone, and 100 % who reach none, beside a page that said that nothing is mapped."""
    catchments = [{"name": "beds", "services": ["hospital"], "decay": {"binary": "3 km"}}]
    settings = {"services": ["pharmacy", "hospital"], "catchments": catchments, "inequality": {}}
    found = study.run(city.study(**settings, **ZONES), out=tmp_path / "out")
    row = found.table("catchments").iloc[0]
    assert row["places"] == 0
    unknown = [
        "supply",
        "supply_handed_out",
        "people_who_reach_none",
        "share_who_reach_none",
        "per_10000_people_mean",
        "gini",
    ]
    assert row[unknown].isna().all()
    zones = pd.read_csv(tmp_path / "out" / "tables" / "zones.csv")
    columns = [name for name in zones if name.startswith(("hospital_walk_within", "beds_"))]
    assert len(columns) == 3
    assert zones[columns].isna().all(axis=None)
    assert (zones["hospital_walk_status"] == "no_supply").all()
    measures = found["inequality"].measures
    assert set(measures["service"]) == {"pharmacy"}
    assert np.isfinite(measures["value"]).any()
