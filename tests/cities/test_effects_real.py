"""What goes with what in Chicago's tracts and in the cities of the world: rows and people as pandas counts them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from spatialjustice import inequality
from spatialjustice.cities import effects


def test_cities_are_compared_within_their_countries(shared_data):
    """Ways to schools against ways to parks, by country; 5,000 m means 5,000 or more and is not taken as a number."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    table = pd.read_csv(shared_data("cities/cityaccessmap_3261_cities.csv")).set_index("city")
    ways = ["education", "active_living"]
    table[ways] = table[ways].where(table[ways] < 5000)
    table["size"] = np.log10(table["people_2015"])
    row = effects(
        table,
        {"education": {"component": "institutions", "unit": "metres", "direction": "lower is better", "step": 100}},
        {"active_living": {"dimension": "environmental", "unit": "metres", "direction": "lower is better"}},
        controls={"size": "size"},
        regions=table["country"],
        people=table["people_2015"],
        rng=1,
    ).iloc[0]
    known = table.dropna(subset=[*ways, "country"])
    known = known.join(known.groupby("country")[["education", "size"]].transform("mean").add_suffix("_mean"))
    formula = "active_living ~ education + size + education_mean + size_mean"
    fitted = MixedLM.from_formula(formula, known, groups=known["country"]).fit(reml=True)
    assert row["model"] == "multilevel"
    assert row["effect"] == pytest.approx(100 * fitted.fe_params["education"], rel=1e-3)
    assert row["standard_error"] == pytest.approx(100 * fitted.bse_fe["education"], rel=1e-2)
    assert (row["n"], row["left_out"]) == (len(known), len(table) - len(known))
    assert row["people_left_out"] == pytest.approx(table["people_2015"].sum() - known["people_2015"].sum())
    assert row["goes_with"] == "better"


def test_tracts_of_chicago_by_their_neighbours(shared_data):
    """Asthma of adults is missing in 103 tracts; whoever lives there is told as left out."""
    tracts = gpd.read_file(shared_data("chicago/chicago_tracts_acs2019_fcc.gpkg")).set_index("geoid")
    burdens = pd.read_csv(shared_data("chicago/chives_environment_tracts.csv"), dtype={"geoid": str}).set_index("geoid")
    frame = tracts.join(burdens, how="inner")
    row = effects(
        frame,
        {"f_broadband": {"component": "technology", "unit": "share", "direction": "higher is better"}},
        {"adAsthma17": {"dimension": "social", "unit": "percent", "direction": "lower is better"}},
        controls=["f_black", "f_hispanic"],
        people=frame["population"],
        neighbours=inequality.contiguity(frame),
        rng=1,
    ).iloc[0]
    known = frame.dropna(subset=["f_broadband", "adAsthma17", "f_black", "f_hispanic"])
    assert frame["adAsthma17"].isna().sum() == 103
    assert (row["n"] + row["without_neighbours"], len(frame)) == (len(known), 801)
    assert row["left_out"] == 801 - row["n"]
    assert row["people"] + row["people_left_out"] == frame["population"].sum()
    # Neighbours are so alike that least squares would not do; beside that, nothing clear is left.
    assert row["model"].startswith("spatial")
    assert row["moran_p_value"] > 0.05
    assert row["grade"] == "D"
