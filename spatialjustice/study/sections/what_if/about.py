"""What a page has beside its streets: whose study they are of, to whom proposals go, and plans that can be tried."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from spatialjustice.report.proposals import LARGEST, MOST
from spatialjustice.study.sections.what_if import compute as streets
from spatialjustice.study.sections.what_if.settings import WhatIf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.what_if.settings import WhatIfKeys

SHORT = 16
"""Signs of a checksum: enough to tell the streets of one study from those of another."""


def compute(work: Work[WhatIfKeys]) -> list[dict[str, Any]]:
    """Return the blocks of streets, with what is told beside each."""
    plans = work.gathered("plans")
    return [
        {
            **block,
            "about": {**study_of(work), "checksum": checksum(block), "most": {"places": MOST, "bytes": LARGEST}},
            "plans": [
                plan for plan in plans if plan["mode"] in modes_of(block) and plan["service"] in services_of(block)
            ],
        }
        for block in streets.compute(work)
    ]


def modes_of(block: Mapping[str, Any]) -> list[str]:
    """Return the keys of the modes whose streets a block holds."""
    return [str(one["key"]) for one in block["modes"]]


def services_of(block: Mapping[str, Any]) -> list[str]:
    """Return the services that a block can be asked about."""
    return [str(one["key"]) for one in block["services"]]


def study_of(work: Work[WhatIfKeys]) -> dict[str, Any]:
    """Return what a proposal says of the study for which it was made."""
    study = work.study
    dates = [record.data_date[:10] for record in work.sources() if record.data_date]
    contact = study.what_if.contact if isinstance(study.what_if, WhatIf) else ""
    return {"name": study.name, "title": study.title, "date": max(dates, default=""), "contact": contact}


def checksum(block: Mapping[str, Any]) -> str:
    """Return a checksum of streets, zones, people and places.

    Examples
    --------
    >>> checksum({"counts": [1, 2]}) == checksum({"counts": [1, 2]})
    True
    """
    text = json.dumps(block, sort_keys=True, default=float)
    return hashlib.sha256(text.encode()).hexdigest()[:SHORT]
