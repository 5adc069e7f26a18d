"""Which symbol a service has: the catalogue's, and for others one that hangs on their name alone."""

from __future__ import annotations

import itertools
import zlib
from typing import TYPE_CHECKING

from spatialjustice.catalogue.lookup import symbols
from spatialjustice.maps.colours.palette import SERVICE_COLOURS, SERVICE_SHAPES

if TYPE_CHECKING:
    from collections.abc import Sequence


def symbols_of(services: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return shape and colour of the symbol of each service; no two have the same, while there are symbols left.

    A service that the catalogue knows looks the same in every city. Another one gets a symbol that hangs on its key,
    and the next free one where another service of the map has that already.

    Examples
    --------
    >>> symbols_of(["library", "hospital"])["hospital"]
    ('cross', '#0b6e4f')
    >>> symbols_of(["bathhouse"])["bathhouse"] == symbols_of(["library", "bathhouse"])["bathhouse"]
    True
    """
    known = symbols()
    found = {key: (known[key]["shape"], known[key]["colour"]) for key in services if key in known}
    reserved = {(record["shape"], record["colour"]) for record in known.values()}
    free = [pair for pair in itertools.product(SERVICE_SHAPES, SERVICE_COLOURS) if pair not in reserved]
    for key in sorted(set(services) - set(found)):
        start = zlib.crc32(key.encode()) % len(free)
        turned = [*free[start:], *free[:start]]
        found[key] = next((pair for pair in turned if pair not in found.values()), turned[0])
    return {key: found[key] for key in services}
