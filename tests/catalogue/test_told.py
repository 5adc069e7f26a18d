"""Findings in the reader's language: the English template is the sentence itself, and every language fills it."""
# ruff: noqa: RUF001 (`values` is a field of Finding; Persian is meant)

import ast
import re
from pathlib import Path

import pytest

import spatialjustice
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice.catalogue import LANGUAGES, findings, words
from spatialjustice.catalogue.told import advice, template_filled, told
from spatialjustice.maps.pages.document import finding_rows

PACKAGE = Path(spatialjustice.__file__).parent


def plain(text):
    return text.replace("\u00a0", " ")


def keys_of(end):
    return [key for key in words("en") if re.fullmatch(rf"finding\.\w+\.{end}(\.\w+)?", key)]


@pytest.mark.parametrize("end", ["told", "advice"])
def test_sentences_are_of_codes_that_there_are(end):
    assert keys_of(end)
    for key in keys_of(end):
        assert key.split(".")[1] in findings(), key


def test_a_finding_is_told_in_persian_with_its_own_numbers():
    found = Finding(
        "places_counted_once",
        "information",
        "26 of 1,486 rows are no places of their own (26 same place) and do not count.",
        26,
        values={"count": 26, "all": 1486, "told": "26 same place"},
    )
    assert template_filled(found, "en") == found.message
    assert told(found, "fa") == (
        "۲۶ ردیف از ۱٬۴۸۶ ردیف مکان جداگانه‌ای نیستند (\u206826 same place\u2069) و شمرده نمی‌شوند."
    )


def test_shares_modes_and_variants():
    values = {"points": 9, "count": 2, "share": 0.074, "where": "a.pbf", "broken": 1, "variant": "broken",
              "by": {"en": "on foot, by car", "fa": "پیاده، با خودرو"}}  # fmt: skip
    found = Finding("street_nodes_missing", "information", "…", 2, values=values)
    assert template_filled(found, "en").startswith("On foot, by car: 9 points of 2 streets (7.4%) are not in a.pbf")
    assert "(۷٫۴٪)" in told(found, "fa")
    assert told(found, "fa").startswith("پیاده، با خودرو: ")
    closed = Finding("barriers_closed", "information", "…", 1,
                     values={"count": 1, "mode": {"word": "mode.bicycle"}, "reasons": "barrier=gate: 1"})  # fmt: skip
    assert "«با دوچرخه»" in told(closed, "fa")
    apart = Finding(
        "separate_networks", "warning", "…", 2, values={"main": 1900.4, "count": 2, "kilometres": "2.6, 1,204.5"}
    )
    assert "۲٫۶، ۱٬۲۰۴٫۵" in told(apart, "fa")


def test_what_is_not_in_the_catalogue_stands_there_in_english():
    """Without a sentence, and without the values of one, nothing is made up: the page marks the English."""
    unknown = Finding("of_ours", "warning", "Something is so.", advice="Look.")
    bare = Finding("places_counted_once", "information", "3 of 4 rows …", 3)
    assert (told(unknown, "fa"), advice(unknown, "fa"), told(bare, "fa")) == ("", "", "")
    assert finding_rows([unknown])[0]["messages"] == [
        {"message": {"en": "Something is so."}, "advice": {"en": "Look."}}
    ]


def test_one_sentence_stands_once():
    """The same is found by two ways into the data: a reader needs it once."""
    one = Finding("straight_lines", "warning", "No streets were used.", advice="Give streets.")
    again = Finding("straight_lines", "warning", "No streets were used.", count=1, advice="Give streets.")
    rows = finding_rows([one, again])
    assert [len(row["messages"]) for row in rows] == [1]
    assert set(rows[0]["messages"][0]["message"]) == set(LANGUAGES)


def test_values_outlive_a_frame_and_do_not_make_two_findings_of_one():
    import pandas as pd

    found = Finding("rank_unknown", "warning", "m", 1, values={"rank": "mhi", "count": 1, "people": 2})
    frame = pd.DataFrame()
    frame.attrs["findings"] = [found.as_dict()]
    assert dict(findings_of(frame)[0].values) == dict(found.values)
    assert found == Finding("rank_unknown", "warning", "m", 1)
    assert "values" not in Finding("rank_unknown", "warning", "m", 1).as_dict()


def test_sites_give_the_values_that_the_sentences_have_gaps_for():
    """Whoever carries values in plain sight names each gap of its sentence, so that no language goes without."""
    checked = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "Finding":
                continue
            given = {word.arg: word.value for word in node.keywords}
            code = node.args[0] if node.args else given.get("code")
            if not isinstance(given.get("values"), ast.Dict) or not isinstance(code, ast.Constant):
                continue
            names = {key.value for key in given["values"].keys if isinstance(key, ast.Constant)}
            dicts = {key.value: value for key, value in zip(given["values"].keys, given["values"].values, strict=True)}
            variant = f".{dicts['variant'].value}" if "variant" in dicts else ""
            template = words("en")[f"finding.{code.value}.told{variant}"]
            gaps = set(re.findall(r"\{(\w+)\}", template)) - {"modes"}  # named where it is known of which modes
            assert gaps <= names, (path.name, code.value, gaps - names)
            checked.add(code.value)
    assert len(checked) > 25
