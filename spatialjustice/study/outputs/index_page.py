"""The first page of the results: the maps, the tables and the record, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice import maps
from spatialjustice._core.disk import files
from spatialjustice.study.engine.texts import number_in, sentence
from spatialjustice.study.outputs.before_maps import overview
from spatialjustice.study.outputs.headings import map_title, subtitle
from spatialjustice.study.outputs.parts.tables import FOLDER
from spatialjustice.study.outputs.record.rerun_files import SCRIPT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from spatialjustice._core.disk.files import OutputFolder
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import FurtherPage, Table, Texts


def index(
    results: Results[Any],
    folder: OutputFolder,
    links: dict[str, str],
    tables: list[Table],
    pictures: dict[str, Markup],
    further: Sequence[FurtherPage] = (),
    *,
    taken: Sequence[tuple[str, Texts, Texts]] = (),
) -> str:
    """Return the first page of the results: the maps, the tables and the record, a line each."""
    study = results.study
    entries = []
    for mode in study.modes:
        line = sentence("study.by_map_line", mode=mode.phrase) if study.measures_ways else sentence("study.map_line")
        for section in study.sections:
            if section.name in results.made:
                line = section.page.index_line(results, mode, line)
        if study.pages_in_parts:
            line = sentence("parts.index_line")
        title = map_title(results, mode)
        link = links[mode.key]
        size = _size(folder, _file(link))
        entries.append(maps.Entry(link, title, "map", line, size, pictures.get(mode.key, "")))
    entries += [
        maps.Entry(page.name, page.title, "map", page.line, _size(folder, page.name), page.picture) for page in further
    ]
    entries += [maps.Entry(name, title, "takeaway", line, _size(folder, name)) for name, title, line in taken]
    listed = {f"{table.name}.csv": table.about or sentence(f"study.table.{table.name}") for table in tables}
    whole = {} if study.partition is not None else {"zones.gpkg": sentence("study.table.zones_gpkg")}
    for name, about in (listed | whole).items():
        path = f"tables/{name}"
        entries.append(maps.Entry(path, name, "table", about, _size(folder, path)))
    if study.partition is not None:
        entries.append(_zones_in_parts(folder))
    entries.append(maps.Entry(files.MANIFEST, files.MANIFEST, "record", sentence("study.table.provenance")))
    entries.append(maps.Entry(SCRIPT, SCRIPT, "record", sentence("study.table.reproduce")))
    return maps.index_page(
        entries,
        title=study.title,
        subtitle=subtitle(results),
        lang=study.languages[0],
        languages=study.languages,
        findings=results.findings,
        sources=results.sources,
        overview=overview(results, lambda mode, key: f"{_file(links[mode.key])}#mode={mode.key}&show={key}", further),
    )


def _zones_in_parts(folder: OutputFolder) -> maps.Entry:
    """Return the line on the table of zones that is written as many files."""
    names = [name for name in folder.names if name.startswith(f"{FOLDER}/")]
    size = sum(folder.path(name).stat().st_size for name in names)
    line = sentence("study.table.zones_parts", files=number_in(len(names)))
    return maps.Entry(f"{FOLDER}/", "zones/", "table", line, _told(size))


def _file(link: str) -> str:
    return link.split("#", maxsplit=1)[0]


def _size(folder: OutputFolder, name: str) -> Texts:
    return _told(folder.path(name).stat().st_size)


def _told(size: int) -> Texts:
    if size >= 1e6:
        return sentence("file.megabytes", size=number_in(size / 1e6, digits=1))
    return sentence("file.kilobytes", size=number_in(max(1, round(size / 1e3)), digits=0))
