"""What a section of a study is: the keys it adds to the YAML file, what it computes, and what it shows of that."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BeforeValidator, Field

from spatialjustice._core.machine.extras import absent
from spatialjustice.study.engine.setting_types import (
    KeyOrder,
    Language,
    Partition,
    Settings,
    Text,
    repeated_names,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import geopandas as gpd
    import pandas as pd

    from spatialjustice._core.errors import MissingPackageError
    from spatialjustice.study.engine.setting_types import Cutoff

S_co = TypeVar("S_co", bound="StudySettings", covariant=True)
"""The settings of a study as far as a section reads them."""

Texts = dict[str, str]
"""A text in every language."""

MADE_WITH = {"pdf": ("typst",), "docx": ("docx", "typst")}
"""Packages beyond a core install that a kind of takeaway is made with."""


class Credit(Settings):
    """What is to be recorded about a file that no registry knows."""

    licence: str = "not stated"
    attribution: str = ""
    data_date: str | None = None
    address: str = ""


def _date_as_text(value: Any) -> Any:
    """Accept a date as YAML reads it."""
    if isinstance(value, dict) and value.get("data_date") is not None:
        return value | {"data_date": str(value["data_date"])}
    return value


def file_key(name: str) -> str:
    """Return the last part of a file's name, by which credits are given."""
    return PurePosixPath(name.replace("\\", "/")).name


class StudySettings(Settings):
    """What every study says whatever its sections: its titles, languages and seed. Sections add keys of their own."""

    sections: ClassVar[tuple[Section, ...]] = ()

    title: Annotated[Text, KeyOrder(0)] = Field(description="Title of maps and tables; by language if need be.")
    languages: Annotated[tuple[Language, ...], KeyOrder(900)] = Field(
        ("en",), description="Languages of the maps.", min_length=1
    )
    takeaway: Annotated[tuple[Literal["pdf", "docx", "xlsx"], ...], KeyOrder(905)] = Field(
        ("pdf", "docx", "xlsx"),
        description=(
            "What is written to be taken to a meeting, in every language: a report as pdf (two sheets and an annex) "
            "and as docx, and a workbook (xlsx). They take some seconds; [] leaves them out. A report "
            "needs the extra documents; where that is not installed and this key is not given, a finding says so."
        ),
    )
    partition: Annotated[Partition | None, KeyOrder(907)] = Field(
        None,
        description="Write the table of zones with their shapes as GeoParquet files, one for each square of ground, "
        "instead of zones.csv and zones.gpkg: {} takes squares of 10 km.",
    )
    seed: Annotated[int | None, KeyOrder(910)] = Field(
        None, description="Seed of everything random; drawn and recorded where missing.", ge=0
    )
    credits: Annotated[dict[str, Annotated[Credit, BeforeValidator(_date_as_text)]], KeyOrder(980)] = Field(
        default_factory=dict, description="Licence, attribution and date of files, by file name."
    )
    name: Annotated[str, KeyOrder(990)] = Field(
        "study",
        description="Short name used for folders; the file's name where missing.",
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
    )

    @property
    def zones_as_points(self) -> bool:
        """Whether no more is held of zones than a point of each, and its columns."""
        return False

    @property
    def pages_in_parts(self) -> bool:
        """Whether there is a page for each part of the place, and one of all parts instead of all zones."""
        return False

    @property
    def files(self) -> tuple[str, ...]:
        """Every file the study names, each once."""
        keys = list(type(self).model_fields)
        named = sorted(
            (pair for one in self.sections for pair in one.keys.files(self)), key=lambda pair: keys.index(pair[0])
        )
        return tuple(dict.fromkeys(name for _, name in named if name))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that zones must have, each once."""
        return tuple(dict.fromkeys(name for one in self.sections for name in one.keys.columns(self) if name))

    def limits(self, mode: str) -> list[Cutoff]:
        """Return every limit of travel cost up to which a section asks by a mode."""
        return [limit for one in self.sections for limit in one.keys.limits(self, mode)]

    def amounts(self, service: str) -> tuple[str, ...]:
        """Return the columns of a service's own file that sections ask for, each once."""
        return tuple(dict.fromkeys(name for one in self.sections for name in one.keys.amounts(self, service)))


def returns_nothing(*_: Any) -> tuple[Any, ...]:
    """Return nothing: what a section gives that has no such thing."""
    return ()


