"""Who votes on the city's budget, where, how old and in which way, and where the money lands."""

from spatialjustice.study.engine.section import Keys, Page, Section, loaded_later
from spatialjustice.study.sections.ballots import settings

SECTION = Section(
    "ballots",
    compute=loaded_later("spatialjustice.study.sections.ballots.compute", "compute"),
    keys=Keys(settings.BallotsKeys, faults=settings.faults, files=settings.files),
    doing="ballots",
    needs=("zones", "people", "names"),
    wanted=lambda study: study.ballots is not None,
    alone=True,
    check=loaded_later("spatialjustice.study.sections.ballots.compute", "check"),
    tables=loaded_later("spatialjustice.study.sections.ballots.tables", "tables"),
    zone_columns=loaded_later("spatialjustice.study.sections.ballots.tables", "zone_columns"),
    overview=loaded_later("spatialjustice.study.sections.ballots.tables", "overview"),
    page=Page(
        indicators=loaded_later("spatialjustice.study.sections.ballots.map_page", "indicators"),
        indicators_at=-1,
        findings_in_words=loaded_later("spatialjustice.study.sections.ballots.map_page", "findings_in_words"),
        sentences=loaded_later("spatialjustice.study.sections.ballots.map_page", "sentences"),
        overview=loaded_later("spatialjustice.study.sections.ballots.map_page", "overview"),
        index_line=loaded_later("spatialjustice.study.sections.ballots.map_page", "index_line"),
    ),
    pages=loaded_later("spatialjustice.study.sections.ballots.page", "pages"),
)
