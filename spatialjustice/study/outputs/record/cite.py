"""How to cite a result: a paragraph of methods, software, data with their licences, literature, and BibTeX."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import spatialjustice
from spatialjustice._core.disk.plain_yaml import own_yaml
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import checksum, sources_of, versions
from spatialjustice.catalogue import balanced, date, measures, text_in, words
from spatialjustice.catalogue.told import told
from spatialjustice.report.latex import escaped
from spatialjustice.study.outputs.record.verify import read_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOMS = ("access", "inequality", "digital", "remedies", "environment", "participation", "cities", "prediction")
"""Where measures live, whose docstrings name their literature."""
FIELDS = ("author", "title", "journal", "booktitle", "volume", "number", "pages", "year", "doi")


@dataclass(frozen=True, slots=True)
class Citation:
    """What a paper says of a result.

    Parameters
    ----------
    methods
        A paragraph for the methods, in the language that was asked for.
    software
        A line for each part: name, version, how it is cited.
    data
        A line for each source: credit, licence, date that the data describe, checksum.
    literature
        What the measure's documentation names, a text.
    bibtex
        Entries for software and data.
    """

    methods: str
    software: tuple[str, ...]
    data: tuple[str, ...]
    literature: str
    bibtex: str

    def __str__(self) -> str:
        """Give all of it under headings."""
        parts = [self.methods, "Software\n" + "\n".join(f"  {one}" for one in self.software)]
        parts += ["Data\n" + "\n".join(f"  {one}" for one in self.data)] if self.data else []
        parts += [f"Literature\n  {self.literature}"] if self.literature else []
        return "\n\n".join([*parts, self.bibtex])


def cite(result: Any, *, lang: str = "en") -> Citation:
    """Say how a result is cited: methods, software, data with licences and dates, literature, BibTeX.

    Parameters
    ----------
    result
        A Series or frame that this package returned, whose ``attrs`` tell where it comes from; the results of a study;
        or the folder of a run. Several of them in a list are cited together.
    lang
        Language of the methods, ``"en"`` or ``"fa"``.

    Returns
    -------
    Citation
        Nothing in it is made up: a source whose licence or date nobody stated says so, and a part without a publication
        is cited by its name and version.

    Raises
    ------
    InputError
        When the result carries neither a measure nor a source, for example after arithmetic that drops ``attrs``.
    MissingFileError, DamagedFileError
        When a folder is that of no run, or its record cannot be read.

    Examples
    --------
    >>> import pandas as pd, spatialjustice as sj
    >>> gap = sj.inequality.lorenz_curve(pd.Series([5.0, 9.0]), people=pd.Series([10.0, 20.0]))
    >>> print(sj.cite(gap).methods[:59])
    Results were computed with spatialjustice 0.1.0 (Python 3.1
    """
    folder = getattr(result, "folder", result)
    if isinstance(folder, str | Path):
        return _of_run(Path(folder), lang)
    several = list(result) if isinstance(result, list | tuple) else [result]
    named = dict.fromkeys(str(getattr(one, "attrs", {}).get("measure", "")) for one in several)
    named.pop("", None)
    sources = [one.as_dict() for one in sources_of(*several)]
    if not named and not sources:
        raise InputError(
            "result",
            "it tells neither its measure nor its sources",
            "Cite what a verb returned, before arithmetic that drops attrs, or the folder of a run.",
        )
    attrs: Mapping[str, Any] = getattr(several[0], "attrs", {})
    said = [_measure(one.attrs, lang) for one in several if getattr(one, "attrs", {}).get("measure") in measures()]
    known = {"versions": _loaded(), "inputs": sources, "seed": attrs.get("seed")}
    found = [finding for finding in findings_of(*several) if finding.severity == "warning"]
    literature = " ".join(dict.fromkeys(text for name in named if (text := _literature(name))))
    return _made(known, list(dict.fromkeys(said)), found, literature, lang)


def _of_run(folder: Path, lang: str) -> Citation:
    """Cite a run by its record."""
    manifest = read_record(folder)
    found = [Finding(**one) for one in manifest["findings"] if one["severity"] == "warning"]
    packages = {one["name"]: one["version"] for one in manifest.get("environment", {}).get("packages", [])}
    # NumPy's and pandas' sums, neighbours and searches rest on it in every run; what else is installed may not be used.
    scipy = {"scipy": packages["scipy"]} if "scipy" in packages else {}
    known = {**manifest, "versions": manifest["versions"] | scipy}
    record = words(lang)["cite.record"].format(digest=f"sha256 {checksum(folder / 'provenance.json')[:16]}…")
    said = [words(lang)["cite.study"].format(title=text_in(manifest["title"], lang))]
    return _made(known, said, found, "", lang, record)


def _made(
    known: Mapping[str, Any],
    said: Sequence[str],
    found: Sequence[Finding],
    literature: str,
    lang: str,
    record: str = "",
) -> Citation:
    text = words(lang)
    present = known["versions"]
    published = {
        name: entry for name, entry in _published().items() if any(_there(present, one) for one in entry["packages"])
    }
    sources = list({(one["file"], one["sha256"]): one for one in known["inputs"]}.values())
    own = present.get("spatialjustice", spatialjustice.__version__)
    comma = text["language.comma"]
    sentences = [text["cite.computed"].format(version=own, python=present["python"]), *said]
    if sources:
        sentences.append(text["cite.data"].format(sources=text["language.semicolon"].join(_data(sources, lang))))
    if known.get("seed") is not None:
        sentences.append(text["cite.seed"].format(seed=known["seed"]))
    sentences.append(text["cite.rests_on"].format(packages=comma.join(published)))
    warned = [told(one, lang).rstrip(".") for one in found]
    if any(warned):
        sentences.append(text["cite.warnings"].format(warnings=text["language.semicolon"].join(filter(None, warned))))
    software = [f"spatialjustice {own}"]
    for name, entry in published.items():
        parts = comma.join(f"{one} {present[one]}" for one in entry["packages"] if _there(present, one))
        told_as = f"{entry['author']} ({entry['year']}). {entry['title']}. {entry.get('journal') or entry['booktitle']}"
        software.append(f"{name} ({parts}): {told_as}." + (f" doi:{entry['doi']}" if "doi" in entry else ""))
    return Citation(
        methods=balanced(" ".join([*sentences, *([record] if record else [])])),
        software=tuple(software),
        data=tuple(f"{line}; {_checksum(one)}" for line, one in zip(_data(sources, "en"), sources, strict=True)),
        literature=literature,
        bibtex="\n\n".join(_entries(own, present, published, sources)),
    )


def _loaded() -> dict[str, str]:
    """Return the versions of Python, this package and those published parts that this process has loaded."""
    kept = {name: version for name, version in versions().items() if name in {"python", "spatialjustice"}}
    for entry in _published().values():
        for name in entry["packages"]:
            if entry.get("module", name) in sys.modules:
                kept[name] = metadata.version(name)
    return kept


def _there(present: Mapping[str, str], package: str) -> bool:
    return present.get(package, "not installed") != "not installed"


@cache
def _published() -> dict[str, dict[str, Any]]:
    text = resources.files(__package__).joinpath("software.yml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = own_yaml(text)
    return found


def _measure(attrs: Mapping[str, Any], lang: str) -> str:
    """Name a measure and its unit as the catalogue calls them."""
    text = words(lang)
    unit = str(attrs.get("unit") or "")
    title = text[f"measure.{attrs['measure']}.title"]
    return text["cite.measure"].format(measure=title, unit=text.get(f"unit.{unit}", unit) or "–")


def _data(sources: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    text = words(lang)
    lines = []
    for one in sources:
        described = text["cite.described"].format(date=date(one["data_date"], lang)) if one["data_date"] else ""
        parts = [one["attribution"] or one["file"], one["licence"], described or text["cite.undated"]]
        lines.append(text["language.comma"].join(parts))
    return list(dict.fromkeys(lines)) if lang != "en" else lines


def _checksum(source: Mapping[str, Any]) -> str:
    address = f", {source['address']}" if source["address"] else ""
    return f"{source['file']}, sha256 {source['sha256'] or 'not known'}{address}"


def _literature(name: str) -> str:
    """Return what the documentation of a measure names as its literature."""
    for room in ROOMS:
        function = getattr(import_module(f"spatialjustice.{room}"), name, None) if name in _names(room) else None
        found = (
            re.search(r"References\n\s*-+\n(.*?)(?:\n\s*\n|\Z)", function.__doc__ or "", re.DOTALL)
            if function
            else None
        )
        if found is not None:
            return " ".join(found[1].split())
    return ""


@cache
def _names(room: str) -> frozenset[str]:
    return frozenset(import_module(f"spatialjustice.{room}").__all__)


def _entries(
    own: str,
    present: Mapping[str, str],
    published: Mapping[str, Mapping[str, Any]],
    sources: Sequence[Mapping[str, Any]],
) -> Iterator[str]:
    yield _entry(
        "software",
        "spatialjustice",
        {
            "author": "{The spatialjustice developers}",
            "title": "spatialjustice: who can reach digital and public services, and who cannot",
            "version": own,
            "note": f"Python {present['python']}",
        },
    )
    for name, entry in published.items():
        fields = {field: str(entry[field]) for field in FIELDS if field in entry}
        parts = ", ".join(f"{one} {present[one]}" for one in entry["packages"] if _there(present, one))
        yield _entry(entry["type"], name, {**fields, "note": f"Used: {parts}"})
    for number, one in enumerate(sources, start=1):
        described = {"year": one["data_date"][:4]} if one["data_date"] else {}
        credit = one["attribution"].removeprefix("©").strip()
        fields = {
            **({"author": f"{{{credit}}}"} if credit else {}),
            "title": f"{{{one['file']}}}",
            **described,
            **({"url": one["address"]} if one["address"] else {}),
            "note": f"Licence: {one['licence']}; sha256 {one['sha256'] or 'not known'}",
        }
        yield _entry("misc", f"data{number}", fields)


def _entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    plain = {"url", "doi"}
    lines = [
        f"  {name} = {{{value if name in plain else escaped(value, braces=True)}}}," for name, value in fields.items()
    ]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])
