"""Who takes part: reports and ballots against people and need, silent areas, and where the money lands."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.participation.ballots.ages import age_classes
    from spatialjustice.participation.ballots.change import change_when_offered
    from spatialjustice.participation.ballots.names import match_names
    from spatialjustice.participation.ballots.paper import paper_share
    from spatialjustice.participation.ballots.rates import ballots_per_people
    from spatialjustice.participation.money.by_place import money_by_place
    from spatialjustice.participation.money.points import selected_projects
    from spatialjustice.participation.money.within_reach import money_by_group, money_inequality, money_within_reach

_PUBLIC: dict[str, list[str]] = {
    ".ballots.ages": ["age_classes"],
    ".ballots.change": ["change_when_offered"],
    ".ballots.names": ["match_names"],
    ".ballots.paper": ["paper_share"],
    ".ballots.rates": ["ballots_per_people"],
    ".money.by_place": ["money_by_place"],
    ".money.points": ["selected_projects"],
    ".money.within_reach": ["money_by_group", "money_inequality", "money_within_reach"],
}

__all__ = [
    "age_classes",
    "ballots_per_people",
    "change_when_offered",
    "match_names",
    "money_by_group",
    "money_by_place",
    "money_inequality",
    "money_within_reach",
    "paper_share",
    "selected_projects",
]

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
