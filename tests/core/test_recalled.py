"""Answers found again by the content of their question: never those to another one."""

import gc
import pickle
import sys

import numpy as np
import pytest
import shapely

from spatialjustice._core.machine.recalled import BLOCK, Recalled, content_of

SQUARE = shapely.box(0, 0, 1, 1)
DIFFERENT = {
    "a number": (1.0, 2.0),
    "a text": ("EPSG:4326", "EPSG:4327"),
    "a number or its text": (1, "1"),
    "numbers of another type": (np.array([1, 2]), np.array([1, 2], dtype=np.int32)),
    "rows or columns": (np.zeros((2, 3)), np.zeros((3, 2))),
    "the sign of nothing": (np.array([0.0]), np.array([-0.0])),
    "a corner moved by a hair": (np.array([SQUARE]), np.array([shapely.box(0, 0, 1, np.nextafter(1, 2))])),
    "a shape that is missing": (np.array([SQUARE, None]), np.array([SQUARE, shapely.Polygon()])),
    "the order of shapes": (np.array([SQUARE, shapely.Point(0, 0)]), np.array([shapely.Point(0, 0), SQUARE])),
    "heights": (np.array([shapely.Point(0, 0)]), np.array([shapely.Point(0, 0, 1)])),
    "the last of many shapes": (
        shapely.points(np.arange(BLOCK + 2.0), 0.0),
        shapely.points(np.r_[np.arange(BLOCK + 1.0), -1.0], 0.0),
    ),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_other_content_is_another_question(name):
    one, other = DIFFERENT[name]
    assert content_of(one) == content_of(one)
    assert content_of(one) != content_of(other)


def test_what_is_parted_otherwise_is_another_question():
    assert content_of("ab", "c") != content_of("a", "bc")
    assert content_of(np.array([1.0]), np.array([2.0])) != content_of(np.array([1.0, 2.0]))


class Asked:
    """Answers each question with its own number, and counts."""

    def __init__(self, room):
        self.known, self.times = Recalled(room), 0

    def __call__(self, number, size=1):
        def find():
            self.times += 1
            return (np.full(size, number),)

        (found,) = self.known.answer(content_of(number), find)
        assert found.tolist() == [number] * size
        return found


def test_a_question_is_answered_once():
    ask = Asked(room=1_000)
    for number in (1, 2, 1, 2, 1):
        ask(number)
    assert ask.times == 2


def test_an_answer_that_is_written_into_stays_what_it_was():
    ask = Asked(room=1_000)
    for _ in range(3):
        ask(7)[:] = 0  # the first is that of the work itself, the next of what was kept
    assert ask.times == 1


def test_those_not_asked_for_the_longest_go_first():
    ask = Asked(room=24)  # three numbers
    for number in (1, 2, 3, 1, 4):
        ask(number)
    assert ask.times == 4
    ask(1), ask(3), ask(4)
    assert ask.times == 4
    ask(2)
    assert ask.times == 5


def test_an_answer_larger_than_the_room_drives_no_other_out():
    ask = Asked(room=24)
    ask(1), ask(2, size=4), ask(2, size=4), ask(1)
    assert ask.times == 3


def test_work_that_fails_is_done_again():
    known = Recalled(1_000)

    def fails():
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            known.answer(content_of(1), fails)


def test_elsewhere_nothing_is_known_yet():
    known = Recalled(1_000)
    known.answer(content_of(1), lambda: (np.array([1]),))
    again = pickle.loads(pickle.dumps(known))
    assert again.room == 1_000
    assert again.answer(content_of(1), lambda: (np.array([2]),))[0].tolist() == [2]


def test_shapes_are_told_apart_whatever_was_asked_of_their_array_before():
    shapes = shapely.points(np.arange(10.0), 0.0)
    before, other = content_of(shapes), shapes[3]
    assert content_of(shapes) == content_of(shapes.copy()) == before
    shapes[3] = shapely.Point(3, 1)
    changed = content_of(shapes)
    assert changed != before
    assert content_of(shapely.points(np.arange(10.0), np.eye(10)[3])) == changed
    shapes[3] = other
    assert content_of(shapes) == before
    assert content_of(shapes[:9]) != before


def test_shapes_are_held_no_longer_than_the_array_they_are_in():
    shapes = shapely.points(np.arange(10.0), 0.0)
    content_of(shapes)
    held = sys.getrefcount(other := shapes[3])
    shapes[3] = None  # still held, so that no shape made later is taken for it
    assert sys.getrefcount(other) == held - 1
    del shapes
    gc.collect()
    assert sys.getrefcount(other) == held - 2
