"""What goes with what, a sentence for each pair, in every language; never what makes what."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice.catalogue import number, words
from spatialjustice.cities.effects._variables import Variable
from spatialjustice.cities.effects.grades import require_effects

if TYPE_CHECKING:
    from collections.abc import Mapping


_COMPARED = {"multilevel": "effects.within", "multilevel, between regions": "effects.between"}


def effect_sentences(effects: pd.DataFrame, *, lang: str = "en") -> pd.Series[Any]:
    """Say what every pair goes with, one sentence each.

    Definition: the rows of :func:`effects` in words; nothing is computed.

    Parameters
    ----------
    effects
        Of :func:`effects`.
    lang
        Language: ``"en"`` or ``"fa"``.

    Returns
    -------
    Series
        One text for each pair, on the index of the effects.

    Raises
    ------
    InputError
        When the frame does not come from :func:`effects`, or the language is not known.

    References
    ----------
    As of :func:`effects`.

    Examples
    --------
    >>> zones = pd.DataFrame({"online": [0.1 * (at % 9) for at in range(60)]})
    >>> zones["walk"] = 30 - 20 * zones["online"] + [at % 5 for at in range(60)]
    >>> from spatialjustice.cities import effects
    >>> found = effects(zones, {"online": {"component": "people", "unit": "share"}}, {"walk": "social"}, rng=1)
    >>> effect_sentences(found).iloc[0][:45]
    '10 percentage points more in “online” goes wi'
    """
    require_effects(effects, "effects")
    called = {name: Variable(**said) for name, said in effects.attrs["called"].items()}
    level = effects.attrs["level"]
    said = [
        sentence(key, row, called, level, lang)
        for key, row in zip(effects.index, effects.to_dict(orient="records"), strict=True)
    ]
    made = pd.Series(said, index=effects.index, name="sentence", dtype=object)
    made.attrs.update({"measure": "effect_sentences", "unit": "label", "direction": "none", "lang": lang})
    return made


def sentence(pair: Any, row: Mapping[Any, Any], called: Mapping[str, Variable], level: float, lang: str) -> str:
    """Say in one sentence what a pair, its indicator and its outcome, goes with."""
    said = words(lang)
    indicator, outcome = (called[str(name)] for name in pair)
    named = {"indicator": indicator.title(lang), "outcome": outcome.title(lang)}
    if row["status"] != "estimated":
        return said["effects.sentence.nothing"].format(**named)
    low, high, effect = (float(row[name]) for name in ("low", "high", "effect"))
    held = said["language.comma"].join(held_titles(row["controls"], called, lang))
    named |= {
        "step": amount(float(row["step"]), indicator.unit, lang),
        "level": number(level, lang, digits=0, percent=True),
        "held": (said["effects.held"].format(controls=held) if held else "")
        + said.get(_COMPARED.get(row["model"], ""), ""),
    }
    if float(row["q_value"]) > 1 - level:
        ends = [_signed(end, outcome.unit, lang) for end in (low, high)]
        key = "effects.sentence.unclear" if low <= 0 <= high else "effects.sentence.chance"
        return said[key].format(low=ends[0], high=ends[1], **named)
    near, far = sorted([abs(low), abs(high)])
    ends = [amount(end, outcome.unit, lang, bare=True) for end in (near, far)]
    return said["effects.sentence"].format(
        effect=amount(abs(effect), outcome.unit, lang),
        way=said["effects.more" if effect > 0 else "effects.less"],
        low=ends[0],
        high=ends[1],
        **named,
    )


def held_titles(controls: str, called: Mapping[str, Variable], lang: str) -> list[str]:
    """Return what is held equal, by its titles."""
    names = [name for name in controls.split(", ") if name]
    return [called[name].title(lang) if name in called else name.replace("_", " ") for name in names]


def amount(value: float, unit: str, lang: str, *, bare: bool = False) -> str:
    """Write an amount with two digits that count and its unit; shares in percentage points.

    Examples
    --------
    >>> amount(0.0234, "share", "en"), amount(1234.5, "metres", "en"), amount(3.0, "minutes", "en")
    ('2.3 percentage points', '1,234 metres', '3 minutes')
    """
    said = words(lang)
    points = unit in {"share", "percent"}
    text = counting_digits(value * (100 if unit == "share" else 1), lang)
    if bare:
        return text
    one = said.get(f"unit.{unit}.one", unit) if text == number(1, lang) else unit
    name = said["effects.points"] if points else said.get(f"unit.{unit}", unit) if one == unit else one
    return f"{text} {name}".strip() if unit not in {"", "index", "ratio", "label"} else text


def counting_digits(value: float, lang: str) -> str:
    """Write a number with two digits that count, whole numbers in full.

    Examples
    --------
    >>> counting_digits(0.01234, "en"), counting_digits(12.34, "en"), counting_digits(0.0, "en")
    ('0.012', '12', '0')
    """
    size = abs(value)
    decimals = 0 if not math.isfinite(value) or size == 0 else max(0, 1 - math.floor(math.log10(size)))
    text = number(value, lang, digits=min(decimals, 6))
    zero, point = words(lang)["language.digits"][0], words(lang)["language.decimal"]
    return text.rstrip(zero).rstrip(point) if point in text else text


def _signed(value: float, unit: str, lang: str) -> str:
    return f"{amount(abs(value), unit, lang)} {words(lang)['effects.more' if value > 0 else 'effects.less']}"
