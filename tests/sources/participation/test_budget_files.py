"""Votes on budgets from their own files: synthetic ones with every fault, and two real ones counted otherwise."""

from __future__ import annotations

import csv
from collections import Counter

import numpy as np
import pytest

from spatialjustice import sources
from spatialjustice._core.errors import DamagedFileError, InputError

META = {"unit": "Synthetic", "instance": "2024", "date_begin": "01.06.2024", "num_projects": "2", "num_votes": "2"}
PROJECTS = ["project_id;cost;votes;name;selected", '7;1000;2;"Trees; benches";1', "8;500;1;Żółw;0"]
BALLOTS = ["voter_id;vote;age;sex;voting_method", "1;7,8;44;M;internet", "2;7;70;F;paper"]


@pytest.fixture
def read(tmp_path):
    def reading(meta=META, projects=PROJECTS, ballots=BALLOTS):
        path = tmp_path / "vote.pb"
        lines = ["META", "key;value", *(f"{key};{value}" for key, value in meta.items())]
        path.write_text("\n".join([*lines, "PROJECTS", *projects, "VOTES", *ballots]) + "\n", encoding="utf-8")
        return sources.participatory_budget(path)

    return reading


def codes(vote):
    return [finding.code for finding in vote.findings]


def told(vote, code):
    return next(finding for finding in vote.findings if finding.code == code)


class TestWhatAFileSays:
    def test_a_good_file_is_three_frames_and_no_finding(self, read):
        vote = read()
        assert codes(vote) == []
        assert vote.meta["unit"] == "Synthetic"
        assert vote.meta["vote_year"] == 2024
        assert vote.projects.loc["7", "name"] == "Trees; benches", "a semicolon in quotes parts no cells"
        assert vote.projects["cost"].tolist() == [1000.0, 500.0]
        assert vote.projects["selected"].tolist() == [True, False]
        assert vote.ballots["vote"].tolist() == [("7", "8"), ("7",)]
        assert vote.ballots["age"].tolist() == [44.0, 70.0]
        assert [record.file for record in vote.sources] == ["vote.pb"]

    def test_the_year_is_that_of_the_vote(self, read):
        vote = read(META | {"instance": "2025"})
        assert vote.meta["vote_year"] == 2024
        assert "2025: 2024" in told(vote, "budget_year_is_not_the_year_of_the_vote").message

    def test_without_a_date_the_year_is_not_known(self, read):
        vote = read({key: value for key, value in META.items() if key != "date_begin"})
        assert np.isnan(vote.meta["vote_year"])
        assert codes(vote) == ["votes_without_date"]

    def test_ages_that_cannot_be_and_empty_ones_are_missing_and_told_apart(self, read):
        rows = [f"{voter};7;{age};;" for voter, age in enumerate(["", "-1", "123", "0", "122", "old"])]
        vote = read(META | {"num_votes": "6"}, ["project_id;cost;selected", "7;1;1", "8;1;1"], [BALLOTS[0], *rows])
        assert np.array_equal(vote.ballots["age"], [np.nan, np.nan, np.nan, 0, 122, np.nan], equal_nan=True)
        assert (told(vote, "ages_not_told").count, told(vote, "ages_impossible").count) == (1, 3)

    def test_lines_with_too_few_or_too_many_cells_are_named(self, read):
        vote = read(ballots=[*BALLOTS, "3;7;44", '4;"7;44;M;paper;x;y', "5;7;44;M;paper;more"])
        # META is lines 1 to 7, PROJECTS 8 to 11, VOTES 12 to 15.
        assert told(vote, "budget_lines_left_out").message.endswith("were left out: 16, 17, 18.")
        assert len(vote.ballots) == 2

    def test_fields_that_nobody_described_are_kept_and_named(self, read):
        vote = read(
            META | {"colour": "green"}, ballots=[BALLOTS[0] + ";mood", "1;7,8;44;M;internet;good", "2;7;70;F;paper;"]
        )
        assert vote.meta["colour"] == "green"
        assert vote.ballots["mood"].tolist() == ["good", ""]
        assert told(vote, "budget_fields_unknown").message.endswith("META: colour, VOTES: mood.")

    def test_sums_that_differ_projects_nobody_knows_and_voters_twice(self, read):
        vote = read(META | {"num_votes": "9"}, ballots=[BALLOTS[0], "1;7,99;44;M;internet", "1;7;70;F;paper"])
        assert "num_votes 9 / 2; 8 1 / 0" in told(vote, "budget_sums_differ").message
        assert told(vote, "votes_for_unknown_projects").count == 1
        assert told(vote, "ballots_of_one_voter").count == 1
        assert len(vote.ballots) == 2, "nothing is left out for it"

    def test_costs_and_coordinates_that_are_no_numbers_are_not_known(self, read):
        head = "project_id;cost;votes;selected;latitude"
        vote = read(projects=[head, "7;-5;2;1;52.2", "8;many;1;;inf"])
        assert vote.projects["cost"].isna().all()
        assert vote.projects["selected"].isna().tolist() == [False, True]
        assert told(vote, "project_numbers_unusable").count == 3

    def test_a_file_without_a_part_and_a_project_twice_are_refused(self, read, tmp_path):
        with pytest.raises(InputError, match="empty or occurs twice"):
            read(projects=[*PROJECTS, PROJECTS[1]])
        (tmp_path / "half.pb").write_text("META\nkey;value\nunit;x\nPROJECTS\nproject_id;cost\n1;2\n")
        with pytest.raises(DamagedFileError, match="no part VOTES"):
            sources.participatory_budget(tmp_path / "half.pb")


