"""The study file: one YAML that says which place, which services and which measures, validated before any work."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from spatialjustice._core.disk.plain_yaml import NotPlainError, plain_yaml
from spatialjustice._core.errors import MissingFileError, StudyError
from spatialjustice._core.provenance import path_of, require_regular
from spatialjustice.study import registry
from spatialjustice.study.engine.compose import compose, schema_of
from spatialjustice.study.engine.faults import sentences
from spatialjustice.study.engine.section import StudySettings

if TYPE_CHECKING:
    from pathlib import Path

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
        try:
            content = plain_yaml(text)
        except NotPlainError as error:
            raise StudyError(name, f"this is not valid YAML: {error}", "Mend that line.") from None
        if not isinstance(content, dict):
            raise StudyError(
                name, "the file holds no settings", "It needs lines such as “title: …”; see the README for ten of them."
            )
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


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_-") or "study"


@cache
def _composed(sections: tuple[Section, ...]) -> type[Study]:
    return compose(Study, sections)


def schema() -> dict[str, Any]:
    """Return the JSON schema of study files, for editors that complete and check YAML."""
    return schema_of(Study.with_sections())
