"""What a study file says of reports of residents: the file, its columns, need, neighbours and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from spatialjustice.study.engine.setting_types import KeyOrder, Settings
from spatialjustice.study.sections.people.settings import PeopleKeys
from spatialjustice.study.sections.space.settings import Neighbours

if TYPE_CHECKING:
    from collections.abc import Iterator

Role = Literal[
    "id", "kind", "opened", "updated", "closed", "inspected", "status", "latitude", "longitude", "address", "incident"
]


class Reports(Settings):
    """Reports of residents to their city (311, Open311)."""

    file: str = Field(description="File of reports: JSON as GeoReport gives it, CSV, Parquet or XLSX.")
    columns: dict[Role, str] = Field(
        default_factory=dict,
        description="What is in which column: id, kind, opened, closed, inspected, status, latitude, longitude, "
        "incident and others; those of GeoReport are found by their names.",
    )
    time_zone: str | None = Field(
        None, description="Where the clocks of times stand that do not say it, for example America/Chicago."
    )
    time_format: str | None = Field(None, description="How times are written where not as ISO 8601, as for strptime.")
    data_end: str | None = Field(
        None, description="Day and hour at which the data end, until which open reports were open; else the latest."
    )
    kinds: tuple[str, ...] = Field((), description="Kinds of reports that count; all where missing.")
    incidents_once: bool | None = Field(
        None,
        description="Whether an incident that is reported several times counts once, by its first report; where "
        "missing, it does if the file says which reports are of one incident. Else what is repaired late seems to be "
        "reported more, days until closing seem longer, and differences between zones too sure.",
    )
    need: tuple[str, ...] = Field(
        (),
        description="Columns of the zones that say how much there is to report; without them nothing is expected.",
    )
    need_around: bool = Field(
        False,
        description="Whether the mean need of neighbouring zones explains reports, too.",
    )
    neighbours: Neighbours = Field(
        Neighbours.model_validate({"contiguity": 1.0}),
        description="Which zones are neighbours: contiguity, nearest or distance.",
    )
    by: tuple[str, ...] = Field(
        (),
        description="Columns of the zones, such as the district or a class of income, by which delays and days until "
        "closing are told, too.",
    )
    closed_within: float = Field(30.0, description="Days within which reports should be closed.", gt=0, le=3650)
    life: float = Field(
        30.0,
        description="Days that an incident lasts that nobody reports, for the share never reported.",
        gt=0,
        le=3650,
    )
    watched_for: float = Field(
        100.0, description="Days after its first report for which repeated reports of an incident count.", gt=0, le=3650
    )
    significance: float = Field(
        0.05, description="Of zones called silent or slow, the largest expected share called so by chance.", gt=0, lt=1
    )


class ReportKeys(PeopleKeys):
    """Reports of residents."""

    reports: Annotated[Reports | None, KeyOrder(150)] = Field(
        None, description="Set reports of residents against people and need, and see how soon they are answered."
    )


def faults(study: ReportKeys) -> Iterator[str]:
    """Say what does not go together."""
    asked = study.reports
    if asked is None:
        return
    if asked.neighbours.travel_time is not None:
        yield "reports.neighbours: travel_time is not among them; write contiguity, nearest or distance"
    if asked.need_around and not asked.need:
        yield "reports.need_around: there is no need; name columns of the zones as need"


def files(study: ReportKeys) -> Iterator[tuple[str, str | None]]:
    """Yield the file of reports."""
    if study.reports is not None:
        yield "reports", study.reports.file


def columns(study: ReportKeys) -> tuple[str, ...]:
    """Return the columns of need, and those by which is told."""
    return (*study.reports.need, *study.reports.by) if study.reports else ()
