"""The services catalogue: what a service's name means in OpenStreetMap tags."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import InputError, MissingFileError
from spatialjustice._core.names.suggest import nearest_word
from spatialjustice._core.names.synonyms import SERVICES
from spatialjustice._core.provenance import require_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_KEYS = {"en", "fa", "any", "not", "all_of", "enter", "least", "platforms_within", "doubtful"}
_CLOSED = {"private", "no"}
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


@dataclass(frozen=True, slots=True)
class ClassDoubt:
    """What speaks against a place's class.

    Parameters
    ----------
    names
        Words of its name that belong to another class.
    but
        Words of its name that settle the matter for the class.
    tags
        Alternatives of further tags that belong to another class.
    """

    names: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    tags: tuple[dict[str, frozenset[str] | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """One entry of the catalogue.

    Parameters
    ----------
    name
        Its key, for example ``library``.
    title
        What it is called, by language.
    conditions
        Alternatives of tags, of which one must hold; each maps keys to the values allowed, None for any but ``no``.
    exclusions
        Alternatives of tags that rule a place out.
    least
        Smallest area in square metres.
    platforms_within
        Metres within which a platform and a stop are one; 0 where that does not apply.
    members
        The services whose union a group is; empty for a service of its own.
    doubt
        What speaks against a place of the service being one.
    """

    name: str
    title: dict[str, str]
    conditions: tuple[dict[str, frozenset[str] | None], ...]
    exclusions: tuple[dict[str, frozenset[str] | None], ...] = ()
    least: float = 0.0
    platforms_within: float = 0.0
    members: tuple[Service, ...] = ()
    doubt: ClassDoubt = ClassDoubt()

    def fits(self, tags: Mapping[str, str]) -> bool:
        """Whether a place with these tags offers the service to the public."""
        if self.members:
            return any(member.fits(tags) for member in self.members)
        return (
            tags.get("access") not in _CLOSED
            and any(_condition_holds(condition, tags) for condition in self.conditions)
            and not any(_condition_holds(condition, tags) for condition in self.exclusions)
        )

    @staticmethod
    def holds(condition: Mapping[str, frozenset[str] | None], tags: Mapping[str, str]) -> bool:
        """Whether tags meet a condition."""
        return _condition_holds(condition, tags)

    @property
    def keys(self) -> frozenset[str]:
        """Tag keys of which a place must have at least one."""
        return frozenset(next(iter(condition)) for condition in self.conditions)


def _condition_holds(condition: Mapping[str, frozenset[str] | None], tags: Mapping[str, str]) -> bool:
    for key, allowed in condition.items():
        given = tags.get(key)
        # Asked of every place for every service: most places have no such key, and most tags one value.
        if given is None:
            return False
        # Several values in one tag are separated by semicolons.
        values = {value.strip() for value in given.split(";")} if ";" in given else {given.strip()}
        if not (values - {"no", ""} if allowed is None else values & allowed):
            return False
    return True


class Catalogue:
    """Named services; groups are the union of theirs.

    Examples
    --------
    >>> read_catalogue().service("library").fits({"amenity": "library"})
    True
    >>> "pharmacy" in read_catalogue().names
    True
    """

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._services = dict(services)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all services and groups."""
        return tuple(self._services)

    def service(self, name: str) -> Service:
        """Return a service by its name.

        Raises
        ------
        InputError
            For an unknown name, with the nearest known one.
        """
        try:
            return self._services[name]
        except KeyError:
            near = nearest_word(name, self.names, SERVICES, alike=0.5)
            hint = f"Did you mean “{near}”? " if near else ""
            raise InputError(
                "services", f"“{name}” is not in the catalogue", f"{hint}Known are: {', '.join(sorted(self.names))}."
            ) from None

    def title(self, name: str) -> dict[str, str]:
        """Return what a service is called, by language."""
        return dict(self.service(name).title)


