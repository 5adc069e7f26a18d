"""Travel costs of all zones that were found tile by tile: asked as any others, they answer what was joined."""
# ruff: noqa: SLF001 (it hands on what other travel costs answer)

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.findings import announce
from spatialjustice.network.costs import TravelCosts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from spatialjustice.network.search.pairs import Pairs
    from spatialjustice.study.engine.ways import WaysAsked

    Floats = NDArray[np.float64]


class JoinedCosts(TravelCosts):
    """What tiles found out about one question.

    What nobody asked beforehand is searched in all streets, in this process, as if there were no tiles.

    Parameters
    ----------
    asked
        The question.
    audit
        Where each zone lies on the streets, as the audit of travel costs tells it, on the ids of the zones.
    nearest
        Metres from each zone to the nearest place, ``inf`` where no way leads there.
    counts
        What each zone reaches, a column for each limit.
    pairs
        Gives all pairs up to the cutoff, some at a time; None where they were not asked for.
    """

    def __init__(
        self,
        asked: WaysAsked,
        audit: pd.DataFrame,
        nearest: Floats,
        counts: Floats,
        pairs: Callable[[], Iterator[Pairs]] | None = None,
    ) -> None:
        # Nobody sets out: what it says of the places, of sources and of streets is all that is taken of it.
        places = asked.streets.travel_costs(
            asked.zones.iloc[:0], asked.places, cutoff=asked.cutoff, unit=asked.unit, snap_limit=asked.snap_limit
        )
        self.network, self.unit, self.cutoff = places.network, places.unit, places.cutoff
        self.from_ids, self.to_ids = asked.zones.index, places.to_ids
        self.origins, self.destinations, self.sources = audit, places.destinations, places.sources
        self._shapes = asked.zones.geometry
        told = tuple(places._found(asked.snap_limit))
        before = places.findings[: len(places.findings) - len(told)]
        self._asked, self._found_nearest, self._counts, self._all_pairs = asked, nearest, counts, pairs
        self.findings = (*before, *self._found(asked.snap_limit))
        announce(*self.findings)

    @cached_property
    def _whole(self) -> TravelCosts:
        return self._asked.answer()

    def __getattr__(self, name: str) -> Any:
        """Return what only a search in all streets can tell."""
        if not name.startswith("_") or name.startswith("__") or "_asked" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self._whole, name)

    def expected_pairs(self) -> int:
        """Tell about how many pairs lie within the cutoff."""
        return self._whole.expected_pairs()

    def _nearest(self, chosen: NDArray[np.bool_] | None = None) -> Floats:
        return self._found_nearest.copy() if chosen is None else self._whole._nearest(chosen)

    def _several(self, count: int, chosen: NDArray[np.bool_] | None = None) -> tuple[Floats, NDArray[Any]]:
        return self._whole._several(count, chosen)

    def _pairs(self, limit: float) -> Iterator[Pairs]:
        if self._all_pairs is None or limit > self._metres(self.cutoff):
            yield from self._whole._pairs(limit)
            return
        for froms, tos, metres in self._all_pairs():
            near = metres <= limit
            yield froms[near], tos[near], metres[near]

    def _in_any_order(self, limit: float) -> Iterator[Pairs]:
        return self._pairs(limit)

    def _cumulative(self, values: Floats | None, cutoffs: list[float]) -> Floats:
        offers = None if self._asked.offers is None else self._asked.offers.to_numpy(dtype=float)
        same = values is offers or (values is not None and offers is not None and np.array_equal(values, offers))
        known = [self._asked.within.index(one) for one in cutoffs if one in self._asked.within]
        if not same or len(known) < len(cutoffs):
            return self._whole._cumulative(values, cutoffs)
        return self._counts[:, known]
