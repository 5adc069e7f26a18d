"""The answer before the maps: sentences, what to keep in mind, and a table of services and modes that leads to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spatialjustice.maps.pages import document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Text = str | Mapping[str, str]


@dataclass(frozen=True)
class Cell:
    """A service by a mode, as the overview shows it.

    Parameters
    ----------
    share
        The share of people within the limit: one text, or one per language.
    beyond
        How many people are beyond it.
    worst
        The way that the worst-served tenth have at least.
    step
        How dark the cell is, from 0 (everybody is served) to 4.
    href
        The address of its map, relative to the page: ``map.html#mode=walk&show=library_metres``.
    about
        The same in words, for those who hear it.
    numbers
        The same as numbers, for tables: ``people`` of whom something is known, those ``within`` the limit and
        ``beyond`` it, the ``share`` within, and the way of the ``worst`` tenth, with its ``unit``.
    """

    share: Text
    beyond: Text = ""
    worst: Text = ""
    step: int = 0
    href: str = ""
    about: Text = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Overview:
    """What a reader is told before any map.

    Parameters
    ----------
    sentences
        Who is worst served, where and how many; which service has the largest gap; which group is worst off.
    caveats
        What changes the numbers most, a line each.
    modes
        Heads of the columns: what a mode is called, and its limit.
    rows
        What a service is called, and its cell by each mode; None where there is none.
    further
        Pages that answer what would help: title, address and a line each.
    start
        Key of the indicator that the map shows beside it.
    further_title
        Heading of those pages where they answer something else than what would help.
    """

    sentences: Sequence[Text] = ()
    caveats: Sequence[Text] = ()
    modes: Sequence[tuple[Text, Text]] = ()
    rows: Sequence[tuple[Text, Sequence[Cell | None]]] = ()
    further: Sequence[tuple[Text, str, Text]] = ()
    start: str = ""
    further_title: Text = ""

    def as_record(self) -> dict[str, Any]:
        """Return it as templates read it, every address checked.

        Raises
        ------
        InputError
            When an address leads away from the folder of the page.
        """
        return {
            "start": self.start,
            "further_title": self.further_title,
            "sentences": list(self.sentences),
            "caveats": list(self.caveats),
            "modes": list(self.modes),
            "rows": [
                {
                    "title": title,
                    "cells": [
                        None
                        if cell is None
                        else {
                            "share": cell.share,
                            "beyond": cell.beyond,
                            "worst": cell.worst,
                            "step": cell.step,
                            "about": cell.about,
                            "href": document.relative_link(cell.href, "overview") if cell.href else "",
                        }
                        for cell in cells
                    ],
                }
                for title, cells in self.rows
            ],
            "further": [
                (title, document.relative_link(address, "overview"), line) for title, address, line in self.further
            ],
        }
