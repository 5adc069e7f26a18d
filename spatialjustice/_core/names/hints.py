"""Hints for wrong argument names: a wrong word suggests the right one, and an old word still works.

Every room wraps its public functions in :func:`explained` when they are first asked for (see ``lazy.py`` beside
this file); the functions themselves, their types and what they cost stay as they are. A class gets its hints, methods
included, when a room hands it out, or when a public call first returns an object of it.
"""

from __future__ import annotations

import functools
import inspect
import re
import warnings
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from spatialjustice._core.errors import InputError, OldNameWarning
from spatialjustice._core.names.old_names import OLD_PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spatialjustice._core.names.old_names import Renamed

P = ParamSpec("P")
R = TypeVar("R")

UNEXPECTED = re.compile(r"(\w+)\(\) got an unexpected keyword argument '(\w+)'")
TOO_MANY = re.compile(r"(\w+)\(\) takes .*positional arguments? but")

INSTEAD_OF_PEOPLE = ("weights", "demand")
"""What a function calls its people inside, because they may be households or visits as well."""


PACKAGE = __name__.partition(".")[0]

_SEEN: set[type] = {type(None), bool, int, float, str}
"""Classes that have their hints, or need none."""


def explained(function: Callable[P, R], *, public: str = "") -> Callable[P, R]:
    """Return the function with hints: what it accepts and returns, and its signature and docstring, stay the same.

    - A parameter it does not have, at any depth to which it hands its settings on: the ``TypeError`` names the right
      one.
    - Arguments by position that it takes by name only: the ``TypeError`` names them.
    - A parameter that was renamed (``_core/names/old_names.py``): it works, with an :class:`OldNameWarning`.
    - An error about ``weights`` or ``demand`` where the caller gave ``people``: it speaks of ``people``.

    Parameters
    ----------
    function
        A public function, or a method.
    public
        Its name with its room, for example ``"access.gravity"``, by which old parameters are looked up.

    Examples
    --------
    >>> @explained
    ... def area(*, width):
    ...     return width**2
    >>> area(width=3)
    9
    >>> area(widht=3)
    Traceback (most recent call last):
    TypeError: area() got an unexpected keyword argument 'widht'. Did you mean 'width'?
    """
    renamed = OLD_PARAMETERS.get(public, {})

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if kwargs and renamed and not renamed.keys().isdisjoint(kwargs):
            kwargs = cast("Any", _with_new_names(kwargs, renamed, function.__name__))
        try:
            found = function(*args, **kwargs)
        except TypeError as error:
            here = error.__traceback__ is not None and error.__traceback__.tb_next is None
            text = _explanation(function, kwargs, str(error), here=here)
            if text is None:
                raise
            raise TypeError(text) from None
        except InputError as error:
            # "weights, Lagos" speaks of one of several.
            word = error.name.partition(",")[0]
            if "people" in kwargs and word in INSTEAD_OF_PEOPLE and kwargs.get(word) is None:
                error.say("people", instead_of=word)
            raise
        if type(found) not in _SEEN:
            explain_class(type(found))
        return found

    return call


def without_hints(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of :func:`explained` as it was written; any other as it is.

    Examples
    --------
    >>> def area(*, width):
    ...     return width**2
    >>> without_hints(explained(area)) is area, without_hints(area) is area
    (True, True)
    """
    made_here = getattr(function, "__globals__", None) is globals()
    return cast("Any", getattr(function, "__wrapped__", function)) if made_here else function


def explain_class(made: type) -> None:
    """Give the constructor and the public methods of a class the hints of :func:`explained`.

    In place: the class stays the same one. Classes of other packages stay as they are, and so do exceptions and
    protocols.
    """
    if made in _SEEN:
        return
    _SEEN.add(made)
    if not made.__module__.startswith(f"{PACKAGE}."):
        return
    for parent in made.__bases__:
        explain_class(parent)
    first = vars(made).get("__init__")
    special = issubclass(made, BaseException) or getattr(made, "_is_protocol", False)
    if inspect.isfunction(first) and not hasattr(first, "__wrapped__") and not special:
        made.__init__ = explained(first)  # type: ignore[misc]
    if special:
        return
    for name, method in list(vars(made).items()):
        if name.startswith("_"):
            continue
        inner = method.__func__ if isinstance(method, classmethod | staticmethod) else method
        if inspect.isfunction(inner) and not hasattr(inner, "__wrapped__"):
            call = explained(inner, public=f"{made.__module__.split('.')[1]}.{made.__name__}.{name}")
            setattr(made, name, call if inner is method else type(method)(call))


def _with_new_names(given: Mapping[str, Any], renamed: Mapping[str, Renamed], name: str) -> dict[str, Any]:
    """Return the arguments under the function's own names; for an old name, warn at the line of the caller."""
    found = {}
    for word, value in given.items():
        change = renamed.get(word)
        new = word if change is None else change.new
        if new in found or (new != word and new in given):
            message = f"{name}() got both '{new}' and '{word}', which mean the same. Give '{new}' only."
            raise TypeError(message)
        if change is not None:
            message = f"{name}(): '{word}' is now called '{new}'; the old name goes with version {change.gone_in}."
            warnings.warn(message, OldNameWarning, stacklevel=3)
        found[new] = value
    return found


def _explanation(function: Callable[..., Any], given: Mapping[str, Any], text: str, *, here: bool) -> str | None:
    """Return a message that names the right word, or None where the error is about something else.

    ``here`` tells an error of this very call from one inside the function.
    """
    unexpected = UNEXPECTED.search(text)
    if unexpected and unexpected[2] in given:
        word = unexpected[2]
        name = function.__name__ if function.__name__ != "__init__" else function.__qualname__.partition(".")[0]
        return f"{name}() got an unexpected keyword argument '{word}'. {_advice(function, word)}"
    if TOO_MANY.search(text) and here:
        names = [each.name for each in _parameters(function) if each.kind is inspect.Parameter.KEYWORD_ONLY]
        if names:
            return f"{text}. Give by name: {', '.join(f'{name}=…' for name in names)}"
    return None


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return [each for each in inspect.signature(function).parameters.values() if each.name not in {"self", "cls"}]


def _advice(function: Callable[..., Any], word: str) -> str:
    from spatialjustice._core.names.suggest import nearest_word
    from spatialjustice._core.names.synonyms import SAID_ELSEWHERE, SYNONYMS
    from spatialjustice._core.names.vocabulary import WORDS

    if word in (said := SAID_ELSEWHERE.get(function.__name__, {})):
        return said[word]
    parameters = _parameters(function)
    names = [each.name for each in parameters if each.kind not in {each.VAR_POSITIONAL, each.VAR_KEYWORD}]
    if all(each.kind is not each.VAR_KEYWORD for each in parameters):
        near = nearest_word(word, names, SYNONYMS)
    else:
        # Other settings are handed on to a function that only the caller knows.
        near = nearest_word(word, names, SYNONYMS, alike=0.85) or nearest_word(word, [*names, *WORDS], SYNONYMS)
    if near is not None and near != word:
        return f"Did you mean '{near}'?"
    return f"It takes: {', '.join(names)}." if names else "It takes nothing by name."