def loaded_later(module: str, function: str) -> Callable[..., Any]:
    """Return a function that loads its module when it is first called.

    To check a study file then loads nothing that only its computation needs.

    Examples
    --------
    >>> loaded_later("math", "sqrt")(9)
    3.0
    """

    def call(*arguments: Any, **words: Any) -> Any:
        return getattr(importlib.import_module(module), function)(*arguments, **words)

    call.__doc__ = f"Call ``{module}.{function}``."
    call.target = (module, function)  # type: ignore[attr-defined]
    return call


@dataclass(frozen=True, eq=False)
class Keys:
    """What a section adds to study files.

    Parameters
    ----------
    model
        A subclass of :class:`StudySettings` with the section's own keys as fields, each with a description, and a place
        among all keys (:class:`~spatialjustice.study.engine.setting_types.KeyOrder`). It inherits from the models of
        the sections whose keys it reads.
    faults
        ``(study)`` → what does not go together, a sentence each that begins with the key; the first one is told.
    files
        ``(study)`` → the files that are named, each with the key that names it; None as a name is passed over.
    columns
        ``(study)`` → the columns that zones must have; None is passed over.
    amounts
        ``(study, service)`` → columns of a service's own file that say how much each place has.
    limits
        ``(study, mode)`` → the limits of travel cost up to which the section asks by a mode.
    instead
        Key that somebody may write by mistake → what to write; ``{given}`` stands for its value.
    mend_schema
        ``(schema)`` completes the JSON schema where the model alone does not say what may be written.
    """

    model: type[StudySettings] = StudySettings
    faults: Callable[[Any], Iterable[str]] = returns_nothing
    files: Callable[[Any], Iterable[tuple[str, str | None]]] = returns_nothing
    columns: Callable[[Any], Iterable[str | None]] = returns_nothing
    amounts: Callable[[Any, str], Iterable[str]] = returns_nothing
    limits: Callable[[Any, str], Iterable[Cutoff]] = returns_nothing
    instead: Mapping[str, str] = field(default_factory=dict)
    mend_schema: Callable[[dict[str, Any]], object] = returns_nothing


@dataclass(frozen=True, eq=False)
class Table:
    """A table of the results.

    Parameters
    ----------
    name
        Its file is ``tables/NAME.csv``.
    frame
        Its rows, units in the names of columns or in a column of their own.
    about
        What the index of the results says of it, by language; the words ``study.table.NAME`` of the catalogue where
        missing.
    part
        Where it stands among the tables: ``results``, then ``details``, then ``inputs``.
    counts_people
        Whether it gets a column that says if people are counted or estimated.
    index
        Whether the index is written as the first column.
    """

    name: str
    frame: pd.DataFrame
    about: Texts | None = None
    part: Literal["results", "details", "inputs"] = "results"
    counts_people: bool = False
    index: bool = False


@dataclass(frozen=True, eq=False)
class Page:
    """What a section gives to the planner's map of every mode; all get the results and the mode.

    Parameters
    ----------
    indicators, indicators_at
        Maps (:class:`spatialjustice.maps.Indicator`), whose keys the others refer to; and where these stand among those
        of other sections, which is their order where both are the same.
    limits
        Key of an indicator → the limit beyond which people are called out of reach.
    findings_in_words
        Key of an indicator → the sentence above its map, where the usual one does not say what it is about.
    weights
        Key of an indicator → how many there are in each zone of what its shares are of (households), and their name,
        where these are not people.
    curves, bars
        Key of an indicator → curves of inequality and bars of groups that stand beside it.
    sentences, sentences_at
        How it was done, a sentence each, in every language; and where these stand among those of other sections.
    groups
        Key → title and people by zone of a group that the page can look at alone.
    around
        What is drawn around and under the zones, as words of :func:`spatialjustice.report.planner_page`.
    overview
        ``(results, address, further, caveats)`` → what is told before any map
        (:class:`spatialjustice.maps.Overview`); ``address`` tells where the map of a mode and an indicator is,
        ``further`` are the pages of sections, ``caveats`` what changes the numbers most. None says nothing.
    answers
        ``(results, mode)`` → sentences that are told before any map after those of the overview, of the first mode; the
        most important one first, and few.
    index_line
        ``(results, mode, line)`` → what the index of the results says of the map, made of what was said so far.
    parts
        ``(results)`` → the parts of the place that get a page each (:class:`PagePart`); nothing where one page has all.
    """

    indicators: Callable[[Any, Any], Iterable[Any]] = returns_nothing
    indicators_at: int = 0
    limits: Callable[[Any, Any], Mapping[str, Texts] | tuple[Any, ...]] = returns_nothing
    findings_in_words: Callable[[Any, Any], Mapping[str, Texts] | tuple[Any, ...]] = returns_nothing
    weights: Callable[[Any, Any], Mapping[str, tuple[Texts, Any]] | tuple[Any, ...]] = returns_nothing
    curves: Callable[[Any, Any], Mapping[str, list[Any]] | tuple[Any, ...]] = returns_nothing
    bars: Callable[[Any, Any], Mapping[str, list[Any]] | tuple[Any, ...]] = returns_nothing
    sentences: Callable[[Any, Any], Iterable[Texts]] = returns_nothing
    sentences_at: int = 9
    groups: Callable[[Any, Any], Mapping[str, tuple[Texts, Any]] | tuple[Any, ...]] = returns_nothing
    around: Callable[[Any, Any], Mapping[str, Any] | tuple[Any, ...]] = returns_nothing
    overview: Callable[[Any, Callable[[Any, str], str], Iterable[Any], Iterable[Texts]], Any] = lambda *_: None
    answers: Callable[[Any, Any], Iterable[Texts]] = returns_nothing
    index_line: Callable[[Any, Any, Texts], Texts] = lambda _results, _mode, line: line
    parts: Callable[[Any], Iterable[PagePart]] = returns_nothing


