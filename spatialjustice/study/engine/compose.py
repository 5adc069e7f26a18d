"""The model of a whole study file, put together from the keys of its sections."""

from __future__ import annotations

from inspect import get_annotations
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import create_model, model_validator

from spatialjustice.study.engine.section import StudySettings, faults_of
from spatialjustice.study.engine.setting_types import KeyOrder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic.fields import FieldInfo

    from spatialjustice.study.engine.section import Section

Model = TypeVar("Model", bound=StudySettings)

AMONG_THE_OTHERS = 500
"""Where a key stands that does not say where: after those of the first sections, before what all of them share."""


class Consistent(StudySettings):
    """Settings that are refused where sections find that they do not go together."""

    @model_validator(mode="after")
    def _consistent(self) -> Consistent:
        for fault in faults_of(self):
            raise ValueError(fault)
        return self


def compose(base: type[Model], sections: Sequence[Section]) -> type[Model]:
    """Return the model of study files: ``base`` with the keys of all sections, in the order that these ask for.

    ``base`` is a subclass of :class:`StudySettings` that no section builds on.

    Raises
    ------
    TypeError
        When two sections have a key of the same name.
    """
    models = list(dict.fromkeys(section.keys.model for section in sections))
    _refuse_shared_keys(models)
    # A model comes before those it builds on, as Python wants it.
    bases = [one for one in models if not any(other is not one and issubclass(other, one) for other in models)]
    made: Any = create_model("Study", __base__=(base, Consistent, *bases), __doc__=base.__doc__, __module__=__name__)
    made.sections = tuple(sections)
    made.__pydantic_fields__ = dict(sorted(made.model_fields.items(), key=lambda item: _place(item[1])))
    made.model_rebuild(force=True)
    composed: type[Model] = made
    return composed


def _refuse_shared_keys(models: Sequence[type[StudySettings]]) -> None:
    """See that every key is that of one model only, which others may inherit."""
    owners: dict[str, type] = {}
    for model in models:
        for parent in model.__mro__:
            if not issubclass(parent, StudySettings):
                continue
            for key in get_annotations(parent):
                if key in parent.model_fields and key not in StudySettings.model_fields:
                    other = owners.setdefault(key, parent)
                    if other is not parent:
                        message = f"the key “{key}” belongs to {other.__name__} and {parent.__name__}"
                        raise TypeError(message)


def _place(key: FieldInfo) -> int:
    """Return where a key stands among the others."""
    return next((one.place for one in key.metadata if isinstance(one, KeyOrder)), AMONG_THE_OTHERS)


def schema_of(model: type[StudySettings]) -> dict[str, Any]:
    """Return the JSON schema of study files, for editors that complete and check YAML."""
    made = model.model_json_schema(mode="validation")
    made["title"] = "spatialjustice study"
    for section in model.sections:
        section.keys.mend_schema(made)
    return made
