"""What the site is made of: a page for every public name, every measure told in full, and links that lead somewhere."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import inspect
import json
import re
import sys
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

import spatialjustice
from spatialjustice import catalogue
from tests.notebooks.lessons import DATA

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
sys.path[:0] = [str(DOCS / "_extensions"), str(ROOT / "tools")]
try:
    import broken_links
    import gallery
    import mathml
    import methods
    import reference
    import right_to_left
    import settings_and_findings
    import types_in_full
finally:
    del sys.path[:2]

REFERENCE = reference.pages()
METHODS = methods.methods()


def packages(module=spatialjustice):
    """The package and all public packages inside it, by walking from one to the next."""
    yield module
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.ismodule(value) and hasattr(value, "__all__"):
            yield from packages(value)


def test_every_public_name_has_a_page_that_its_room_lists():
    told = {line for page in REFERENCE.values() for line in page.splitlines()}
    missing: list[str] = []
    for package in packages():
        for name in package.__all__:
            value = getattr(package, name)
            outer = importlib.import_module(package.__name__.rpartition(".")[0] or package.__name__)
            paths = [f"{package.__name__}.{name}"] + [f"{outer.__name__}.{name}"] * (name in outer.__all__)
            begins = (
                [f".. py:module:: {value.__name__}"]
                if inspect.ismodule(value)
                else [f".. {kind}:: {path}" for path in paths for kind in ("autofunction", "autoclass", "py:data")]
            )
            missing += [paths[0]] * (not set(begins) & told)
    assert missing == []
    assert len(REFERENCE) > 400


def test_pages_are_listed_once_and_differ_in_more_than_the_size_of_letters():
    assert len({name.lower() for name in REFERENCE}) == len(REFERENCE)
    for name, text in REFERENCE.items():
        if name.endswith("/index.rst"):
            listed = [line.strip() for line in text.partition(".. toctree::")[2].splitlines()[3:] if line.strip()]
            files = {re.sub(r".*<(.*)>", r"\1", line) for line in listed}
            folder = name.removesuffix("index.rst")
            assert {f"{folder}{one}.rst" for one in files} <= set(REFERENCE) | set(settings_and_findings.pages())
            assert len(files) == len(listed)


def test_every_public_method_is_explained():
    """Sphinx shows the methods that have a docstring, and leaves out the others without a word."""
    classes = [getattr(one, name) for one in packages() for name in one.__all__]
    for value in filter(inspect.isclass, classes):
        for name, method in vars(value).items():
            if not name.startswith("_") and inspect.isfunction(method):
                assert inspect.getdoc(method), f"{value.__name__}.{name}"


def test_names_in_docstrings_are_public():
    """Without a page there is nothing to link to: the build of the site would stop at them."""
    shared = [importlib.import_module(f"spatialjustice._core.{name}") for name in ("errors", "findings", "provenance")]
    values = {f"{one.__name__}.{name}": getattr(one, name) for one in packages() for name in one.__all__}
    values |= {f"{one.__name__}.{name}": value for one in shared for name, value in vars(one).items()}
    texts = {path: inspect.getdoc(value) or "" for path, value in values.items()}
    for path, value in [pair for pair in values.items() if inspect.isclass(pair[1])]:
        names = {*dir(value), *getattr(value, "__annotations__", {})}
        members = {name: getattr(value, name, None) for name in names if not name.startswith("_")}
        texts |= {f"{path}.{name}": inspect.getdoc(one) or "" for name, one in members.items()}
    told = re.compile(r":(?:func|meth|class|attr|data|mod|exc):`[^`]*?([\w.]+)>?`")
    named = [
        (path, target) for path, text in texts.items() if "spatialjustice" in path for target in told.findall(text)
    ]
    assert len(named) > 400
    ends = {path.split(".", count)[-1] for path in texts for count in range(path.count(".") + 1)}
    assert [pair for pair in named if pair[1].removeprefix("sj.") not in ends] == []


def test_every_measure_tells_its_formula_source_unit_direction_and_what_is_missing():
    assert {one.key for one in METHODS} == set(catalogue.measures())
    assert {one.key: lacking for one in METHODS if (lacking := methods.lacking(one))} == {}


@pytest.mark.parametrize("part", ["formula", "source", "unit", "direction", "what is missing", "explanation"])
def test_a_measure_that_does_not_is_found(part):
    (gini,) = (one for one in METHODS if one.key == "gini")
    less = {
        "formula": {"definition": "Some number."},
        "source": {"literature": " "},
        "unit": {"record": {"direction": "none"}},
        "direction": {"record": {"unit": "index"}},
        "what is missing": {"missing": ""},
        "explanation": {"explanation": ""},
    }
    assert methods.lacking(dataclasses.replace(gini, **less[part])) == [part]


def test_the_methods_page_says_where_each_measure_is():
    pages = methods.pages()
    told = "\n".join(pages.values())
    for one in METHODS:
        assert told.count(f".. _method-{one.key}:\n") == 1
        assert told.count(f"<method-{one.key}>`") == 1
        assert f".. autofunction:: {one.function.path}\n" in "\n".join(REFERENCE.values())


def test_every_formula_of_the_docstrings_can_be_drawn():
    formulas = set()
    for package in packages():
        for name in package.__all__:
            text = inspect.getdoc(getattr(package, name)) or ""
            formulas |= set(re.findall(r":math:`([^`]+)`", text))
            formulas |= set(re.findall(r"^\.\. math::(.*(?:\n +.*)*)", text, re.MULTILINE))
    assert len(formulas) > 200
    for formula in formulas:
        made = mathml.to_mathml(formula.strip(), block=True)
        shown = "".join(ET.fromstring(made).itertext())
        assert "\\" not in shown, formula
        assert made.startswith("<math ")


def test_a_formula_is_the_sum_that_it_says():
    """Written by hand from the definition of MathML: a sum has its limits under and over it."""
    tree = ET.fromstring(mathml.to_mathml(r"\sum_{i}^{n} x_i", block=True))
    name = "{http://www.w3.org/1998/Math/MathML}"
    assert [one.tag.removeprefix(name) for one in tree.iter()].count("munderover") == 1
    assert tree.get("aria-label") == r"\sum_{i}^{n} x_i"


def test_types_stand_for_what_they_are():
    def example(values: list[int] | None, way: Literal["a", "b"], many: pd.Series[Any]) -> None:
        """Its annotations are texts, as in all files of the package."""

    assert types_in_full.types_of(example) == {"values": "list[int] | None", "way": "'a' | 'b'", "many": "Series"}
    gini = types_in_full.types_of(spatialjustice.inequality.gini)
    assert gini["values"] == "Series | ndarray | Sequence[float]", "an alias of the room, from another file"


def test_lessons_that_are_run_need_no_data_that_is_not_in_the_package():
    shown = {path.name for path in gallery.lessons() if path.name.startswith(gallery.NEED_DATA)}
    assert shown == set(DATA)
    pages = gallery.pages()
    off = {name.removeprefix("gallery/") for name, page in pages.items() if '"execution_mode": "off"' in str(page)}
    assert off == shown
    for path in gallery.lessons():
        assert f":link: {path.stem}\n" in pages["gallery/index.md"]
        assert json.loads(pages[f"gallery/{path.name}"])["cells"][1]["cell_type"] == "markdown"
    assert all(len(page) <= 61_440 for name, page in pages.items() if name.endswith(".webp"))


def test_the_site_needs_nothing_outside_the_project_and_speaks_of_it_alone():
    texts = {path.name: path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md") if "_build" not in path.parts}
    texts |= {
        path.name: path.read_text(encoding="utf-8") for path in [DOCS / "conf.py", *DOCS.glob("_extensions/*.py")]
    }
    texts |= REFERENCE | methods.pages() | settings_and_findings.pages()
    texts |= {name: page for name, page in gallery.pages().items() if isinstance(page, str)}
    foreign = re.compile(r"\.\./shared|/work/|/tmp/|TEST_DATA|issue #?\d+|\blocalhost\b", re.IGNORECASE)
    assert {name: found[0] for name, text in texts.items() if (found := foreign.search(text))} == {}


def test_pages_in_persian_are_turned():
    page = '<html lang="en" data-content_root="../" ><p class="prev-next-subtitle">next</p>'
    assert right_to_left.turned(page) == (
        '<html lang="fa" dir="rtl" data-content_root="../" ><p class="prev-next-subtitle">پسین</p>'
    )


@pytest.mark.parametrize("module", [mathml, methods, right_to_left, types_in_full], ids=lambda one: one.__name__)
def test_examples_of_the_extensions_run(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


def small_site(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_html", ".html").replace("_css", ".css")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return broken_links.faults(folder)


def test_links_that_lead_somewhere_are_not_broken(tmp_path):
    found, looked_at, elsewhere = small_site(
        tmp_path,
        index_html='<h1 id="top">A</h1><a href="b/c.html#x">c</a><a href="#top">up</a>'
        '<link rel="stylesheet" href="s.css?v=1"><a href="https://example.org/">far</a>'
        '<img src="data:image/png;base64,AAAA">',
        b__c_html='<p id="x"><a href="../index.html">home</a>',
        s_css="p { background: url('index.html') } q { background: url(data:image/png;base64,AA) }",
    )
    assert (found, looked_at, elsewhere) == ([], 5, 1)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ('<a href="gone.html">x</a>', "there is no such file"),
        ('<a href="#gone">x</a>', "there is no such place in that page"),
        ('<a href="folder/">x</a>', "a folder, which a file opened by a double click cannot show"),
        ('<img src="gone.png">', "there is no such file"),
        ('<img srcset="gone.png 2x">', "there is no such file"),
        ('<script src="https://example.org/a.js"></script>', "loaded from another host"),
        ('<link rel="stylesheet" href="//example.org/a.css">', "loaded from another host"),
        ('<style>@font-face { src: url("https://example.org/a.woff2") }</style>', "loaded from another host"),
        ('<p style="background: url(gone.svg)">', "there is no such file"),
    ],
    ids=range(9),
)
def test_what_is_broken_is_found(tmp_path, page, said):
    (tmp_path / "folder").mkdir()
    found, _, _ = small_site(tmp_path, index_html=page)
    assert len(found) == 1
    assert found[0].endswith(said)


def test_a_style_sheet_that_loads_from_another_host_is_found(tmp_path):
    found, _, _ = small_site(tmp_path, index_html="<p>", a_css='@import "https://example.org/b.css";')
    assert found == ["a.css: https://example.org/b.css: loaded from another host"]
