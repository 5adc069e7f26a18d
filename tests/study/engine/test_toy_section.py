"""A section that exists in this file alone: it gets all that the sections of the package have, no other file changed.

It counts benches: a table says how many stand in each zone. Its key in the YAML file, table, column, indicator,
sentences, finding, source, place in the tables on inequality, and its step that outlives a kill, are all declared here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import pytest
from pydantic import Field

from spatialjustice import maps, sources
from spatialjustice._core.disk.kept_steps import KEPT
from spatialjustice._core.errors import StudyError
from spatialjustice._core.findings import Finding
from spatialjustice.catalogue import findings as known_findings
from spatialjustice.catalogue import words
from spatialjustice.study import registry, run
from spatialjustice.study.engine.outcome import Outcome
from spatialjustice.study.engine.section import Keys, Page, Section, StudySettings, Table
from spatialjustice.study.engine.setting_types import Settings
from spatialjustice.study.engine.texts import number_in, sentence
from spatialjustice.study.settings import Study, schema
from tests.browsing import text_of_page

# settings


class Benches(Settings):
    """Benches to rest on."""

    file: str = Field(description="CSV file with the columns zone and benches.")
    enough: int = Field(1, description="Benches in a zone that are enough.", ge=1, le=1000)


class BenchKeys(StudySettings):
    """The key of the section."""

    benches: Annotated[Benches | None, "a key without a place of its own"] = Field(
        None, description="Count benches by zone."
    )


# compute


@dataclass(frozen=True)
class Counted:
    """Benches of each zone, and the zones that the table does not tell of."""

    table: pd.DataFrame
    unknown: list[str]


def compute(work):
    """Count, and leave a mark for each time that it is done."""
    if mark := os.environ.get("TOY_MARK"):
        with Path(mark).open("a") as stream:
            stream.write("counted\n")
    given = pd.read_csv(work.files[work.study.benches.file]).set_index("zone")["benches"]
    zones, people = work["zones"], work["people"]
    amounts = given.reindex(zones.index).astype(float)
    # What is random comes from the seed of the study.
    draw = np.random.default_rng(work.seed).permutation(len(zones)).astype(float)
    work.ledger.record("benches", "benches", before=given.sum(), after=float(amounts.sum()), elsewhere={})
    table = pd.DataFrame({"benches": amounts, "people": people, "draw": draw})
    return Counted(table, [str(zone) for zone in amounts.index[amounts.isna()]])


def findings(work):
    """Say of which zones nothing is known."""
    lost = work["benches"].unknown
    if lost:
        people = float(work["people"][lost].sum())
        yield Finding(
            "benches_unknown", "warning", f"Nobody counted the benches of {len(lost)} zones.", len(lost), people
        )


def outcomes(work):
    """What the zones have, for the tables on inequality and the statistics in space."""
    yield Outcome(
        "benches",
        "",
        "state",
        "benches",
        work["benches"].table["benches"],
        said="to rest on",
        better="higher is better",
    )


# tables and page


def tables(results):
    about = {"en": "Benches of every zone", "fa": "نیمکت‌های هر ناحیه"}
    yield Table("benches", results["benches"].table.reset_index(), about=about)


def indicators(results, _mode):
    yield maps.Indicator(
        "benches",
        sentence("toy.benches"),
        results["benches"].table["benches"],
        unit="amount",
        kind="count",
        group=sentence("toy.benches"),
    )


def sentences(results, _mode):
    yield sentence("toy.how", enough=number_in(results.study.benches.enough))


rested = []
"""What all sections had made when this one was told to let go."""

SECTION = Section(
    "benches",
    compute,
    Keys(
        BenchKeys,
        files=lambda study: [("benches", study.benches.file)] if study.benches else [],
        faults=lambda study: ["benches: everybody stands here"] if study.benches and study.seed == 13 else [],
    ),
    needs=("zones", "people"),
    offers={"outcomes": outcomes},
    wanted=lambda study: study.benches is not None,
    kept="benches",
    made_of=lambda: (Counted,),
    rest=lambda work: rested.append(set(work.made)),
    findings=findings,
    sources=lambda work: [sources.record_of(work.files[work.study.benches.file], "benches")],
    tables=tables,
    zone_columns=lambda results: {"benches": results["benches"].table["benches"]},
    overview=lambda results: [f"Benches: {results['benches'].table['benches'].sum():.0f}."],
    page=Page(indicators=indicators, sentences=sentences),
    words={
        "en": {"toy.benches": "Benches to rest on", "toy.how": "{enough} benches in a zone are called enough."},
        "fa": {"toy.benches": "نیمکت برای استراحت", "toy.how": "{enough} نیمکت در هر ناحیه کافی شمرده می‌شود."},
    },
    meanings={
        "benches_unknown": {
            "severity": "warning",
            "en": "Benches that nobody counted",
            "fa": "نیمکت‌هایی که شمرده نشده‌اند",
            "meaning": "The table does not tell of some zones.",
            "advice": "Count the benches there.",
        }
    },
)


@pytest.fixture(autouse=True)
def _registered():
    with registry.registered(SECTION):
        yield
    assert "benches_unknown" not in known_findings()
    assert "toy.how" not in words("en")


@pytest.fixture
def town(city, write_zones):
    """The synthetic city with a table of benches, in which the last of sixteen zones of ten people is missing."""
    write_zones(city.folder / "zones.gpkg", income=range(16))
    rows = [f"z{number:02d},{number % 3}" for number in range(15)]
    (city.folder / "benches.csv").write_text("\n".join(["zone,benches", *rows]) + "\n")
    city.settings |= {
        "zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"},
        "population": {"column": "people"},
        "services": ["pharmacy"],
        "inequality": {"replications": 0},
        "space": {"statistics": ["moran"]},
        "permutations": 99,
        "languages": ["en", "fa"],
        "benches": {"file": "benches.csv", "enough": 2},
    }
    return city


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ({"bences": {"file": "benches.csv"}}, "bences: unknown key; did you mean “benches”?"),
        ({"benches": {"fil": "benches.csv"}}, "benches.fil: unknown key; did you mean “file”?"),
        ({"benches": {"file": "benches.csv", "enough": 0}}, "benches.enough: .*greater than or equal to 1"),
        ({"seed": 13}, "benches: everybody stands here"),
    ],
)
def test_its_key_is_checked_like_any_other(town, lines, message):
    with pytest.raises(StudyError, match=message):
        Study.read(town.study(**lines))


def test_its_key_is_in_the_schema_with_its_range_and_words():
    made = schema()
    assert made["$defs"]["Benches"]["properties"]["enough"] == {
        "default": 1, "description": "Benches in a zone that are enough.", "maximum": 1000, "minimum": 1,
        "title": "Enough", "type": "integer",
    }  # fmt: skip
    keys = list(made["properties"])
    assert keys.index("digital") < keys.index("benches") < keys.index("languages")


def test_without_its_key_there_is_nothing_of_it(town, tmp_path):
    results = run(town.study(benches=None), out=tmp_path / "out")
    assert "benches" not in results
    assert not (tmp_path / "out" / "tables" / "benches.csv").exists()
    assert "Benches" not in (tmp_path / "out" / "map.html").read_text(encoding="utf-8")


def test_what_only_the_work_needed_is_let_go_once_all_is_computed(town, tmp_path):
    """What is asked of the results afterwards is made anew, the same as it was."""
    rested.clear()
    results = run(town.study(), out=tmp_path / "out")
    assert rested == [set(results)]
    item = results["reach"][0]
    costs = item.costs["minutes"]
    assert not {"_ends", "origins"} & set(vars(costs))
    assert not {"_tree", "_by_time"} & set(vars(costs.network))
    again = costs.network.travel_costs(results.zones, costs._given[1], snap_limit=costs._snap_limit)
    pd.testing.assert_frame_equal(costs.origins, again.origins)
    pd.testing.assert_frame_equal(costs.to_frame(), again.to_frame())
    least = costs.to_frame().groupby("from_id")["travel_cost"].min().reindex(results.zones.index)
    pd.testing.assert_series_equal(least, item.closest["minutes"], check_names=False, check_freq=False)


def test_it_is_in_every_output(town, tmp_path):
    """Fifteen zones have 0, 1 or 2 benches, five of each: 15 in all; ten people live in the zone that is left out."""
    results = run(town.study(), out=tmp_path / "out")
    folder = tmp_path / "out"
    # Table, column, line of the overview, and line of the index.
    table = pd.read_csv(folder / "tables" / "benches.csv", index_col="zone_id")
    assert table["benches"].sum() == 15
    assert pd.read_csv(folder / "tables" / "zones.csv", index_col="zone_id")["benches"].equals(table["benches"])
    assert "Benches: 15." in results.overview()
    index = text_of_page(folder / "index.html")
    assert "Benches of every zone" in index
    assert "نیمکت‌های هر ناحیه" in index
    # Indicator and sentence on the map, in both languages.
    page = text_of_page(folder / "map.html")
    for text in (
        "Benches to rest on",
        "نیمکت برای استراحت",
        "2 benches in a zone are called enough.",
        "کافی شمرده می‌شود",
    ):
        assert text in page, text
    # Finding, with what it means.
    found = pd.read_csv(folder / "tables" / "findings.csv").set_index("code").loc["benches_unknown"]
    assert (found["count"], found["people"]) == (1, 10)
    assert "Benches that nobody counted" in page
    # Provenance: source, settings, ledger.
    manifest = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert "benches.csv" in {source["file"] for source in manifest["inputs"]}
    assert manifest["settings"]["benches"] == {"file": "benches.csv", "enough": 2}
    assert "benches" in {line["step"] for line in manifest["ledger"]}
    assert "tables/benches.csv" in manifest["outputs"]
    # What it offers is measured like what other sections offer: means of 0, 1 and 2 in equal parts.
    unequal = pd.read_csv(folder / "tables" / "inequality.csv")
    mine = unequal[unequal["service"] == "benches"].set_index("measure")
    assert mine.loc["mean", "value"] == pytest.approx(1)
    assert mine.loc["mean", "people_left_out"] == 10
    assert "benches" in set(pd.read_csv(folder / "tables" / "spatial_autocorrelation.csv")["service"])


RUN = """
import importlib.util, os, signal, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("toy", sys.argv[1])
toy = importlib.util.module_from_spec(spec)
sys.modules["toy"] = toy
spec.loader.exec_module(toy)
toy.registry.register(toy.SECTION)
from spatialjustice.study.outputs import index_page
index_page.index = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
toy.run(sys.argv[2], out=Path(sys.argv[3]))
"""


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a run but the crate, which is made of the record; the time of the run is taken out."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    manifest = json.loads(found["provenance.json"])
    del manifest["made"], found["ro-crate-metadata.json"]
    return found | {"provenance.json": json.dumps(manifest).encode()}


@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
def test_its_finished_work_outlives_a_kill(town, tmp_path, monkeypatch):
    """Another process is killed at the last page; this one counts nothing again, in no other ledger, same bytes."""
    study, mark = town.study(), tmp_path / "mark"
    run(study, out=tmp_path / "whole")
    monkeypatch.setenv("TOY_MARK", str(mark))
    command = [sys.executable, "-c", RUN, __file__, str(study), str(tmp_path / "out")]
    assert subprocess.run(command, check=False).returncode == -9
    assert [path.name[: len(KEPT)] for path in (tmp_path / "out").iterdir() if path.name.startswith(KEPT)] == [KEPT]
    again = run(study, out=tmp_path / "out")
    assert "benches" in again.skipped
    assert mark.read_text() == "counted\n"
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