def read_catalogue(path: str | Path | None = None) -> Catalogue:
    """Return the services catalogue, with a user's own file laid over it where one is given.

    Parameters
    ----------
    path
        A YAML file in the form of ``sources/osm/places/services.yml``. Its entries are added, or replace those of the
        same name.

    Raises
    ------
    MissingFileError, InputError
        When the file is missing, or an entry in it cannot be understood.

    Examples
    --------
    >>> read_catalogue().title("library")["en"]
    'Library'
    """
    entries = dict(_shipped())
    if path is not None:
        path = Path(path)
        require_regular(path, "catalogue")
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise MissingFileError("catalogue", f"there is no file {path}", "Check the name and the folder.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(str(path), f"it cannot be read ({error})", "It must be a text file in UTF-8.") from None
        entries |= _entries(text, path.name)
    return _catalogue_of(entries, "services.yml" if path is None else str(path))


@cache
def _shipped() -> dict[str, Any]:
    text = (resources.files("spatialjustice.sources.osm.places") / "services.yml").read_text(encoding="utf-8")
    return _entries(text, "services.yml")


def _entries(text: str, file: str) -> dict[str, Any]:
    from spatialjustice._core.disk.plain_yaml import NotPlainError, plain_yaml

    try:
        content = plain_yaml(text)
    except NotPlainError as error:
        raise InputError(file, f"this is not valid YAML: {error}", "Mend that line.") from None
    if not isinstance(content, dict) or not all(isinstance(entry, dict) for entry in content.values()):
        raise InputError(file, "it holds no entries", "Write one per service: name: {en: …, any: [{key: value}]}.")
    return content


def _catalogue_of(entries: dict[Any, Any], file: str) -> Catalogue:
    made: dict[str, Service] = {}
    for name, entry in entries.items():
        where = f"{file}: {name}"
        if not isinstance(name, str) or not _NAME.match(name):
            raise InputError(where, "this is no name for a service", "Use small letters, digits and _, a letter first.")
        unknown = sorted(set(map(str, entry)) - _KEYS)
        if unknown:
            near = difflib.get_close_matches(unknown[0], sorted(_KEYS), n=1)
            hint = f"Did you mean “{near[0]}”?" if near else f"Known are {', '.join(sorted(_KEYS))}."
            raise InputError(where, f"unknown key {', '.join(unknown)}", hint)
        title = {"en": str(entry.get("en") or name.replace("_", " ").capitalize())}
        title |= {"fa": str(entry["fa"])} if entry.get("fa") else {}
        if "all_of" in entry:
            made[name] = _group(name, title, entry["all_of"], made, where)
            continue
        made[name] = Service(
            name,
            title,
            _conditions(entry.get("any"), where, needed=True),
            _conditions(entry.get("not"), where),
            _metres(entry, "least", where),
            _metres(entry, "platforms_within", where),
            doubt=_doubt_of_entry(entry.get("doubtful"), where),
        )
    return Catalogue(made)


def _group(name: str, title: dict[str, str], parts: Any, made: Mapping[str, Service], where: str) -> Service:
    if not isinstance(parts, list) or not parts or any(not isinstance(part, str) or part not in made for part in parts):
        raise InputError(where, "all_of does not list services named above it", "Write all_of: [hospital, clinic].")
    members = tuple(made[part] for part in parts)
    return Service(name, title, tuple(condition for part in members for condition in part.conditions), members=members)


def _doubt_of_entry(given: Any, where: str) -> ClassDoubt:
    if given is None:
        return ClassDoubt()
    if not isinstance(given, dict) or set(given) - {"names", "but", "tags"}:
        raise InputError(
            where, "doubtful has other keys than names, but and tags", "Write doubtful: {names: [clinic]}."
        )
    texts = {key: given.get(key, []) for key in ("names", "but")}
    if not all(isinstance(part, list) and all(isinstance(one, str) for one in part) for part in texts.values()):
        raise InputError(where, "names or but of doubtful is no list of words", "Write names: [clinic, health post].")
    return ClassDoubt(tuple(texts["names"]), tuple(texts["but"]), _conditions(given.get("tags"), f"{where}: doubtful"))


def _metres(entry: Mapping[str, Any], key: str, where: str) -> float:
    value = entry.get(key, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise InputError(where, f"{key} is {value!r}", "Give a number, 0 or more.")
    return float(value)


def _conditions(given: Any, where: str, *, needed: bool = False) -> tuple[dict[str, frozenset[str] | None], ...]:
    if given is None and not needed:
        return ()
    if not isinstance(given, list) or not given or not all(isinstance(item, dict) and item for item in given):
        raise InputError(where, "it has no conditions", "Write any: [{amenity: library}], a list of tags.")
    return tuple({str(key): _values(value, where) for key, value in item.items()} for item in given)


def _values(value: Any, where: str) -> frozenset[str] | None:
    if value == "*":
        return None
    values: Iterable[Any] = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in values):
        raise InputError(where, f"{value!r} is no text", 'YAML reads yes and no as true and false: write "yes".')
    return frozenset(values)
