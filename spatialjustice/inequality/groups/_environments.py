"""Who lives in and around each zone: what all measures of segregation are computed from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice.inequality._inputs import refuse_rows
from spatialjustice.inequality.groups._tables import UNKNOWN, Groups, require_groups
from spatialjustice.inequality.space._graph import links_between, sorted_positions
from spatialjustice.inequality.space.neighbours.links import is_graph

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats


class Links(NamedTuple):
    """Whom a zone has around it beside its own people: zones, their neighbours, and how much these count."""

    one: NDArray[np.int64]
    two: NDArray[np.int64]
    weight: Floats


class Environments(NamedTuple):
    """People of each group in each inhabited zone, and the shares of the groups around each.

    Parameters
    ----------
    names
        The groups, without that of unknown people and those that nobody is in.
    people
        One row for each zone, in the order of the sorted ids, one column for each group.
    links
        The neighbours that count; None where every zone stands alone.
    """

    names: list[Any]
    people: Floats
    links: Links | None

    @property
    def zone(self) -> Floats:
        """People of all groups in each zone."""
        return np.asarray(np.einsum("ij->i", self.people))

    @property
    def total(self) -> Floats:
        """People of each group in all zones."""
        return np.asarray(np.einsum("ij->j", self.people))

    @property
    def overall(self) -> Floats:
        """Share of each group in all people."""
        total = self.total
        return np.asarray(total / total.sum())

    def shares(self) -> Floats:
        """Return the share of each group in the people around each zone, itself included; 0 where nobody is."""
        around = self.people
        if self.links is not None:
            one, two, weight = self.links
            columns = [np.bincount(one, weight * column[two], minlength=len(column)) for column in self.people.T]
            around = self.people + np.column_stack(columns)
        sums = np.einsum("ij->i", around)[:, None]
        shares: Floats = np.divide(around, sums, out=np.zeros_like(around), where=sums > 0)
        return shares

    def between(self, one: Any, other: Any | None) -> Environments:
        """Return the same with two groups only: one of them, and another one or everybody else."""
        mine = self.people[:, self.place(one, "group")]
        rest = self.zone - mine if other is None else self.people[:, self.place(other, "other")]
        return self._replace(names=[one, other], people=np.column_stack([mine, rest]))

    def place(self, group: Any, name: str) -> int:
        """Return the number of a group.

        Raises
        ------
        InputError
            When nobody is in it.
        """
        if group not in self.names:
            raise InputError(name, f"it is {group!r}", f"Choose one of: {self.names}.")
        return self.names.index(group)


def environments(groups: Groups, neighbours: Graph | Any | None) -> Environments:
    """Check the groups and bring them and the neighbours into the order of the sorted ids.

    Raises
    ------
    InputError
        When fewer than two groups have people, only one zone has, or the neighbours are of other zones or weigh more
        than the zone itself.
    """
    require_groups(groups)
    index = groups.people.index
    order = sorted_positions(index)
    people = groups.people.to_numpy(dtype=np.float64)[order]
    kept = [place for place, name in enumerate(groups.names) if name != UNKNOWN and people[:, place].any()]
    if len(kept) < 2:
        raise InputError(
            "groups",
            f"{len(kept)} known group{' has' if len(kept) == 1 else 's have'} people",
            "Segregation is between two or more groups. Give the others too, for example with rest='others'.",
        )
    people = np.ascontiguousarray(people[:, kept])
    if np.count_nonzero(people.any(axis=1)) < 2:
        raise InputError("groups", "people live in one zone only", "Nobody can live apart there. Give smaller zones.")
    return Environments([groups.names[place] for place in kept], people, _links(neighbours, index[order]))


def _links(neighbours: Graph | Any | None, ids: Any) -> Links | None:
    if neighbours is None:
        return None
    if not is_graph(neighbours):
        raise InputError(
            "neighbours",
            f"they are {a_kind(neighbours)}",
            "Make a graph with contiguity, nearest, distance_band or travel_time_band.",
        )
    one, two, weight = links_between(ids, neighbours)
    refuse_rows(
        weight > 1,
        ids[one],
        "neighbours",
        "links count more than the zone's own people, of the zones",
        "Its own people count 1. Use weights from 0 to 1: binary, or a decay of the distance that starts at 1.",
    )
    return Links(one, two, weight)
