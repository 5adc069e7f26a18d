"""Ranges and sets hold as often as they say, at new blocks, against simulated truth and against brute force."""

from __future__ import annotations

import numpy as np
import pytest

from spatialjustice.prediction import exclusion_risk, risk_model
from spatialjustice.prediction.conformal import Errors, class_sets, ranges, sorted_errors, spread, weights_by_block


def brute_force(said, sizes, weights, level):
    """All values risk + error of all folds, sorted, with their weights added up."""
    low, high = [], []
    for zone in range(len(said[0])):
        for sign, ends in ((1, high), (-1, low)):
            values = np.concatenate(
                [risk[zone] + sign * size * spread(risk)[zone] for risk, size in zip(said, sizes, strict=True)]
            )
            weight = np.concatenate(weights)
            order = np.argsort(sign * values, kind="stable")
            enough = np.cumsum(weight[order]) >= level - 1e-12
            edge = 1.0 if sign > 0 else 0.0
            ends.append(values[order][np.argmax(enough)] if enough.any() else edge)
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def test_ranges_are_those_of_brute_force():
    random = np.random.default_rng(1)
    said = [random.uniform(0.2, 0.6, 9) for _ in range(3)]
    sizes = [random.exponential(0.2, 15) for _ in range(3)]
    weights = [np.full(15, 1 / 46)] * 3
    for level in (0.5, 0.9, 0.99):
        errors = [sorted_errors(size, weight) for size, weight in zip(sizes, weights, strict=True)]
        low, high = ranges(said, errors, level)
        slow_low, slow_high = brute_force(said, sizes, weights, level)
        np.testing.assert_allclose(low, slow_low, atol=1e-9)
        np.testing.assert_allclose(high, slow_high, atol=1e-9)


def test_blocks_weigh_the_same_and_leave_room_for_another():
    """Three blocks of 2, 1 and 1 zones: 1/4 each, shared within; the last quarter is that of a block not seen."""
    found = weights_by_block(np.array(["a", "a", "b", "c"]))
    assert found.tolist() == [1 / 8, 1 / 8, 1 / 4, 1 / 4]


def test_without_enough_blocks_nothing_is_ruled_out():
    """Of 4 blocks a fifth is room for another: at 90 % nothing is enough, and the range is everything."""
    errors = [sorted_errors(np.zeros(4), weights_by_block(np.array(list("abcd"))))]
    assert [end.tolist() for end in ranges([np.array([0.3])], errors, 0.9)] == [[0.0], [1.0]]
    low, high = ranges([np.array([0.3])], errors, 0.8)
    np.testing.assert_allclose([low[0], high[0]], 0.3, atol=1e-9)
    assert isinstance(errors[0], Errors)


def test_ranges_hold_in_new_blocks():
    """400 towns of 40 blocks of 1 to 12 zones, alike within blocks: a zone of a new block lies within in 90 %.

    The known mean is what is said everywhere, so that all error is that of blocks and zones. Single zones weighing the
    same would let large blocks decide. Three standard errors of 400 draws at 0.9 are 0.045.
    """
    random = np.random.default_rng(7)
    held = []
    for _ in range(400):
        size = random.integers(1, 13, 41)
        blocks = np.repeat(np.arange(41), size)
        share = np.clip(0.3 + np.repeat(random.normal(0, 0.08, 41), size) + random.normal(0, 0.04, size.sum()), 0, 1)
        new = blocks == 40
        risk = np.full(size.sum(), 0.3)
        errors = sorted_errors(
            np.abs(share - risk)[~new] / spread(risk[~new]), weights_by_block(blocks[~new].astype(str))
        )
        low, high = ranges([risk[new]], [errors], 0.9)
        one = int(random.integers(new.sum()))
        held.append(low[one] <= share[new][one] <= high[one])
    assert 0.855 <= np.mean(held) <= 0.95


def test_sets_hold_for_the_rare_class_too():
    """300 towns, one zone in six excluded: each class is in the set of its zones in 90 %, the rare one as well."""
    random = np.random.default_rng(11)
    right = {0: [], 1: []}
    for _ in range(300):
        blocks = np.repeat(np.arange(60), 4)
        odds = -2.4 + np.repeat(random.normal(0, 1.0, 60), 4) + random.normal(0, 1.0, 240)
        risk = 1 / (1 + np.exp(-odds))
        outcome = (random.uniform(size=240) < risk).astype(float)
        new = blocks >= 50
        held = [(risk[~new], outcome[~new], blocks[~new].astype(str))]
        found = class_sets([risk[new]], held, 0.9)
        for label, called in ((0, "not excluded"), (1, "excluded")):
            there = outcome[new] == label
            right[label] += [one in {called, "either"} for one in found[there]]
    assert 0.88 <= np.mean(right[0]) <= 0.94
    assert 0.86 <= np.mean(right[1]) <= 0.96


def test_coverage_is_measured_and_near_what_is_said(town):
    """960 zones in 60 regions; the table's own ranges of measured zones are counted again."""
    zones = town(columns=40, rows=24, seed=5)
    settings = {"outcome": "offline", "variables": ["income", "school"], "blocks": "region", "method": "logistic"}
    model = risk_model(zones, **settings, rng=1)
    found = exclusion_risk(zones, model=model, replications=100)
    within = (found["measured"] >= found["low"]) & (found["measured"] <= found["high"])
    assert found.attrs["coverage"] == pytest.approx(within.mean(), abs=0.002)
    assert 0.87 <= within.mean() <= 0.95
    half = exclusion_risk(zones, model=model, level=0.5, replications=100)
    assert 0.45 <= half.attrs["coverage"] <= 0.58
    assert ((found["low"] <= found["risk"]) & (found["risk"] <= found["high"])).all()
    assert ((found["rank_low"] <= found["rank"]) & (found["rank"] <= found["rank_high"])).all()
    # A rank says more than chance, and less than its digits: what is measured lies in its range in about 90 %.
    place = found["measured"].rank(ascending=False)
    assert 0.85 <= ((place >= found["rank_low"]) & (place <= found["rank_high"])).mean() <= 0.96
