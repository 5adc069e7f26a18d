"""How unequally every outcome is spread: over people, between groups, between districts."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.inequality import settings

SECTION = Section(
    "inequality",
    compute=loaded_later("spatialjustice.study.sections.inequality.compute", "compute"),
    by_points=lambda _: True,
    keys=Keys(settings.InequalityKeys, faults=settings.faults, columns=settings.columns),
    doing="how unequally",
    needs=("zones", "groups"),
    gathers=("outcomes",),
    rounds=loaded_later("spatialjustice.study.sections.inequality.compute", "rounds"),
    wanted=lambda study: study.inequality is not None,
    kept="how unequally",
    made_of=loaded_later("spatialjustice.study.sections.inequality.compute", "made_of"),
    tables=loaded_later("spatialjustice.study.sections.inequality.tables", "tables"),
    paragraphs=loaded_later("spatialjustice.study.sections.inequality.tables", "paragraphs"),
    page=Page(bars=loaded_later("spatialjustice.study.sections.inequality.page", "bars")),
)
