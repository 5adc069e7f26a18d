"""A study that names a table of classes: it counts, and the record keeps the file."""

from __future__ import annotations

import json

from spatialjustice import study

ZONES = {"zones": {"kind": "polygons", "file": "zones.gpkg"}, "population": {"column": "people"}}


def test_a_study_keeps_the_table_of_classes_in_its_record(city, tmp_path):
    """The place 902, tagged as a library, is a pharmacy by the table: two pharmacies, and no library."""
    (city.folder / "classes.csv").write_text("id,from,to\nn902,library,pharmacy\n", encoding="utf-8")
    asked = {"services": ["pharmacy", "library"], "reclass": "classes.csv"}
    found = study.run(city.study(**asked, **ZONES), out=tmp_path / "out")
    assert sorted(found.services.index) == ["pharmacy/n901", "pharmacy/n902"]
    record = json.loads((tmp_path / "out" / "provenance.json").read_text(encoding="utf-8"))
    assert "classes.csv" in {item["file"] for item in record["inputs"]}
    assert {"places_reclassed", "service_not_mapped"} <= {item.code for item in found.findings}
