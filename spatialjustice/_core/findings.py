"""Findings: named things the reader of a result must know, carried from the input to every output."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    import pandas as pd

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
    """

    code: str
    severity: Severity
    message: str
    count: int = 0
    people: float | None = None
    advice: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as plain data for JSON."""
        return asdict(self)


def add_findings(frame: Frame, *findings: Finding) -> Frame:
    """Attach findings to a frame or Series (``attrs["findings"]``) and return it."""
    frame.attrs["findings"] = [*frame.attrs.get("findings", []), *(finding.as_dict() for finding in findings)]
    return frame


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
