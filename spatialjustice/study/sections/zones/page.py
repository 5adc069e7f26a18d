"""How the zones are told of on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spatialjustice.study.engine.texts import number_in, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.zones.settings import ZonesKeys


def sentences(results: Results[ZonesKeys], _mode: Travel) -> Iterator[Texts]:
    """Say into how many zones the place is divided."""
    yield sentence("study.method.zones", zones=number_in(float(len(results.zones))))
