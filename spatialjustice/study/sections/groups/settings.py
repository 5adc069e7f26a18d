"""What a study file says of groups of people, and of which zones are poor and rich."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from spatialjustice.catalogue import LANGUAGES
from spatialjustice.study.engine.setting_types import EVERYBODY, KeyOrder, Settings, Text
from spatialjustice.study.sections.zones.settings import ZonesKeys

if TYPE_CHECKING:
    from collections.abc import Iterator


def _group_from_text(value: Any) -> Any:
    """Accept a title in place of a whole group; titles by language have no other keys than languages."""
    if isinstance(value, dict) and (set(value) & {"title", "holds"} or not set(value) & set(LANGUAGES)):
        return value
    return value if isinstance(value, Group) else {"title": value}


class Group(Settings):
    """A group of people that a column of the zones tells of."""

    title: Text = Field(description="What tables and reports call the group; by language if need be.")
    holds: Literal["people", "share"] = Field(
        "people",
        description="What the column holds: the number of people of the group, or their share of the zone's people "
        "from 0 to 1. Shares describe zones, not persons, which tables then say.",
    )


class GroupsKeys(ZonesKeys):
    """Groups of people, and what ranks the zones."""

    groups: Annotated[dict[str, Annotated[Group, BeforeValidator(_group_from_text)]], KeyOrder(90)] = Field(
        default_factory=dict,
        description="Columns of the zones that tell of groups of people, each with its title, or with its title and "
        "what it holds.",
    )
    rank_by: Annotated[str | None, KeyOrder(140)] = Field(
        None, description="Column of the zones that ranks them from poor to rich."
    )


def faults(study: GroupsKeys) -> Iterator[str]:
    """Say what does not go together."""
    if (study.groups or study.rank_by) and not study.zones_have_columns:
        yield "groups and rank_by need zones of kind polygons or table, which have columns"
    if EVERYBODY in study.groups:
        yield f"groups: a group cannot be called {EVERYBODY}, which is what all people together are called"
    if study.columns and not study.zones_have_columns:
        yield f"{study.columns[0]} is a column, and only zones of kind polygons or table have columns"


def columns(study: GroupsKeys) -> tuple[str | None, ...]:
    """Return the columns of groups and of the rank."""
    return (*study.groups, study.rank_by)


def mend_schema(schema: dict[str, Any]) -> None:
    """Say that a title may stand for a whole group."""
    title = schema["$defs"]["Group"]["properties"]["title"]
    schema["properties"]["groups"]["additionalProperties"] = {"anyOf": [title, {"$ref": "#/$defs/Group"}]}
