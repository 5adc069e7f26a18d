"""The zones of a study: hexagons, squares, or those of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spatialjustice import sources
from spatialjustice.sources.places.zones_in_parts import shapes_of_zones, zones_in_parts
from spatialjustice.sources.places.zones_of_cells import zones_from_table
from spatialjustice.study.sections.zones.reading import of_the_place, whole_file
from spatialjustice.study.sections.zones.settings import Cells, Hexagons, Polygons, Squares

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice.study.engine.results import Results
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
        case Polygons(file=file, id=id_column, in_parts=True):
            read = of_the_place(zones_in_parts(files[file], within=within, id=id_column), study.zones)
            gone = read.attrs["area_before"] - read.attrs["area_outside"] - float(read["area"].sum())
            outside = read.attrs["area_outside"] + (gone if study.zones.only_with else 0.0)
            return _recorded(work, read, float(read["area"].sum()), read.attrs["area_before"], outside)
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
    return _recorded(work, read, float(read.area.sum()), float(whole.area.sum()), outside)


def _recorded(
    work: Work[ZonesKeys], read: gpd.GeoDataFrame, after: float, before: float, outside: float
) -> gpd.GeoDataFrame:
    work.ledger.record(
        "zones",
        "area",
        unit="m²",
        before=before,
        after=after,
        elsewhere={"zones outside the place": outside},
        # Overlaps of at most a hundredth of a zone are counted once.
        tolerance=0.01,
    )
    return read


def shapes(results: Results[ZonesKeys], some: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return some zones with their shapes, where only points of them are held."""
    chosen = results.study.zones
    if not (isinstance(chosen, Polygons) and chosen.in_parts):
        return some
    return shapes_of_zones(results.files[chosen.file], some, id=chosen.id)


def check(work: Work[ZonesKeys]) -> list[gpd.GeoDataFrame]:
    """Read the zones."""
    work.made["zones"] = compute(work)
    return []
