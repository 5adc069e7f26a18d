"""The only room that wires the others together: a study file in, tables and maps with their record out."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.study.check import Checked, check
    from spatialjustice.study.comparing.compare import compare
    from spatialjustice.study.comparing.results import Comparison
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.fetch import fetch
    from spatialjustice.study.outputs.record.archive import Archive, archive
    from spatialjustice.study.outputs.record.cite import Citation, cite
    from spatialjustice.study.outputs.record.reproduce import Reproduction, reproduce
    from spatialjustice.study.outputs.record.verify import verify
    from spatialjustice.study.outputs.summary import summary
    from spatialjustice.study.readers_proposals import Proposals, proposals
    from spatialjustice.study.run import demo, run
    from spatialjustice.study.settings import Study, schema
    from spatialjustice.study.watching.monitor import Watch, monitor_add, monitor_run
    from spatialjustice.study.watching.report import monitor_report

__all__ = [
    "Archive",
    "Checked",
    "Citation",
    "Comparison",
    "Proposals",
    "Reproduction",
    "Results",
    "Study",
    "Watch",
    "archive",
    "check",
    "cite",
    "compare",
    "demo",
    "fetch",
    "monitor_add",
    "monitor_report",
    "monitor_run",
    "proposals",
    "reproduce",
    "run",
    "schema",
    "summary",
    "verify",
]

lazy_room(
    __name__,
    {
        **dict.fromkeys(["demo", "run"], ".run"),
        **dict.fromkeys(["Study", "schema"], ".settings"),
        **dict.fromkeys(["Checked", "check"], ".check"),
        **dict.fromkeys(["Proposals", "proposals"], ".readers_proposals"),
        "Comparison": ".comparing.results",
        "Results": ".engine.results",
        "compare": ".comparing.compare",
        "fetch": ".fetch",
        "summary": ".outputs.summary",
        **dict.fromkeys(["Archive", "archive"], ".outputs.record.archive"),
        **dict.fromkeys(["Citation", "cite"], ".outputs.record.cite"),
        **dict.fromkeys(["Reproduction", "reproduce"], ".outputs.record.reproduce"),
        "verify": ".outputs.record.verify",
        **dict.fromkeys(["Watch", "monitor_add", "monitor_run"], ".watching.monitor"),
        "monitor_report": ".watching.report",
    },
)
