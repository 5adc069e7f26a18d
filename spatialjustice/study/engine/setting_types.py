"""Types that settings of a study are made of: texts by language, cutoffs with a unit, and the order of keys."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from spatialjustice._core.screen.console import control_signs
from spatialjustice.catalogue import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def _known(value: str) -> str:
    """Accept the languages that there are words in."""
    if value not in LANGUAGES:
        message = f"the languages are {' and '.join(LANGUAGES)}, not {value}"
        raise ValueError(message)
    return value


Language = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(LANGUAGES)})]
KEY = r"^[a-z][a-z0-9_]*$"
"""What names a service, a mode or a catchment, and becomes a part of column and file names."""

EVERYBODY = "everybody"
"""What all people together are called, where groups of them have names."""

CUTOFF = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(m|km|min)\s*$")


@dataclass(frozen=True)
class KeyOrder:
    """Where a key stands among those of a study file, from 0 at its top; those without a number stand at 500."""

    place: int


class Settings(BaseModel):
    """Base of all parts of a study: frozen, and strict about unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _text(value: Any) -> Any:
    """Accept a text, or texts by language, and say in one sentence what is wrong with anything else."""
    texts = value.values() if isinstance(value, dict) else [value]
    odd = [sign for text in texts if isinstance(text, str) for sign in control_signs(text.strip())]
    if odd:
        message = f"it holds the sign {odd[0]!a}, which is no letter: write it on one line, in plain letters"
        raise ValueError(message)
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, dict) and value and all(isinstance(text, str) and text.strip() for text in value.values()):
        if set(value) <= set(LANGUAGES):
            return value
        message = f"the languages are {' and '.join(LANGUAGES)}, not {', '.join(map(str, set(value) - set(LANGUAGES)))}"
        raise ValueError(message)
    message = "write a text in quotation marks, or texts by language: {en: …, fa: …}"
    raise ValueError(message)


Unit = Literal["metres", "minutes"]
Text = Annotated[str | dict[str, str], BeforeValidator(_text)]


class Cutoff(Settings):
    """A limit of travel cost; places at exactly the limit count as reached."""

    value: float = Field(gt=0)
    unit: Literal["m", "min"]

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, dict | Cutoff):
            return value
        found = CUTOFF.match(str(value))
        if not found:
            message = f"“{value}” is not a cutoff; write a number with its unit, for example 500 m, 1.5 km or 15 min"
            raise ValueError(message)
        number, unit = float(found[1]), found[2]
        return {"value": number * 1000, "unit": "m"} if unit == "km" else {"value": number, "unit": unit}

    def metres(self, speed: float) -> float:
        """Return the cutoff in metres, at a speed in kilometres an hour."""
        return self.value if self.unit == "m" else self.value * speed * 1000 / 60

    @property
    def measure(self) -> Unit:
        """The unit in full: ``metres`` or ``minutes``."""
        return "metres" if self.unit == "m" else "minutes"

    @property
    def label(self) -> str:
        """The cutoff as it is written, for example ``500 m``."""
        return f"{self.value:.10g} {self.unit}"

    @property
    def key(self) -> str:
        """The cutoff as a part of a column name, for example ``500_m``."""
        return f"{self.value:.10g}_{self.unit}".replace(".", "_")

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """Describe it as it is written, for editors."""
        handler(schema)
        return {
            "type": "string",
            "pattern": CUTOFF.pattern,
            "description": "A number with its unit, for example 500 m, 1.5 km or 15 min.",
        }


class Partition(Settings):
    """Tables of zones as many files, one for each square of ground."""

    tile_size: float = Field(10_000.0, description="Side of the squares in metres.", ge=100)


def unknown_names(names: Iterable[str], known: Sequence[str]) -> list[str]:
    """Return the names that are none of the known ones."""
    return [name for name in names if name not in known]


def repeated_names(what: str, names: Sequence[str], advice: str = "") -> Iterator[str]:
    """Say which names stand twice in a list whose names must differ."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield f"{what}: {', '.join(twice)} named more than once{advice}"
