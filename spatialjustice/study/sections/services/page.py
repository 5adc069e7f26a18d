"""Places of services as points on the maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice.study.sections.services.settings import OwnService

if TYPE_CHECKING:
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.services.settings import ServicesKeys


def around(results: Results[ServicesKeys], _mode: Travel) -> dict[str, Any]:
    """Return the places of every service, and what it is called."""
    # Cells of a table are the zones themselves: points in all of their middles would only hide them.
    cells = [item.name for item in results.study.services if isinstance(item, OwnService) and item.h3]
    places = results.services[~results.services["service"].isin(cells)]
    return {"services": places, "service_titles": results.titles}
