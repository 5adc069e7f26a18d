# ruff: noqa: RUF001 (Persian letters and digits are meant)
"""A monitor as a clock calls it: killed, without its data, twice at once; and what its page says."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import osmium
import pandas as pd
import pytest
import yaml
from osmium.osm.mutable import Node

from spatialjustice import cli, monitoring, study
from spatialjustice._core.disk import files
from spatialjustice._core.errors import InputError, MissingFileError, StudyError
from tests.browsing import plain_text
from tests.study.conftest import SOUTH, WEST, degrees, make_raster

DAYS = [f"2024-{month:02d}-01" for month in range(1, 11)]
LEVELS = dict(zip(DAYS, [0.40, 0.40, 0.38, 0.36, None, 0.36, 0.36, 0.30, 0.31, 0.31], strict=True))
"""Mean use of twenty synthetic zones on each date, all of which move alike; the file of May is not there."""
RULES = [
    {"kind": "change"},
    {"kind": "threshold", "indicator": "use", "below": 0.35},
    {"kind": "missing"},
    {"kind": "data"},
]
ALERTS = [
    ("2024-03-01", "change", "2024-03-01", True),
    ("2024-04-01", "change", "2024-03-01", False),
    ("2024-05-01", "missing", "2024-05-01", True),
    ("2024-08-01", "change", "2024-08-01", True),
    ("2024-08-01", "threshold", "2024-08-01", True),
    ("2024-09-01", "threshold", "2024-08-01", False),
    ("2024-10-01", "threshold", "2024-08-01", False),
]
"""By hand: March, April and August are lower than the date before; from August on it is below 0.35."""


def write_date(data: Path, day: str) -> None:
    level = LEVELS[day]
    if level is not None:
        values = np.round(np.linspace(0.2, 0.6, 20) + level - 0.4, 6)
        table = pd.DataFrame({"code": [f"{place:03d}" for place in range(20)], "use": values, "people": 10})
        table.to_csv(data / f"use_{day}.csv", index=False)


def make(folder: Path, data: Path) -> Path:
    """Make a monitor of a file for each date, as its user would, and state its rules."""
    data.mkdir()
    command = ["monitor", "add", str(folder), str(data / "use_{date}.csv"), "--zone", "code", "--people", "people"]
    assert cli.main([*command, "--indicator", "use:share:higher", "--title", "Synthetic use"]) == cli.DONE
    settings = yaml.safe_load((folder / "monitor.yaml").read_text())
    settings["rules"] = RULES
    settings["title"] = {"en": "Synthetic use", "fa": "کاربرد ساختگی"}
    settings["indicators"]["use"]["title"] = {"en": "Use", "fa": "کاربرد"}
    (folder / "monitor.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: data for name, data in found.items() if name != "monitor.yaml"}


def called(folder: Path, day: str) -> int:
    """Call it as a clock does, in a process of its own."""
    child = os.fork()
    if not child:
        os._exit(cli.main(["monitor", "run", str(folder), "--date", day]))
    return os.waitpid(child, 0)[1]


def called_and_killed(folder: Path, day: str) -> None:
    """Call it and kill it when what was measured is on the disk, but not yet in the list of dates."""
    child = os.fork()
    if not child:
        files.write_json = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        cli.main(["monitor", "run", str(folder), "--date", day])
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """Ten dates: undisturbed, and with a kill, a file that is missing, and two calls at once."""
    if not hasattr(os, "fork"):
        pytest.skip("processes are forked")
    root = tmp_path_factory.mktemp("monitor")
    whole, torn = make(root / "whole", root / "data1"), make(root / "torn", root / "data2")
    for day in DAYS:
        write_date(root / "data1", day)
        write_date(root / "data2", day)
    # All at once, and the date without its file after them: the order of calls leaves no trace.
    assert dict(study.monitor_run(whole).done) == {day: "added" for day in DAYS if LEVELS[day] is not None}
    study.monitor_run(whole, date="2024-05-01")
    for day in DAYS:
        if day == "2024-04-01":
            called_and_killed(torn, day)
            before = monitoring.history(torn / "history")
            assert [about["date"] for about in before.attrs["dates"]] == DAYS[:3]
        if day == "2024-07-01":
            children = [os.fork(), None]
            if not children[0]:
                os._exit(cli.main(["monitor", "run", str(torn), "--date", day]))
            assert called(torn, day) == 0
            assert os.waitpid(children[0], 0)[1] == 0
            continue
        assert called(torn, day) == 0
    return whole, torn


def test_the_history_is_that_of_an_undisturbed_run_to_the_byte(watched):
    whole, torn = watched
    assert contents(whole) == contents(torn)
    history = monitoring.history(torn / "history")
    assert [about["date"] for about in history.attrs["dates"]] == DAYS
    assert history.groupby("date").size().to_dict() == {day: 20 for day in DAYS if LEVELS[day] is not None}
    missing = [about for about in history.attrs["dates"] if about["status"] == "missing"]
    assert [(one["date"], one["reason"]) for one in missing] == [("2024-05-01", "no file: use_2024-05-01.csv")]
    means = monitoring.key_indicators(history, rng=1, replications=0).set_index("date")["value"]
    assert means.dropna().to_dict() == pytest.approx({day: level for day, level in LEVELS.items() if level is not None})


def test_the_alerts_are_those_of_a_list_made_by_hand(watched):
    found = monitoring.alerts(monitoring.history(watched[1] / "history"), rules=RULES, rng=1, replications=99)
    assert [tuple(row) for row in found[["date", "kind", "since", "new"]].to_numpy()] == ALERTS


def test_a_call_without_news_is_quiet_and_one_with_news_tells_them(watched, capsys):
    whole, _ = watched
    before = contents(whole)
    assert cli.main(["monitor", "run", str(whole)]) == cli.DONE
    assert cli.main(["monitor", "run", str(whole), "--date", "2024-05-01"]) == cli.DONE
    assert capsys.readouterr() == ("", "")
    assert contents(whole) == before
    assert cli.main(["monitor", "run", str(whole), "--date", "2024-11-01", "--strict", "--json"]) == cli.WARNED
    told = json.loads(capsys.readouterr().out)
    assert told["missing"] == {"2024-11-01": "no file: use_2024-11-01.csv"}
    assert [one["kind"] for one in told["alerts"]] == ["missing"]


def test_the_page_says_first_what_got_worse_and_marks_what_is_missing(watched, capsys):
    _, torn = watched
    assert cli.main(["monitor", "report", str(torn)]) == cli.DONE
    page = Path(capsys.readouterr().out.removeprefix("Open ").strip())
    html = page.read_text(encoding="ascii")
    text = plain_text(html)
    assert text.index("No clear change by 1 October 2024: Use (31.0%)") < text.index("Alerts, 1 October 2024")
    for said in ("Use is 31.0%, below the limit of 35.0%, since 1 August 2024.", "Not measured: 2024-05-01.",
                 "the file use_2024-05-01.csv is not there.", "کاربرد", "۳۱٫۰٪"):  # fmt: skip
        assert said in text
    assert not re.search(r"\bcause[sd]?\b", text.casefold())
    alerts = pd.read_csv(page.parent / "tables" / "alerts.csv")
    assert [tuple(row) for row in alerts[["date", "kind", "since", "new"]].to_numpy()] == ALERTS
    first = contents(page.parent)
    study.monitor_report(torn)
    assert contents(page.parent) == first, "the same history gives the same page"
    record = json.loads(first["provenance.json"])
    assert record["outputs"] == {
        name: hashlib.sha256(data).hexdigest()
        for name, data in first.items()
        if name not in {"provenance.json", "ro-crate-metadata.json"}
    }
    assert len(record["dates"]) == 10
    assert cli.main(["verify", str(page.parent)]) == cli.DONE
    page.write_text(html.replace("31.0%", "91.0%"), encoding="ascii")
    assert cli.main(["verify", str(page.parent)]) == cli.STOPPED
    assert "index.html is not the file that the run made" in capsys.readouterr().out


def test_a_table_of_several_dates_adds_those_that_are_new(tmp_path):
    """Years as whole numbers; another table holds the people; the ids of one zone changed, which the settings say."""
    pd.DataFrame(
        {"zone": ["01", "02", "01", "2b"], "date": [2019, 2019, 2020, 2020], "value": [1.0, 3.0, 2.0, 4.0]}
    ).to_csv(tmp_path / "values.csv", index=False)
    pd.DataFrame({"zone": ["01", "02"], "people": [100, 300]}).to_csv(tmp_path / "people.csv", index=False)
    folder = tmp_path / "monitor"
    study.monitor_add(folder, tmp_path / "values.csv")
    settings = yaml.safe_load((folder / "monitor.yaml").read_text())
    settings["source"] |= {
        "same_zones": {"2b": "02"},
        "people_of": {"file": "../people.csv", "zone": "zone", "column": "people"},
    }
    (folder / "monitor.yaml").write_text(yaml.safe_dump(settings))
    assert dict(study.monitor_run(folder).done) == {"2019": "added", "2020": "added"}
    assert dict(study.monitor_run(folder).done) == {}
    row = monitoring.change(monitoring.history(folder / "history"), rng=1).iloc[0]
    # (1·100 + 3·300) / 400 = 2.5; a year later 3.5; both zones are compared.
    assert [row["before"], row["after"], row["city"], row["zones"]] == pytest.approx([2.5, 3.5, 1.0, 2])


def test_a_bridge_and_a_break(tmp_path, capsys):
    """A year later another column is watched, which is 0.5 higher everywhere; the city itself gained 1.

    2019: 1, 2, 3, 4. 2020 in the new column: 2.5, 3.5, 4.5, 5.5, so 1.5 more, until 2019 is measured anew: 1.5 to 4.5.
    """
    old, new = [1.0, 2.0, 3.0, 4.0], [2.5, 3.5, 4.5, 5.5]
    table = pd.DataFrame({"zone": list("abcd") * 2, "date": [2019] * 4 + [2020] * 4, "one": [*old, *[np.nan] * 4]})
    table["other"] = [*(value + 0.5 for value in old), *new]
    table.to_csv(tmp_path / "values.csv", index=False)
    folder = tmp_path / "monitor"
    study.monitor_add(folder, tmp_path / "values.csv", indicators=["one:minutes:lower"])
    study.monitor_run(folder, date=2019)
    path = folder / "monitor.yaml"
    settings = yaml.safe_load(path.read_text())
    settings["indicators"]["one"]["column"] = "other"
    path.write_text(yaml.safe_dump(settings))
    assert cli.main(["monitor", "run", str(folder)]) == cli.DONE
    assert "whether the city changed until 2020 cannot be told, because the data changed: the settings." in (
        capsys.readouterr().out
    )
    assert cli.main(["monitor", "run", str(folder), "--date", "2019"]) == cli.STOPPED
    assert cli.main(["monitor", "run", str(folder), "--date", "2019", "--bridge"]) == cli.DONE
    told = monitoring.change_by_source(monitoring.history(folder / "history"), rng=1).set_index("part")["change"]
    assert told.to_dict() == pytest.approx({"city": 1.0, "people": 0, "zones": 0, "data": 0.5}, abs=1e-12)

    settings["breaks"] = {2020: {"en": "asked by post", "fa": "پرسش با پست"}}
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    text = plain_text(study.monitor_report(folder).read_text())
    assert "Cannot be told by 2020, because the data changed: other (2.50 min → 4.00 min)." in text
    assert "the way of measuring (asked by post) changed" in text
    assert "پرسش با پست" in text


def test_counties_of_2019_and_2020(shared_data, tmp_path):
    """Real tables with padded names and lost zeros; means of the counties in both against plain pandas."""
    names = {
        "2019-11-01": "us_counties/broadband_data_2019November.csv",
        "2020-10-01": "us_counties/broadband_data_2020October.csv",
    }
    paths = {day: shared_data(name) for day, name in names.items()}
    settings = {
        "source": {"files": names, "zone": "COUNTY ID", "same_zones": {"2270": "2158", "46113": "46102"}},
        "indicators": {"use": {"column": "BROADBAND USAGE", "unit": "share", "direction": "higher is better"}},
    }
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump(settings))
    study.monitor_run(tmp_path, data_dir=paths["2019-11-01"].parents[1])
    row = monitoring.change(monitoring.history(tmp_path / "history"), rng=1, replications=199).iloc[0]
    plain = {}
    for day, path in paths.items():
        read = pd.read_csv(path, encoding="utf-8-sig", dtype=str)
        read.columns = read.columns.str.strip().str.lstrip("\ufeff")
        ids = read["COUNTY ID"].replace({"2270": "2158", "46113": "46102"})
        plain[day] = pd.to_numeric(read["BROADBAND USAGE"].str.strip(), errors="coerce").set_axis(ids).dropna()
    both = pd.DataFrame(plain).dropna()
    assert row["zones"] == len(both)
    assert [row["before"], row["after"]] == pytest.approx([one.mean() for one in plain.values()])
    assert row["city"] == pytest.approx((both["2020-10-01"] - both["2019-11-01"]).mean())
    assert (row["verdict"], row["weighted_by"]) == ("better", "zones")


def with_another_pharmacy(old: Path, new: Path) -> None:
    """Copy the streets with one more pharmacy and a newer edit."""
    with osmium.SimpleWriter(str(new)) as writer:
        placed = False
        for thing in osmium.FileProcessor(str(old)):
            if not thing.is_node() and not placed:
                place = degrees(WEST + 1100, SOUTH + 1100)
                writer.add_node(
                    Node(
                        id=903,
                        location=place,
                        version=1,
                        timestamp="2025-05-01T00:00:00Z",
                        tags={"amenity": "pharmacy"},
                    )
                )
                placed = True
            writer.add(thing)


def test_a_study_on_three_dates(city, tmp_path):
    """A pharmacy more is the city's change, dated as the data are; another raster of people is one of the data."""
    folder = tmp_path / "monitor"
    study.monitor_add(folder, city.study(cutoffs=["500 m"], languages=["en"]))
    assert dict(study.monitor_run(folder).done) == {"2024-05-01": "added"}
    with_another_pharmacy(city.folder / "streets.osm.pbf", city.folder / "new.osm.pbf")
    (city.folder / "new.osm.pbf").replace(city.folder / "streets.osm.pbf")
    assert dict(study.monitor_run(folder).done) == {"2025-05-01": "added"}
    table = monitoring.change(monitoring.history(folder / "history"), rng=1).set_index("indicator")
    library, pharmacy = table.loc["library_walk_minutes"], table.loc["pharmacy_walk_minutes"]
    assert (pharmacy["verdict"], pharmacy["data_changed"]) == ("better", "")
    assert pharmacy["change"] < 0
    assert pharmacy["city"] == pytest.approx(pharmacy["change"])
    assert (library["verdict"], library["change"]) == ("no clear change", 0)

    make_raster(city.folder / "people.tif", people=np.full((12, 12), 2, dtype="float32"))
    assert dict(study.monitor_run(folder, date="2026-05-01").done) == {"2026-05-01": "added"}
    table = monitoring.change(monitoring.history(folder / "history"), rng=1)
    assert set(table["verdict"]) == {"data changed"}
    assert set(table["data_changed"]) == {"input: population"}

    # Without its data, the date is written down as missing; without a date it is an error.
    (city.folder / "people.tif").unlink()
    watch = study.monitor_run(folder, date="2027-05-01")
    assert dict(watch.missing) == {"2027-05-01": "no file: people.tif"}
    with pytest.raises(MissingFileError):
        study.monitor_run(folder)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("source: {}", "give one of study, table, files; there is none"),
        ("source: {table: a.csv}", "give a column of dates"),
        ("source: {table: a.csv, date: day}\nrules: [{kind: odd}]", "its kind is 'odd'"),
        ("source: {table: a.csv, date: day}\nrule: []", "rule: Extra inputs are not permitted"),
        ("source: {files: {2019-13: a.csv}}", "which is no date"),
        ("[", "this is not valid YAML"),
    ],
    ids=["nothing", "dates", "rule", "key", "date", "yaml"],
)
def test_settings_that_cannot_be_used(tmp_path, settings, said):
    (tmp_path / "monitor.yaml").write_text(settings)
    with pytest.raises(StudyError, match=said):
        study.monitor_run(tmp_path)


