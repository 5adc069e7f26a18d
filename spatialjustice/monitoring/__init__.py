"""Key indicators over time: what changed because the city did, what because its data did, and what alerts."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.monitoring.alert_rules import alerts
    from spatialjustice.monitoring.changes import change, key_indicators
    from spatialjustice.monitoring.folder_of_dates import add_date, history
    from spatialjustice.monitoring.sources_of_change import change_by_input, change_by_source

_PUBLIC = {
    ".alert_rules": ["alerts"],
    ".changes": ["change", "key_indicators"],
    ".folder_of_dates": ["add_date", "history"],
    ".sources_of_change": ["change_by_input", "change_by_source"],
}

__all__ = [
    "add_date",
    "alerts",
    "change",
    "change_by_input",
    "change_by_source",
    "history",
    "key_indicators",
]

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
