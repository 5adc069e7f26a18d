"""What tests need beside Python, and what may be skipped where.

``@pytest.mark.needs("pdfinfo")`` skips a test on a machine without that tool, and says its name; the fixture
``system_tool`` gives the path of one and skips likewise. The tools and what brings them stand in
``tools/system_tools.ini``.

On a CI machine (``CI`` is set), where everything on that list is installed first, nothing skips: a test that would is
a failure, unless its reason is one of ``MAY_SKIP``.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

# Why a test may be skipped even where all tools are there: reason, and what justifies it.
MAY_SKIP = {
    r"needs the real data file .+": "the collection of real data is too large to travel with the project",
    r"needs the right to mount a small file system": "few containers may mount; the same faults are also simulated",
}


def system_tools() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "tools" / "system_tools.py"
    spec = importlib.util.spec_from_file_location("system_tools", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOLS = system_tools()
LISTED = {tool["name"]: tool for tool in TOOLS.tools()}


def found(name: str) -> str:
    """Return the path of a tool of the list, or skip and say its name."""
    where = TOOLS.where(LISTED[name])
    if where is None:
        pytest.skip(f"needs {name} (Debian package {LISTED[name]['package']})")
    return where


@pytest.fixture(scope="session")
def system_tool() -> Callable[[str], str]:
    return found


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            found(name)


def refused(reason: str, *, ci: bool) -> str | None:
    """Return what to say of a skip that must not be, or nothing."""
    told = reason.removeprefix("Skipped: ")
    if not ci or any(re.fullmatch(pattern, told) for pattern in MAY_SKIP):
        return None
    return f"{told}\nOn a CI machine nothing is skipped but for the reasons in tests/needs.py."


def _refuse(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        said = refused(reason, ci=bool(os.environ.get("CI")))
        if said is not None:
            report.outcome = "failed"
            report.longrepr = said


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report = yield
    _refuse(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    report = yield
    _refuse(report)
    return report
