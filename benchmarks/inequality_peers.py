"""Gini of ten million people and bootstrap intervals, beside plain numpy: processor time, in turns, answers compared.

    python benchmarks/inequality_peers.py

numpy's ways do the sums alone: sort once, then cumulative sums; nothing is checked and no id is matched.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 (threads are counted before it is loaded)

from spatialjustice.inequality import gini, interval  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

PEOPLE, ZONES, DRAWS, ROUNDS = 10_000_000, 100_000, 999, 3


def plain_gini(values: np.ndarray) -> float:
    """Gini of values that count once each."""
    ordered = np.sort(values)
    places = np.arange(1, len(ordered) + 1)
    return float((2 * places - len(ordered) - 1) @ ordered / (len(ordered) * ordered.sum()))


def weighted_gini(ordered: np.ndarray, people: np.ndarray) -> float:
    """Gini of values in rising order."""
    upto = np.cumsum(people)
    return float((people * (2 * upto - people - upto[-1])) @ ordered / (upto[-1] * (people @ ordered)))


def plain_sorted(values: np.ndarray, people: np.ndarray) -> float:
    """Gini of weighted values."""
    order = np.argsort(values)
    return weighted_gini(values[order], people[order])


def plain_interval(values: np.ndarray, people: np.ndarray, draws: int) -> tuple[float, float]:
    """Bootstrap interval of the Gini, sorted once."""
    order = np.lexsort([people, values])
    ordered, counts = values[order], people[order]
    generator = np.random.default_rng(1)
    found = [
        weighted_gini(
            ordered, counts * np.bincount(generator.integers(len(ordered), size=len(ordered)), minlength=len(ordered))
        )
        for _ in range(draws)
    ]
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def turns(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float, object, object]:
    """Run both in turns; the least processor time of each, and their answers."""
    best = [float("inf"), float("inf")]
    answers: list[object] = [None, None]
    for _ in range(ROUNDS):
        for place, way in enumerate((ours, theirs)):
            start = time.process_time()
            answers[place] = way()
            best[place] = min(best[place], time.process_time() - start)
    return best[0], best[1], answers[0], answers[1]


def main() -> None:
    """Print the three comparisons."""
    drawn = np.random.default_rng(1)
    values = drawn.random(PEOPLE)
    people = drawn.integers(1, 5000, PEOPLE).astype(float)
    zones, living = drawn.random(ZONES), drawn.integers(1, 5000, ZONES).astype(float)

    def ends() -> tuple[float, float]:
        found = interval(gini, zones, people=living, rng=1, replications=DRAWS)
        return found.low, found.high

    for name, ours, theirs in (
        (f"Gini of {PEOPLE:,}", lambda: gini(values), lambda: plain_gini(values)),
        (f"Gini of {PEOPLE:,} with weights", lambda: gini(values, people=people), lambda: plain_sorted(values, people)),
        (f"interval, {DRAWS} draws of {ZONES:,} zones", ends, lambda: plain_interval(zones, living, DRAWS)),
    ):
        mine, other, found, expected = turns(ours, theirs)
        if not np.allclose(found, expected, rtol=1e-9, atol=0):  # type: ignore[arg-type]
            message = f"{name}: {found} is not {expected}"
            raise SystemExit(message)
        print(f"{name}: ours {mine:.2f} s, numpy {other:.2f} s, ratio {mine / other:.2f}, answers equal")


if __name__ == "__main__":
    main()
