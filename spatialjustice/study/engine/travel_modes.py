"""The modes of a study: how its file names them, and what sentences call them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from spatialjustice.catalogue import number, text_in, words
from spatialjustice.network.streets.modes import MODES, mode_meant
from spatialjustice.network.transit.offer import REACH_SPEED, TRANSIT
from spatialjustice.study.engine.setting_types import KEY, Settings, Text

NAMES = (*MODES, TRANSIT)
"""Modes that a study may name."""


class Travel(Settings):
    """One way in which people travel."""

    name: str = Field(description="The mode: " + ", ".join(NAMES) + ".")
    speed: float | None = Field(
        None, description="Speed in kilometres an hour; the mode's own where missing.", gt=0, le=200
    )
    key: str = Field(
        "",
        description="Short name for columns and files; the mode's name where missing.",
        pattern=r"^$|" + KEY,
    )
    title: Text | None = Field(None, description="What maps call it; by language if need be.")
    slopes: bool = Field(default=True, description="Whether slopes count, where the study has an elevation file.")
    _straight: bool = PrivateAttr(default=False)

    @model_validator(mode="before")
    @classmethod
    def _known(cls, value: Any) -> Any:
        name = value.get("name") if isinstance(value, dict) else None
        if isinstance(name, str) and name not in NAMES:
            message = f"there is no mode called “{name}”. {mode_meant(name, NAMES)}"
            raise ValueError(message)
        return {**value, "key": value.get("key") or name} if isinstance(value, dict) and name else value

    @property
    def kilometres_an_hour(self) -> float:
        """The speed at which minutes and metres are turned into each other: that on an even, free street."""
        usual = REACH_SPEED if self.name == TRANSIT else MODES[self.name].speed
        return usual if self.speed is None else self.speed

    def straight(self) -> Travel:
        """Return the mode where there are no data of streets, and nobody can say which way people go.

        Examples
        --------
        >>> Travel(name="walk").straight().phrase(), Travel(name="bicycle").straight().phrase()
        ('in a straight line', 'by bicycle in a straight line')
        """
        made = self.model_copy()
        made._straight = True  # noqa: SLF001 - of the same class
        return made

    def phrase(self, language: str = "en") -> str:
        r"""Return how the mode is called in a sentence: “on foot”, “by bicycle”.

        Examples
        --------
        >>> Travel(name="walk").phrase()
        'on foot'
        >>> Travel(name="walk", speed=3.5).phrase()
        'on foot at 3.5\xa0km/h'
        """
        if self.title is not None:
            return text_in(self.title, language)
        said = words(language)
        called = said.get(f"mode.{self.name}", self.name.replace("_", " "))
        if self._straight:
            called = said["mode.straight"] if self.name == "walk" else said["mode.straight.by"].format(mode=called)
        if self.speed is not None:
            called = said["mode.at_speed"].format(mode=called, speed=number(self.speed, language))
        return called


def _mode_from_text(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


Mode = Annotated[Travel, BeforeValidator(_mode_from_text)]
