"""Errors that name the input, the rows, what was found and what to do next.

Every error is a ``SpatialJusticeError`` and, where the fault lies in the data or the settings, a ``ValueError`` too,
so that both families can be caught.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 5


def listed(rows: Iterable[Any], *, shown: int = SHOWN) -> str:
    """Name the first few rows and say how many more there are.

    Examples
    --------
    >>> listed([17, 204, 205])
    '17, 204, 205'
    >>> listed(range(7))
    '0, 1, 2, 3, 4 and 2 more'
    """
    rows = [row.item() if hasattr(row, "item") else row for row in rows]
    text = ", ".join(str(row) for row in rows[:shown])
    return text if len(rows) <= shown else f"{text} and {len(rows) - shown:,} more"


def a_kind(given: Any) -> str:
    """Name what kind of thing was given, with its article.

    Examples
    --------
    >>> a_kind(3), a_kind([3]), a_kind(None)
    ('an int', 'a list', 'None')
    """
    name = type(given).__name__
    if given is None:
        return "None"
    return f"{'an' if name[0] in 'AEIOaeio' or name == 'ndarray' else 'a'} {name}"


class SpatialJusticeWarning(UserWarning):
    """What this package warns of: above all findings that may make a result mislead; each is said once.

    Silence them with ``warnings.filterwarnings("ignore", category=sj.SpatialJusticeWarning)``; :func:`findings` still
    lists them, and so does every output of a study.
    """


class SpatialJusticeError(Exception):
    """Base of all errors this package raises on purpose."""


class InputError(SpatialJusticeError, ValueError):
    """An input cannot be used.

    Parameters
    ----------
    name
        The input at fault, as the user called it (an argument or a file).
    found
        What was found there: a sentence without a full stop.
    advice
        What to do about it: one or two whole sentences.
    rows
        Ids or positions of the offending rows; kept whole on the error as ``.rows``.

    Examples
    --------
    >>> print(InputError("zones", "3 ids occur more than once", "Give every zone its own id.", rows=[17, 204, 205]))
    zones: 3 ids occur more than once (17, 204, 205). Give every zone its own id.
    """

    def __init__(self, name: str, found: str, advice: str, *, rows: Iterable[Any] = ()) -> None:
        self.name = name
        self.found = found
        self.advice = advice
        self.rows = tuple(rows)
        super().__init__(self._text())

    def _text(self) -> str:
        where = f" ({listed(self.rows)})" if self.rows else ""
        # A list of faults ends with its own line break; a sentence gets its full stop here.
        stop = "" if self.found.endswith("\n") else ". "
        return f"{self.name}: {self.found}{where}{stop}{self.advice}"

    def say(self, word: str, instead_of: str) -> None:
        """Speak of the input by the word that the caller used for it.

        Examples
        --------
        >>> error = InputError("weights", "3 ids are not in both values and weights", "Give the weights the same ids.")
        >>> error.say("people", instead_of="weights")
        >>> print(error)
        people: 3 ids are not in both values and people. Give the people the same ids.
        """
        old = re.compile(rf"(?<!\w){re.escape(instead_of)}(?!\w)")
        self.name, self.found, self.advice = (old.sub(word, text) for text in (self.name, self.found, self.advice))
        self.args = (self._text(),)


class MissingFileError(InputError):
    """A file the study names is not there."""


class MissingPackageError(InputError):
    """A package that only some verbs need is not installed.

    Parameters
    ----------
    name
        The verb or the argument that needs it.
    package
        What the package is called where packages are installed from.
    command
        What installs it.
    """

    def __init__(self, name: str, package: str, command: str) -> None:
        self.package, self.command = package, command
        super().__init__(name, f"the package {package} is not installed", f"Install it with: {command}")


class DamagedFileError(InputError):
    """A file cannot be read to its end, or is not what its checksum promises."""


class MissingCRSError(InputError):
    """A layer does not say which coordinate reference system it is in."""


class WrongPlaceError(InputError):
    """Coordinates cannot belong to the place (wrong CRS, swapped axes, another city)."""


class GeometryError(InputError):
    """Geometry is null, empty, invalid, or of the wrong kind."""


class DuplicateIdError(InputError):
    """Two rows share one id."""


class PopulationError(InputError):
    """Population is negative, missing, or zero everywhere."""


class ConservationError(InputError):
    """People, services or area were lost or made on the way."""


class EmptyNetworkError(InputError):
    """No street of the chosen mode lies in the place."""


class TooLargeError(InputError):
    """The answer would not fit into the memory that is free."""


class StudyError(InputError):
    """A study file has a setting that cannot be used."""


class OutputError(SpatialJusticeError, OSError):
    """The results cannot be written."""


class OldNameWarning(SpatialJusticeWarning, DeprecationWarning):
    """A public name has changed; the old one works until the release that the warning names."""
