"""Random streams that depend on the seed and on nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatialjustice._core.machine.compiled import kernel, kernel_part

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEP = np.uint64(0x9E3779B97F4A7C15)
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


@kernel_part
def _scrambled_bits(state: np.uint64) -> np.uint64:
    """Scramble a counter into 64 random bits (the output function of SplitMix64)."""
    mixed = state
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@kernel_part
def _begin_of(key: int, number: int) -> np.uint64:
    """Return where the stream of a number begins."""
    return _scrambled_bits(np.uint64(key) ^ _scrambled_bits(np.uint64(number) + np.uint64(1)))


@kernel
def _next_bits(stream: NDArray[np.uint64]) -> np.uint64:
    stream[0] += STEP
    return _scrambled_bits(stream[0])


@kernel
def _random_below(stream: NDArray[np.uint64], bound: int) -> np.int64:
    """Draw a whole number from 0 up to, not including, ``bound``, each equally likely (Lemire's method, 32 bits)."""
    size = np.uint64(bound)
    product = (_next_bits(stream) >> HALF) * size
    if (product & LOW) < size:
        least = (np.uint64(0x100000000) - size) % size
        while (product & LOW) < least:
            product = (_next_bits(stream) >> HALF) * size
    return np.int64(product >> HALF)


def key_of(seed: int) -> int:
    """Spread a seed over 63 bits, so that neighbouring seeds have nothing in common."""
    return int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0] >> np.uint64(1))