@pytest.mark.parametrize("name", ["Poland_Warszawa_2025_Rembertow", "Poland_Zabrze_2021"])
def test_real_files_are_read_whole(shared_data, name):
    """Counted otherwise: with the csv module over the lines below each heading."""
    path = shared_data(f"participation/{name}.pb")
    lines = path.read_text(encoding="utf-8").splitlines()
    parts = {part: lines.index(part) for part in ("META", "PROJECTS", "VOTES")}
    rows = list(csv.DictReader(lines[parts["VOTES"] + 1 :], delimiter=";"))
    projects = list(csv.DictReader(lines[parts["PROJECTS"] + 1 : parts["VOTES"]], delimiter=";"))
    vote = sources.participatory_budget(path)
    assert len(vote.ballots) == len(rows) == int(vote.meta["num_votes"])
    assert len(vote.projects) == len(projects) == int(vote.meta["num_projects"])
    assert Counter(len(one) for one in vote.ballots["vote"]) == Counter(len(one["vote"].split(",")) for one in rows)
    assert vote.projects["cost"].sum() == sum(float(one["cost"]) for one in projects)
    assert vote.meta["vote_year"] == int(vote.meta["instance"]) - 1
    assert "budget_sums_differ" not in codes(vote), "every vote of every project is found again"
    assert "votes_for_unknown_projects" not in codes(vote)


@pytest.fixture
def tables(tmp_path):
    """Five synthetic votes of two cities as tables."""
    (tmp_path / "votes.csv").write_text(
        "file,country,unit,subunit,district,instance,num_projects,num_votes,budget,date_begin,currency\n"
        "A_city,X,A,,,2025,1,10,100,01.06.2024,EUR\n"
        "A_north,X,A,North,North,2025,2,20,100,01.06.2024,EUR\n"
        "A_part,X,A,Hill,North,2025,1,5,100,01.06.2024,EUR\n"
        "A_old,X,A,,North,2020,1,7,100,2020,EUR\n"
        "B_city,X,B,,,2025,1,3,100,,EUR\n",
        encoding="utf-8",
    )
    (tmp_path / "ballots.csv").write_text(
        "file,place,age,sex,voting_method,voters\n"
        "A_city,,30,F,internet,10\nA_north,Hill,,M,,4\nA_north,,150,,paper,16\nA_part,,8,F,paper,5\n"
        "A_old,,40,F,internet,6\nB_city,,40,F,internet,3\n",
        encoding="utf-8",
    )
    return tmp_path


class TestTablesOfManyVotes:
    def test_levels_and_years_are_those_of_the_vote(self, tables):
        votes = sources.budget_elections(tables / "votes.csv", place="A")
        assert votes["level"].tolist() == ["city", "district", "part of a district", "district"]
        assert votes["vote_year"].tolist() == [2024, 2024, 2024, 2020]
        assert votes["part"].tolist() == ["", "", "Hill", ""]
        assert told_of(votes, "budget_year_is_not_the_year_of_the_vote")["count"] == 3
        every = sources.budget_elections(tables / "votes.csv")
        assert every["vote_year"].isna().sum() == 1
        assert told_of(every, "votes_without_date")["count"] == 1
        with pytest.raises(InputError, match="no vote in votes.csv is of “C”"):
            sources.budget_elections(tables / "votes.csv", place="C")

    def test_ballots_of_the_votes_that_are_wanted_with_what_is_unknown_as_a_class(self, tables):
        votes = sources.budget_elections(tables / "votes.csv", place="A")
        ballots = sources.ballots_counted(tables / "ballots.csv", elections=votes)
        assert ballots["ballots"].sum() == 41
        assert ballots.attrs["left_out"] == {"rows of other votes": 1}
        assert ballots["voting_method"].tolist() == ["internet", "unknown", "paper", "paper", "internet"]
        assert np.array_equal(ballots["age"], [30, np.nan, np.nan, 8, 40], equal_nan=True)
        assert told_of(ballots, "ages_not_told")["count"] == 4, "ballots are counted, not rows"
        assert told_of(ballots, "ages_impossible")["count"] == 16
        differ = told_of(ballots, "sums_of_votes_differ")
        assert "A_old 7 / 6" in differ["message"]

    def test_a_count_that_is_none_is_refused(self, tables):
        path = tables / "ballots.csv"
        path.write_text(path.read_text() + "A_old,,40,F,internet,-1\n")
        with pytest.raises(InputError, match="no whole numbers of 0 or more"):
            sources.ballots_counted(path)

    def test_votes_from_their_own_files_make_the_same_tables(self, read):
        elections, ballots, projects = sources.budget_tables({"one": read()})
        assert elections.loc["one", ["city", "level", "ballots"]].tolist() == ["Synthetic", "city", 2.0]
        assert ballots[["age", "voting_method", "ballots"]].to_numpy().tolist() == [
            [44.0, "internet", 1],
            [70.0, "paper", 1],
        ]
        assert projects[["election", "cost", "selected"]].to_numpy().tolist() == [
            ["one", 1000.0, True],
            ["one", 500.0, False],
        ]
        joined = sources.with_elections(projects, elections=elections, name="projects")
        assert joined["vote_year"].tolist() == [2024, 2024]


def told_of(frame, code):
    return next(one for one in frame.attrs["findings"] if one["code"] == code)
