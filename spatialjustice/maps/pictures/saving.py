"""Figures as files that journals take: pixels, fonts, colours and compression as they ask, the same bytes each time."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import spatialjustice
from spatialjustice._core.disk import files
from spatialjustice._core.errors import InputError
from spatialjustice._core.machine.extras import require_installed
from spatialjustice._core.provenance import versions
from spatialjustice.maps.pictures.lettering import style

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.figure import Figure

    from spatialjustice._core.provenance import SourceRecord

FORMATS = ("png", "tif", "pdf", "svg", "eps")
SAME = {"tiff": "tif"}
MAKERS = ("python", "numpy", "pandas", "geopandas", "shapely", "pyproj", "mapclassify")
_SHOWN: WeakKeyDictionary[Figure, dict[str, Any]] = WeakKeyDictionary()
"""What each figure shows, for the record beside its file."""


def empty_figure(size: tuple[float, float]) -> Figure:
    """Return a white figure of so many inches, shown by notebooks and by no window."""
    require_installed("matplotlib", "plot")
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from spatialjustice.maps.pictures.figure_shown import ShownFigure

    figure = ShownFigure(figsize=size, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def remember(figure: Figure, *, title: str, unit: str, crs: str, sources: Iterable[SourceRecord]) -> None:
    """Keep what a figure shows for the record that is written with it."""
    _SHOWN[figure] = {"title": title, "unit": unit, "crs": crs, "sources": [one.as_dict() for one in sources]}


def save_figure(figure: Figure, path: str | Path, *, dpi: int = 300) -> Path:
    """Write a figure for a paper, by the ending of its name, with its record; the same figure gives the same bytes.

    Fonts are embedded as outlines that can be searched (TrueType) in PDF and EPS, pixels are RGB without transparency,
    TIFF is compressed without loss (LZW), and no date is inside.

    Parameters
    ----------
    figure
        What :func:`plot`, :func:`small_multiples` or ``Map.plot`` drew; ``size`` sets its width there. Figures of
        matplotlib that somebody else drew are written as well.
    path
        A name ending in .png, .tif, .pdf, .svg or .eps.
    dpi
        Dots per inch of PNG and TIFF, which the file says itself.

    Returns
    -------
    Path
        The file. Beside it, with ``.json`` added to its name, stands what it shows: title, unit, CRS, sources with
        their licences and checksums, versions, and the checksum of the figure.

    Raises
    ------
    InputError
        For another ending, or when there are fewer than 10 or more than 2,400 dots per inch.
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    kind = SAME.get(kind, kind)
    if kind not in FORMATS:
        endings = f"{', '.join(f'.{one}' for one in FORMATS[:-1])} or .{FORMATS[-1]}"
        raise InputError("path", f"“{path.name}” does not say how to write it", f"End it in {endings}.")
    if not 10 <= dpi <= 2400:
        raise InputError("dpi", f"it is {dpi}", "Give dots per inch from 10 to 2,400; journals ask for 300 to 1,000.")
    data = as_bytes(figure, kind, dpi=dpi)
    files.write_bytes(path, data)
    present = versions()
    record = {
        "figure": path.name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "millimetres": [round(float(side) * 25.4, 1) for side in figure.get_size_inches()],
        **({"dpi": dpi} if kind in {"png", "tif"} else {}),
        **_SHOWN.get(figure, {}),
        "software": f"spatialjustice {spatialjustice.__version__}",
        "versions": {name: present[name] for name in MAKERS},
    }
    files.write_json(path.with_name(f"{path.name}.json"), record)
    return path


def as_bytes(figure: Figure, kind: str, *, dpi: int) -> bytes:
    """Return a figure as the bytes of a file of one of the kinds that can be written, without a date in it."""
    stream = io.BytesIO()
    undated: dict[str, Any] = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
    whole_pixels = kind in {"png", "tif"}
    size = tuple(figure.get_size_inches())
    with style():
        if whole_pixels:
            # matplotlib cuts a part of a pixel off, where journals count the nearest whole one.
            figure.set_size_inches(*((round(side * dpi) + 0.01) / dpi for side in size))
        figure.savefig(
            stream,
            format="png" if whole_pixels else kind,
            dpi=dpi,
            metadata=undated.get("png" if whole_pixels else kind),
        )
        figure.set_size_inches(*size)
    if kind == "tif":
        return _tiff(stream, dpi)
    made = stream.getvalue()
    return re.sub(rb"%%CreationDate: [^\n]*\n", b"", made, count=1) if kind == "eps" else made


def _tiff(drawn: io.BytesIO, dpi: int) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    with Image.open(drawn) as picture:
        picture.convert("RGB").save(stream, format="TIFF", compression="tiff_lzw", dpi=(dpi, dpi))
    return stream.getvalue()
