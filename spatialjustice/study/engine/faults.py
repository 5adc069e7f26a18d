"""What is wrong with a study file, in sentences: where, what was found, and which key was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, Tag

from spatialjustice._core.names.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import ValidationError

    from spatialjustice.study.engine.section import StudySettings


def sentences(error: ValidationError, model: type[StudySettings]) -> list[str]:
    """Return what is wrong, a sentence for each setting at fault."""
    instead = {key: text for section in model.sections for key, text in section.keys.instead.items()}
    return list(dict.fromkeys(_explained(fault, model, instead) for fault in _first_causes(error)))


def _first_causes(error: ValidationError) -> list[Any]:
    """Leave out “too few items” where an item at fault is the reason for it."""
    faults: list[Any] = list(error.errors())
    deeper = {tuple(fault["loc"][:-1]) for fault in faults}
    return [fault for fault in faults if fault["type"] != "too_short" or tuple(fault["loc"]) not in deeper]


def _explained(fault: Any, model: type[BaseModel], instead: dict[str, str]) -> str:
    location = tuple(fault["loc"])
    written, known = _followed(location, model)
    where = ".".join(str(step) for step in written)
    if fault["type"] == "extra_forbidden":
        if where in instead:
            return f"{where}: {instead[where].format(given=fault.get('input'))}"
        hint = did_you_mean(location[-1], known, f"known here: {', '.join(known)}")
        return f"{where}: unknown key; {hint}"
    if fault["type"] == "missing":
        return f"{where}: this setting is missing"
    message = str(fault["msg"]).removeprefix("Value error, ")
    given = fault.get("input")
    shown = f" (found {given!r})" if isinstance(given, str | int | float) and "“" not in message else ""
    return f"{where or 'study'}: {message}{shown}"


def _followed(location: tuple[Any, ...], model: type[BaseModel]) -> tuple[list[Any], list[str]]:
    """Follow a fault's location through the models: the steps that somebody wrote, and the keys known at its end.

    Between these steps pydantic names alternatives of a setting, such as the kind of zones; nobody writes them.
    """
    here: list[Any] = [model]
    written: list[Any] = []
    for step in location[:-1]:
        fields = [field for one in here for field in _fields(one, step)]
        alternatives = [part for one in here for part in _tagged(one, step)]
        if fields:
            here = [part for annotation in fields for part in _parts(annotation)]
        elif alternatives:
            here = alternatives
            continue
        else:
            # An item of a list or of a mapping.
            here = [part for one in here for part in _items(one)] or here
        written.append(step)
    # The last step is the key itself, and may share its name with an alternative (population.raster).
    known = [key for one in here if _is_model(one) for key in one.model_fields]
    return [*written, *location[-1:]], list(dict.fromkeys(known))


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _fields(annotation: Any, step: Any) -> Iterator[Any]:
    """Yield the annotation of a model's field, with what goes with it."""
    if _is_model(annotation) and step in annotation.model_fields:
        field = annotation.model_fields[step]
        yield Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def _parts(annotation: Any) -> Iterator[Any]:
    """Yield a setting's alternatives: of a union each, without what is said of them besides their tags."""
    if get_origin(annotation) is Annotated:
        inner, *said = get_args(annotation)
        tag = next((one for one in said if isinstance(one, Tag)), None)
        if tag is not None:
            yield annotation
            return
        yield from _parts(inner)
    elif type(None) in get_args(annotation) or _is_union(annotation):
        for one in get_args(annotation):
            yield from _parts(one)
    else:
        yield annotation


def _is_union(annotation: Any) -> bool:
    import types
    import typing

    return get_origin(annotation) in {typing.Union, types.UnionType}


def _tagged(annotation: Any, step: Any) -> Iterator[Any]:
    """Yield the alternative that a step of a location names: by its tag, or by the value that tells it from others."""
    if get_origin(annotation) is Annotated:
        inner, *said = get_args(annotation)
        if any(isinstance(one, Tag) and one.tag == step for one in said):
            yield from _parts(inner)
    elif _is_model(annotation):
        kinds = [one.annotation for one in annotation.model_fields.values() if get_origin(one.annotation) is Literal]
        if any(get_args(kind) == (step,) for kind in kinds):
            yield annotation


def _items(annotation: Any) -> Iterator[Any]:
    """Yield what a list or a mapping holds."""
    if get_origin(annotation) is Annotated:
        yield from _items(get_args(annotation)[0])
    elif get_origin(annotation) in {tuple, list}:
        yield from _parts(get_args(annotation)[0])
    elif get_origin(annotation) is dict:
        yield from _parts(get_args(annotation)[1])
