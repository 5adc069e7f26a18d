"""The cells of large tables in a workbook, written a column and a block of rows at a time."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

BLOCK = 16
"""Rows that tell together which columns they fill."""
NO_TEXT = -1
"""Stands for the number of the text where a cell holds none."""
AT_A_TIME = 256
"""Cells of a column that are numbers of Python at a time."""
LONGEST = 32767
"""UTF-16 units that a cell holds."""


class TableSheet(Worksheet):  # type: ignore[misc]
    """A sheet whose table comes in columns.

    The library keeps an object for each cell and looks at it again when it writes: 5 µs each, which for the hundreds of
    columns of a study took longer than the study. What is written here is the same to the byte.
    """

    def fill(self, place: int, cells: Sequence[Any], look: Any, text: Any) -> None:
        """Take what stands under the head of a column, which is written already.

        Parameters
        ----------
        place
            The number of the column, from 0; columns come in order.
        cells
            Texts, numbers, and None where a cell is empty, from the second row on.
        look, text
            How numbers and texts look.
        """
        share = self.str_table._get_shared_string_index  # noqa: SLF001
        # A float and a whole number for each cell, since a study has millions of them.
        texts = np.array([share(_fitting(cell)) if isinstance(cell, str) else NO_TEXT for cell in cells], np.int32)
        numbers = np.array([math.nan if cell is None or isinstance(cell, str) else cell for cell in cells], np.float64)
        numbers[~np.isfinite(numbers)] = math.nan
        self._filled = [*getattr(self, "_filled", ()), (numbers, texts, look, text)]
        some = np.flatnonzero((texts != NO_TEXT) | ~np.isnan(numbers))
        self._check_dimensions(int(some[-1]) + 1 if some.size else 0, place)

    def _write_rows(self) -> None:
        """Write the head as the library does, and the table under it."""
        super()._write_rows()
        made = [
            _written(numbers, texts, xl_col_to_name(place), look._get_xf_index(), text._get_xf_index())  # noqa: SLF001
            for place, (numbers, texts, look, text) in enumerate(self._filled)
        ]
        row = 1
        while rows := list(zip(*(islice(column, BLOCK - row % BLOCK) for column in made), strict=True)):
            filled = [place for place, cells in enumerate(zip(*rows, strict=True), start=1) if any(cells)]
            # The head, in the first block, fills all columns.
            ends = (1, len(made)) if row < BLOCK else (filled[0], filled[-1]) if filled else ()
            spans = ' spans="{}:{}"'.format(*ends) if ends else ""
            texts = ((number, "".join(cells)) for number, cells in enumerate(rows, start=row + 1))
            self.fh.write("".join(f'<row r="{number}"{spans}>{cells}</row>' for number, cells in texts if cells))
            row += len(rows)
        self._filled = []


def _written(
    numbers: NDArray[np.float64], texts: NDArray[np.int32], letter: str, look: int, text: int
) -> Iterator[str]:
    """Write the cells of a column, one after the other."""
    for begin in range(0, len(numbers), AT_A_TIME):
        part = slice(begin, begin + AT_A_TIME)
        both = zip(numbers[part].tolist(), texts[part].tolist(), strict=True)
        for row, (number, shared) in enumerate(both, start=begin + 2):
            if shared != NO_TEXT:
                yield f'<c r="{letter}{row}" s="{text}" t="s"><v>{shared}</v></c>'
            else:
                yield "" if math.isnan(number) else f'<c r="{letter}{row}" s="{look}"><v>{number:.16G}</v></c>'


def _fitting(text: str) -> str:
    """Return a text cut where a cell ends."""
    if len(text) <= LONGEST // 2:
        return text
    return text.encode("utf-16-le")[: 2 * LONGEST].decode("utf-16-le", "ignore")
