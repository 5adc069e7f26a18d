"""Findings in the reader's language: the English template is the sentence itself, and every language fills it."""
# ruff: noqa: PD011, RUF001 (`values` is a field of Finding; Persian is meant)

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import spatialjustice
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice.catalogue import LANGUAGES, findings, words
from spatialjustice.catalogue.read_back import read_back
from spatialjustice.catalogue.told import advice, template_filled, told
from spatialjustice.maps.pages.document import finding_rows

PACKAGE = Path(spatialjustice.__file__).parent


def plain(text):
    return text.replace("\u00a0", " ")


MAKERS = ("Finding", "add_warning", "count_unknown")


@cache
def made_in_files():
    """Every file that makes findings: its path, its tree and the calls that make them."""
    made = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if any(f"{maker}(" in text for maker in MAKERS):
            tree = ast.parse(text)
            calls = [
                one for one in ast.walk(tree) if isinstance(one, ast.Call) and getattr(one.func, "id", "") in MAKERS
            ]
            made.append((path, tree, calls))
    return made


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


def test_a_sentence_of_any_length_is_read_back_in_one_go(monkeypatch):
    """A pattern with seven gaps that tried every split of such a text would not end."""
    key = "finding.made_up.told"
    template = "".join(f"{{gap_{place}}} " for place in range(7)) + "end."
    monkeypatch.setattr("spatialjustice.catalogue.read_back.words", lambda _: {key: template})
    long = "a " * 100_000
    assert read_back(f"{long}stop.", key) is None
    _, values = read_back(f"{long}end.", key)
    assert list(values.values()) == ["a"] * 6 + [long[12:-1]]
    assert read_back("a b c d e f g end.", key)[1]["gap_6"] == "g"
    assert read_back("a b c d e f end.", key) is None, "no gap is empty"


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
    said = plain(words("en")["finding.straight_lines.told"])
    one = Finding("straight_lines", "warning", said, advice="Give streets.")
    again = Finding("straight_lines", "warning", said, count=1, advice="Give streets.")
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
    for path, _, calls in made_in_files():
        for node in calls:
            given = {word.arg: word.value for word in node.keywords}
            code = given.get("code") or next(iter(node.args), None)
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


def function_of(tree, node):
    """The innermost function in which a node stands."""
    around = [
        one
        for one in ast.walk(tree)
        if isinstance(one, ast.FunctionDef) and one.lineno <= node.lineno <= (one.end_lineno or 0)
    ]
    return max(around, key=lambda one: one.lineno, default=tree)


def sentences(node, function):  # noqa: PLR0911 (a kind of expression each)
    """Every text that an expression may give, with 7 for what is only known when it runs; None where it is no text."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        made = [""]
        for part in node.values:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            texts = (isinstance(inner, ast.Name | ast.Constant | ast.IfExp) and sentences(inner, function)) or ["7"]
            made = [one + other for one in made for other in texts]
        return made
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = sentences(node.left, function), sentences(node.right, function)
        return [one + other for one in left for other in right] if left and right else None
    if isinstance(node, ast.IfExp):
        one, other = sentences(node.body, function), sentences(node.orelse, function)
        return None if one is None or other is None else [*one, *other]
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "rstrip":
        return sentences(node.func.value, function)
    if isinstance(node, ast.Name):
        return assigned(node.id, function)
    return None


def assigned(name, function):
    """Every text that a name may hold in a function."""
    made, last = [], []
    for one in ast.walk(function):
        if isinstance(one, ast.Assign) and any(getattr(target, "id", "") == name for target in one.targets):
            last = sentences(one.value, function)
            if last is None:
                return None
            made += last
        elif isinstance(one, ast.AugAssign) and getattr(one.target, "id", "") == name:
            more = sentences(one.value, function) or [""]
            made = [text for text in made if text not in last]
            last = [text + other for text in last for other in more]
            made += last
    return made or None


PARTS_FROM_ELSEWHERE = {
    "trips_left_out",
    "output_changed",
    "rows_without_polygon",
    "polygons_without_row",
    "letters_garbled",
}
"""Codes whose sentence gets a part from another function, so that the code does not show it whole."""


def said_by_sites():
    """Yield the file, the code, the sentences and the advice of every place that makes a finding without values."""
    for path, tree, calls in made_in_files():
        for node in calls:
            kind = node.func.id
            given = {word.arg: word.value for word in node.keywords}
            code = given.get("code") or (node.args[kind != "Finding"] if node.args else None)
            if "values" in given or not isinstance(code, ast.Constant):
                continue
            function = function_of(tree, node)
            yield (
                path.name,
                code.value,
                sentences(given.get("message") or node.args[2], function) or [],
                sentences(given.get("advice"), function) or [],
            )


def test_every_finding_can_be_told_in_every_language():
    """Every sentence and advice in the code is made of templates that every language has, with the same gaps."""
    every = {key for key in words("en") if re.fullmatch(r"finding\.\w+\.told(\.\w+)?", key)}
    assert {key.split(".")[1] for key in every} == set(findings())
    missing = []
    for file, code, texts, advised in said_by_sites():
        if code not in PARTS_FROM_ELSEWHERE and not any(read_back(text, f"finding.{code}.told") for text in texts):
            missing.append((file, code, texts))
        if (
            any(advised)
            and code != "datum_uncertain"
            and not any(read_back(text, f"finding.{code}.advice") for text in advised)
        ):
            missing.append((file, code, advised))
    assert not missing


def test_values_are_read_back_from_a_sentence():
    """Numbers, days, units, lists and names each as readers of the language write them, whoever made the sentence."""
    by = {"en": "on foot", "fa": "پیاده"}
    found = Finding("feed_without_service", "warning", "a.zip has no service on 2023-02-15 (its calendars run from x): "
                    "everything it serves is missing from the results.", advice="Choose a day on which all feeds have "
                    "service, or leave the feed out on purpose.")  # fmt: skip
    assert plain(told(found, "fa")).startswith("\u200f\u2068a.zip\u2069 در ۲۶ بهمن ۱۴۰۱")
    assert advice(found, "fa").endswith("کنار بگذارید.")
    message = "1,204 of 6,462 origins with 15,300 people (4.8%) reach the edge of the street data within 30 minutes: what they reach beyond it is missing."  # noqa: E501
    reach = Finding("catchments_leave_the_data", "warning", f"On foot: {message}", values={"by": by})
    assert plain(told(reach, "fa")).startswith(
        "پیاده: ۱٬۲۰۴ مبدأ از ۶٬۴۶۲ مبدأ با ۱۵٬۳۰۰ نفر (۴٫۸٪) در محدودهٔ ۳۰ دقیقه"
    )
    many = "3 zones are in no pair of the travel costs (4, 7, 9 and 12 more) and have no neighbour."
    assert "(۴، ۷، ۹ و ۱۲ مورد دیگر)" in told(Finding("zones_without_travel_costs", "warning", many), "fa")
    assert told(Finding("zones_without_travel_costs", "warning", "Another sentence."), "fa") == ""