def test_what_stands_in_the_way(tmp_path):
    with pytest.raises(MissingFileError, match="there is no monitor in this folder"):
        study.monitor_run(tmp_path)
    pd.DataFrame({"zone": ["a"], "date": [2019], "use": [1]}).to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(MissingFileError, match="there is no monitor in this folder"):
        study.monitor_run(tmp_path / "a.csv")
    study.monitor_add(tmp_path / "one", tmp_path / "a.csv")
    with pytest.raises(InputError, match="is there already"):
        study.monitor_add(tmp_path / "one", tmp_path / "a.csv")
    with pytest.raises(InputError, match="it is 'use:share:up'"):
        study.monitor_add(tmp_path / "two", tmp_path / "a.csv", indicators=["use:share:up"])
    watch = study.monitor_run(tmp_path / "one")
    assert dict(watch.missing) == {"2019": "no column: value (a.csv)"}
    text = plain_text(study.monitor_report(tmp_path / "one").read_text())
    assert "the table lacks a column: value (a.csv)." in text
    assert "جدول این ستون را ندارد: \u2066value (a.csv)\u2069." in text
    assert "it has no column" not in text, "no English error inside a Persian sentence"


def test_people_of_another_table_are_those_of_the_zones(tmp_path):
    """Ids without their zeros match nobody: then zones must not be counted instead of people; nor one of two numbers.

    A row without a date is told; the mean of the others by people is (1·100 + 3·300) / 400 = 2.5.
    """
    rows = {"zone": ["01", "02", "02"], "date": ["2019", "2019", ""], "value": [1.0, 3.0, 9.0]}
    pd.DataFrame(rows).to_csv(tmp_path / "values.csv", index=False)
    people = {"file": "../people.csv", "zone": "zone", "column": "people"}
    source = {"table": "../values.csv", "date": "date", "people_of": people}
    told = []
    for place, zones in enumerate([["1", "2", "3"], ["01", "02", "02"], ["01", "02", "03"]]):
        pd.DataFrame({"zone": zones, "people": [100, 300, 7]}).to_csv(tmp_path / "people.csv", index=False)
        (tmp_path / str(place)).mkdir()
        (tmp_path / str(place) / "monitor.yaml").write_text(yaml.safe_dump({"source": source}))
        watch = study.monitor_run(tmp_path / str(place))
        told.append(watch.missing.get("2019", ""))
    assert told[0].endswith("people.csv: it has none of the zones")
    assert told[1].endswith("people.csv: 1 zones have several numbers of people")
    assert told[2] == ""
    assert [(one.code, one.count) for one in watch.findings] == [("rows_without_date", 1)]
    level = monitoring.key_indicators(monitoring.history(tmp_path / "2" / "history"), rng=1).iloc[0]
    assert (level["value"], level["weighted_by"]) == (pytest.approx(2.5), "people")


