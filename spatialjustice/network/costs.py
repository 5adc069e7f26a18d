"""Travel costs: one relation from origins to destinations, searched only as far as each question needs."""

from __future__ import annotations

import math
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.disk.files import write_parquet
from spatialjustice._core.errors import InputError, TooLargeError
from spatialjustice._core.findings import Finding, announce, findings_of
from spatialjustice._core.frames import attributes_of, with_columns
from spatialjustice._core.machine.memory import free_memory
from spatialjustice._core.machine.threads import Spare, in_order, spans
from spatialjustice._core.numbers.sums import exact_parts, joined_parts
from spatialjustice._core.provenance import sources_of
from spatialjustice._core.screen.card import Card, Shown, data_of
from spatialjustice._core.screen.drawn import Drawn
from spatialjustice.network import search, snap
from spatialjustice.network.arrays import GRID
from spatialjustice.network.cutoffs import checked_count, checked_cutoff, status_at_cutoff
from spatialjustice.network.ends import Ends, ends_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.network.arrays import StreetArrays
    from spatialjustice.network.search.edge_tree import Snapped
    from spatialjustice.network.search.pairs import Pairs
    from spatialjustice.network.search.shortest_paths import Question

PAIR_BYTES = 80
"""Memory that a pair takes while a table is made of it and sorted."""

FEW = 32
"""Up to so many nearest places are found in one search from all of them; for more, pairs take less."""


