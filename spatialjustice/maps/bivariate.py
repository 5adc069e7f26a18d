"""Two variables on one map: where both are bad, where only one of them, where neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.catalogue.lookup import LANGUAGES, text_in, words
from spatialjustice.maps.colours import palette
from spatialjustice.maps.colours.classify import classify
from spatialjustice.maps.colours.square import side_label
from spatialjustice.maps.indicator import Indicator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Text = str | Mapping[str, str]


def bivariate(  # noqa: PLR0913 (two variables, each with its title and breaks; all but the variables are named)
    first: pd.Series[Any],
    second: pd.Series[Any],
    *,
    titles: tuple[Text, Text],
    title: Text | None = None,
    first_breaks: Sequence[float] | None = None,
    second_breaks: Sequence[float] | None = None,
    classes: int = 3,
    key: str = "pairs",
    note: Text = "",
    direction: str = "lower is better",
) -> Indicator:
    """Class zones by two variables at once, such as supply and adoption, or physical and digital access.

    Two classes each make four colours, which everyone can tell apart. Nine colours cannot be told apart, so with three
    classes each the first variable is shown by colour and the second by hatch; letters and figures name the classes in
    the legend: A to C for the first, 1 to 3 for the second, low to high.

    Parameters
    ----------
    first, second
        Numbers on the same ids; a zone where either is missing is shown as having no data.
    titles
        What each of them is.
    title
        Title of the map; both titles where None.
    first_breaks, second_breaks
        Upper limits of the lower classes (one limit for two classes, two for three), closed above; quantiles, rounded,
        where None.
    classes
        2 or 3 of each.
    key, note
        As for :class:`Indicator`.
    direction
        Of both variables: ``lower is better`` or ``higher is better``. Dark and densely hatched is badly off.

    Raises
    ------
    InputError
        When ids differ, breaks do not fit, or more classes are asked for.

    Examples
    --------
    >>> walk = pd.Series([5.0, 20.0, 30.0, None])
    >>> offline = pd.Series([0.1, 0.4, 0.1, 0.2])
    >>> made = bivariate(walk, offline, titles=("Walk", "Offline"), classes=2, first_breaks=[15], second_breaks=[0.3])
    >>> made.labels.tolist()
    ['A1', 'B2', 'B1', 'no data']
    """
    palette.bivariate_colours(0, 0, classes=classes)
    if not first.index.equals(second.index):
        strange = first.index.symmetric_difference(second.index)
        raise InputError("second", "its ids are not those of the first", "Give both on the same ids.", rows=strange)
    sides = [_side(first, first_breaks, classes, "first"), _side(second, second_breaks, classes, "second")]
    pairs: dict[str, tuple[Text, palette.Swatch]] = {}
    for one in range(classes):
        for two in range(classes):
            label = f"{'ABC'[one]}{two + 1}"
            named = {lang: _named(label, titles, (sides[0], sides[1]), (one, two), lang) for lang in LANGUAGES}
            # Dark is badly off, as on every map: of what is good, the least is dark.
            bad = [classes - 1 - place for place in (one, two)] if direction == "higher is better" else [one, two]
            pairs[label] = (named, palette.bivariate_colours(bad[0], bad[1], classes=classes))
    known = first.notna() & second.notna()
    found = [
        np.searchsorted(limits, side.to_numpy(dtype=float)) for side, limits in zip((first, second), sides, strict=True)
    ]
    labels = [f"{'ABC'[min(one, 2)]}{two + 1}" for one, two in zip(*found, strict=True)]
    both: Text = title or {lang: " × ".join(text_in(each, lang) for each in titles) for lang in LANGUAGES}
    return Indicator(
        key=key, title=both, values=None, kind="pairs", pairs=pairs, note=note,
        sides=tuple(zip(titles, sides, strict=True)),
        labels=pd.Series(labels, index=first.index, dtype=object).where(known, "no data"),
    )  # fmt: skip


def _side(values: pd.Series[Any], breaks: Sequence[float] | None, classes: int, name: str) -> list[float]:
    """Return the limits between the classes of one variable."""
    if breaks is None:
        made = classify(values.to_numpy(dtype=float), count=classes)
        if len(made) != classes or made.method == "single":
            raise InputError(
                name,
                f"its values do not divide into {classes} classes",
                f"Give {name}_breaks= with {classes - 1} limits.",
            )
        return list(made.upper[:-1])
    limits = [float(limit) for limit in breaks]
    if len(limits) != classes - 1 or sorted(set(limits)) != limits:
        raise InputError(
            f"{name}_breaks",
            f"{list(breaks)} are not {classes - 1} rising limits",
            "Give one limit between two classes.",
        )
    return limits


def _named(
    label: str, titles: tuple[Text, Text], sides: tuple[list[float], list[float]], places: tuple[int, int], lang: str
) -> str:
    parts = []
    for title, limits, place in zip(titles, sides, places, strict=True):
        parts.append(f"{text_in(title, lang)} {side_label(limits, place, lang)}")
    return f"{label}: {words(lang)['language.semicolon'].join(parts)}"
