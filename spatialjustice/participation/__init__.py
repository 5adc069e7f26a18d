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
    from spatialjustice.participation.reports.counting import report_counts, report_zones
    from spatialjustice.participation.reports.delays import under_reporting, under_reporting_effects
    from spatialjustice.participation.reports.expected import expected_reports
    from spatialjustice.participation.reports.funnel import funnel_limits
    from spatialjustice.participation.reports.incidents import report_incidents
    from spatialjustice.participation.reports.rates import reporting_rate
    from spatialjustice.participation.reports.responses import response_differences, response_times
    from spatialjustice.participation.reports.silent import silent_areas

_PUBLIC: dict[str, list[str]] = {
    ".ballots.ages": ["age_classes"],
    ".ballots.change": ["change_when_offered"],
    ".ballots.names": ["match_names"],
    ".ballots.paper": ["paper_share"],
    ".ballots.rates": ["ballots_per_people"],
    ".money.by_place": ["money_by_place"],
    ".money.points": ["selected_projects"],
    ".money.within_reach": ["money_by_group", "money_inequality", "money_within_reach"],
    ".reports.counting": ["report_counts", "report_zones"],
    ".reports.delays": ["under_reporting", "under_reporting_effects"],
    ".reports.expected": ["expected_reports"],
    ".reports.funnel": ["funnel_limits"],
    ".reports.incidents": ["report_incidents"],
    ".reports.rates": ["reporting_rate"],
    ".reports.responses": ["response_differences", "response_times"],
    ".reports.silent": ["silent_areas"],
}

__all__ = [
    "age_classes",
    "ballots_per_people",
    "change_when_offered",
    "expected_reports",
    "funnel_limits",
    "match_names",
    "money_by_group",
    "money_by_place",
    "money_inequality",
    "money_within_reach",
    "paper_share",
    "report_counts",
    "report_incidents",
    "report_zones",
    "reporting_rate",
    "response_differences",
    "response_times",
    "selected_projects",
    "silent_areas",
    "under_reporting",
    "under_reporting_effects",
]

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
