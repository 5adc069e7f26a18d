"""What a study file says of prediction: what is guessed, from which columns, and what is held out to judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from spatialjustice.study.engine.setting_types import KeyOrder, Settings, Text
from spatialjustice.study.sections.digital.settings import DigitalKeys

if TYPE_CHECKING:
    from collections.abc import Iterator

OFFLINE, FAR, BOTH = "offline", "far", "both"
OF_DIGITAL = (OFFLINE, FAR, BOTH)
"""Outcomes that the section on connections makes."""


def _titles_from_list(value: Any) -> Any:
    """Accept columns without titles."""
    if isinstance(value, list | tuple) and all(isinstance(name, str) for name in value):
        return dict.fromkeys(value)
    return value


class TrainedOn(Settings):
    """Another place, whose zones the model is learned from instead."""

    file: str = Field(description="File of its zones: polygons with the same columns, the outcome among them.")
    id: str | None = Field(None, description="Column with their ids.")
    layer: str | None = Field(None, description="Layer of that file, where it has several.")


class Prediction(Settings):
    """A risk of each zone, learned from zones where it is known and judged at blocks held out."""

    outcome: str = Field(
        OFFLINE,
        description="offline, far or both, as the section digital tells them; or a column of the zones.",
    )
    holds: Literal["share", "percent", "amount"] = Field(
        "share", description="What that column holds: share from 0 to 1, percent, or an amount beside a line."
    )
    title: Text | None = Field(None, description="What pages call the outcome; by language if need be.")
    line: float | None = Field(
        None, description="Value beyond which a zone is excluded; the share itself is guessed where missing."
    )
    direction: Literal["higher is worse", "lower is worse"] = Field(
        "higher is worse", description="Whether high or low values of the outcome are bad."
    )
    variables: Annotated[dict[str, Text | None], BeforeValidator(_titles_from_list)] = Field(
        description="Columns of the zones that describe them: a list, or each with its title.", min_length=1
    )
    simple: str | None = Field(
        None, description="Column of the simple rule on one variable; rank_by of the study where missing."
    )
    blocks: float | str | None = Field(
        None,
        description="What is held out together: the side of squares in metres, or a column with the region of each "
        "zone; squares as wide as neighbours are alike where missing.",
    )
    method: Literal["choose", "logistic", "boosting"] = Field("choose", description="The model; see risk_model.")
    trained_on: TrainedOn | None = Field(None, description="Another place to learn from.")

    @model_validator(mode="after")
    def _consistent(self) -> Prediction:
        if self.holds == "amount" and self.line is None:
            message = "line: this setting is missing; beyond which amount is a zone excluded?"
            raise ValueError(message)
        if self.outcome in OF_DIGITAL and (self.holds != "share" or self.direction != "higher is worse"):
            message = f"holds and direction are for columns; {self.outcome} is a share, and more of it is worse"
            raise ValueError(message)
        if self.outcome in self.variables:
            message = f"variables: {self.outcome} is the outcome itself"
            raise ValueError(message)
        if self.trained_on is not None and self.outcome in (FAR, BOTH):
            message = f"trained_on: {self.outcome} is not known of another place; name a column, or offline"
            raise ValueError(message)
        return self


class PredictionKeys(DigitalKeys):
    """Prediction."""

    prediction: Annotated[Prediction | None, KeyOrder(135)] = Field(
        None, description="Guess where exclusion is likely, and judge the guess at places it has not seen."
    )


def faults(study: PredictionKeys) -> Iterator[str]:
    """Say what the prediction needs that the study does not have."""
    asked = study.prediction
    if asked is None:
        return
    if not study.zones_have_columns:
        yield "prediction needs zones of kind polygons or table, which have columns"
    known = study.digital
    online = known is not None and (known.connected is not None or known.offline is not None)
    if asked.outcome in (OFFLINE, BOTH) and not online:
        yield f"prediction: {asked.outcome} is told by digital: write digital: {{offline: …}}"
    elif asked.outcome in (FAR, BOTH) and (known is None or known.exclusion is None):
        yield f"prediction: {asked.outcome} is told by digital: write digital: {{exclusion: …}}"
    elif known is not None and asked.outcome in (OFFLINE, BOTH):
        own = {one.column for one in (known.connected, known.offline) if one is not None}
        for name in sorted(own & set(asked.variables)):
            yield f"prediction: variables: {name} is what {asked.outcome} is made of; it cannot describe itself"


def files(study: PredictionKeys) -> tuple[tuple[str, str | None], ...]:
    """Return the file of the other place."""
    asked = study.prediction
    return (("prediction", asked.trained_on.file),) if asked is not None and asked.trained_on is not None else ()


def columns(study: PredictionKeys) -> tuple[str | None, ...]:
    """Return the columns that zones must have."""
    asked = study.prediction
    if asked is None:
        return ()
    # Of another place: whether it is measured here, too, is seen there.
    own = None if asked.outcome in OF_DIGITAL or asked.trained_on is not None else asked.outcome
    regions = asked.blocks if isinstance(asked.blocks, str) and asked.trained_on is None else None
    return (*asked.variables, asked.simple, own, regions)
