"""The zones of a study: hexagons, squares, or those of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spatialjustice import sources
from spatialjustice.sources.places.zones_of_cells import zones_from_table
from spatialjustice.study.sections.zones.reading import of_the_place, whole_file
from spatialjustice.study.sections.zones.settings import Cells, Hexagons, Polygons, Squares

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.zones.settings import ZonesKeys


def compute(work: Work[ZonesKeys]) -> gpd.GeoDataFrame:
    """Divide the place, or read its zones; the ledger says which area is in them."""
    study, files, within = work.study, work.files, work["place"]
    inside = within if study.place is not None else None
    match study.zones:
        case Hexagons(resolution=resolution):
            made = sources.hexagons(within, resolution=resolution)
        case Squares(size=size):
            made = sources.grid(within, size=size)
        case Polygons(file=file, id=id_column, layer=layer, repair=repair):
            read = sources.zones(files[file], id=id_column, layer=layer, within=inside, repair=repair)
            return _counted(work, of_the_place(read, study.zones))
        case Cells(file=file, h3=h3_column):
            return _counted(work, zones_from_table(files[file], h3=h3_column, within=inside))
    work.ledger.record(
        "zones",
        "area",
        unit="m²",
        before=float(within.to_crs(made.crs).area.sum()),
        after=float(made.area.sum()),
    )
    return made


def _counted(work: Work[ZonesKeys], read: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Record the area of zones from a file, those outside the place included."""
    chosen = work.study.zones
    assert isinstance(chosen, Polygons | Cells)  # noqa: S101 - nobody else calls
    whole = whole_file(work.files, chosen).to_crs(read.crs)
    outside = float(whole.loc[whole.index.difference(read.index)].area.sum())
    work.ledger.record(
        "zones",
        "area",
        unit="m²",
        before=float(whole.area.sum()),
        after=float(read.area.sum()),
        elsewhere={"zones outside the place": outside},
        # Overlaps of at most a hundredth of a zone are counted once.
        tolerance=0.01,
    )
    return read


def check(work: Work[ZonesKeys]) -> list[gpd.GeoDataFrame]:
    """Read the zones."""
    work.made["zones"] = compute(work)
    return []
