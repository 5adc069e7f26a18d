"""How raster cells are shared among shapes: by the area, or by the land, of a cell that each shape covers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from exactextract import exact_extract
from exactextract.feature import Feature, FeatureSource
from exactextract.raster import NumPyRasterSource
from exactextract.writer import Writer
from scipy.ndimage import uniform_filter
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import require_crs, require_geometry
from spatialjustice._core.machine.threads import spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

MANY_ZONES = 20_000
STRIP = 5_000_000
"""Cells of which the covered share is worked out at a time."""
CUT = 1e-6
"""Share of a cell from which on it is cut, or covered."""
ROUNDING = 1e-9
"""Share of the zones' area by which that of the ground they take may differ where none overlap."""
MUCH = 0.001
"""Share of the people from which on it is a warning that they live in the outer part of cells that the outline cuts."""


class _Shapes(FeatureSource):  # type: ignore[misc]
    """Hands shapes to exactextract one by one, as bytes because text is slow."""

    def __init__(self, shapes: np.ndarray[Any, Any]) -> None:
        super().__init__()
        self._shapes = shapely.to_wkb(shapes).tolist()

    def count(self) -> int:
        return len(self._shapes)

    def srs_wkt(self) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        return map(_Shape, self._shapes)


class _Shape(Feature):  # type: ignore[misc]
    """One shape on its way to exactextract."""

    def __init__(self, shape: bytes) -> None:
        Feature.__init__(self)
        self._shape = shape

    def geometry(self) -> bytes:
        return self._shape

    def fields(self) -> list[str]:
        return []


class _Result(Feature):  # type: ignore[misc]
    """Takes what was found for one shape after another: values by name."""

    def __init__(self) -> None:
        Feature.__init__(self)
        self.values: dict[str, Any] = {}

    def set(self, name: str, value: Any) -> None:
        self.values[name] = value

    def set_geometry(self, shape: Any) -> None:
        """Leave the shape aside: whoever asks has it."""

    def set_geometry_format(self) -> str:
        return "wkb"


class _Rows(Writer):  # type: ignore[misc]
    """Keeps what was found, a row for each shape, without a dictionary and a frame for each."""

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []
        self._rows: list[list[Any]] = []
        self._result = _Result()

    def add_operation(self, operation: Any) -> None:
        self._names.append(operation.name)

    def write(self, feature: Any) -> None:
        self._result.values.clear()
        feature.copy_to(self._result)
        self._rows.append([self._result.values.get(name) for name in self._names])

    def features(self) -> list[list[Any]]:
        return self._rows


def sums_over_shapes(
    cells: np.ndarray[Any, Any], shapes: np.ndarray[Any, Any], *, quiet: bool = False
) -> np.ndarray[Any, Any]:
    """Sum cells over shapes, each cell by the share of it that is covered."""
    return sums_and_known(cells, shapes, quiet=quiet)[0]


