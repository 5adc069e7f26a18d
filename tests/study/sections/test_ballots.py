"""The study of Warsaw as it stands in ``studies``: its numbers by pandas from the files, its page, what it may leave
out."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import yaml

from spatialjustice._core.errors import StudyError
from spatialjustice.study import run
from spatialjustice.study.settings import Study
from tests.browsing import text_of_page

STUDY = Path(__file__).resolve().parents[3] / "studies" / "warsaw.yaml"
SETTINGS = yaml.safe_load(STUDY.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def warsaw(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("warsaw")
    path = folder / "warsaw.yaml"
    path.write_text(yaml.safe_dump(SETTINGS | {"takeaway": []}, allow_unicode=True), encoding="utf-8")
    data = shared_data("participation/pabulib_voters.parquet").parents[1]
    shared_data("participation/warsaw_districts.gpkg")
    return run(path, data_dir=data, out=folder / "out")


@pytest.fixture(scope="module")
def raw(shared_data):
    """The three tables as pandas reads them, Warsaw's rows, with the year in which voting began."""
    votes = pd.read_csv(shared_data("participation/pabulib_elections.csv"), dtype=str)
    votes = votes[votes["unit"] == "Warszawa"]
    votes["year"] = votes["date_begin"].str[-4:].astype(int)
    keys = votes[["file", "year", "district"]]
    ballots = pd.read_parquet(shared_data("participation/pabulib_voters.parquet")).merge(keys, on="file")
    projects = pd.read_parquet(shared_data("participation/pabulib_projects.parquet"))
    return ballots, projects.drop(columns="district").merge(keys, on="file")


def table(results, name):
    return pd.read_csv(results.folder / "tables" / f"{name}.csv")


class TestNumbers:
    def test_ballots_of_every_district_and_year_are_those_of_the_file(self, warsaw, raw):
        found = table(warsaw, "ballots_by_place").set_index(["vote_year", "place"])
        sums = raw[0].assign(place=raw[0]["district"].str.replace("-", " ")).groupby(["year", "place"])["voters"].sum()
        assert len(sums) == 180
        assert (found["ballots"].loc[sums.index] == sums).all()
        assert found["ballots"].sum() == raw[0]["voters"].sum() == 1_175_866, "those of the whole city have a row, too"
        people = gpd.read_file(warsaw.files["participation/warsaw_districts.gpkg"]).set_index("name")["people_2024"]
        rate = 1000 * sums.loc[2024] / people
        assert found["ballots_per_1000_people"].loc[2024].loc[rate.index].tolist() == pytest.approx(
            rate.tolist(), abs=1e-4
        )
        assert (rate.idxmin(), rate.idxmax()) == ("Wilanów", "Wesoła")

    def test_shares_on_paper_are_those_of_the_file_and_nobody_guesses_those_of_2023(self, warsaw, raw):
        found = table(warsaw, "paper_by_age_year").set_index(["vote_year", "age_class"])
        ages = pd.to_numeric(raw[0]["age"], errors="coerce")
        old = raw[0][(ages >= 75) & (ages <= 122)]
        for year in (2016, 2018, 2019, 2020, 2025):
            of_year = old[old["year"] == year]
            share = of_year["voters"][of_year["voting_method"] == "paper"].sum() / of_year["voters"].sum()
            assert found.loc[(year, "75+"), "paper_share"] == pytest.approx(share, abs=1e-6)
        assert found.loc[2023, "paper_share"].isna().all()
        assert found.loc[(2023, "all"), "method_unknown"] == 82_127
        assert found.loc[2023, "method_unknown"].drop("all").sum() == 82_127

    def test_the_change_of_older_voters_is_that_of_the_file(self, warsaw, raw):
        found = table(warsaw, "ballots_change").set_index("quantity")
        ages, year = pd.to_numeric(raw[0]["age"], errors="coerce"), raw[0]["year"]
        there = raw[0]["district"].notna()

        def mean(rows, years):
            return raw[0]["voters"][rows & there & year.isin(years)].sum() / len(years)

        old, others = (ages >= 65) & (ages <= 122), (ages >= 25) & (ages <= 54)
        sides = [2016, 2017, 2018], [2019, 2020, 2021, 2022]
        before, after = (mean(old, years) / mean(others, years) for years in sides)
        apart = found.loc["change of the group beside that of the reference"]
        assert apart["change"] == pytest.approx(after / before - 1, abs=1e-6)
        assert apart["low"] < apart["change"] < apart["high"] < 0

    def test_money_of_every_district_and_year_is_that_of_the_file(self, warsaw, raw):
        found = table(warsaw, "money_by_place").set_index(["vote_year", "place"])["cost"]
        chosen = raw[1][raw[1]["selected"] == "1"]
        place = chosen["district"].str.replace("-", " ").fillna("for the whole city")
        sums = chosen["cost"].astype(float).groupby([chosen["year"].astype(str), place]).sum()
        assert len(sums) == 181
        assert found.loc[sums.index].tolist() == pytest.approx(sums.tolist())
        assert found.loc["all"].sum() == pytest.approx(sums.sum())

    def test_the_study_needs_no_service_and_says_nothing_of_ways(self, warsaw):
        assert warsaw.tables.keys() >= {"ballots_by_place", "money_by_place", "votes_by_level"}
        assert not {"shares", "services", "spatial_autocorrelation"} & warsaw.tables.keys()
        codes = {finding.code for finding in warsaw.findings}
        assert not {"straight_lines", "column_kept_as_text"} & codes
        assert {"ballots_are_not_people", "names_spelled_otherwise", "projects_without_point"} <= codes
        zones = table(warsaw, "zones").set_index("zone_id")
        assert zones.loc["Wola", "name"] == "Wola"
        assert zones["share_near_a_selected_project"].between(0, 1).all()


