"""The table of zones as GeoParquet files, one for each square of ground, with their shapes."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.disk import files
from spatialjustice._core.ground.inside import points_inside
from spatialjustice._core.machine.extras import needed
from spatialjustice.network.tiles.writing import by_tiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pyarrow as pa
    from numpy.typing import NDArray

    from spatialjustice._core.disk.files import OutputFolder
    from spatialjustice._core.disk.kept_steps import KeptSteps
    from spatialjustice.study.engine.results import Results

FOLDER = "tables/zones"
ROW = "row_number"
"""The column that tells which row of the whole table a row is, from 0."""
ROWS = 4096
"""Rows of a group, which is read whole or not at all."""
EDGES = ("xmin", "ymin", "xmax", "ymax")


def write(results: Results[Any], zones: gpd.GeoDataFrame, folder: OutputFolder, kept: KeptSteps) -> int:
    """Write the table of zones, a file for each square in which some begin; return how many files there are.

    Rows, columns and values are those of the whole table, in its order within a file; ``row_number`` is the place of
    each among all of them. A file that an unfinished run has kept is not made again. The shapes of one square at a time
    are in memory.
    """
    partition = results.study.partition
    columns = _plain(zones)
    schema = _schema(columns)
    made = skipped = 0
    for tile, rows in tiles_of(zones, partition.tile_size):
        name = f"{FOLDER}/tile={tile}.parquet"
        data = kept.read(name)
        if data is None:
            shapes = results.shapes(zones[[zones.geometry.name]].iloc[rows]).geometry
            data = as_parquet(columns.iloc[rows].assign(**{ROW: rows}), shapes, schema)
            kept.write(name, data)
        else:
            skipped += 1
        files.write_bytes(folder.path(name), data)
        made += 1
    if skipped:
        kept.skipped.append(f"{FOLDER} ({skipped:,} files)")
    return made


def tiles_of(zones: gpd.GeoDataFrame, tile_size: float) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield the name of each square, and the rows of the zones that begin in it, ascending."""
    x, y = shapely.get_coordinates(points_inside(np.asarray(zones.geometry.array))).T
    order, starts, names = by_tiles(x, y, tile_size)
    for tile, begin, end in zip(names, starts[:-1], starts[1:], strict=True):
        yield tile, np.sort(order[begin:end])


def _plain(zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the columns that are no shapes, ids first; what is neither number nor text nor time becomes text."""
    frame = pd.DataFrame(zones.drop(columns=[zones.geometry.name, ROW], errors="ignore")).reset_index()
    for name in frame.columns:
        values = frame[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            frame[name] = values.astype(object)
        elif values.dtype == object and not values.dropna().map(lambda one: isinstance(one, str)).all():
            frame[name] = values.map(lambda one: one if one is None or isinstance(one, str) else str(one))
    frame.attrs = {}
    return frame


def _schema(columns: pd.DataFrame) -> pa.Schema:
    """Return the kinds of all columns, which are those of every file."""
    pa = needed("pyarrow", FOLDER)
    found = pa.Schema.from_pandas(columns, preserve_index=False).remove_metadata()
    # A column in which nothing stands is one of texts.
    fields = [pa.field(one.name, pa.string()) if pa.types.is_null(one.type) else one for one in found]
    box = pa.struct([(edge, pa.float64()) for edge in EDGES])
    return pa.schema([*fields, pa.field(ROW, pa.int64()), pa.field("geometry", pa.binary()), pa.field("bbox", box)])


def as_parquet(columns: pd.DataFrame, shapes: gpd.GeoSeries, schema: pa.Schema) -> bytes:
    """Return rows with their shapes as GeoParquet (version 1.1), each row with the rectangle around its shape."""
    import pyarrow as pa
    from pyarrow import parquet

    array = np.asarray(shapes.array)
    bounds = shapely.bounds(array)
    flat = {name: schema.field(name) for name in columns.columns}
    arrays = [pa.Array.from_pandas(columns[name], type=field.type) for name, field in flat.items()]
    arrays.append(pa.array(shapely.to_wkb(array), pa.binary()))
    arrays.append(pa.StructArray.from_arrays([pa.array(edge) for edge in bounds.T], EDGES))
    told = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {
                "encoding": "WKB",
                "geometry_types": sorted(set(shapes.geom_type)),
                "crs": json.loads(shapes.crs.to_json()),
                "bbox": shapes.total_bounds.tolist(),
                "covering": {"bbox": {edge: ["bbox", edge] for edge in EDGES}},
            }
        },
    }
    table = pa.Table.from_arrays(arrays, schema=schema.with_metadata({b"geo": json.dumps(told).encode()}))
    stream = io.BytesIO()
    parquet.write_table(table, stream, compression="zstd", row_group_size=ROWS)
    return stream.getvalue()
