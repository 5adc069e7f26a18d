"""Public names that have changed: what they are called now, and from which release on the old name is gone.

An old name works as before and warns (:class:`~spatialjustice._core.errors.OldNameWarning`) until that release. To
rename something public, rename it in the code and add one line here; CONTRIBUTING says how long an old name stays.
"""

from __future__ import annotations

from typing import NamedTuple


class Renamed(NamedTuple):
    """The new name, and the release that no longer knows the old one."""

    new: str
    gone_in: str


OLD_PARAMETERS: dict[str, dict[str, Renamed]] = {
    "access.isochrones": {"cutoffs": Renamed("cutoff", "0.3")},
    "access.service_area": {"cutoffs": Renamed("cutoff", "0.3")},
    "digital.rank_range": {"draws": Renamed("replications", "0.3")},
    "digital.share_within": {"distance": Renamed("cutoff", "0.3")},
    "inequality.access_weighted_exposure": {"travel_costs": Renamed("costs", "0.3")},
    "inequality.distance_band": {"threshold": Renamed("cutoff", "0.3")},
    "inequality.groups_from_counts": {"population": Renamed("people", "0.3")},
    "inequality.groups_from_shares": {
        "population": Renamed("people", "0.3"),
        "population_margins": Renamed("people_margins", "0.3"),
    },
    "inequality.interval_from_margins": {"weight_margins": Renamed("people_margins", "0.3")},
    "inequality.travel_time_band": {"travel_costs": Renamed("costs", "0.3")},
    "maps.plot": {"indicator": Renamed("values", "0.3")},
    "maps.save_figure": {"dots": Renamed("dpi", "0.3")},
    "network.Network.snap": {"limit": Renamed("snap_limit", "0.3")},
    "report.inequality_across": {"language": Renamed("lang", "0.3")},
    "report.inequality_paragraph": {"language": Renamed("lang", "0.3")},
    **{
        f"sources.{verb}": {"path": Renamed("source", "0.3")}
        for verb in (
            *("availability", "boundary", "points", "read_vector", "reports", "services_from_file", "speed_tiles"),
            *("table", "towers", "zones", "zones_from_table"),
        )
    },
    "study.demo": {"seed": Renamed("rng", "0.3")},
    "study.run": {"seed": Renamed("rng", "0.3")},
}
"""Public function → old parameter → new parameter."""

OLD_NAMES: dict[str, Renamed] = {}
"""Old public name, with its room (``"access.old"``) → new one, with its room."""