class TravelCosts(Shown, Drawn):
    """What it costs to get from every origin to every destination: made by :meth:`Network.travel_costs`.

    Attributes
    ----------
    from_ids, to_ids
        Ids of the origins and the destinations, in the order they were given.
    unit
        ``minutes`` or ``metres``.
    cutoff
        The highest cost of interest, itself included, in ``unit``; None for all.
    origins, destinations
        Audits, one row per id: ``edge``, ``fraction``, ``offset`` (metres to the street), ``x``, ``y``, ``refused``
        (a nearer street that nobody joins from beside was passed over: see :meth:`Network.snap`), ``status`` (``ok``,
        ``off_network`` or, of origins, ``outside_data``); for destinations with several entrances those of the one
        nearest to a street, and ``entrances``, how many of them are on the network.
    sources, findings
        Of the streets and both layers; ``origins_off_network``, ``destinations_off_network``, ``joins_refused``,
        ``origins_outside_data``, ``no_destinations``.
    """

    _layers: Mapping[str, pd.DataFrame] = MappingProxyType({})
    """The columns of the origins and of the destinations, by which measures and tables may ask for them."""

    def __init__(
        self,
        network: StreetArrays,
        origins: gpd.GeoDataFrame | gpd.GeoSeries,
        destinations: gpd.GeoDataFrame | gpd.GeoSeries,
        *,
        cutoff: float | None = None,
        unit: Literal["minutes", "metres"] = "minutes",
        snap_limit: float = 500.0,
    ) -> None:
        if unit not in {"minutes", "metres"}:
            raise InputError("unit", f"it is “{unit}”", "Choose minutes or metres.")
        self.network = network
        self.unit = unit
        self.cutoff = None if cutoff is None else checked_cutoff(cutoff)
        self._given, self._snap_limit = (origins, destinations), snap_limit
        froms, snapped_from, beyond = self._joined_origins()
        tos, snapped_to = self._joined_destinations()
        self._refuse_another_place((origins, snapped_from), (destinations, snapped_to))
        self.from_ids, self.to_ids = origins.index, destinations.index
        self._shapes = origins.geometry
        self._layers = {"origins": attributes_of(origins), "destinations": attributes_of(destinations)}
        self.origins = snap.snap_audit(froms, snapped_from, beyond)
        on = np.bincount(tos.place[snapped_to.edge >= 0], minlength=len(self.to_ids))
        self.destinations = snap.snap_audit(tos, snapped_to).assign(entrances=on)
        self._ends = ends_of(network, unit, (froms, snapped_from), (tos, snapped_to))
        self.sources: tuple[SourceRecord, ...] = tuple(sources_of(network, origins, destinations))
        self.findings = (*findings_of(network, origins, destinations), *self._found(snap_limit))
        self._announce()

    def _joined_origins(self) -> tuple[snap.Places, Snapped, NDArray[np.bool_]]:
        places = snap.origins_of(self.network, self._given[0])
        beyond = snap.beyond_data(self.network, places)
        return places, snap.taken_off_network(snap.snap(self.network, places, limit=self._snap_limit), beyond), beyond

    def _joined_destinations(self) -> tuple[snap.Places, Snapped]:
        places = snap.destinations_of(self.network, self._given[1])
        return places, snap.snap(self.network, places, limit=self._snap_limit)

    @cached_property
    def _ends(self) -> Ends:
        return ends_of(self.network, self.unit, self._joined_origins()[:2], self._joined_destinations())

    @cached_property
    def origins(self) -> pd.DataFrame:
        """The audit of the origins, made anew where it was let go."""
        return snap.snap_audit(*self._joined_origins())

    def _refuse_another_place(self, origins: tuple[Any, Snapped], destinations: tuple[Any, Snapped]) -> None:
        snap.refuse_another_place(self.network, *origins, "origins")
        snap.refuse_another_place(self.network, *destinations, "destinations")

    def _announce(self) -> None:
        announce(*self.findings)

    @property
    def _supply(self) -> bool:
        """Whether there is any destination at all."""
        return bool(len(self.to_ids))

    def __repr__(self) -> str:
        """Tell what is asked."""
        limit = "no cutoff" if self.cutoff is None else f"up to {self.cutoff:g} {self.unit}"
        return (
            f"<TravelCosts: {len(self.from_ids):,} origins to {len(self.to_ids):,} destinations, {limit}, "
            f"{self.unit} by {self.network.mode.name}>"
        )

    def _card(self) -> Card:
        limit = "none" if self.cutoff is None else f"up to {self.cutoff:g} {self.unit}, itself included"
        by = [("by", f"{self.network.mode.name} at {self.network.mode.speed:g} km/h"), ("cutoff", limit)]
        ends = [("origins", snap.counted(self.origins)), ("destinations", snap.counted(self.destinations))]
        return Card("Travel costs", [*ends, *by, ("unit", self.unit), ("made of", data_of(self.sources))])

    def _to_draw(self) -> tuple[gpd.GeoDataFrame, pd.Series[Any]]:
        cost = self._closest()
        nearest = pd.Series(np.where(np.isinf(cost), np.nan, cost), index=self.from_ids, name="nearest")
        known = [one.as_dict() for one in self.sources]
        nearest.attrs = {"unit": self.unit, "measure": "cost_to_closest", "sources": known}
        return self._shapes, nearest

    def _found(self, limit: float) -> Iterator[Finding]:
        yield from snap.off_streets("origins", self.origins, limit)
        yield from snap.off_streets("destinations", self.destinations, limit)
        yield from snap.outside_data(self._outside, self.from_ids)
        if not len(self.to_ids):
            yield Finding(
                "no_destinations",
                "warning",
                "There is no destination at all: nobody has mapped one, which does not mean that there is none.",
                advice="Add a list of your own, or map the missing places in OpenStreetMap.",
            )

    def to_frame(self) -> pd.DataFrame:
        """Return every pair within the cutoff: ``from_id``, ``to_id``, ``travel_cost`` in ``unit``.

        Sorted by the order of the origins, then of the destinations. Pairs that are not there cost more than the
        cutoff, or there is no way at all. ``attrs`` hold unit, cutoff, the number of
        destinations, sources and findings.

        Raises
        ------
        TooLargeError
            When the table would not fit into the memory that is free: see :meth:`to_parquet`. Nothing is searched
            then but for a sample.
        """
        self._refuse_too_large()
        found = self._in_any_order(self._metres(self.cutoff))
        each, tos, costs = search.pairs.by_origin_and_destination(found, (len(self.from_ids), len(self.to_ids)))
        columns = {"from_id": self.from_ids.repeat(each), "to_id": self.to_ids.take(tos)}
        return self._described(pd.DataFrame(columns | {"travel_cost": self._converted(costs)}, copy=False))

    def _described(self, frame: pd.DataFrame) -> pd.DataFrame:
        frame.attrs = {
            "unit": self.unit,
            "cutoff": self.cutoff,
            "destinations": len(self.to_ids),
            "sources": [record.as_dict() for record in self.sources],
            "findings": [finding.as_dict() for finding in self.findings],
        }
        return frame

    def to_parquet(self, path: str | Path) -> None:
        """Write every pair within the cutoff into a Parquet file, piece by piece: tables of any size.

        ``pandas.read_parquet`` gives back what :meth:`to_frame` returns, but for the order of the rows: that of the
        search, in which the pairs of one origin need not lie together.

        Parameters
        ----------
        path
            The file to write. It appears when it is complete.

        Raises
        ------
        OutputError
            When it cannot be written, or pyarrow is not installed.
        """
        empty = (np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
        frames = (
            pd.DataFrame({"from_id": self.from_ids.take(froms), "to_id": self.to_ids.take(tos), "travel_cost": costs})
            for froms, tos, costs in chain([empty], self._blocks(any_order=True))
        )
        write_parquet(path, frames, attrs=self._described(pd.DataFrame()).attrs)

    def expected_pairs(self) -> int:
        """Tell about how many pairs lie within the cutoff, from searches at a sample of places.

        Returns
        -------
        int
            Exact where the side with fewer places has no more than 128 of them.
        """
        if not self._ends.froms.chain.size or not self._ends.tos.chain.size:
            return 0
        return search.pairs.expected_pairs(self._pairs_question(), self._metres(self.cutoff))

    def _refuse_too_large(self) -> None:
        free = free_memory()
        if free is None or len(self.from_ids) * len(self.to_ids) * PAIR_BYTES < free:
            return
        expected = self.expected_pairs()
        if expected * PAIR_BYTES > free:
            raise TooLargeError(
                "travel costs",
                f"the table would have about {expected:,} pairs and take {expected * PAIR_BYTES / 1e9:,.1f} GB while "
                f"it is made; {free / 1e9:,.1f} GB are free",
                "Ask for a lower cutoff, or write it to a file with .to_parquet(path). Measures need no table: give "
                "them the travel costs themselves.",
            )

    def nearest(self, count: int = 1, *, columns: Iterable[str] | None = None) -> pd.DataFrame:
        """Name the nearest destinations of every origin, up to ``count`` of them.

        Parameters
        ----------
        count
            How many destinations to name, 1 or more.
        columns
            Columns of the destinations to show beside them; None shows their ``name`` where they have one.

        Returns
        -------
        pandas.DataFrame
            One row for each destination named: ``from_id``, ``rank`` (1 is the nearest), ``to_id``, ``travel_cost`` in
            ``unit`` and the columns of the destinations. Sorted by the order of the origins, then by rank; of equally
            near destinations the one that comes first. Origins that reach fewer within the cutoff have fewer rows, or
            none. ``attrs`` as of :meth:`to_frame`.

        Raises
        ------
        InputError
            When ``count`` is no whole number from 1 on, or the destinations have no such column.
        """
        named = self._nearest_few(checked_count(count))
        return with_columns(named, self._layers.get("destinations"), columns, "destinations")

    def _nearest_few(self, count: int) -> pd.DataFrame:
        metres, places = self._several(count)
        named = np.flatnonzero(places.ravel() >= 0)
        return self._described(
            pd.DataFrame(
                {
                    "from_id": self.from_ids.take(named // count),
                    "rank": named % count + 1,
                    "to_id": self.to_ids.take(places.ravel()[named]),
                    "travel_cost": self._converted(metres.ravel()[named]),
                },
                copy=False,
            )
        )

    def _several(self, count: int, chosen: NDArray[np.bool_] | None = None) -> tuple[NDArray[np.float64], NDArray[Any]]:
        """Return metres to the nearest few destinations (of those chosen) of every origin, and their positions."""
        metres = np.full(len(self.from_ids) * count, np.inf)
        places = np.full(metres.size, -1, np.int32)
        tos = self._ends.tos if chosen is None else snap.points_of_places(self._ends.tos, chosen)
        if tos.chain.size and self._ends.froms.chain.size:
            ask = self._ends.inward if chosen is None else self._ends.question(tos, outward=False)
            order = np.argsort(ask.sources.chain, kind="stable").astype(np.int32)
            limit, buckets = self._metres(self.cutoff), search.shortest_paths.buckets(ask)
            at = search.several_nearest.nearest_of_junctions(ask, limit, buckets, count)

            def work(begin: int, end: int) -> None:
                search.several_nearest.nearest_of_places(ask, order, limit, (begin, end), at, metres, places, count)

            chains = ask.streets.a.size
            for _ in in_order(work, spans(chains, max(1, chains // 8))):
                pass
        return metres.reshape(-1, count), places.reshape(-1, count)

    def _converted(self, metres: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn metres into the unit. Correctly rounded, so that 800 m at 4.8 km/h are 10 minutes and not a bit more."""
        return metres if self.unit == "metres" else metres * 60 / (1000 * self.network.mode.speed)

    def _metres(self, cutoff: float | None) -> float:
        """Return the highest cost on the grid whose value in the unit is not above the cutoff; without one, any."""
        if cutoff is None or math.isinf(cutoff):
            return search.pairs.EVERYTHING
        metres = cutoff if self.unit == "metres" else cutoff * 1000 * self.network.mode.speed / 60
        steps = math.floor(metres / GRID) + 2
        while steps > 0 and float(self._converted(np.float64(steps * GRID))) > cutoff:  # type: ignore[arg-type]
            steps -= 1
        return steps * GRID

    def _pairs(self, limit: float) -> Iterator[Pairs]:
        """Search from the side with fewer places; give origins, destinations and metres of all pairs within a limit.

        The pairs come in the same order however many threads search.
        """
        if self._ends.froms.chain.size and self._ends.tos.chain.size:
            found = search.pairs.found_by_searches(self._pairs_question(), limit)
            yield from search.pairs.as_asked(found, outward=self._outward)

    def _in_any_order(self, limit: float) -> Iterator[Pairs]:
        """Give the same pairs by whichever way is less work: by sweeps they come by places of both sides."""
        if not self._ends.froms.chain.size or not self._ends.tos.chain.size:
            return
        ask, outward = self._pairs_question(), self._outward
        if search.pairs.sweeps_are_less_work(ask, limit):
            hierarchy = self._ends.searched.hierarchy if outward else self._ends.searched.hierarchy.reversed()
            yield from search.pairs.as_asked(search.pairs.found_by_sweeps(ask, limit, hierarchy), outward=outward)
        else:
            yield from self._pairs(limit)

    @property
    def _outward(self) -> bool:
        return len(self.from_ids) < len(self.to_ids)

    def _pairs_question(self) -> Question:
        return self._ends.onward if self._outward else self._ends.inward

    def _blocks(self, limit: float | None = None, *, any_order: bool = False) -> Iterator[Pairs]:
        """Give origins, destinations and costs in the unit of all pairs up to a cost, each once."""
        highest = self._metres(self.cutoff if limit is None else self.checked(limit))
        for froms, tos, costs in self._in_any_order(highest) if any_order else self._pairs(highest):
            yield froms, tos, self._converted(costs)

    def _nearest(self, chosen: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        """Return metres from every origin to the nearest destination (of those chosen), ``inf`` where there is none."""
        best = np.full(len(self.from_ids), np.inf)
        tos = self._ends.tos if chosen is None else snap.points_of_places(self._ends.tos, chosen)
        if tos.chain.size and self._ends.froms.chain.size:
            ask = self._ends.inward if chosen is None else self._ends.question(tos, outward=False)
            order = np.argsort(ask.sources.chain, kind="stable").astype(np.int32)
            search.pairs.nearest(ask, order, best)
        return best

    @cached_property
    def _nearest_of_all(self) -> NDArray[np.float64]:
        return self._nearest()

    def _closest(self, values: NDArray[np.float64] | None = None, needed: float = 1.0) -> NDArray[np.float64]:
        """Return the cost at which every origin reaches ``needed``, in the unit; ``inf`` where it never does."""
        if values is None:
            values = np.ones(len(self.to_ids))
        if needed <= 0:
            raise InputError("n", f"it is {needed}", "Ask for more than 0 opportunities.")
        enough = values >= needed
        if (enough | (values == 0)).all():
            metres = self._nearest_of_all if enough.all() else self._nearest(enough)
            return self._within(self._converted(metres))
        offered = np.unique(values[values > 0])
        if offered.size == 1 and (count := math.ceil(needed / offered[0])) <= FEW:
            return self._converted(self._several(count, values > 0)[0][:, -1])
        best = np.full(len(self.from_ids), np.inf)
        froms, tos, costs = search.pairs.joined([])
        for part in self._in_any_order(self._metres(self.cutoff)):
            froms, tos, costs = search.pairs.joined([(froms, tos, costs), part])
            kept = values[tos] > 0
            froms, tos, costs = froms[kept], tos[kept], costs[kept]
            order = np.lexsort((tos, costs, froms))
            froms, tos, costs = froms[order], tos[order], costs[order]
            best[:] = np.inf
            needful = search.shortest_paths.cost_to_reach(froms, costs, values[tos], float(needed), best)
            froms, tos, costs = froms[needful], tos[needful], costs[needful]
        return self._within(self._converted(best))

    def _within(self, costs: NDArray[np.float64]) -> NDArray[np.float64]:
        return costs if self.cutoff is None else np.where(costs <= self.cutoff, costs, np.inf)

    def _cumulative(self, values: NDArray[np.float64] | None, cutoffs: list[float]) -> NDArray[np.float64]:
        """Return what every origin reaches within each cutoff (closed): one row per origin, one column per cutoff."""
        if values is None:
            values = np.ones(len(self.to_ids))
        limits = np.array([self._metres(self.checked(cutoff)) for cutoff in cutoffs])
        parts, highest = exact_parts(values), float(limits.max())
        totals = [np.zeros((len(self.from_ids), limits.size)) for _ in parts]
        if self._many_on_both_sides() and not self._swept_rather_than_gathered(highest):
            for part, total in zip(parts, totals, strict=True):
                self._gather(part, limits, total)
            return joined_parts(totals)
        # Building a network loads no compiled loops: they take longer to load than a small one to build.
        from spatialjustice._core.machine.compiled import for_steps

        # Each part has the same sum in any order.
        for froms, tos, costs in self._in_any_order(highest):
            for part, total in zip(parts, totals, strict=True):
                steps, instead = costs.size * limits.size, search.by_arrays.accumulate
                accumulate = for_steps(search.shortest_paths.accumulate, steps, instead)
                accumulate(froms, tos, costs, part, limits, total)
        return joined_parts(totals)

    def _many_on_both_sides(self) -> bool:
        """Whether searches from the junctions around all origins are fewer than those from either side.

        They cannot tell the entrances of one place apart.
        """
        places = np.unique(self._ends.tos.place).size
        return places == self._ends.tos.place.size and 0 < self._ends.junctions < min(
            self._ends.froms.place.size, places
        )

    def _swept_rather_than_gathered(self, limit: float) -> bool:
        return search.pairs.sweeps_are_less_work(self._pairs_question(), limit, searches=self._ends.junctions)

    def _gather(self, values: NDArray[np.float64], limits: NDArray[np.float64], total: NDArray[np.float64]) -> None:
        """Write what every origin reaches, by searches from junctions."""
        ask = self._ends.onward
        order = np.argsort(ask.sources.chain, kind="stable")
        columns: list[Any] = [column[order] for column in ask.sources]
        chains = ask.streets.a.size
        ask = ask._replace(
            sources=search.shortest_paths.PointsOnChains(*columns),
            start=search.shortest_paths.lookup_starts(self._ends.froms.chain, chains),
        )
        leaving = self._ends.searched.chains.leaving
        whole = search.sums.chain_totals(ask, values[ask.targets.place], (leaving.a, leaving.b))
        spare = Spare(lambda: search.sums.thread_store(ask, limits.size))

        def work(begin: int, end: int) -> int:
            with spare.one() as keep:
                search.sums.sums_of_origins(ask, limits, (begin, end), whole, keep, total)
            return end - begin

        with tqdm(total=chains, desc="travel costs", unit="street", delay=2, leave=False) as bar:
            for done in in_order(work, spans(chains, max(64, chains // 128))):
                bar.update(done)

    def _status(self, cutoff: float) -> NDArray[np.object_]:
        """Return every origin's status at a cutoff."""
        return status_at_cutoff(
            self._converted(self._nearest_of_all),
            cutoff=self.checked(cutoff),
            off=self._off,
            supply=self._supply,
            outside=self._outside,
        )

    @cached_property
    def _off(self) -> NDArray[np.bool_]:
        """Which origins are on no street."""
        return np.asarray(self.origins["edge"] < 0)

    @cached_property
    def _outside(self) -> NDArray[np.bool_]:
        """Which origins lie outside what the data of the streets cover."""
        return np.asarray(self.origins["status"] == "outside_data", dtype=bool)

    def checked(self, cutoff: float) -> float:
        """Return a measure's cutoff, or refuse it where it goes beyond that of these costs."""
        return checked_cutoff(cutoff, highest=self.cutoff)

    def left_out(self) -> dict[str, Any]:
        """Return how many origins and destinations lie off the network."""
        return dict(self._left_out)

    @cached_property
    def _left_out(self) -> dict[str, int]:
        counts = {
            "origins_off_network": int((self.origins["status"] == "off_network").sum()),
            "destinations_off_network": int((self.destinations["edge"] < 0).sum()),
        }
        outside = int(self._outside.sum())
        return counts | ({"origins_outside_data": outside} if outside else {})


def let_go(costs: TravelCosts) -> None:
    """Let go of most of what travel costs hold, once they are measured: whoever asks again pays for making it anew."""
    if type(costs) is TravelCosts:  # what tiles, timetables and straight lines answer is theirs
        costs._off, costs._outside  # noqa: B018, SLF001 - all that is asked of the audit again and again
        for made in ("_ends", "origins"):
            vars(costs).pop(made, None)
