"""What a monitor may say: what is measured, from which file or study, and when to look."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from spatialjustice import monitoring
from spatialjustice._core.disk.plain_yaml import NotPlainError, plain_yaml
from spatialjustice._core.errors import InputError, MissingFileError, StudyError
from spatialjustice.monitoring._rows import checked_date
from spatialjustice.monitoring.alert_rules import DEFAULT_RULES, checked_rules
from spatialjustice.study.engine.setting_types import Language, Settings, Text

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

SETTINGS = "monitor.yaml"
HISTORY, RUN, REPORT = "history", "run", "report"
DATE = "{date}"


def _as_text(value: Any) -> Any:
    """Accept ids and dates that YAML reads as numbers or days."""
    return str(value) if isinstance(value, int | dt.date) and not isinstance(value, bool) else value


def _of_texts(value: Any) -> Any:
    return {_as_text(name): _as_text(one) for name, one in value.items()} if isinstance(value, dict) else value


Texts = Annotated[dict[str, str], BeforeValidator(_of_texts)]


class Beside(Settings):
    """A file beside the table: people of the zones, or their outlines."""

    file: str = Field(description="The file.")
    zone: str = Field(description="Its column of zone ids.")
    column: str = Field("", description="Its column of people.")


class Watched(Settings):
    """An indicator."""

    column: str = Field(
        "", description="Column of the table, or of the zones of the study; its own name where missing."
    )
    title: Text = Field("", validate_default=False, description="What it is called, by language if need be.")
    unit: str = Field("amount", description="Its unit, for example share, minutes, people.")
    direction: Literal["higher is better", "lower is better", "none"] = Field(
        "none", description="What is better; none where that cannot be said."
    )
    low: str = Field("", description="Column with the lower end of its 95 % range.")
    high: str = Field("", description="Column with the upper end.")


class Source(Settings):
    """Where indicators come from: a study, or a table."""

    study: str = Field("", description="A study file, run on every date.")
    table: str = Field("", description=f"A table; with {DATE} in its name a file for each date.")
    files: Texts = Field(default_factory=dict, description="Files by date, where their names do not tell it.")
    zone: str = Field("zone", description="Column of zone ids.")
    date: str = Field("", description="Column of dates, where one table holds several.")
    people: str = Field("", description="Column of people.")
    people_of: Beside | None = Field(None, description="Another file with people.")
    outlines: Beside | None = Field(None, description="Outlines of the zones, to see when they change.")
    same_zones: Texts = Field(default_factory=dict, description="Zones whose ids changed: old id, then the new one.")
    missing: tuple[str | float, ...] = Field((), description="What stands for a missing value.")

    @model_validator(mode="after")
    def _one(self) -> Source:
        given = [name for name in ("study", "table", "files") if getattr(self, name)]
        if len(given) != 1:
            message = f"give one of study, table, files; there is {', '.join(given) or 'none'}"
            raise ValueError(message)
        if self.table and bool(self.date) == (DATE in self.table):
            message = f"give a column of dates (date), or a name of files with {DATE}, one of the two"
            raise ValueError(message)
        return self

    @field_validator("files")
    @classmethod
    def _dates(cls, files: dict[str, str]) -> dict[str, str]:
        return {checked_date(day): name for day, name in sorted(files.items())}


class Monitor(Settings):
    """A monitor: ``monitor.yaml``."""

    title: Text = Field("Key indicators", description="Title of the page.")
    languages: tuple[Language, ...] = Field(("en", "fa"), min_length=1, description="Languages of the page.")
    source: Source
    city: tuple[str, ...] = Field(
        (),
        description="Inputs whose change is change of the city, for example services and streets; that of the others "
        "is a change of data.",
    )
    indicators: dict[str, Watched] = Field(default_factory=dict, description="What is watched, by a short name.")
    breaks: Annotated[dict[str, Text], BeforeValidator(_of_texts)] = Field(
        default_factory=dict,
        description="Dates from which the same is measured in another way, and how: changes over them are not told.",
    )
    rules: tuple[dict[str, Any], ...] = Field(
        tuple(dict(rule) for rule in DEFAULT_RULES), description="When to look, stated beforehand."
    )
    level: float = Field(0.95, gt=0.5, lt=1, description="How sure ranges and alerts are.")
    seed: int = Field(1, ge=0, description="Seed of the draws.")

    @field_validator("breaks")
    @classmethod
    def _days(cls, breaks: dict[str, Any]) -> dict[str, Any]:
        return {checked_date(day): told for day, told in sorted(breaks.items())}

    @field_validator("rules")
    @classmethod
    def _rules(cls, rules: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        checked_rules(rules)
        return rules

    @classmethod
    def read(cls, folder: Path) -> Monitor:
        """Read the settings of a monitor.

        Raises
        ------
        MissingFileError
            When the folder holds none.
        StudyError
            Naming every setting at fault.
        """
        path = folder / SETTINGS
        try:
            return cls.model_validate(plain_yaml(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, NotADirectoryError):
            advice = "Make it with: spatialjustice monitor add FOLDER STUDY.yaml (or a table)."
            raise MissingFileError(str(path), "there is no monitor in this folder", advice) from None
        except NotPlainError as error:
            raise StudyError(str(path), f"this is not valid YAML: {error}", "Mend that line.") from None
        except UnicodeDecodeError:
            raise StudyError(str(path), "it is no text in UTF-8", "Save it as UTF-8.") from None
        except ValidationError as error:
            raise StudyError(str(path), _faults(error), "Mend these lines.") from None

    def as_yaml(self) -> str:
        """Return the settings as the file holds them, those only that differ from what is usual."""
        known = self.model_dump(mode="json", exclude_defaults=True)
        known = {"title": self.title, "languages": list(self.languages)} | known | {"rules": list(self.rules)}
        lines = "# Measured on every date by: spatialjustice monitor run FOLDER\n"
        return lines + yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=110)

    def history(self, folder: Path) -> pd.DataFrame:
        """Read the history of the monitor, with the breaks that its settings tell."""
        history = monitoring.history(folder / HISTORY)
        for about in [*history.attrs["dates"], *history.attrs["bridges"]]:
            about["era"] = max((day for day in self.breaks if day <= about["date"]), default="")
        history.attrs["breaks"] = dict(self.breaks)
        return history

    @property
    def measured_by(self) -> str:
        """The checksum of the settings that numbers follow from: not of titles, names of files, rules."""
        source = self.source.model_dump(mode="json", exclude={"study", "table", "files"})
        for beside in ("people_of", "outlines"):
            if source[beside]:
                source[beside]["file"] = ""
        own = {name: one.model_dump(mode="json", exclude={"title"}) for name, one in self.indicators.items()}
        return checksum_of({"source": source, "indicators": own})


def checksum_of(value: Any) -> str:
    """Return the sha256 of plain data.

    Examples
    --------
    >>> checksum_of({"b": 1, "a": 2}) == checksum_of({"a": 2, "b": 1})
    True
    """
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _faults(error: ValidationError) -> str:
    told = []
    for fault in error.errors(include_url=False):
        where = ".".join(str(step) for step in fault["loc"]) or "the whole file"
        told.append(f"{where}: {str(fault['msg']).removeprefix('Value error, ')}")
    return f"{len(told)} settings cannot be used" + "".join(f"\n  - {one}" for one in told) + "\n"


def indicator_of(text: str) -> tuple[str, Watched]:
    """Read an indicator as the command line takes it: column, unit and direction, parted by colons.

    Raises
    ------
    InputError
        When it is none.

    Examples
    --------
    >>> name, watched = indicator_of("BROADBAND USAGE:share:higher")
    >>> name, watched.column, watched.direction
    ('broadband_usage', 'BROADBAND USAGE', 'higher is better')
    """
    column, _, rest = text.partition(":")
    unit, _, way = rest.partition(":")
    ways = {"higher": "higher is better", "lower": "lower is better", "": "none", "none": "none"}
    name = "_".join("".join(sign if sign.isalnum() else " " for sign in column.casefold()).split())
    if not name or way not in ways:
        advice = "Write COLUMN:UNIT:DIRECTION, for example use:share:higher or minutes:minutes:lower."
        raise InputError("--indicator", f"it is {text!r}", advice)
    return name, Watched.model_validate({"column": column, "unit": unit or "amount", "direction": ways[way]})
