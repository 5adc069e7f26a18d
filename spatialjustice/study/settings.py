"""The study file: one YAML that says which place, which services and which measures, validated before any work."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from spatialjustice._core.disk import files
from spatialjustice._core.disk.plain_yaml import NotPlainError, plain_yaml
from spatialjustice._core.errors import InputError, MissingFileError, StudyError, a_kind
from spatialjustice._core.provenance import path_of, require_regular
from spatialjustice.study import registry
from spatialjustice.study.engine.compose import compose, schema_of
from spatialjustice.study.engine.faults import sentences
from spatialjustice.study.engine.section import StudySettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.section import Section


class Study(StudySettings):
    """A whole study. See ``Study.read`` for reading one from its file."""

    @classmethod
    def with_sections(cls) -> type[Study]:
        """Return the model of study files with the keys of all sections that there are."""
        return _composed(registry.sections())

    @classmethod
    def read(cls, path: str | Path) -> Study:
        """Read and validate a study file.

        Parameters
        ----------
        path
            A YAML file.

        Raises
        ------
        MissingFileError
            When there is no such file.
        StudyError
            Naming every setting at fault at once; an unknown key comes with the nearest known one.
        """
        path = path_of(path, "study")
        require_regular(path, "study")
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise MissingFileError(str(path), "there is no such study file", "Check the name and the folder.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise StudyError(
                str(path), f"the file cannot be read ({error})", "It must be a text file in UTF-8."
            ) from None
        return cls.parse(text, name=str(path), default_name=_slug(path.stem))

    @classmethod
    def parse(cls, text: str, *, name: str = "study", default_name: str = "study") -> Study:
        """Validate the text of a study file; see ``Study.read``."""
        content = settings_in(text, name)
        known = cls.with_sections()
        try:
            return known.model_validate({"name": default_name, **content})
        except ValidationError as error:
            faults = sentences(error, known)
            found = f"{len(faults)} settings cannot be used" if len(faults) > 1 else "one setting cannot be used"
            raise StudyError(
                name,
                found + "".join(f"\n  - {fault}" for fault in faults) + "\n",
                "Mend these lines; studies/study.schema.json explains every setting.",
            ) from None


def settings_in(text: str, name: str) -> dict[str, Any]:
    """Return the settings that a YAML text holds, not validated yet.

    Raises
    ------
    StudyError
        When it is no YAML, or holds none.
    """
    try:
        content = plain_yaml(text)
    except NotPlainError as error:
        raise StudyError(name, f"this is not valid YAML: {error}", "Mend that line.") from None
    if not isinstance(content, dict):
        raise StudyError(
            name, "the file holds no settings", "It needs lines such as “title: …”; see the README for ten of them."
        )
    return content


@contextmanager
def study_given(study: str | Path | Mapping[str, Any]) -> Iterator[tuple[Path, Path, Study]]:
    """Give the file of a study, the folder from which its files are named, and its settings.

    Settings that come as a mapping stand in a file as long as this lasts, so that they are read, checked and recorded
    as those of any file; their files are named from the working folder.

    Raises
    ------
    InputError
        When it is neither a path nor a mapping, or a setting is no plain value: frames have to be saved first. Errors
        in settings that came as a mapping do not speak of that file.
    """
    if not isinstance(study, Mapping):
        path = path_of(study, "study_file")
        yield path, path.resolve().parent, Study.read(path)
        return
    text = yaml.safe_dump(_plain(study, ""), allow_unicode=True, sort_keys=False)
    with tempfile.TemporaryDirectory(prefix="spatialjustice-study-") as folder:
        # Refused by the name that the caller knows, not by that of this file.
        settings = Study.parse(text, name="settings")
        path = Path(folder) / f"{_slug(str(study.get('name') or 'study'))}.yaml"
        files.write_text(path, text)
        yield path, Path.cwd(), settings


def _plain(value: Any, name: str) -> Any:
    """Return a setting as YAML can hold it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each, f"{name}.{key}".lstrip(".")) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each, f"{name}[{number}]") for number, each in enumerate(value)]
    if isinstance(value, PurePath):
        return value.as_posix()
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()
    if value is None or isinstance(value, str | bool | int | float | date):
        return value
    raise InputError(
        name,
        f"it is {a_kind(value)}; a setting is a text, a number, a date, a list or a mapping",
        "Save the rows in a file, for example with to_parquet, and name it: the record of a run says what it read.",
    )


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_-") or "study"


@cache
def _composed(sections: tuple[Section, ...]) -> type[Study]:
    return compose(Study, sections)


def schema() -> dict[str, Any]:
    """Return the JSON schema of study files, for editors that complete and check YAML."""
    return schema_of(Study.with_sections())
