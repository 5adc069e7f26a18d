"""What a page without a map is made of: passages, tables, and charts that each answer one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from spatialjustice._core.errors import InputError
from spatialjustice.report.sheet.grid import Grid

if TYPE_CHECKING:
    import pandas as pd
    from markupsafe import Markup

Text = str | Mapping[str, str]
"""One text, or one per language."""


@dataclass(frozen=True)
class Passage:
    """Sentences in plain words.

    Parameters
    ----------
    text
        A sentence, or several, each a paragraph.
    title
        Heading above them.
    kind
        ``answer`` (what a reader is to remember), ``text``, ``caveat`` (what changes the answer most) or ``note``.
    listed
        Whether the sentences are a list.

    Examples
    --------
    >>> Passage("Older people vote on paper.", kind="answer").kind
    'answer'
    """

    text: Text | Sequence[Text]
    title: Text = ""
    kind: Literal["answer", "text", "caveat", "note"] = "text"
    listed: bool = False

    @property
    def sentences(self) -> list[Text]:
        """The sentences, each on its own."""
        return [self.text] if isinstance(self.text, str | Mapping) else list(self.text)


@dataclass(frozen=True)
class SheetColumn:
    """A column of a table.

    Parameters
    ----------
    name
        Its column in the frame; one of texts may hold a text per language in each row.
    title
        What it is called, with its unit.
    kind
        ``text``, ``number``, ``share`` (from 0 to 1, written in percent) or ``people``.
    digits
        Decimals; as many as needed where None.
    low, high
        Columns with the range of the value, which is written beside it.
    missing
        What stands where there is no value; an en dash where empty.

    Examples
    --------
    >>> SheetColumn("mean", "Mean way, metres", "number", digits=0).kind
    'number'
    """

    name: str
    title: Text
    kind: Literal["text", "number", "share", "people"] = "text"
    digits: int | None = None
    low: str = ""
    high: str = ""
    missing: Text = ""


@dataclass(frozen=True)
class SheetTable:
    """A table that readers can sort, and search where it is long.

    Parameters
    ----------
    frame
        Its rows, in the order in which they are shown.
    columns
        The columns that are shown, the first names the row.
    title
        Caption.
    note
        What must be known to read it.
    shown
        Rows that are seen at once; the others are unfolded.

    Raises
    ------
    InputError
        When a column is not in the frame.

    Examples
    --------
    >>> import pandas as pd
    >>> len(SheetTable(pd.DataFrame({"city": ["Ilam"]}), [SheetColumn("city", "City")]).frame)
    1
    """

    frame: pd.DataFrame
    columns: Sequence[SheetColumn]
    title: Text = ""
    note: Text = ""
    shown: int = 12

    def __post_init__(self) -> None:
        """Refuse columns that are not there."""
        asked = [name for one in self.columns for name in (one.name, one.low, one.high) if name]
        missing = [name for name in asked if name not in self.frame]
        if missing:
            raise InputError(
                "columns", f"the frame has no column {', '.join(missing)}", f"It has {', '.join(map(str, self.frame))}."
            )


@dataclass(frozen=True)
class Dots:
    """A value with its range for each row, under one another on one axis.

    Parameters
    ----------
    rows
        A mapping for each row: ``label`` (one text, or one per language), ``value``, ``low`` and ``high`` (None or NaN
        where there is no range), ``mark`` (whether it is to be seen first), ``note`` (said beside the number).
    title
        What the values are, with their unit.
    unit
        Written after a value: a unit of the catalogue (``metres``), or any text; nothing where empty.
    percent
        Whether values are shares from 0 to 1.
    digits
        Decimals; 0 for numbers of 100 or more where None, else as many as tell them apart.
    reference, reference_title
        A value to compare with, and what it is called.
    from_zero
        Whether the axis begins at zero.
    note
        What must be known to read it.
    shown
        Rows that are seen at once; the others are unfolded.

    Examples
    --------
    >>> Dots([{"label": "Small", "value": 900.0, "low": 850.0, "high": 950.0}], title="Mean way", unit="metres").percent
    False
    """

    rows: Sequence[Mapping[str, Any]]
    title: Text
    unit: Text = ""
    percent: bool = False
    digits: int | None = None
    reference: float | None = None
    reference_title: Text = ""
    from_zero: bool = True
    note: Text = ""
    shown: int = 20


@dataclass(frozen=True)
class Line:
    """One series of a panel.

    Parameters
    ----------
    x, y
        Where and how much; a value that is missing (None, NaN) interrupts the line.
    low, high
        The range of every value, where there is one.
    label
        What it is called, where a panel has several.

    Examples
    --------
    >>> Line([2019, 2020], [0.2, 0.1], label="65 and older").label
    '65 and older'
    """

    x: Sequence[float]
    y: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    label: Text = ""


@dataclass(frozen=True)
class Panel:
    """One small picture among others of the same kind.

    Parameters
    ----------
    title
        What it shows, for example a place or an indicator.
    lines
        One to four series.
    marks
        Places on the x axis where something must be known, with a text each, numbered in the picture.
    note
        A line under the picture.
    alert
        Whether it is to be seen first.
    unit, percent, digits
        As for :class:`Lines`, where this panel has its own.

    Examples
    --------
    >>> Panel("Wola", [Line([2019, 2020], [0.2, 0.1])]).alert
    False
    """

    title: Text
    lines: Sequence[Line]
    marks: Sequence[tuple[float, Text]] = ()
    note: Text = ""
    alert: bool = False
    unit: Text | None = None
    percent: bool | None = None
    digits: int | None = None


@dataclass(frozen=True)
class Lines:
    """Small pictures of series beside one another.

    Parameters
    ----------
    panels
        The pictures, in order.
    title
        What they show.
    unit, percent, digits
        As for :class:`Dots`.
    same_scale
        Whether all share one axis, so that they can be compared.
    from_zero
        Whether the axis begins at zero.
    x_labels
        Number on the x axis → what is written there, for example a date; the number itself where missing.
    note
        What must be known to read them.

    Examples
    --------
    >>> len(Lines([Panel("Wola", [Line([2019], [0.2])])], title="Share on paper", percent=True).panels)
    1
    """

    panels: Sequence[Panel]
    title: Text
    unit: Text = ""
    percent: bool = False
    digits: int | None = None
    same_scale: bool = True
    from_zero: bool = True
    x_labels: Mapping[float, Text] = field(default_factory=dict)
    note: Text = ""


@dataclass(frozen=True)
class Points:
    """Two values of each row against one another, for example what was predicted and what was seen.

    Parameters
    ----------
    rows
        A mapping for each point: ``x``, ``y``, ``low`` and ``high`` of y (None where there is no range), ``label``
        (said when the point is looked at), ``mark`` (whether its label is written), ``people`` (its size).
    title, x_title, y_title
        What is shown, and what the axes are, with units.
    percent
        Whether both are shares from 0 to 1.
    digits
        As for :class:`Dots`.
    identity
        Whether the line of equal values is drawn; both axes are then the same.
    note
        What must be known to read it.

    Examples
    --------
    >>> Points([{"x": 0.1, "y": 0.2}], title="t", x_title="x", y_title="y", percent=True, identity=True).identity
    True
    """

    rows: Sequence[Mapping[str, Any]]
    title: Text
    x_title: Text
    y_title: Text
    percent: bool = False
    digits: int | None = None
    identity: bool = False
    note: Text = ""


@dataclass(frozen=True)
class Picture:
    """A drawing that was made elsewhere, for example a small map.

    Parameters
    ----------
    markup
        The drawing as SVG, or an image whose data it holds.
    title
        What it shows; read out to those who do not see it.
    key
        Its legend: a colour and a text for each class.
    note
        What must be known to read it.

    Examples
    --------
    >>> from markupsafe import Markup
    >>> Picture(Markup("<svg></svg>"), "A map").title
    'A map'
    """

    markup: Markup
    title: Text
    key: Sequence[tuple[str, Text]] = ()
    note: Text = ""


@dataclass(frozen=True)
class Choice:
    """Parts of a page of which one is seen, chosen from a list.

    Parameters
    ----------
    title
        What is chosen, for example “City”.
    options
        The name of each choice, and its blocks.

    Examples
    --------
    >>> Choice("City", [("Ilam", [Passage("Far.")])]).title
    'City'
    """

    title: Text
    options: Sequence[tuple[Text, Sequence[Block]]]


@dataclass(frozen=True)
class Part:
    """A part of a page with a heading of its own.

    Parameters
    ----------
    title
        Its heading.
    blocks
        What is in it.
    folded
        Whether it is closed at first.

    Examples
    --------
    >>> Part("How it was done", [Passage("By hand.")], folded=True).folded
    True
    """

    title: Text
    blocks: Sequence[Block]
    folded: bool = False


Block = Passage | SheetTable | Dots | Lines | Points | Picture | Grid | Choice | Part
"""Anything that a page without a map can hold."""
