"""Cities side by side: classes by size, measures with ranges, and which component goes with which dimension."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.cities.classes import size_classes
    from spatialjustice.cities.compared.by_class import by_class, city_against_class
    from spatialjustice.cities.compared.differences import city_differences
    from spatialjustice.cities.compared.levels import within_and_between
    from spatialjustice.cities.compared.ranking import ranks
    from spatialjustice.cities.compared.shrinking import shrunken
    from spatialjustice.cities.effects.effects import effects
    from spatialjustice.cities.effects.grades import effect_matrix
    from spatialjustice.cities.effects.sensitivity import e_value, robustness_value
    from spatialjustice.cities.effects.sentences import effect_sentences
    from spatialjustice.cities.frame.profile import city_profile
    from spatialjustice.cities.labels import city_labels
    from spatialjustice.cities.measured.blocks import square_blocks
    from spatialjustice.cities.measured.deciles import city_deciles
    from spatialjustice.cities.measured.side_by_side import side_by_side

_PUBLIC: dict[str, list[str]] = {
    ".classes": ["size_classes"],
    ".compared.by_class": ["by_class", "city_against_class"],
    ".compared.differences": ["city_differences"],
    ".compared.levels": ["within_and_between"],
    ".compared.ranking": ["ranks"],
    ".compared.shrinking": ["shrunken"],
    ".effects.effects": ["effects"],
    ".effects.grades": ["effect_matrix"],
    ".effects.sensitivity": ["e_value", "robustness_value"],
    ".effects.sentences": ["effect_sentences"],
    ".frame.profile": ["city_profile"],
    ".labels": ["city_labels"],
    ".measured.blocks": ["square_blocks"],
    ".measured.deciles": ["city_deciles"],
    ".measured.side_by_side": ["side_by_side"],
}

__all__ = [
    "by_class",
    "city_against_class",
    "city_deciles",
    "city_differences",
    "city_labels",
    "city_profile",
    "e_value",
    "effect_matrix",
    "effect_sentences",
    "effects",
    "ranks",
    "robustness_value",
    "shrunken",
    "side_by_side",
    "size_classes",
    "square_blocks",
    "within_and_between",
]

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
