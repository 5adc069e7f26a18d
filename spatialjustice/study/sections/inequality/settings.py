"""What a study file says of how inequality is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import Field, field_validator, model_validator

from spatialjustice.study.engine.setting_types import Cutoff, KeyOrder, Settings, unknown_names
from spatialjustice.study.sections.groups.settings import GroupsKeys
from spatialjustice.study.sections.services.settings import ServicesKeys

if TYPE_CHECKING:
    from collections.abc import Iterator

Distribution = Literal[
    "gini",
    "theil_t",
    "theil_l",
    "atkinson",
    "hoover",
    "palma_ratio",
    "share_ratio",
    "quantile_ratio",
    "concentration_index",
    "fgt",
    "kolm_pollak_ede",
]


class Inequality(Settings):
    """How unequally what people reach is spread over them, and between groups."""

    measures: tuple[Distribution, ...] = Field(
        get_args(Distribution), description="Measures of distribution; all where missing.", min_length=1
    )
    income_groups: int = Field(
        10, description="Groups of equally many people from poor to rich by rank_by.", ge=2, le=100
    )
    sufficiency: dict[str, Cutoff | float] = Field(
        default_factory=dict,
        description="What is enough, by service: the longest way, such as 10 min, or the least that must be in reach, "
        "such as 3. Where missing: one place, within the largest limit of the mode.",
    )
    regions: str | None = Field(
        None, description="Column of the zones with the district of each; inequality is parted between and inside them."
    )
    reference: str | None = Field(
        None, description="Group with which the others are compared; the best-served one where missing."
    )
    replications: int = Field(
        199, description="Random replications behind each interval; 0 makes no intervals.", ge=0, le=99_999
    )
    level: float = Field(0.95, description="How sure intervals are, as a share.", ge=0.5, le=0.999)
    suppress_below: float = Field(0, description="Groups of fewer people than this are not told.", ge=0)

    @field_validator("sufficiency", mode="before")
    @classmethod
    def _enough(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: float(one) if _is_number(one) else Cutoff.model_validate(one) for key, one in value.items()}

    @model_validator(mode="after")
    def _positive(self) -> Inequality:
        for service, enough in self.sufficiency.items():
            if isinstance(enough, float) and enough <= 0:
                message = f"sufficiency: {enough:g} for {service} is not above 0"
                raise ValueError(message)
        return self


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class InequalityKeys(GroupsKeys, ServicesKeys):
    """Inequality."""

    inequality: Annotated[Inequality | None, KeyOrder(100)] = Field(
        None, description="Measure how unequally all outcomes are spread over people and between groups."
    )


def faults(study: InequalityKeys) -> Iterator[str]:
    """Say what the section names that the study does not have."""
    if study.inequality is None:
        return
    unknown = unknown_names(study.inequality.sufficiency, study.service_names)
    if unknown:
        yield (
            f"inequality: sufficiency names {', '.join(unknown)}, but the study has the services "
            f"{', '.join(study.service_names)}"
        )
    reference = study.inequality.reference
    if reference is not None and reference not in study.groups:
        known = ", ".join(study.groups) or "none"
        yield f"inequality: reference names the group {reference}, but the groups of the study are: {known}"


def columns(study: InequalityKeys) -> tuple[str | None, ...]:
    """Return the column of districts."""
    return (study.inequality.regions if study.inequality else None,)
