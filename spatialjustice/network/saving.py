"""Writing networks to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

import spatialjustice
from spatialjustice._core.disk import files
from spatialjustice._core.disk.json_records import RecordKind
from spatialjustice._core.machine.extras import require_installed
from spatialjustice.network.as_frames import edges_of, nodes_of

if TYPE_CHECKING:
    from pathlib import Path

    from spatialjustice.network.arrays import StreetArrays

RECORD = RecordKind(
    "network",
    "spatialjustice network",
    # In the second, turns are forbidden: what reads only the first one must not take them for free.
    versions=(1, 2),
    missing="Give the folder that was given to save().",
    strange="Give the folder that was given to save().",
    again="Keep the network again with save(), from its streets.",
)

FILES = ("nodes.parquet", "edges.parquet")


def save(network: StreetArrays, folder: str | Path) -> None:
    """Keep a network in a folder: two GeoParquet files that any GIS opens, and a record of what they are.

    Parameters
    ----------
    network
        The network.
    folder
        Where to keep it. ``nodes.parquet``, ``edges.parquet`` and ``provenance.json`` appear together, or none does;
        those of a network kept there before are replaced.

    Raises
    ------
    OutputError
        When the folder cannot be written to, or holds files of that name that are something else.
    InputError
        When pyarrow is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from spatialjustice.network import load
    >>> from spatialjustice.network.streets.build import from_frames
    >>> nodes = pd.DataFrame({"x": [24.940, 24.941], "y": [60.170] * 2}, index=[1, 2])
    >>> ways = pd.DataFrame({"nodes": [[1, 2]], "tags": [{"highway": "footway"}]}, index=[10])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(from_frames(nodes, ways), folder)
    ...     load(folder)
    <Network: walk at 4.8 km/h, 2 nodes, 1 edges, 0.1 km, 1 part, data of unknown date>
    """
    require_installed("pyarrow", "network")
    with files.OutputFolder(folder) as kept:
        nodes = nodes_of(network).assign(x=network.x, y=network.y)
        nodes.reset_index().to_parquet(kept.path(FILES[0]), index=False)
        edges = edges_of(network).assign(edge_u=network.edge_u, edge_v=network.edge_v)
        edges.to_parquet(kept.path(FILES[1]), index=False)
        record = {
            "software": f"spatialjustice {spatialjustice.__version__}",
            "kind": RECORD.kind,
            "version": RECORD.versions[1 if network.forbidden_turns else 0],
            "crs": network.crs.to_wkt(),
            "mode": {"name": network.mode.name, "speed": network.mode.speed},
            "area": None if network.area is None else shapely.to_wkt(network.area, rounding_precision=-1),
            "sources": [source.as_dict() for source in network.sources],
            "findings": [finding.as_dict() for finding in network.findings],
            "outputs": kept.checksums(),
        }
        if network.forbidden_turns:
            record["forbidden_turns"] = network.forbidden_turns
        files.write_json(kept.path(files.MANIFEST), record)
