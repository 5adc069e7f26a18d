"""Classes can be told apart by everyone (U14)."""

import itertools

import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.maps.colours import palette


@pytest.mark.parametrize("name", sorted(palette.RAMPS))
@pytest.mark.parametrize("count", range(2, palette.MOST_CLASSES + 1))
def test_ramps_can_be_told_apart(name, count):
    found = palette.smallest_difference(palette.colour_ramp(name, count))
    assert {vision: value for vision, value in found.items() if value < palette.LEAST_DIFFERENCE} == {}


def test_who_is_worst_off_is_the_darkest_with_a_sign_of_their_own():
    signs = [palette.STATUS[key] for key in ("unreachable", "off_network")]
    assert {swatch.fill for swatch in signs} == {palette.colour_ramp("cost", palette.MOST_CLASSES)[-1]}
    assert len({swatch.hatch for swatch in signs} - {""}) == 2
    for swatch in signs:
        assert min(palette.smallest_difference([swatch.fill, swatch.ink]).values()) >= palette.LEAST_DIFFERENCE


@pytest.mark.parametrize("scheme", palette.LABELS)
def test_colours_of_labels_can_be_told_apart(scheme):
    assert min(palette.smallest_difference(list(palette.LABELS[scheme].values())).values()) >= palette.LEAST_DIFFERENCE


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
        found = palette.smallest_difference(colours)
        assert [found[vision] for vision in order] == pytest.approx(published, abs=2)


def test_ramps_grow_darker():
    for name, count in itertools.product(palette.RAMPS, range(2, 7)):
        lightness = palette._lab(palette._linear(palette.colour_ramp(name, count)))[:, 0]
        assert (lightness[1:] < lightness[:-1]).all()


def test_bad_palettes_are_refused_with_a_reason():
    with pytest.raises(InputError, match="red and green"):
        palette.colour_ramp("RdYlGn", 5)
    with pytest.raises(InputError, match="at most 6"):
        palette.colour_ramp("cost", 7)


def test_every_symbol_differs_in_shape():
    assert len(set(palette.SERVICE_SHAPES)) == len(palette.SERVICE_COLOURS)
    assert len(set(palette.SERVICE_COLOURS)) == len(palette.SERVICE_COLOURS)


def test_change_and_pairs_can_be_told_apart():
    """U14: change around a stated value, and two variables: four colours, or three colours under hatches."""
    assert min(palette.smallest_difference(palette.CHANGE).values()) >= palette.LEAST_DIFFERENCE
    four = [palette.bivariate_colours(one, two, classes=2).fill for one in range(2) for two in range(2)]
    assert min(palette.smallest_difference(four).values()) >= palette.LEAST_DIFFERENCE
    nine = [palette.bivariate_colours(one, two, classes=3) for one in range(3) for two in range(3)]
    assert len({(swatch.fill, swatch.hatch) for swatch in nine}) == 9
    assert (
        min(palette.smallest_difference(sorted({swatch.fill for swatch in nine})).values()) >= palette.LEAST_DIFFERENCE
    )
    with pytest.raises(InputError, match="nine colours"):
        palette.bivariate_colours(0, 0, classes=4)


def test_gain_is_blue_whichever_way_is_better():
    assert palette.change_colours()[4] == palette.change_colours(gain_is_more=False)[0] == "#2166ac"


def test_reasons_have_hatches_of_their_own():
    hatched = [swatch for swatch in palette.STATUS.values() if swatch.hatch]
    assert len({(swatch.hatch, swatch.ink) for swatch in hatched}) == len(hatched)
