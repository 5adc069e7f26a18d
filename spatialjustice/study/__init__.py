"""The only room that wires the others together: a study file in, tables and maps with their record out."""

from typing import TYPE_CHECKING

from spatialjustice._core.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.study.checked import Checked
    from spatialjustice.study.fetch import fetch
    from spatialjustice.study.run import Results, check, demo, run
    from spatialjustice.study.settings import Study, schema
    from spatialjustice.study.summary import summary
    from spatialjustice.study.verify import verify

__all__ = ["Checked", "Results", "Study", "check", "demo", "fetch", "run", "schema", "summary", "verify"]

lazy_room(
    __name__,
    {
        **dict.fromkeys(["Results", "check", "demo", "run"], ".run"),
        **dict.fromkeys(["Study", "schema"], ".settings"),
        "fetch": ".fetch",
        "Checked": ".checked",
        "summary": ".summary",
        "verify": ".verify",
    },
)
