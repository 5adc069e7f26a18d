"""How names are told of on the pages, and the streets that readers can search for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice.catalogue import LANGUAGES, words
from spatialjustice.study.engine.section import PagePart
from spatialjustice.study.engine.texts import number_in, sentence
from spatialjustice.study.sections.names.naming import LABEL_WITHIN, STREET_WITHIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.names.settings import NamesKeys


def around(results: Results[NamesKeys], _mode: Travel) -> dict[str, Any]:
    """Return the streets that readers can search for."""
    streets = results["names"].streets
    return {} if streets is None else {"named_streets": streets}


def parts(results: Results[NamesKeys]) -> Iterator[PagePart]:
    """Yield the districts, where each has a page, in the order of their names; then the zones outside all of them."""
    if not results.study.pages_in_parts:
        return
    names = results["names"].zones
    for name, rows in names.groupby("district", sort=True):
        said = rows["district_fa"].dropna().tolist() if "district_fa" in rows else []
        yield PagePart({"en": str(name), "fa": str([*said, name][0])}, rows.index)
    outside = names.index[names["district"].isna()]
    if len(outside):
        yield PagePart({lang: words(lang)["page.districts.outside"] for lang in LANGUAGES}, outside)


def sentences(results: Results[NamesKeys], _mode: Travel) -> Iterator[Texts]:
    """Say what zones are called by."""
    by = set(results["names"].zones["named_by"])
    if "district" in by:
        yield sentence("study.method.names_districts")
    elif by & {"neighbourhood", "label"}:
        label, street = number_in(LABEL_WITHIN), number_in(STREET_WITHIN)
        yield sentence("study.method.names", label=label, street=street)
    elif by & {"main street", "street"}:
        yield sentence("study.method.names_streets", street=number_in(STREET_WITHIN))
