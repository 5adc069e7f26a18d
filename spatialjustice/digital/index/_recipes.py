"""Published rules of indices: social vulnerability ranks of the CDC, Digital Divide Index of Purdue University."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice.digital.index import _scaling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spatialjustice.digital.index._scaling import Direction, Indicators
    from spatialjustice.inequality._inputs import Floats

DIGITS = 4  # published ranks are rounded to so many decimals, and sums are of the rounded ones

INFRASTRUCTURE = {"no_broadband": 0.3, "no_internet": 0.3, "no_device": 0.3, "download": -0.05, "upload": -0.05}
WITHOUT_COVERAGE = {"no_internet": 0.35, "no_device": 0.35, "download": -0.15, "upload": -0.15}
"""Weights of the editions that leave out where broadband is offered (2022)."""

SOCIOECONOMIC = {
    "aged_65_and_over": 1.0,
    "poverty": 1.0,
    "less_than_high_school": 1.0,
    "disability": 1.0,
    "internet_income_ratio": 1.0,
}
MAY_BE_MISSING = {"no_broadband", "internet_income_ratio"}
"""Parts that some editions have and others do not."""


class MadeIndex(NamedTuple):
    """An index, the parts that add up to it (or to what is ranked), columns beside it, and facts to record.

    All are of the zones with an index; ``known`` are columns of all zones, for those that a rule ranks without them.
    """

    value: Floats
    parts: Floats
    beside: dict[str, Floats]
    facts: dict[str, Any]
    known: dict[str, Floats] = {}  # noqa: RUF012 (nobody writes into it)


@dataclass(frozen=True, slots=True)
class Rule:
    """Which columns a rule takes, their directions where it knows them, and how the index is made of them."""

    columns: list[str]
    direction: dict[str, Direction] | None
    make: Callable[[Indicators], MadeIndex]


def themes_of(themes: Mapping[str, str | Sequence[str]]) -> Rule:
    """Return the ranking rule of the social vulnerability index for themes of indicators.

    Raises
    ------
    InputError
        When there are no themes, or one is empty.
    """
    columns = {theme: [names] if isinstance(names, str) else list(names) for theme, names in themes.items()}
    empty = [theme for theme, names in columns.items() if not names]
    if not columns or empty:
        raise InputError("indicators", f"the theme {empty[0] if empty else ''} is empty", "Name its columns.")

    def make(data: Indicators) -> MadeIndex:
        # Every variable, theme and the whole is ranked among the zones that have it, whatever else they lack.
        lower = np.array([data.directions[name] == "lower is worse" for name in data.names])
        ranks = _scaling.inclusive_ranks(data.amounts * np.where(lower, -1.0, 1.0), turned=lower, digits=DIGITS)
        # What is the same everywhere adds nothing, turned or not.
        ranks[:, ~_scaling.varying_columns(data.amounts)] *= 0.0
        known = {f"contribution: {name}": column for name, column in zip(data.names, ranks.T, strict=True)}
        total = np.zeros(len(ranks))
        for theme, names in columns.items():
            of_theme = [place for place, name in enumerate(data.names) if name in names]
            together = _scaling.exact_sums(ranks[:, of_theme].sum(axis=1), DIGITS)
            total += together
            known[f"theme: {theme}"] = _inclusive_rank(together)
        total = _scaling.exact_sums(total, DIGITS)
        shown = data.takes_part
        facts = {"themes": columns, "digits": DIGITS}
        return MadeIndex(_inclusive_rank(total)[shown], ranks[shown][:, data.told], {"sum": total[shown]}, facts, known)

    return Rule([name for names in columns.values() for name in names], None, make)


def _inclusive_rank(sums: Floats) -> Floats:
    found: Floats = _scaling.inclusive_ranks(sums[:, None], digits=DIGITS)[:, 0]
    return found


def purdue_parts(parts: Mapping[str, str | Sequence[str]], direction: Any) -> Rule:
    """Return the rule of the Digital Divide Index for columns that are given by the part they play.

    Raises
    ------
    InputError
        When a part is missing or unknown, or directions are given, which the rule knows itself.
    """
    weights = {**INFRASTRUCTURE, **SOCIOECONOMIC}
    strangers = [part for part in parts if part not in weights]
    untold = [part for part in weights if part not in parts and part not in MAY_BE_MISSING]
    if strangers or untold:
        found = f"{strangers[0]} is no part of the index" if strangers else f"nothing is said of {', '.join(untold)}"
        raise InputError("indicators", found, f"Name a column for each of {', '.join(weights)}.")
    if direction is not None:
        raise InputError("direction", "the rule of purdue_ddi knows it", "Leave it out.")
    wrong = [part for part, name in parts.items() if not isinstance(name, str)]
    if wrong:
        raise InputError("indicators", f"{wrong[0]} has several columns", "Name one column for each part.")
    columns = {part: str(parts[part]) for part in weights if part in parts}
    weights = {**(INFRASTRUCTURE if "no_broadband" in parts else WITHOUT_COVERAGE), **SOCIOECONOMIC}

    def make(data: Indicators) -> MadeIndex:
        scaled = _scaling.z_scores(data.shown)
        kept = [name for name, told in zip(data.names, data.told, strict=True) if told]
        playing = {name: part for part, name in columns.items()}
        # Indicators are turned already: higher is worse in all of them, and weights are amounts.
        weighed = scaled * np.array([abs(weights[playing[name]]) for name in kept])
        of_infrastructure = np.array([playing[name] in INFRASTRUCTURE for name in kept])
        beside, parts_ = {}, np.zeros_like(weighed)
        for name, of_theme in (("infrastructure", of_infrastructure), ("socioeconomic", ~of_infrastructure)):
            score = weighed[:, of_theme].sum(axis=1)
            reach = score.max() - score.min()
            beside[f"theme: {name}"] = _to_hundred(score)
            if reach > 0:
                parts_[:, of_theme] = 100 * weighed[:, of_theme] / reach
        # Both scores reach from 0 to 100 before they are added up, so that each counts as much as the other.
        total = sum(beside.values(), np.zeros(len(weighed)))
        best, reach = int(np.argmin(total)), total.max() - total.min()
        # Each part is told against the zone where the divide is smallest, so that the parts add up to the index.
        parts_ = 100 * (parts_ - parts_[best]) / reach if reach > 0 else np.zeros_like(parts_)
        return MadeIndex(_to_hundred(total), parts_, beside, {"weights": {part: weights[part] for part in columns}})

    directions: dict[str, Direction] = {
        name: "higher is worse" if weights[part] > 0 else "lower is worse" for part, name in columns.items()
    }
    return Rule(list(columns.values()), directions, make)


def _to_hundred(found: Floats) -> Floats:
    reach = found.max() - found.min()
    return np.asarray(100 * (found - found.min()) / reach) if reach > 0 else np.zeros(len(found))
