"""What the pages of the site show as code: it runs, prints what stands below it, and names what is there."""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import re
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import spatialjustice as sj
from spatialjustice.study.settings import Study

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDERS = ("start", "guide", "coming_from", "fa")
PAGES = sorted(
    path
    for path in [*DOCS.glob("*.md"), *(one for part in FOLDERS for one in (DOCS / part).glob("*.md"))]
    if "```" in path.read_text(encoding="utf-8") and path.name != "README.md"
)
BLOCK = re.compile(r"^```(python|py)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
WIDTH = {"display.width": 92, "display.max_columns": 8, "display.max_colwidth": 40, "display.max_rows": 20}
"""How wide the tables on the pages are."""


def ten_lines() -> str:
    """The lines with which the README begins, and which most pages go on from."""
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    return readme.split("```python\n", 1)[1].split("```", 1)[0]


def run(code: str, names: dict[str, Any]) -> str:
    """Run a block among the names of those before it; what it prints."""
    told = io.StringIO()
    options = [word for item in WIDTH.items() for word in item]
    with warnings.catch_warnings(), contextlib.redirect_stdout(told), pd.option_context(*options):
        warnings.simplefilter("ignore", sj.SpatialJusticeWarning)
        exec(compile(code, "<page>", "exec"), names)
    return "\n".join(line.rstrip() for line in told.getvalue().rstrip().splitlines())


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """The names that the ten lines leave behind."""
    names: dict[str, Any] = {}
    with contextlib.chdir(tmp_path_factory.mktemp("ten_lines")):
        run(ten_lines(), names)
    return names


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """Language, code and printed text of each block of code on a page."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=[path.relative_to(DOCS).as_posix() for path in PAGES])
def test_code_of_a_page_runs_and_prints_what_it_says(page, begun, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runnable = [(code, shown) for language, code, shown in blocks(page) if language == "python"]
    alone = bool(runnable) and "import spatialjustice as sj" in runnable[0][0]
    names = {} if alone else dict(begun)
    for code, shown in runnable:
        if code == ten_lines():
            continue  # they were run already, and the README is held by its own test
        assert run(code, names) == shown.rstrip(), code


@pytest.mark.parametrize("page", PAGES, ids=[path.relative_to(DOCS).as_posix() for path in PAGES])
def test_code_with_files_of_the_reader_names_what_is_there(page):
    for language, code, _ in blocks(page):
        if language == "py":
            for call in ast.walk(ast.parse(code)):
                if isinstance(call, ast.Call) and (spoken := ast.unparse(call.func)).startswith("sj."):
                    called: Any = sj
                    for name in spoken.split(".")[1:]:
                        called = getattr(called, name)
                    taken = inspect.signature(called).parameters
                    open_ended = any(one.kind is one.VAR_KEYWORD for one in taken.values())
                    unknown = {word.arg for word in call.keywords if word.arg} - set(taken)
                    assert open_ended or not unknown, f"{spoken} does not take {unknown}"


@pytest.mark.parametrize("page", PAGES, ids=[path.relative_to(DOCS).as_posix() for path in PAGES])
def test_studies_on_a_page_are_studies(page, tmp_path):
    for text in re.findall(r"^```yaml\n(.*?)^```\n", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        if text.startswith("title:"):
            (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
            assert f"seed: {Study.read(tmp_path / 'study.yaml').seed}" in text
