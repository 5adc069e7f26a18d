"""The notebooks run from top to bottom, keep their promises, and are committed without outputs.

The numbers that lessons on real data come to are worked out again here from the files, in other ways.
"""

from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path

import geopandas as gpd
import nbformat
import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, rankdata

import spatialjustice as sj
from spatialjustice.sources import registry
from tests.notebooks.lessons import DATA, DIGITAL, NOTEBOOKS, PROMISED, against_esda, keeps_its_promises

pytestmark = pytest.mark.filterwarnings("default")


def test_every_notebook_says_what_it_promises():
    assert {path.name for path in NOTEBOOKS} == set(PROMISED)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_it_is_committed_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    assert len(notebook.cells) <= 30
    assert "?" in notebook.cells[0].source, "a notebook asks one question"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_it_defines_no_functions(path):
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert not [node for cell in cells for node in ast.walk(ast.parse(cell)) if isinstance(node, defined)]


@pytest.mark.parametrize("name", sorted(set(PROMISED) - DIGITAL))
def test_it_runs_and_keeps_its_promises(name, executed):
    keeps_its_promises(executed(name), name)


@pytest.mark.parametrize("name", DATA)
def test_without_the_data_it_says_where_to_put_them(name, tmp_path, monkeypatch):
    """The cell that reads the data ends with a message that names the file, where it was looked for, and what to do."""
    from spatialjustice._core.errors import MissingFileError

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SPATIALJUSTICE_DATA", raising=False)
    path = next(path for path in NOTEBOOKS if path.name == name)
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    there = {}
    exec(cells[0], there)
    with pytest.raises(MissingFileError) as caught:
        exec(next(cell for cell in cells if "datasets.get(" in cell), there)
    known = registry()[DATA[name][0]]
    for part in (known.name, known.sha256, known.ask, str(Path("data/raw") / known.name), "set SPATIALJUSTICE_DATA"):
        assert part in str(caught.value)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_it_reads_data_sets_and_ends_with_lines_for_the_readers_city(path):
    """Its data come from ``sj.datasets`` or a library; the lines at its end are code of names that there are."""
    cells = nbformat.read(path, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert "sj.datasets.get(" in code or "libpysal.examples" in code
    assert "locate(" not in code
    named = {sj.datasets.files_of(name)["file"].iloc[0] for name in re.findall(r'datasets\.get\("(\w+)"\)', code)}
    assert {name for name in named if not registry()[name].shipped} <= set(DATA.get(path.name, ()))
    (lines,) = re.findall(r"## Try it for your city\n.*```python\n(.*?)```", cells[-1].source, re.DOTALL)
    assert 1 <= len(lines.splitlines()) <= 4
    names = [ast.unparse(node) for node in ast.walk(ast.parse(lines)) if isinstance(node, ast.Attribute)]
    ours = [name for name in names if re.fullmatch(r"sj\.\w+\.\w+", name)]
    assert ours
    for name in ours:
        room, verb = name.split(".")[1:]
        assert verb in getattr(sj, room).__all__


@pytest.fixture(scope="module")
def belo_horizonte(shared_data):
    """Return hexagons, with jobs within reach by one look at a full matrix, and one row for each person."""
    zones = gpd.read_file(shared_data("belo_horizonte/bho_hex_landuse.gpkg"))
    pairs = pd.read_parquet(shared_data("belo_horizonte/bho_travel_matrix.parquet"))
    minutes = np.full((len(zones), len(zones)), np.inf)
    place = pd.Index(zones["id"])
    minutes[place.get_indexer(pairs["from_id"]), place.get_indexer(pairs["to_id"])] = pairs["travel_time"]
    for limit in (30, 45, 60):
        zones[limit] = (minutes <= limit) @ zones["jobs"].to_numpy()
    people = zones.loc[zones.index.repeat(zones["population"])].sort_values("income_per_capita", kind="stable")
    return zones, people


@pytest.mark.parametrize("limit", [30, 45, 60])
def test_the_table_of_belo_horizonte_person_by_person(limit, belo_horizonte, numbers):
    """Every measure from its definition over 941,160 people, none of it by the functions of this package."""
    zones, people = belo_horizonte
    found = numbers("03_how_unequal.ipynb")
    table = found["table"][str(limit)]
    jobs, mean, count = people[limit].to_numpy(dtype=float), people[limit].mean(), len(people)
    assert table["mean"] == pytest.approx(mean, rel=1e-12)
    weight, each = zones["population"].to_numpy(dtype=float), zones[limit].to_numpy(dtype=float)
    differences = weight @ np.abs(each[:, None] - each[None, :]) @ weight
    assert table["gini"] == pytest.approx(differences / (2 * mean * count**2), rel=1e-10)
    share = jobs[jobs > 0] / mean
    theil = (share * np.log(share)).sum() / count
    assert table["theil_t"] == pytest.approx(theil, rel=1e-10)
    tenths = people.groupby("income_decile")[limit].agg(["size", "mean"])
    between = (tenths["size"] / count * tenths["mean"] / mean * np.log(tenths["mean"] / mean)).sum()
    assert table["theil_between_tenths"] == pytest.approx(between, rel=1e-10)
    assert table["theil_within_tenths"] == pytest.approx(theil - between, rel=1e-9)
    assert table["share_between_tenths"] == pytest.approx(between / theil, rel=1e-9)
    # People stand in the order of income; 10 % and 40 % of them are whole people.
    richest, poorest = jobs[-count // 10 :].mean(), jobs[: count * 4 // 10].mean()
    assert table["palma_ratio"] == pytest.approx(richest / poorest, rel=1e-3)  # hexagons of one income at the borders
    rank = (rankdata(people["income_per_capita"]) - 0.5) / count
    covariance = (jobs * rank).mean() - mean * rank.mean()
    assert table["concentration_index"] == pytest.approx(2 / mean * covariance, rel=1e-8)
    assert table["fgt"] == pytest.approx((jobs < zones["jobs"].sum() / 10).mean(), rel=1e-12)


def test_belo_horizonte_against_published_numbers(numbers):
    """Jobs in 30 minutes: R package accessibility 1.5, vignette “Calculating accessibility inequality and poverty”."""
    table = numbers("03_how_unequal.ipynb")["table"]["30"]
    assert table["gini"] == pytest.approx(0.4715251, abs=5e-8)
    assert table["theil_t"] == pytest.approx(0.3616631, abs=5e-8)
    assert table["share_between_tenths"] == pytest.approx(0.3541287, abs=5e-8)
    # It ranks hexagons of one income by their row, and takes whole hexagons into the richest tenth.
    assert table["concentration_index"] == pytest.approx(0.2865013, rel=2e-4)
    assert table["palma_ratio"] == pytest.approx(3.800465, rel=0.01)


def test_groups_clusters_and_sentence_of_belo_horizonte(belo_horizonte, numbers):
    zones, people = belo_horizonte
    found = numbers("03_how_unequal.ipynb")
    fifth = len(people) // 5
    for group in range(5):
        mean = people[45].iloc[group * fifth : (group + 1) * fifth].mean()
        assert found["gaps"][f"{group + 1} of 5"] == pytest.approx(mean, rel=1e-3)
    assert found["shown"] == [found["gaps"]["1 of 5"], found["gaps"]["5 of 5"], found["cluster_people"]["low-low"]]
    written = [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]{3,}", found["finding"]["en"])]
    assert written == [round(number) for number in found["shown"]]
    assert found["counted"]["people"] == sum(found["cluster_people"].values()) == 941_160
    assert found["counted"]["people of unknown income"] == 0
    assert found["counted"]["hexagons where nobody lives"] == found["counted"]["of these, income unknown"] == 78
    low, value, high = (np.array(found[name]) for name in ("low", "value", "high"))
    assert ((low < value) & (value < high)).all()
    assert f"Gini index {found['table']['45']['gini']:.3f}" in found["said"]["en"]
    lived_in = zones[zones["population"] > 0].set_index("id")
    against_esda(lived_in[45], lived_in, found["moran"], found["statistic"])


def test_the_counties_of_iran_against_esda(shared_data, numbers):
    counties = gpd.read_file(shared_data("iran/iran_counties_2016.gpkg")).set_index("county_code")
    found = numbers("04_iran_counties.ipynb")
    labels = pd.Series(found["columns"]["label"])
    labels.index = labels.index.astype(int)
    assert set(labels.index[labels == "island"]) == {2201, 2204}  # Abu Musa and Qeshm
    assert found["national"] == pytest.approx(counties["unemployed"].sum() / counties["active"].sum(), rel=1e-12)
    rate = (counties["unemployed"] / counties["active"]).drop([2201, 2204])
    statistic = {int(code): value for code, value in found["columns"]["statistic"].items() if int(code) in rate.index}
    against_esda(rate, counties.loc[rate.index], found["moran"], statistic)
    p_value = pd.Series(found["columns"]["p_value"]).dropna().astype(float)
    assert len(p_value) == 427
    assert found["before"] == (p_value <= 0.05).sum()
    assert found["after"] == (false_discovery_control(p_value) <= 0.05).sum()
    assert found["before"] > found["after"] == labels.isin(["high-high", "low-low", "high-low", "low-high"]).sum()
    hot = counties[labels.reindex(counties.index) == "high-high"]
    assert found["shown"] == [hot["population"].sum(), len(hot), hot["province_code"].nunique()]
    # Theil's T between and within provinces, person by person among the active.
    weight, mean = counties["active"] / counties["active"].sum(), found["national"]
    each = counties["unemployed"] / counties["active"] / mean
    province = counties.groupby("province_code")[["unemployed", "active"]].sum()
    theirs = province["unemployed"] / province["active"] / mean
    between = (province["active"] / province["active"].sum() * theirs * np.log(theirs)).sum()
    assert found["between"] == pytest.approx(between / (weight * each * np.log(each)).sum(), rel=1e-9)


def test_the_lesson_on_us_states_by_plain_arithmetic_and_published_numbers(numbers):
    """Spread, speed and order from their definitions; Q, LR and shares from giddy's documentation of Spatial_Markov."""
    from libpysal.examples import get_path
    from scipy.stats import kendalltau

    income = pd.read_csv(get_path("usjoin.csv"), index_col="Name").drop(columns="STATE_FIPS")
    found = numbers("05_a_century_of_us_states.ipynb")
    spread = income.std(ddof=0) / income.mean()
    assert found["sigma"] == pytest.approx(spread.to_dict())
    assert found["least"] == int(spread.idxmin())
    for span, speed in found["speeds"].items():
        first, last = span.split(" to ")
        years = int(last) - int(first)
        slope = np.polyfit(np.log(income[first]), np.log(income[last] / income[first]) / years, 1)[0]
        assert speed == pytest.approx(-np.log(1 + slope * years) / years, abs=5e-5)
    assert found["tau"][-1] == pytest.approx(kendalltau(income["1929"], income["2009"]).statistic)
    assert np.round(found["test"], 3).tolist() == [200.624, 170.659]
    published = {"1": 0.96341463, "2": 0.79831933, "3": 0.84693878, "4": 0.8852459, "5": 0.33333333}
    assert found["leaving"] == pytest.approx(published, abs=5e-4)
    assert all(
        {"Alabama", "Georgia", "Mississippi", "South Carolina"} <= set(names) for names in found["worst"].values()
    )


def test_what_would_change_it(numbers, shared_data):
    """Each plan is worked out again from the matrix, and each is best by the measure that it was made for."""
    told = numbers("10_what_would_change_it.ipynb")
    frame = gpd.read_file(shared_data("belo_horizonte/bho_hex_landuse.gpkg")).set_index("id")
    matrix = pd.read_parquet(shared_data("belo_horizonte/bho_travel_matrix.parquet"))
    minutes = matrix.pivot_table(index="from_id", columns="to_id", values="travel_time").reindex(frame.index)
    people = frame["population"].to_numpy(dtype=float)
    assert told["office"] == frame["jobs"].idxmax()
    mine = {}
    for goal, sites in {"before": [], **told["plans"]}.items():
        way = minutes[[told["office"], *sites]].min(axis=1).to_numpy()
        known = ~np.isnan(way) & (people > 0)
        order = np.argsort(-way[known], kind="stable")
        weights = people[known][order]
        tenth = np.clip(weights.sum() / 10 - (np.cumsum(weights) - weights), 0, weights)
        mine[goal] = {
            "mean": np.average(way[known], weights=people[known]),
            "within": people[known & (way <= 30)].sum() / people.sum(),
            "worst_tenth": (tenth * way[known][order]).sum() / tenth.sum(),
            "farthest": way[known].max(),
        }
        for name, value in mine[goal].items():
            assert told["measures"][goal][name] == pytest.approx(value, rel=1e-9), (goal, name)
    for goal, name in (("mean", "mean"), ("worst tenth", "worst_tenth"), ("farthest", "farthest")):
        best = min(one[name] for one in mine.values())
        assert mine[goal][name] <= best * 1.001
    assert mine["within cutoff"]["within"] == max(one["within"] for one in mine.values())
    # What the text says of these numbers.
    measures, fifths = told["measures"], told["fifths"]
    assert measures["mean"]["gini"] > measures["before"]["gini"]
    assert fifths["worst group"]["fifth 1"] < fifths["mean"]["fifth 1"] - 2
    assert 0.5 < measures["worst group"]["mean"] - measures["mean"]["mean"] < 2
    assert told["refused"]["worst group"]["people_losing"] > told["refused"]["worst group"]["people_gaining"] > 0
    assert told["kept"][0] > told["kept"][1]
    assert told["regret"] < 1
    # Whoever has no way within 90 minutes counts as 90, but for those whom no site reaches whatever the plan.
    some = minutes[[told["office"], *frame.index[frame["schools"] > 0]]].min(axis=1).to_numpy() <= 90
    counted = some & (people > 0)

    def mean_with(sites):
        way = minutes[[told["office"], *sites]].min(axis=1).to_numpy()[counted]
        return np.average(np.fmin(way, 90), weights=people[counted])

    plan = told["plans"]["mean"]
    for one in told["prices"]:
        others = [site for site in plan if site != one["site"]] + one["instead"]
        best = min(mean_with(sites) for sites in itertools.combinations(others, len(plan)))
        assert one["price"] == pytest.approx(best - mean_with(plan), abs=1e-6)
    assert all(one["price"] > 0 for one in told["prices"])


@pytest.fixture(scope="module")
def warsaw(shared_data):
    votes = pd.read_csv(shared_data("participation/pabulib_elections.csv"), dtype=str)
    votes = votes[votes["unit"] == "Warszawa"].assign(year=votes["date_begin"].str[-4:].astype(int))
    votes["zone"] = votes["district"].str.replace("-", " ")
    keys = votes[["file", "year", "zone", "subunit", "district"]]
    ballots = pd.read_parquet(shared_data("participation/pabulib_voters.parquet")).merge(keys, on="file")
    ballots["years_old"] = pd.to_numeric(ballots["age"], errors="coerce")
    projects = pd.read_parquet(shared_data("participation/pabulib_projects.parquet")).drop(columns="district")
    people = gpd.read_file(shared_data("participation/warsaw_districts.gpkg")).set_index("name")["people_2024"]
    return ballots, projects.merge(keys, on="file"), people


class TestWhoTakesPart:
    """The lesson of Warsaw, from its tables by pandas alone."""

    def test_ballots_and_money_per_person(self, warsaw, numbers):
        ballots, projects, people = warsaw
        found = numbers("12_who_takes_part.ipynb")
        sums = ballots[ballots["year"] == 2024].groupby("zone")["voters"].sum()
        assert found["rate"] == pytest.approx((1000 * sums / people).to_dict())
        whole = ballots["subunit"].isna() | (ballots["subunit"] == ballots["district"])
        levels = ballots[ballots["year"] == 2018].groupby(["zone", whole])["voters"].sum().groupby("zone").max()
        assert found["least"] == pytest.approx((1000 * levels / people).to_dict())
        cost = projects["cost"].astype(float)[projects["selected"] == "1"].groupby(projects["zone"]).sum()
        assert found["money"] == pytest.approx((cost / people).to_dict())

    def test_paper_and_what_became_of_the_oldest(self, warsaw, numbers):
        ballots, _, _ = warsaw
        found = numbers("12_who_takes_part.ipynb")
        old = ballots[ballots["years_old"].between(75, 122)]
        told = old[old["voting_method"] != ""].groupby("year")["voters"].sum()
        paper = old[old["voting_method"] == "paper"].groupby("year")["voters"].sum()
        assert {int(year): share for year, share in found["old"].items()} == pytest.approx((paper / told).to_dict())
        there = ballots[ballots["zone"].notna()]
        parts = [
            there[there["years_old"].between(low, high)].groupby("year")["voters"].sum()
            for low, high in ((75, 122), (35, 44))
        ]
        before, after = (
            [part.loc[years].mean() for part in parts] for years in ([2016, 2017, 2018], [2019, 2020, 2021, 2022])
        )
        assert found["apart"] == pytest.approx((after[0] / after[1]) / (before[0] / before[1]) - 1)
        assert "26 ballots in Wilanów and 59 in Wesoła" in found["said"]["en"]


def test_small_and_large_cities_of_iran(numbers, shared_data):
    """Means, classes, levels and Ilam's place by sums of pandas from the files; what the text says of them."""
    found = numbers("11_small_and_large_cities_of_iran.ipynb")
    cells = pd.read_parquet(shared_data("cities/iran_90_cities_cells.parquet"))
    cities = pd.read_csv(shared_data("cities/cityaccessmap_3261_cities.csv")).set_index("city")
    cells["people"] = cells["POP_2015"].astype(float)
    whole = cities["people_2015"].reindex(cells["city"].unique())
    size = pd.cut(whole, [5e4, 2e5, 5e5, 1.5e6, 1e9], right=False, labels=False)
    names = ["small", "medium", "metropolitan", "large metropolitan"]
    assert {int(city): name for city, name in found["size"].items()} == {c: names[k] for c, k in size.items()}
    assert found["ilam"] == 5488
    assert found["missing"] == ["Tehran"]
    of_class = cells["city"].map(size)
    for name, column in {"school": "education", "health care": "health_wellbeing"}.items():
        way, weight = cells[column].astype(float), cells["people"] / cells["people"].sum()
        mean = (way * weight).sum()

        def grouped(by, way=way):
            had, people = (way * cells["people"]).groupby(by).sum(), cells["people"].groupby(by).sum()
            return had / people

        by_class, by_city = grouped(of_class), grouped(cells["city"])
        for place, label in enumerate(names):
            assert found["by_size"][name][label] == pytest.approx(by_class[place], rel=1e-6)
        one, other = of_class.map(by_class), cells["city"].map(by_city)
        share = weight * way / mean
        logs = np.log((way / other).where(way > 0, 1.0))
        parts = [(share * np.log(one / mean)).sum(), (share * np.log(other / one)).sum(), (share * logs).sum()]
        assert list(found["parts"][name].values()) == pytest.approx([*parts, sum(parts)], rel=1e-5)
        mine = by_city[size == 0]
        told = found["against"][name]
        assert (told["value"], told["median"]) == pytest.approx((by_city[5488], mine.median()), rel=1e-6)
        assert told["cities"] == 51
    # What the text says.
    assert cities.loc[found["first"], "name"] == "Pardis"
    assert found["place"] == [1, 2]
    assert found["apart"] == [False, False]
    assert found["few"] == 17
    squares, single = found["ranges"][:3], found["ranges"][3:]
    assert squares[0] == single[0]
    assert squares[2] - squares[1] > 4 * (single[2] - single[1])
    assert "553 m to the nearest school on average; the median small city has 720 m" in found["finding"]["en"]


def test_the_study_says_what_the_notebook_said(numbers):
    """The same people within, beyond and without a way, everybody counted, every file as it was written."""
    found = numbers("18_from_notebook_to_study.ipynb")
    tried, told = found["tried"], found["told"]
    for status, column in (("ok", "within"), ("beyond_cutoff", "beyond_cutoff"), ("unreachable", "unreachable")):
        assert told[f"people_{column}"] == pytest.approx(tried[status], rel=1e-9)
        assert tried[status] > 0
    assert sum(tried.values()) == pytest.approx(told["people"])
    assert (
        found["dates"] == ["2019-02-01", "2015", "2023-02-21T03:31:14Z", "2023-02-21T03:31:14Z"][: len(found["dates"])]
    )
    assert not found["verified"]


@pytest.fixture(scope="module")
def full_matrix():
    """Return the hexagons of Belo Horizonte with minutes from each to each, infinite where the table has none."""
    data = sj.datasets.get("belo_horizonte")
    zones = gpd.read_file(data["hexagons"]).set_index("id")
    pairs = pd.read_parquet(data["minutes"])
    minutes = np.full((len(zones), len(zones)), np.inf)
    minutes[zones.index.get_indexer(pairs["from_id"]), zones.index.get_indexer(pairs["to_id"])] = pairs["travel_time"]
    return zones, minutes


def test_a_matrix_in_three_spellings(full_matrix, numbers):
    """Jobs, schools and people by sums of numpy over the full matrix."""
    zones, minutes = full_matrix
    found = numbers("15_own_zones_and_matrix.ipynb")
    for jobs in found["within"].values():
        np.testing.assert_allclose(jobs, (minutes <= 30) @ zones["jobs"].to_numpy())
    way = minutes[:, zones["schools"] > 0].min(axis=1)
    told = pd.Series(found["minutes"]).reindex(zones.index).astype(float)
    np.testing.assert_array_equal(told.fillna(np.inf), way)
    people = zones["population"].astype(float)
    assert found["served"]["ok"] == people[way <= 15].sum()
    assert found["served"]["unreachable"] == people[np.isinf(way)].sum() > 0
    assert found["same"]
    for cutoff, gini in found["gini"].items():
        schools = (minutes <= int(cutoff)) @ zones["schools"].to_numpy()
        apart = people.to_numpy() @ np.abs(schools[:, None] - schools) @ people.to_numpy()
        assert gini == pytest.approx(apart / (2 * people.sum() * (schools @ people.to_numpy())), rel=1e-9)


def test_the_lines_of_r_users(full_matrix, numbers):
    """Sums from the definitions (Hansen 1959; Páez et al. 2019; Soukhov et al. 2023), and what the R package gives."""
    zones, minutes = full_matrix
    found = numbers("16_for_r_users.ipynb")
    for name, near in (("gini_index", 1e-7), ("theil_t", 1e-7), ("concentration_index", 2e-4), ("palma_ratio", 0.01)):
        assert found["ours"][name] == pytest.approx(found["published"][name], rel=near)
    jobs, schools, people = (zones[name].to_numpy(dtype=float) for name in ("jobs", "schools", "population"))
    limits = [(minutes <= limit) @ jobs for limit in range(40, 61)]
    slow, medium = np.exp(-0.1 * minutes), np.exp(-0.2 * minutes)
    quick = np.exp(-0.5 * minutes)
    quick[:, jobs == 0] = 0  # what has no supply takes no share
    of_each = quick.sum(axis=1)[:, None]
    chosen = np.divide(quick, of_each, where=of_each > 0, out=np.zeros_like(quick))
    handed_out = np.divide(quick, quick.sum(axis=0), where=jobs > 0, out=np.zeros_like(quick))
    each = np.divide(jobs, chosen.T @ people, where=jobs > 0, out=np.zeros_like(jobs))
    by_people = people / people.sum()
    falls_to = by_people[:, None] * slow
    falls_to = np.divide(falls_to, falls_to.sum(axis=0), where=jobs > 0, out=np.zeros_like(slow))
    mine = {
        "cumulative_interval": np.mean(limits, axis=0),
        "gravity": medium @ schools,
        "bfca": handed_out @ each,
        "spatial_availability": falls_to @ jobs,
    }
    for name, values in mine.items():
        told = pd.Series(found["answers"][name]).reindex(zones.index)
        np.testing.assert_allclose(told, values, rtol=1e-8, atol=1e-9, err_msg=name)


def test_the_figure_is_a_column_wide_and_its_table_is_right(numbers, executed):
    """90 mm at 300 dots per inch; the Gini index from its definition; each source cited with its licence."""
    from PIL import Image

    found = numbers("17_a_papers_figure.ipynb")
    with Image.open(executed("17_a_papers_figure.ipynb") / "figure_1.png") as picture:
        assert picture.size[0] == round(90 / 25.4 * 300)
    ways, people = np.array(found["ways"]), np.array(found["people"])
    apart = people @ np.abs(ways[:, None] - ways) @ people
    assert found["gini"] == pytest.approx(apart / (2 * people.sum() * (ways @ people)), rel=1e-9)
    assert people.sum() + found["left_out"] == pytest.approx(found["everybody"])
    assert found["left_out"] > 0
    for known in sj.datasets.files_of("las_palmas_quarter").itertuples():
        assert any(known.licence in line and known.sha256[:16] in line for line in found["data"])
