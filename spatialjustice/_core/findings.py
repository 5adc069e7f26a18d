"""Findings: named things that the reader of a result must know, carried from the input to every output."""

from __future__ import annotations

import logging
import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from spatialjustice._core.carried import Carried
from spatialjustice._core.errors import InputError, SpatialJusticeWarning
from spatialjustice._core.screen import notebook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

_LOG = logging.getLogger("spatialjustice")
_LOG.addHandler(logging.NullHandler())

Severity = Literal["information", "warning"]
Frame = TypeVar("Frame", bound="pd.DataFrame | pd.Series[Any]")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in an input or a result that does not stop the work but must not be hidden.

    Parameters
    ----------
    code
        Stable name in snake_case, for example ``streets_set_aside``.
    severity
        ``information`` (a rule was applied) or ``warning`` (the result may mislead without it).
    message
        One plain sentence with the numbers in it.
    count
        How many rows, places or pieces it concerns.
    people
        How many people it concerns; None where that is not known.
    advice
        What the user can do about it.
    values
        What the sentence is made of, by the name of its gap in the catalogue (``finding.CODE.told``), so that it can be
        said in other languages: numbers, texts, or one text per language.
    rows
        Ids of the rows that it concerns, the first of them.
    """

    code: str
    severity: Severity
    message: str
    count: int = 0
    people: float | None = None
    advice: str = ""
    values: Mapping[str, Any] = field(default_factory=dict, compare=False)
    rows: Sequence[Any] = field(default=(), compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as plain data for JSON; without values and rows where it has none."""
        made: dict[str, Any] = {name: getattr(self, name) for name in PLAIN}
        made |= {"values": dict(self.values)} if self.values else {}
        return made | ({"rows": list(self.rows)} if len(self.rows) else {})


PLAIN = ("code", "severity", "message", "count", "people", "advice")
"""What every finding has."""
NAMED = 5
"""How many rows a finding names, as errors do."""


def first_ids(ids: pd.Index[Any], concerned: Any = None) -> list[Any]:
    """Return the first ids of those that a finding concerns, as plain data.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> first_ids(pd.Index([7, 8, 9]), np.array([True, False, True]))
    [7, 9]
    """
    chosen = ids if concerned is None else ids[concerned]
    return [one.item() if hasattr(one, "item") else one for one in chosen[:NAMED]]


def add_findings(frame: Frame, *findings: Finding) -> Frame:
    """Attach findings to a frame or Series (``attrs["findings"]``), say them with :func:`announce`, and return it."""
    earlier = frame.attrs.get("findings", [])
    frame.attrs["findings"] = Carried([*earlier, *(finding.as_dict() for finding in findings)])
    announce(*findings)
    return frame


_SAID: set[str] = set()
"""Which warnings were said. Python forgets that whenever any library changes the filters, even for a moment."""
_LOGGED: set[Finding] = set()
_ONCE = frozenset({"default", "module", "once"})
"""Actions of Python's filters that say a warning no more than once."""


def announce(*findings: Finding) -> None:
    """Say findings where programs and notebooks listen, each once: as Python warnings, and to the logger.

    The logger is ``spatialjustice``; a record has the finding's ``code``, ``count`` and ``people``.
    """
    for finding in findings:
        if finding not in _LOGGED:
            _LOGGED.add(finding)
            level = logging.WARNING if finding.severity == "warning" else logging.INFO
            about = {"code": finding.code, "count": finding.count, "people": finding.people}
            _LOG.log(level, "%s: %s", finding.code, finding.message, extra=about)
        if finding.severity == "warning":
            _warn(f"{finding.code}: {finding.message} {finding.advice}".strip())
    if findings:
        notebook.show_findings()


def _warn(text: str) -> None:
    """Warn, once in a process where Python's filters want a warning once; they may also silence it or raise it."""
    once = _filtered(text) in _ONCE
    if once and text in _SAID:
        return
    warnings.warn_explicit(text, SpatialJusticeWarning, "spatialjustice", 1, registry={})
    if once:
        _SAID.add(text)


def _filtered(text: str) -> str:
    """Tell what Python's filters do with a warning of this package."""
    for action, message, category, module, line in warnings.filters:
        if (
            issubclass(SpatialJusticeWarning, category)
            and (message is None or re.match(message, text))
            and (module is None or re.match(module, "spatialjustice"))
            and line in {0, 1}
        ):
            return action
    return "default"


def findings_of(*frames: Any) -> list[Finding]:
    """Collect the findings that frames, Series or objects with ``findings`` carry, each once, in order."""
    found: dict[Finding, None] = {}
    for frame in frames:
        for item in getattr(frame, "attrs", {}).get("findings", []):
            found.setdefault(Finding(**item))
        for finding in getattr(frame, "findings", ()):
            if isinstance(finding, Finding):
                found.setdefault(finding)
    return list(found)


def findings(*carriers: Any) -> pd.DataFrame:
    """Tell what was found in inputs and results, as a table.

    Parameters
    ----------
    *carriers
        Frames and Series of this package, networks, costs, or the results of a study; also lists of them.

    Returns
    -------
    DataFrame
        One row per finding, each once, in the order in which they were made: ``code``, ``severity`` (``warning`` or
        ``information``), ``message``, ``count`` (rows, places or pieces), ``people`` (missing where not known),
        ``advice`` and ``rows`` (a list of the first ids that it concerns; empty where none are known). Empty where
        nothing was found.

    Raises
    ------
    InputError
        When something is given that carries no findings, such as a name or a number.

    Examples
    --------
    >>> import pandas as pd
    >>> people = add_findings(pd.Series([3.0]), Finding("raster_scaled", "information", "Cells were scaled."))
    >>> findings(people)[["code", "severity"]].to_dict("records")
    [{'code': 'raster_scaled', 'severity': 'information'}]
    """
    import pandas as pd

    every: list[Any] = []
    for carrier in carriers:
        if carrier is None or isinstance(carrier, str | bytes | int | float):
            advice = "Give frames, networks, travel costs or the results of a study."
            raise InputError("carriers", f"{carrier!r} carries no findings", advice)
        every += carrier if isinstance(carrier, list | tuple) else [carrier]
    rows = [{"rows": [], **finding.as_dict()} for finding in findings_of(*every)]
    return pd.DataFrame(rows, columns=["code", "severity", "message", "count", "people", "advice", "rows"])
