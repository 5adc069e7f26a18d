"""Cities side by side: classes by size, measures with ranges, and which component goes with which dimension."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.cities.effects.effects import effects
    from spatialjustice.cities.effects.grades import effect_matrix
    from spatialjustice.cities.effects.sensitivity import e_value, robustness_value
    from spatialjustice.cities.effects.sentences import effect_sentences
    from spatialjustice.cities.frame.profile import city_profile

_PUBLIC: dict[str, list[str]] = {
    ".effects.effects": ["effects"],
    ".effects.grades": ["effect_matrix"],
    ".effects.sensitivity": ["e_value", "robustness_value"],
    ".effects.sentences": ["effect_sentences"],
    ".frame.profile": ["city_profile"],
}

__all__ = [
    "city_profile",
    "e_value",
    "effect_matrix",
    "effect_sentences",
    "effects",
    "robustness_value",
]

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
