"""Maps of measures in units of one's own."""
# ruff: noqa: RUF001 (Persian digits are meant)

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice.access.competition.catchment import floating_catchment_area
from spatialjustice.maps.choropleth import choropleth, clusters
from spatialjustice.maps.indicator import Indicator
from tests.browsing import text_of_page


@pytest.fixture
def zones():
    squares = [shapely.box(x, 0, x + 0.01, 0.01) for x in (0, 0.01, 0.02)]
    return gpd.GeoDataFrame(index=["a", "b", "c"], geometry=squares, crs=4326)


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "The numbers count: supply per person."), ("fa", "ظرفیت به ازای هر نفر")]
)
def test_a_catchment_is_drawn_in_its_own_unit(zones, lang, said, tmp_path):
    """Doctors for each person: small numbers with digits that say something, and the unit by its name."""
    pairs = pd.DataFrame({"from_id": ["a", "b"], "to_id": [1, 1], "travel_cost": [1.0, 2.0]})
    people = pd.Series({"a": 300, "b": 300, "c": 10})
    served = floating_catchment_area(pairs, supply=pd.Series({1: 1}), demand=people, decay=5, method="2sfca")
    path = tmp_path / "map.html"
    choropleth(zones, served, people=people, lang=lang).save(path)
    page = text_of_page(path)
    assert said in page
    assert "0.0017" in page or "۰٫۰۰۱۷" in page


def test_a_unit_without_a_word_is_named_as_it_is(zones, tmp_path):
    values = pd.Series([1.0, 2, 3], index=zones.index)
    choropleth(zones, values, unit="<b>beds</b>", title="Synthetic").save(tmp_path / "map.html")
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "The numbers count: " in page
    assert "<b>beds</b>" not in page


@pytest.mark.parametrize(("highest", "decimals"), [(0.0029, 4), (0.3, 2), (4.25, 1), (41.5, 0), (0.0, 0), (1e-9, 6)])
def test_amounts_show_two_digits_that_say_something(highest, decimals):
    values = pd.Series([0.0, highest / 3, highest, np.nan])
    assert Indicator(key="x", title="x", values=values, unit="amount", kind="count").decimals == decimals


def test_clusters_say_how_significance_was_tested(grid):
    found = pd.DataFrame({"statistic": 0.5, "label": "hot spot"}, index=grid.index)
    found.attrs = {"measure": "local_moran", "permutations": 1999, "seed": 12345, "significance": 0.05, "adjust": "fdr"}
    page = clusters(grid, found, title="Synthetic", note="High is bad.").to_html()
    assert "High is bad. The false discovery rate is held at 5%. 1,999 random permutations, seed 12345" in page
    assert "Hot spot" in page
    found.attrs["adjust"] = "none"
    assert "Labels are given at a level of 5%" in clusters(grid, found, title="Synthetic").to_html()
    with pytest.raises(InputError, match="no column label"):
        clusters(grid, found[["statistic"]])
