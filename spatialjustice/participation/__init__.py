"""Who takes part: reports and ballots against people and need, silent areas, and where the money lands."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.participation.reports.counting import report_counts, report_zones
    from spatialjustice.participation.reports.delays import under_reporting, under_reporting_effects
    from spatialjustice.participation.reports.expected import expected_reports
    from spatialjustice.participation.reports.funnel import funnel_limits
    from spatialjustice.participation.reports.incidents import report_incidents
    from spatialjustice.participation.reports.rates import reporting_rate
    from spatialjustice.participation.reports.responses import response_differences, response_times
    from spatialjustice.participation.reports.silent import silent_areas

_PUBLIC: dict[str, list[str]] = {
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
    "expected_reports",
    "funnel_limits",
    "report_counts",
    "report_incidents",
    "report_zones",
    "reporting_rate",
    "response_differences",
    "response_times",
    "silent_areas",
    "under_reporting",
    "under_reporting_effects",
]

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
