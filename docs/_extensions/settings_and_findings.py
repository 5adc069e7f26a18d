"""Pages that are tables: settings of a study file, the command line, findings, files and licences."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

import spatialjustice
from spatialjustice import catalogue, cli
from spatialjustice.study import Study

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import bill_of_materials

SOURCES = Path(spatialjustice.__file__).parent / "sources"


def pages() -> dict[str, str]:
    """Return the pages and parts of pages, by file below ``docs/``."""
    return {
        "reference/study_file.rst": _study_file(),
        "reference/command_line.rst": _command_line(),
        "reference/findings.rst": _findings(),
        "_parts/files.rst": _files(),
        "_parts/services.rst": _services(),
        "_parts/software.rst": _software(),
    }


def _title(text: str, line: str = "=") -> str:
    return f"{text}\n{line * max(4, len(text))}\n\n"


def _cell(text: str) -> str:
    """Keep what stars, bars and backticks stand for in a text that is not reStructuredText."""
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("`", "\\`").replace("|", "\\|").replace("_", "\\_")


# What a study file may say.


def _study_file() -> str:
    schema = Study.with_sections().model_json_schema()
    text = _title("The study file") + (
        "A study is one YAML file; every setting, with its default. ``spatialjustice schema`` prints the same as a "
        "JSON schema, by which editors complete and check a study, and ``spatialjustice check`` says what is wrong "
        "before any work.\n\n"
    )
    text += _settings(schema)
    for name, part in sorted(schema["$defs"].items(), key=lambda pair: _short(pair[0])):
        if "properties" in part:
            text += f".. _setting-{name}:\n\n" + _title(_short(name), "-") + _cell(part.get("description", ""))
            text += "\n\n" + _settings(part)
    return text


def _short(name: str) -> str:
    """Return what a part is called; two parts of one name tell which section they are of."""
    *before, last = name.split("__")
    return f"{last} ({before[3].replace('_', ' ')})" if len(before) > 3 else last


def _settings(part: dict[str, Any]) -> str:
    needed = set(part.get("required", []))
    text = ".. list-table::\n   :widths: 2 3 6 2\n   :header-rows: 1\n   :class: names\n\n"
    text += "   * - setting\n     - what it may be\n     - meaning\n     - default\n"
    for name, one in part["properties"].items():
        default = "needed" if name in needed else _default(one.get("default"))
        text += f"   * - ``{name}``\n     - {_kind(one)}\n"
        text += f"     - {_cell(one.get('description', ''))}\n     - {default}\n"
    return text + "\n"


def _default(value: Any) -> str:
    if value is None:
        return ""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1000).strip()
    return f"``{text.removesuffix('...').strip()}``"


_KINDS = {"string": "text", "number": "number", "integer": "whole number", "boolean": "true or false", "null": ""}


def _kind(one: dict[str, Any]) -> str:
    """Return in words what a setting may be."""
    if "$ref" in one:
        name = one["$ref"].rpartition("/")[2]
        return f":ref:`{_short(name)} <setting-{name}>`" if name not in _VALUES else name.lower()
    if "enum" in one or "const" in one:
        return ", ".join(f"``{value}``" for value in one.get("enum", [one.get("const")]))
    for way in ("anyOf", "oneOf"):
        if way in one:
            kinds = dict.fromkeys(filter(None, map(_kind, one[way])))
            return " or ".join(kinds)
    if one.get("type") == "array":
        return f"list of {_kind(one['items'])}" if "items" in one else "list"
    if one.get("type") == "object":
        inner = one.get("additionalProperties")
        return f"by name: {_kind(inner)}" if isinstance(inner, dict) else "settings by name"
    return _KINDS.get(str(one.get("type")), "") + _range(one)


_VALUES = {"Cutoff"}


def _range(one: dict[str, Any]) -> str:
    bounds = [
        f"{word} {one[key]}"
        for key, word in (
            ("minimum", "from"),
            ("exclusiveMinimum", "above"),
            ("maximum", "to"),
            ("exclusiveMaximum", "below"),
        )
        if key in one
    ]
    return f" {' '.join(bounds)}" if bounds else ""


# The command line.


def _command_line() -> str:
    parser = cli._parser()  # noqa: SLF001
    text = _title("The command line") + f"{_cell(str(parser.epilog))}\n\n"
    return text + "".join(_command(one, "-") for one in _commands(parser))


def _commands(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    found = []
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            said = {one.dest: one.help or "" for one in action._choices_actions}  # noqa: SLF001
            for name, one in action.choices.items():
                one.description = one.description or said.get(name, "")
                found.append(one)
    return found


def _command(parser: argparse.ArgumentParser, line: str) -> str:
    text = _title(parser.prog, line) + f"{_cell(str(parser.description))}\n\n"
    inner = _commands(parser)
    if inner:
        return text + "".join(_command(each, "~") for each in inner)
    rows = ""
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._HelpAction):  # noqa: SLF001
            continue
        called = ", ".join(action.option_strings) or str(action.metavar or action.dest)
        value = f" {action.metavar}" if action.option_strings and isinstance(action.metavar, str) else ""
        rows += f"   * - ``{called}{value}``\n     - {_cell(str(action.help or ''))}\n"
    return text + (f".. list-table::\n   :widths: 1 2\n   :class: names\n\n{rows}\n" if rows else "")


# Findings, and files with their licences.


def _findings() -> str:
    text = _title("Findings") + (
        "Nothing is left out, assumed or guessed in silence: it becomes a finding with a code, a number and a "
        "sentence, on every result (``sj.findings(frame)``), in tables and on pages. What each code means, and what to "
        "do:\n\n"
    )
    text += ".. list-table::\n   :widths: 3 4 4\n   :header-rows: 1\n   :class: names\n\n"
    text += "   * - code\n     - meaning\n     - what to do\n"
    for code, record in sorted(catalogue.findings().items()):
        text += f"   * - .. _finding-{code}:\n\n       ``{code}`` ({record['severity']})\n"
        text += f"     - {_cell(record['meaning'])}\n     - {_cell(record['advice'])}\n"
    return text


def _files() -> str:
    text = ".. list-table::\n   :widths: 3 4 3 2\n   :header-rows: 1\n   :class: names\n\n"
    text += "   * - file\n     - what it is\n     - from whom\n     - licence\n"
    for name, record in yaml.safe_load((SOURCES / "registry.yml").read_text(encoding="utf-8")).items():
        where = f"`{name} <{record['address']}>`__" if record.get("address") else name
        dated = f"Data of {record['data_date'] or 'no stated date'}."
        text += f"   * - {where}\n     - {_cell(str(record['description']))} {dated}\n"
        text += f"     - {_cell(str(record['attribution']))}\n     - {record['licence']}\n"
    return text


def _services() -> str:
    """Return the services that can be asked for by name."""
    text = ".. list-table::\n   :widths: 3 3 3 6\n   :header-rows: 1\n   :class: names\n\n"
    text += "   * - name\n     - English\n     - Persian\n     - in OpenStreetMap\n"
    known = yaml.safe_load((SOURCES / "osm" / "places" / "services.yml").read_text(encoding="utf-8"))
    for name, record in sorted(known.items()):
        tags = record.get("any", record.get("all_of", []))
        shown = " or ".join(one if isinstance(one, str) else _tags(one) for one in tags)
        text += f"   * - ``{name}``\n     - {_cell(record['en'])}\n     - {record['fa']}\n     - {_cell(shown)}\n"
    return text


def _tags(one: dict[str, Any]) -> str:
    return " and ".join(
        f"{key}={'|'.join(map(str, value)) if isinstance(value, list) else value}" for key, value in one.items()
    )


def _software() -> str:
    """Return the parts that the package itself names, with their licences."""
    text = ".. list-table::\n   :widths: 2 3\n   :header-rows: 1\n   :class: names\n\n   * - part\n     - licence\n"
    for name in sorted(bill_of_materials.needed()[bill_of_materials.PROJECT["name"]]):
        text += f"   * - {name}\n     - {bill_of_materials.licence_of(name)}\n"
    return text
