"""What commands print for programs: one JSON document on the output, whatever becomes of them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from spatialjustice._core.screen.console import control_signs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spatialjustice._core.errors import SpatialJusticeError

FORMAT = 1
"""Of the documents: raised when a key goes or changes its meaning; keys that are added do not raise it."""

ASKED = {"input": "name", "found": "found", "advice": "advice"}
"""Keys of what stopped a command, and what errors call it."""


def as_json(value: object) -> str:
    """Return plain data as JSON that the output can take, and that turns no text on a terminal."""
    # Escapes of JSON, where the output cannot take every letter as it is.
    everything = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    made = json.dumps(value, ensure_ascii=not everything, indent=2)
    # Signs that turn the direction of a text are written as escapes of JSON, too: a terminal gets none of them.
    return json.dumps(value, indent=2) if control_signs(made, lines=True) else made


def document(command: str, told: Mapping[str, Any], *, status: str = "done") -> str:
    """Return the answer of a command: its form, the command and what became of it, before all that it tells.

    Examples
    --------
    >>> print(document("verify", {"same": True}))
    {
      "format": 1,
      "command": "verify",
      "status": "done",
      "same": true
    }
    """
    return as_json({"format": FORMAT, "command": command, "status": status, **told})


def refusal(command: str, error: SpatialJusticeError | OSError | ImportError) -> str:
    """Return why a command stopped, with ``input``, ``found`` and ``advice`` where the error knows them; else null."""
    known = {key: getattr(error, word, None) for key, word in ASKED.items()}
    told = {"error": {"kind": type(error).__name__, **known, "message": str(error)}}
    return document(command, told, status="stopped")
