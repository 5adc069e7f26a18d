"""What if a place stood elsewhere: the streets inside the page, from which it computes by itself."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.what_if import settings

SECTION = Section(
    "what_if",
    compute=loaded_later("spatialjustice.study.sections.what_if.about", "compute"),
    keys=Keys(settings.WhatIfKeys, faults=settings.faults, mend_schema=settings.mend_schema),
    doing="streets in the pages",
    gathers=("plans",),
    needs=("zones", "people", "services", "streets", "groups"),
    wanted=lambda study: bool(study.what_if),
    findings=lambda _: (),
    sources=lambda _: (),
    proposals=loaded_later("spatialjustice.study.sections.what_if.proposals", "proposals"),
    page=Page(
        around=loaded_later("spatialjustice.study.sections.what_if.page", "around"),
        sentences=loaded_later("spatialjustice.study.sections.what_if.page", "sentences"),
        sentences_at=9,
    ),
)