def sums_and_known(
    cells: np.ndarray[Any, Any], shapes: np.ndarray[Any, Any], *, quiet: bool = False
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Sum cells over shapes, each cell by the share of it that is covered, and the shares of those that are not NaN."""
    rows, columns = cells.shape
    source = NumPyRasterSource(cells, 0, 0, columns, rows)
    found = np.zeros((len(shapes), 2))
    meets = np.flatnonzero(shapely.intersects(shapes, shapely.box(0, 0, columns, rows)))
    # So many at a time as a bar can tell of; those of one time go through the cells together, which are read once.
    with tqdm(total=len(meets), desc="people", leave=False, disable=quiet or len(meets) < MANY_ZONES) as bar:
        for begin, end in spans(len(meets), MANY_ZONES):
            few = meets[begin:end]
            found[few] = exact_extract(
                source, _Shapes(shapes[few]), ["sum", "count"], output=_Rows(), strategy="raster-sequential"
            )
            bar.update(len(few))
    # No sum, or one of no cell, is 0.
    people, known = np.nan_to_num(found, nan=0.0, posinf=np.inf, neginf=-np.inf).T
    return people, known


def joined_zones(shapes: np.ndarray[Any, Any]) -> Any:
    """Join zones to one shape: quickly where they meet edge to edge, as most do, and in any case rightly.

    The quick way leaves out edges that two zones have. Where they overlap instead, others are left, which cross each
    other, or ground that two zones have is left out with the edges: the shape is then invalid, or too small.
    """
    try:
        joined = shapely.coverage_union_all(shapes)
    except shapely.GEOSException:
        return shapely.union_all(shapes)
    area = shapely.area(shapes).sum()
    if shapely.is_valid(joined) and abs(shapely.area(joined) - area) <= ROUNDING * area:
        return joined
    return shapely.union_all(shapes)


def covered_shares(shape: Any, rows: int, columns: int) -> NDArray[np.float32]:
    """Return the share of every cell that a shape covers, strip by strip, so that memory lasts."""
    found = np.zeros(rows * columns, dtype=np.float32)
    high = max(1, STRIP // columns)
    for low in range(0, rows, high):
        strip = shapely.clip_by_rect(shape, 0, low, columns, min(rows, low + high))
        if not shapely.is_empty(strip):
            for cells, share in _cells_of_shapes(np.array([strip]), rows, columns):
                np.add.at(found, cells, share.astype(np.float32))
    return found.reshape(rows, columns)


def people_by_land(
    people: NDArray[np.float64], shapes: NDArray[Any], land: Any | None
) -> tuple[NDArray[np.float64], float]:
    """Share each cell's people over the land in it, and return people by shape and how many are outside all shapes.

    ``people(shape) = Σ cells · land of the cell in the shape / land of the cell``. With ``land`` None the shapes are
    all the land there is. A cell without land keeps its people: they are shared by its area, as without land.
    """
    rows, columns = people.shape
    window = shapely.box(0, 0, columns, rows)
    everywhere = joined_zones(shapes)
    pieces = shapes if land is None else shapely.intersection(shapes, land)
    rest: Any = (
        shapely.Polygon() if land is None else shapely.difference(shapely.intersection(land, window), everywhere)
    )
    each = list(_cells_of_shapes(np.append(pieces, rest), rows, columns))
    dry = np.zeros(people.size)
    for cells, share in each:
        np.add.at(dry, cells, share)
    flat = people.ravel()
    worth = np.divide(flat, dry, out=np.zeros(people.size), where=dry > CUT)
    shared = np.array([float((worth[cells] * share).sum()) for cells, share in each])
    left = np.where(dry > CUT, 0.0, flat).reshape(rows, columns)
    wet = sums_over_shapes(left, shapes, quiet=True)
    return shared[:-1] + wet, float(shared[-1] + left.sum() - wet.sum())


def cut_by_outline(people: NDArray[np.float64], everywhere: Any, file: str, inside: float) -> list[Finding]:
    """Tell of people in the outer part of cells that the outline cuts, where nobody lives in the cells beyond.

    There the outer part may be water or other empty land, and all people of such cells may live inside.
    """
    rows, columns = people.shape
    share = covered_shares(everywhere, rows, columns)
    cut = (share > CUT) & (share < 1 - CUT)
    if not (people[cut] > 0).any():
        return []
    beyond = np.where(share <= CUT, people, 0.0)
    lonely = cut & (uniform_filter(beyond, 3, mode="constant") * 9 <= CUT)
    lost = float((people * (1.0 - share))[lonely].sum())
    if not lost > MUCH * inside:
        return []
    message = (
        f"{people[lonely].sum():,.0f} people live in {int(lonely.sum()):,} cells of {file} that are cut by the outline "
        f"of the zones and beyond which nobody lives; {lost:,.0f} of them count as outside all zones, by the area of "
        f"these cells: {lost / (inside + lost):.1%} of everybody on this side."
    )
    advice = (
        "Along a coast they live on the land: land='zones' shares every cell over the land in it (in a study: land: "
        "zones beside raster). Along other borders it is right so."
    )
    values = {
        "people": round(float(people[lonely].sum())),
        "count": int(lonely.sum()),
        "file": file,
        "lost": round(lost),
        "share": lost / (inside + lost),
    }
    return [
        Finding("people_in_cut_cells", "warning", message, int(lonely.sum()), people=lost, advice=advice, values=values)
    ]


def require_land(land: Any) -> None:
    """Refuse what is no land.

    Raises
    ------
    InputError
        When it is text other than ``zones``, or no layer.
    MissingCRSError, GeometryError
        When the layer cannot be used.
    """
    if land is None or (isinstance(land, str) and land == "zones"):
        return
    if not hasattr(land, "geometry"):
        raise InputError("land", f"it is {land!r}", "Give polygons of land, or “zones” where the zones are all of it.")
    require_crs(land, "land")
    require_geometry(land, "land", kinds={"Polygon", "MultiPolygon"})


def land_finding(by_area: float, people: float) -> list[Finding]:
    """Say how many people sharing by land has brought into the zones."""
    message = f"Cells cut by a shore share their people over the land in them: {people:,.0f} people are in the zones, "
    message += f"and would be {by_area:,.0f} by area."
    return [Finding("people_shared_by_land", "information", message, people=people - by_area)]


def cut_sources(shapes: NDArray[Any], people: NDArray[np.float64], rest: NDArray[Any]) -> list[Finding]:
    """Tell of people of source zones that the outline of the target cuts, where no other source zone lies beyond.

    ``rest`` is the share of each source zone outside the target.
    """
    cut = np.flatnonzero((rest > MUCH) & (rest < 1 - MUCH))
    beyond = shapes[rest >= 1 - MUCH]
    met = np.unique(shapely.STRtree(beyond).query(shapes[cut], predicate="intersects")[0])
    lonely = np.delete(cut, met)
    lost = float((people * rest)[lonely].sum())
    inside = float((people * (1 - rest)).sum())
    if not lost > MUCH * inside:
        return []
    message = f"{len(lonely):,} source zones are cut by the outline of the zones, and none lies beyond them; "
    message += f"{lost:,.0f} of their {people[lonely].sum():,.0f} people count as outside all zones, by area."
    advice = "Where they reach into water, all live on the land: land='zones' shares every source zone over its land."
    return [Finding("people_in_cut_sources", "warning", message, len(lonely), people=lost, advice=advice)]


def _cells_of_shapes(
    shapes: NDArray[Any], rows: int, columns: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Give for every shape the cells (row by row, from the upper left corner on) that it covers, and their shares."""
    source = NumPyRasterSource(np.zeros((rows, columns)), 0, 0, columns, rows)
    meets = shapely.intersects(shapes, shapely.box(0, 0, columns, rows)) & ~shapely.is_empty(shapes)
    nothing = np.empty(0, dtype=np.int64), np.empty(0)
    for shape, there in zip(shapes, meets, strict=True):
        if not there:
            yield nothing
            continue
        found = exact_extract(source, _Shapes(np.array([shape])), ["cell_id", "coverage"], output="pandas")
        yield np.asarray(found["cell_id"][0], dtype=np.int64), np.asarray(found["coverage"][0], dtype=np.float64)