def test_an_end_of_a_range_that_is_not_there_is_told(tmp_path):
    pd.DataFrame({"zone": ["a"], "date": [2019], "use": [1], "low": [0]}).to_csv(tmp_path / "a.csv", index=False)
    study.monitor_add(tmp_path / "one", tmp_path / "a.csv", indicators=["use:minutes:lower"])
    path = tmp_path / "one" / "monitor.yaml"
    settings = yaml.safe_load(path.read_text())
    settings["indicators"]["use"] |= {"low": "low", "high": "hihg"}
    path.write_text(yaml.safe_dump(settings))
    assert dict(study.monitor_run(tmp_path / "one").missing) == {"2019": "no column: hihg (a.csv)"}


def test_a_run_asks_no_server_where_it_is_told_so(tmp_path, monkeypatch):
    """What ``--offline`` and ``--replay`` of ``run`` say holds for a monitor's run, too."""
    from spatialjustice.sources.web import web

    seen = []
    monkeypatch.setattr(study, "monitor_run", lambda *_, **__: seen.append(web._CHOSEN.get()) or 1 / 0)
    (tmp_path / "answers").mkdir()
    for words in (["--offline"], ["--replay", str(tmp_path / "answers")]):
        with pytest.raises(ZeroDivisionError):
            cli.main(["monitor", "run", str(tmp_path), *words])
    assert [(one.offline, one.replay) for one in seen] == [(True, None), (False, tmp_path / "answers")]


def test_help_is_quick_and_loads_nothing():
    code = (
        "import sys; from spatialjustice import cli\n"
        "try:\n    cli.main(['monitor', 'run', '--help'])\nexcept SystemExit:\n    print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("False")
