"""Classes can be told apart by everyone (U14)."""

import itertools

import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.maps import palette


@pytest.mark.parametrize("name", sorted(palette.RAMPS))
@pytest.mark.parametrize("count", range(2, palette.MOST_CLASSES + 1))
def test_ramps_can_be_told_apart(name, count):
    found = palette.difference(palette.ramp(name, count))
    assert {vision: value for vision, value in found.items() if value < palette.LEAST_DIFFERENCE} == {}


@pytest.mark.parametrize("count", range(2, palette.MOST_CLASSES + 1))
def test_beyond_the_limit_is_no_class_of_a_cost(count):
    colours = [*palette.ramp("cost", count), palette.STATUS["beyond_cutoff"].fill]
    assert min(palette.difference(colours).values()) >= palette.LEAST_DIFFERENCE


@pytest.mark.parametrize("scheme", palette.LABELS)
def test_colours_of_labels_can_be_told_apart(scheme):
    assert min(palette.difference(list(palette.LABELS[scheme].values())).values()) >= palette.LEAST_DIFFERENCE


def test_lisa_colours_are_the_customary_ones():
    assert palette.LISA["high-high"] == "#d7191c"
    assert palette.LISA["low-low"] == "#2c7bb6"


def test_difference_agrees_with_published_values():
    """The study of palettes published YlGnBu5 as 26.9, 21.4, 16.6, 19.8 and RdYlGn5 as 34.1, 6.2, 11.6, 24.4
    (normal, deuteranopia, protanopia, tritanopia); simulations differ by rounding and white point, by less than 2.
    """
    known = {
        ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"): (26.9, 21.4, 16.6, 19.8),
        ("#d7191c", "#fdae61", "#ffffbf", "#a6d96a", "#1a9641"): (34.1, 6.2, 11.6, 24.4),
    }
    order = ("normal", "deuteranopia", "protanopia", "tritanopia")
    for colours, published in known.items():
        found = palette.difference(colours)
        assert [found[vision] for vision in order] == pytest.approx(published, abs=2)


def test_ramps_grow_darker():
    for name, count in itertools.product(palette.RAMPS, range(2, 7)):
        lightness = palette._lab(palette._linear(palette.ramp(name, count)))[:, 0]
        assert (lightness[1:] < lightness[:-1]).all()


def test_bad_palettes_are_refused_with_a_reason():
    with pytest.raises(InputError, match="red and green"):
        palette.ramp("RdYlGn", 5)
    with pytest.raises(InputError, match="at most 6"):
        palette.ramp("cost", 7)


def test_every_symbol_differs_in_shape():
    assert len(set(palette.SERVICE_SHAPES)) == len(palette.SERVICE_COLOURS)
    assert len(set(palette.SERVICE_COLOURS)) == len(palette.SERVICE_COLOURS)
