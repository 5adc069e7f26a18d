"""A thumbnail has the colours of the map, where the map has them."""

import base64
import io
import re

import numpy as np
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.maps import Indicator
from spatialjustice.maps.colours.legend import make_legend
from spatialjustice.maps.pictures.thumbnail import thumbnail


def test_every_square_has_the_colour_of_its_class(grid, minutes):
    """Six by five squares of a hundredth of a degree, at 50 degrees north taller than wide; the frame fits them."""
    image = pytest.importorskip("PIL.Image")
    walk = Indicator("walk", "Walk", minutes, unit="minutes", breaks=[10, 20, 30])
    made = thumbnail(grid, walk, width=100, height=100)
    data = base64.b64decode(re.search('base64,([^"]+)', made)[1])
    drawn = np.asarray(image.open(io.BytesIO(data)).convert("RGBA"))
    assert drawn.shape == (200, 200, 4)
    inside = np.argwhere(drawn[:, :, 3] > 0)
    (top, left), (bottom, right) = inside.min(axis=0), inside.max(axis=0)
    legend = make_legend(walk, people=None, lang="en")
    for place in range(30):
        row, column = divmod(place, 6)
        x = left + (column + 0.5) * (right - left + 1) / 6
        y = bottom - (row + 0.5) * (bottom - top + 1) / 5
        fill = legend.rows[legend.classes[place]].swatch.fill
        colour = [int(fill[at : at + 2], 16) for at in (1, 3, 5)]
        assert drawn[int(y), int(x), :3].tolist() == colour, place
    assert drawn[0, 0, 3] == 0


def test_the_same_zones_give_the_same_bytes_and_no_size_is_refused(grid, minutes):
    walk = Indicator("walk", "Walk", minutes, unit="minutes")
    assert thumbnail(grid, walk) == thumbnail(grid, walk)
    with pytest.raises(InputError, match="no picture"):
        thumbnail(grid, walk, width=0)