@dataclass(frozen=True, eq=False)
class PagePart:
    """A part of the place that has a page of its own: what it is called, and the ids of its zones."""

    title: Texts
    zones: pd.Index[Any]


@dataclass(frozen=True, eq=False)
class FurtherPage:
    """A page of its own, beside the maps of the modes.

    Parameters
    ----------
    name
        Its file, for example ``remedy.five_libraries.html``.
    title, line
        What the index calls it, and what it says of it.
    made
        The page (:class:`spatialjustice.maps.Map`).
    picture
        A small picture of it for the index.
    finding
        The sentence above its map, which the overview says instead of the line; the page's own where empty.
    """

    name: str
    title: Texts
    line: Texts
    made: Any
    picture: Any = ""
    finding: Texts | str = ""


@dataclass(frozen=True, eq=False)
class Section:
    """One thing that a study can ask for, from its key in the YAML file to its sentence on the page.

    Every function gets a :class:`~spatialjustice.study.engine.work.Work` while the study is computed, and the
    :class:`~spatialjustice.study.engine.results.Results` when tables and pages are made; both give what a section made
    by its name.

    Parameters
    ----------
    name
        By which others find what it made.
    compute
        ``(work)`` → frames, or a dataclass of frames.
    keys
        What it adds to study files.
    doing
        What the progress bar says while it is computed.
    needs
        Sections whose results it takes; they are computed before it.
    changes
        A section whose result it hands on changed; all others see only the changed one.
    offers
        Kind → ``(work)`` → things that other sections take without knowing from whom: ``outcomes`` (what zones have,
        whose inequality and place in space are measured), ``surfaces`` (what is looked at zone by zone),
        ``indicators`` (those of the catalogue that it knows), ``values`` (a name, and what is measured by zone).
    gathers
        Kinds that it takes from all who offer them, who are computed before it.
    wanted
        ``(study)`` → whether the study asks for it; otherwise it has no result.
    rounds
        ``(study)`` → steps of the progress bar beside the section itself, one for each ``work.now``.
    kept
        The name under which its whole result outlives a kill; empty to do it again.
    made_of
        ``()`` → dataclasses that its results are made of, so that they can be kept.
    asks
        ``(work)`` → what its computation asks of the ways of all zones
        (:class:`~spatialjustice.study.engine.ways.WaysAsked`), which may then be answered tile by tile before it; a
        section that says nothing asks the streets itself, in one process.
    fleeting
        ``(study)`` → why nothing of a run can be kept for a rerun, in a sentence, as where inputs are asked of a server
        and not known before they come; empty otherwise.
    check
        ``(work)`` → what carries findings and sources, where ``spatialjustice check`` is to look at its inputs.
    alone
        Whether it may be all that a study asks for: it needs no place that people go to.
    slow
        Whether reading its inputs takes long: ``check`` then looks at those of other sections first.
    fetch
        ``(work)`` → asks servers as the run will, so that their answers are kept; a key of the study file and a line on
        what was given, for each.
    rest
        ``(work)`` → lets go, once all sections are computed, of what was made for their work alone; whoever asks for
        it later has it made anew.
    findings, sources
        ``(work)`` → findings and source records; those that the result carries where not given.
    tables
        ``(results)`` → tables.
    zone_columns
        ``(results)`` → columns of the table of zones.
    overview, paragraphs
        ``(results)`` → lines for the command line: tables and numbers first, whole sentences last.
    by_points
        ``(study)`` → whether it needs no more of zones than a point, an area and columns of each.
    shapes
        ``(results, some)`` → some zones with their shapes, of the section that may hold only points of them.
    page
        What it gives to the maps.
    pages
        ``(results, around)`` → pages of its own; ``around`` are the words of every page, such as place and sources.
    proposals
        ``(folder, study_file, data_dir=, out=)`` → the proposals of readers of its pages, ranked; None where they make
        none.
    words
        Language → key → text, beside those of the catalogue.
    meanings
        Code of a finding → its record as in ``catalogue/findings.yml``, beside those there.
    """

    name: str
    compute: Callable[[Any], Any]
    keys: Keys = field(default_factory=Keys)
    doing: str = ""
    needs: tuple[str, ...] = ()
    changes: str = ""
    offers: Mapping[str, Callable[[Any], Iterable[Any]]] = field(default_factory=dict)
    gathers: tuple[str, ...] = ()
    wanted: Callable[[Any], bool] = lambda _: True
    rounds: Callable[[Any], int] = lambda _: 0
    kept: str = ""
    made_of: Callable[[], tuple[Any, ...]] = returns_nothing
    asks: Callable[[Any], Iterable[Any]] = returns_nothing
    fleeting: Callable[[Any], str] = lambda _: ""
    check: Callable[[Any], Iterable[Any]] = returns_nothing
    alone: bool = False
    slow: bool = False
    fetch: Callable[[Any], Iterable[tuple[str, str]]] = returns_nothing
    rest: Callable[[Any], Any] = returns_nothing
    findings: Callable[[Any], Iterable[Any]] | None = None
    sources: Callable[[Any], Iterable[Any]] | None = None
    tables: Callable[[Any], Iterable[Table]] = returns_nothing
    zone_columns: Callable[[Any], Mapping[str, pd.Series[Any]] | tuple[Any, ...]] = returns_nothing
    overview: Callable[[Any], Iterable[str]] = returns_nothing
    paragraphs: Callable[[Any], Iterable[str]] = returns_nothing
    by_points: Callable[[Any], bool] = lambda _: False
    shapes: Callable[[Any, gpd.GeoDataFrame], gpd.GeoDataFrame] | None = None
    page: Page = field(default_factory=Page)
    pages: Callable[[Any, Mapping[str, Any]], Iterable[FurtherPage]] = returns_nothing
    proposals: Callable[..., Any] | None = None
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def faults_of(study: StudySettings) -> Iterator[str]:
    """Yield what does not go together in a study: for each of its sections, then for what all of them share."""
    for one in study.sections:
        yield from one.keys.faults(study)
    yield from _by_points(study)
    unknown = sorted(set(map(file_key, study.credits)) - set(map(file_key, study.files)))
    if unknown:
        yield f"credits: {', '.join(unknown)} is no file of this study"
    yield from repeated_names("languages", study.languages)
    yield from repeated_names("takeaway", study.takeaway)
    if "takeaway" in study.model_fields_set:
        yield from (f"{error}, or leave {kind} out" for kind, error in not_to_be_made(study))


def _by_points(study: StudySettings) -> Iterator[str]:
    """Say what does not go with zones of which no shape is held."""
    if not study.zones_as_points:
        return
    if study.partition is None or not study.pages_in_parts or study.takeaway:
        yield (
            "zones: with in_parts, tables and pages are made part by part: set partition: {}, districts with pages: "
            "true, and takeaway: []"
        )
    for one in study.sections:
        if one.wanted(study) and not one.by_points(study):
            yield f"zones: in_parts does not go with “{one.name}”, which needs the shapes of all zones"


def not_to_be_made(study: StudySettings) -> Iterator[tuple[str, MissingPackageError]]:
    """Yield each kind of takeaway of a study for which a package is not installed, and the error that says so."""
    for kind in study.takeaway:
        error = next(filter(None, (absent(package, "takeaway") for package in MADE_WITH.get(kind, ()))), None)
        if error is not None:
            yield kind, error