class TestPages:
    def test_the_page_says_it_in_both_languages(self, warsaw):
        said = text_of_page(warsaw.folder / "ballots.html")
        assert (
            "In 2024 there were 39.9 ballots for every 1,000 people: fewest in Wilanów (26.4), most in Wesoła" in said
        )
        assert "On paper: 5.0% of the ballots in 2018, 1.2% in 2019, 0.4% in 2025." in said
        assert "روی کاغذ: ۵٫۰٪ برگه‌ها در ۲۰۱۸" in said  # noqa: RUF001
        assert "Who and what is not counted" in said
        assert "are not in these data" in said, "the votes of the whole city that are absent"
        assert "cause" not in said.split("<script")[0].lower()

    def test_a_reader_chooses_a_year_and_a_language(self, warsaw, open_file):
        opened = open_file(warsaw.folder / "ballots.html", viewport={"width": 390, "height": 800})
        tab = opened.page
        tab.locator("select").first.select_option(label="2025")
        assert tab.get_by_text("61,668 ballots of the whole city's vote are of no district.").is_visible()
        assert tab.get_by_text("Ballots per 1,000 people, 2025").is_visible()
        tab.get_by_role("button", name="فارسی").click()
        assert tab.get_by_text("برگه‌های رأی به ازای هر ۱٬۰۰۰ نفر، ۲۰۲۵").is_visible()  # noqa: RUF001
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            "nothing hangs out of a phone's screen"
        )
        assert not opened.errors
        assert not opened.remote

    def test_the_map_begins_with_ballots_and_leads_to_the_page(self, warsaw):
        said = text_of_page(warsaw.folder / "map.html")
        assert "Ballots per 1,000 people in 2024" in said
        assert 'href="ballots.html"' in said

    def test_every_number_of_the_pages_is_that_of_the_tables_and_pictures_differ(self, warsaw):
        """Without services there is no overview.csv; the index shows another picture for each page."""
        tool = Path(__file__).resolve().parents[3] / "tools" / "numbers_agree.py"
        spec = importlib.util.spec_from_file_location("numbers_agree", tool)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert module.check(warsaw.folder) == []
        pictures = re.findall(r'<img src="data:image/png[^"]+', (warsaw.folder / "index.html").read_text("ascii"))
        assert len(set(pictures)) == len(pictures) == 2


class TestSettings:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"change": {"before": [2018], "after": [2019], "ages": [60, None], "beside": [25, 54]}},
             "ballots.change.ages: no class of ages begins at 60"),
            ({"change": {"before": [2018], "after": [2018], "ages": [65, None], "beside": [25, 54]}},
             "after: 2018 is before as well"),
            ({"change": {"before": [2018], "after": [2019], "ages": [65, None], "beside": [55, 74]}},
             "beside: these ages overlap"),
            ({"near": "10 min"}, "near: it is a straight distance"),
            ({"ages": [18, 18]}, "give first ages of classes that rise"),
            ({"projects": None}, "near: there are no projects to be near to"),
        ],
        ids=["class", "year", "overlap", "near", "ages", "projects"],
    )  # fmt: skip
    def test_what_does_not_go_together_is_said_before_any_work(self, change, message):
        settings = SETTINGS | {"ballots": SETTINGS["ballots"] | change}
        with pytest.raises(StudyError, match=message):
            Study.parse(yaml.safe_dump(settings, allow_unicode=True))

    def test_without_services_a_study_must_ask_for_something_else(self):
        settings = {key: value for key, value in SETTINGS.items() if key != "ballots"}
        with pytest.raises(StudyError, match="services: this setting is missing"):
            Study.parse(yaml.safe_dump(settings, allow_unicode=True))
