"""What does not change a single byte of the results: threads, hash seeds, languages, time zones, folders; and what may.

The numbers belong to the ids of the zones. Where the zones come in another order the tables have their rows in that
order; measures of what each zone reaches are the same to the bit. What is added up over zones may differ in the last
bits; what is drawn at random is drawn anew, because the draws go by position; and where a rule of neighbours has to
choose between zones that are equally near (``nearest``), it takes those that come first.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from spatialjustice.study import run

TAKEN = {"takeaway": ["pdf", "docx", "xlsx"]}
RUN = """
import locale, sys
from pathlib import Path
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
from spatialjustice.study import run
run(sys.argv[1], out=Path(sys.argv[2]), fresh=True)
"""


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a run; its time, language and number of threads are taken out of the two records."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    manifest, digest = json.loads(found["provenance.json"]), hashlib.sha256(found["provenance.json"]).hexdigest()
    made, crate = manifest.pop("made"), json.loads(found["ro-crate-metadata.json"])
    assert json.dumps(crate).count(made) == 2
    assert manifest["environment"].pop("language")
    assert manifest["environment"].pop("threads")
    (itself,) = (one for one in crate["@graph"] if one["@id"] == "provenance.json")
    assert itself.pop("sha256") == digest
    assert int(itself.pop("contentSize")) == len(found["provenance.json"])
    found["provenance.json"] = json.dumps(manifest).encode()
    found["ro-crate-metadata.json"] = json.dumps(crate).replace(made, "").encode()
    return found


@pytest.fixture(scope="module")
def here(everything_once, tmp_path_factory):
    """A run in this process with two threads."""
    out = tmp_path_factory.mktemp("here") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPATIALJUSTICE_THREADS", "2")
        run(everything_once.study(**TAKEN), out=out)
    return contents(out)


MACHINES = {
    "one thread, Turkish, east of the date line": {
        "SPATIALJUSTICE_THREADS": "1",
        "PYTHONHASHSEED": "1",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "tr_TR.UTF-8",
        "TZ": "Pacific/Kiritimati",
        "OMP_NUM_THREADS": "1",
    },
    "five threads, no UTF-8, west": {
        "SPATIALJUSTICE_THREADS": "5",
        "PYTHONHASHSEED": "3",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "TZ": "America/Adak",
    },
}


@pytest.mark.parametrize("machine", MACHINES)
def test_another_process_gives_the_same_bytes(everything_once, here, tmp_path, machine):
    """Groups, inequality with intervals, clusters with permutations: all that is random or shared out to threads."""
    out = tmp_path / "out"
    command = [sys.executable, "-c", RUN, str(everything_once.study(**TAKEN)), str(out)]
    subprocess.run(command, env=os.environ | MACHINES[machine], check=True, cwd=tmp_path)
    there = contents(out)
    assert there.keys() == here.keys()
    assert [name for name in here if there[name] != here[name]] == []


def test_zones_in_another_order_have_the_same_values(city, write_zones, tmp_path):
    zones = {"kind": "polygons", "file": "zones.gpkg", "id": "zone"}
    study_file = city.study(zones=zones, space={}, inequality={"replications": 19})
    tables = []
    for order in (np.arange(16), np.random.default_rng(5).permutation(16)):
        frame: gpd.GeoDataFrame = write_zones(city.folder / "sorted.gpkg").iloc[order]
        frame.to_file(city.folder / "zones.gpkg", driver="GPKG")
        results = run(study_file, out=tmp_path / "out")
        names = ("zones", "shares", "distribution", "inequality", "spatial_autocorrelation", "ledger")
        tables.append({name: pd.read_csv(results.folder / "tables" / f"{name}.csv") for name in names})
    first, second = tables
    assert second["zones"]["zone_id"].tolist() != first["zones"]["zone_id"].tolist(), "rows stay in the order given"
    drawn = [name for name in first["zones"] if "p_value" in name or "p_adjusted" in name or "cluster" in name]
    assert drawn
    zones_first, zones_second = (
        table["zones"].set_index("zone_id").sort_index().drop(columns=drawn) for table in tables
    )
    pd.testing.assert_frame_equal(zones_first, zones_second, check_exact=True)
    for name in ("shares", "distribution", "ledger"):
        pd.testing.assert_frame_equal(first[name], second[name], check_exact=False, rtol=1e-12)
    for name, value in (("inequality", "value"), ("spatial_autocorrelation", "statistic")):
        np.testing.assert_allclose(first[name][value], second[name][value], rtol=1e-9, atol=1e-12)
