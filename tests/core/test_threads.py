"""Threads: answers in order, few of them waiting, and faults that come through."""

import threading

import pytest

from spatialjustice._core.errors import InputError
from spatialjustice._core.machine.threads import VARIABLE, Spare, in_order, spans, threads


def test_spans_cover_everything_once():
    assert list(spans(7, 3)) == [(0, 3), (3, 6), (6, 7)]
    assert list(spans(0, 3)) == []


@pytest.mark.parametrize("number", ["1", "3"])
def test_answers_come_in_order_and_no_faster_than_they_are_taken(monkeypatch, number):
    monkeypatch.setenv(VARIABLE, number)
    started = []

    def work(begin, end):
        started.append(begin)
        return begin, end

    answers = in_order(work, spans(100, 1))
    assert next(answers) == (0, 1)
    assert len(started) <= int(number) + 2
    assert list(answers) == [(begin, begin + 1) for begin in range(1, 100)]


@pytest.mark.parametrize("number", ["1", "3"])
def test_a_fault_comes_through(monkeypatch, number):
    monkeypatch.setenv(VARIABLE, number)

    def work(begin, _):
        if begin == 5:
            raise ValueError("the sixth")
        return begin

    with pytest.raises(ValueError, match="the sixth"):
        list(in_order(work, spans(10, 1)))
    assert threading.active_count() < 20


def test_what_is_lent_comes_back_unless_the_work_failed():
    made = []
    spare = Spare(lambda: made.append(object()) or made[-1])
    with spare.one() as one:
        pass
    with spare.one() as other:
        assert other is one
    with pytest.raises(ValueError, match="unclean"), spare.one():
        raise ValueError("unclean")
    with spare.one() as third:
        assert third is not one


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "۲"])
def test_the_number_of_threads_must_be_one(monkeypatch, text):
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(InputError, match=VARIABLE):
        threads()


def test_the_number_of_threads_is_that_of_the_processors(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert threads() >= 1
