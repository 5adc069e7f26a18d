"""The rules of the house, read from the code: who may import whom, who opens sockets, who writes files."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import spatialjustice

PACKAGE = Path(spatialjustice.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# A room may import itself and the rooms named here. Data flow further than imports do.
ALLOWED = {
    "_core": set(),
    "catalogue": {"_core"},
    "sources": {"_core"},
    "datasets": {"_core", "sources"},
    "network": {"_core", "sources"},
    "access": {"_core", "network"},
    "inequality": {"_core"},
    "digital": {"_core", "catalogue", "sources", "network", "access", "inequality"},
    "remedies": {"_core", "network", "access", "inequality"},
    "environment": {"_core", "catalogue", "sources", "network", "access", "inequality"},
    "participation": {"_core", "catalogue", "sources", "network", "access", "inequality"},
    "cities": {"_core", "catalogue", "inequality"},
    "prediction": {"_core", "catalogue", "inequality"},
    "monitoring": {"_core", "catalogue", "inequality"},
    "maps": {"_core", "catalogue"},
    "report": {"_core", "catalogue", "maps"},
    "study": {
        *("_core", "catalogue", "sources", "network", "access", "inequality", "digital", "remedies", "maps", "report"),
        *("environment", "participation", "cities", "prediction", "monitoring"),
    },
}
SOCKETS = {"socket", "ssl", "http", "requests", "urllib.request", "urllib3", "ftplib", "aiohttp", "httpx"}
DRIVERS = {"adbc_driver_postgresql", "adbc_driver_manager", "duckdb", "psycopg", "psycopg2", "asyncpg", "sqlalchemy"}


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else "top"


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def imports(path: Path) -> set[str]:
    """All modules a file imports or asks for as extras, at its top or inside functions; not those for type checkers."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "needed":
            found |= {name.value for name in ast.walk(node.args[0]) if isinstance(name, ast.Constant)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_rooms_before_it(path):
    room = room_of(path)
    if room == "top":
        return
    for name in imports(path):
        if name.startswith("spatialjustice.") and name != "spatialjustice.__version__":
            other = name.split(".")[1]
            assert other == room or other in ALLOWED[room], f"{room} must not import {name}"


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_no_circle_of_files():
    """Files of the package import one another in one direction only, counting imports for type checkers as well.

    The ``__init__`` of a room or wing only hands names on, and does so on first use: it is no step of a circle.
    """
    files = {module_of(path): path for path in MODULES if path.name != "__init__.py"}
    waiting = {
        name: {
            f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in files else node.module
            for node in nodes(path)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        & set(files) - {name}
        for name, path in files.items()
    }
    while True:
        ready = {name for name, needs in waiting.items() if not needs}
        if not ready:
            break
        waiting = {name: needs - ready for name, needs in waiting.items() if name not in ready}
    # What is left imports a circle or is one: leave out what nothing else that is left needs.
    while True:
        needed = {need for needs in waiting.values() for need in needs}
        if needed >= set(waiting):
            break
        waiting = {name: needs for name, needs in waiting.items() if name in needed}
    assert not waiting, f"circles of files: {sorted(waiting)}"


def test_every_room_has_a_rule():
    assert {room_of(path) for path in MODULES} - {"top"} == set(ALLOWED)


@pytest.mark.parametrize(
    ("doors", "module"),
    [(SOCKETS, "sources/web/sockets.py"), (DRIVERS, "sources/web/databases.py")],
    ids=["web", "databases"],
)
def test_only_one_module_opens_sockets(doors, module):
    """OSMnx, which opens sockets of its own and changes the socket module, is not asked to fetch anything.

    Databases are asked through drivers, which open their own; they too have one module.
    """
    openers = {
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if any(name == door or name.startswith(f"{door}.") for name in imports(path) for door in doors)
    }
    assert openers == {module}


def test_only_files_writes():
    """No module but these opens a file for writing or uses a writing method of pathlib; one writes in memory alone."""
    writers = {"write_text", "write_bytes", "mkdir", "unlink", "rename", "replace_file", "touch", "savetxt", "dump"}
    for path in MODULES:
        if path.relative_to(PACKAGE).as_posix() in {f"_core/disk/{name}.py" for name in ("files", "receiving", "zips")}:
            continue
        for node in nodes(path):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            from_files = isinstance(owner, ast.Name) and owner.id == "files"
            assert name not in writers or from_files or name == "dump", f"{path.name}:{node.lineno} calls {name}"
            if name == "open":
                words = [argument.value for argument in ast.walk(node) if isinstance(argument, ast.Constant)]
                modes = [word for word in words if isinstance(word, str) and set(word) <= set("rwaxbt+")]
                assert not any(set(mode) & set("wax+") for mode in modes), f"{path.name}:{node.lineno} opens to write"


HEAVY = ("numpy", "pandas", "geopandas", "shapely", "folium", "osmnx", "numba", "rasterio", "pydantic", "yaml")


def test_import_is_light_and_has_no_effect(tmp_path):
    """Importing the package and asking the command line for help load nothing heavy and make no file."""
    code = (
        "import sys, spatialjustice, spatialjustice.cli as cli\n"
        "try:\n    cli.main(['--help'])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\nassert not loaded, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("room", [room for room in ALLOWED if room != "_core"])
def test_public_names_load(room):
    """Every public name of a room loads, is documented, and stays what it is after its module was imported."""
    package = getattr(spatialjustice, room)
    assert package.__all__
    for name in package.__all__:
        value = getattr(package, name)
        assert value.__doc__, f"{room}.{name} has no docstring"
        module = getattr(value, "__module__", None)
        if callable(value) and module:
            __import__(module)
            assert getattr(package, name) is value
