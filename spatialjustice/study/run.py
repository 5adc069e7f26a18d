"""A study from its file to its folder: order of the steps, tables, maps and the record of all of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from tqdm.auto import tqdm

from spatialjustice import sources
from spatialjustice._core import files
from spatialjustice._core.errors import OutputError
from spatialjustice._core.findings import Finding, findings_of, tell
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.provenance import SourceRecord, sources_of
from spatialjustice.catalogue import text_in
from spatialjustice.study import (
    catchments,
    census,
    digital,
    digital_tables,
    justice,
    moving,
    outcomes,
    outputs,
    resume,
    space,
    steps,
)
from spatialjustice.study.checked import Checked
from spatialjustice.study.parts import Buildings, Raster
from spatialjustice.study.settings import EVERYBODY, OVERPASS, Study

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice._core.keep import Kept
    from spatialjustice.study.moving import Streets


# What the network says of origins and destinations, the study says of zones, people and places.
SAID_IN_PLACES_AND_PEOPLE = {"origins_off_network", "destinations_off_network", "no_destinations"}


@dataclass(frozen=True)
class Results:
    """What a study found: frames by name, findings, the ledger and what it all came from."""

    study: Study
    folder: Path
    place: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    people: pd.Series[Any]
    services: gpd.GeoDataFrame
    networks: dict[str, Streets]
    reached: list[moving.Reach]
    caught: list[catchments.Caught]
    shares: pd.DataFrame
    modes: pd.DataFrame
    distribution: pd.DataFrame
    lorenz: pd.DataFrame
    autocorrelation: pd.DataFrame
    catchments: pd.DataFrame
    local: space.Local
    justice: justice.Justice
    ledger: Ledger
    findings: list[Finding]
    sources: list[SourceRecord]
    seed: int
    titles: dict[str, dict[str, str]]
    digital: digital.Divide | None = None
    digital_tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    base: gpd.GeoDataFrame | None = field(default=None, repr=False)
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def network(self) -> Streets:
        """The network of the first mode."""
        return self.networks[self.study.modes[0].key]

    @property
    def title(self) -> str:
        """The study's title in its first language."""
        return text_in(self.study.title, self.study.languages[0])

    @property
    def unknown(self) -> pd.Series[bool]:
        """Which zones the population source says nothing about: nobody is counted there, but somebody may be there."""
        ids = set(self.people.attrs.get("zones_without_data", []))
        return pd.Series([str(zone) in ids for zone in self.zones.index], index=self.zones.index)

    @property
    def estimated(self) -> bool:
        """Whether the people are an estimate, which every output then says."""
        return isinstance(self.study.population, Buildings)

    def overview(self) -> str:
        """Return the share of people within each cutoff, by service, as a small text table."""
        return outputs.overview(self)


def _locate(study: Study, study_file: Path | None, data_dir: Path | None) -> dict[str, Path]:
    folders = [folder for folder in (study_file.resolve().parent if study_file else None, data_dir) if folder]
    return {name: sources.locate(name, folders=folders) for name in study.files}


def demo_file() -> Path:
    """Return the study file of the demo, which the package carries."""
    return Path(str(resources.files("spatialjustice.study") / "demo.yaml"))


def demo(*, out: Path | None = None, seed: int | None = None, fresh: bool = False) -> Results:
    """Run the study of central Helsinki on the extract that the ``demo`` extra brings; needs no network.

    Arguments are as those of :func:`run`.

    Raises
    ------
    MissingFileError
        When the extra ``demo`` is not installed.
    """
    study = Study.read(demo_file())
    found = {study.streets: sources.demo_extract()}
    return _run(demo_file(), study, found, out or Path("maps") / study.name, seed, fresh=fresh)


def run(
    study_file: str | Path,
    *,
    data_dir: Path | None = None,
    out: Path | None = None,
    seed: int | None = None,
    fresh: bool = False,
) -> Results:
    """Run a study and write its tables, its maps and their record.

    Parameters
    ----------
    study_file
        The YAML file of the study.
    data_dir
        Folder of the data files; the study file's own folder and ``SPATIALJUSTICE_DATA`` are searched too.
    out
        Folder for the results; ``maps/NAME`` where None.
    seed
        Seed of everything random, instead of the study's.
    fresh
        Do every step anew. Without it a run that is killed or stopped leaves its finished steps in a hidden folder
        inside ``out``, and the next run there of the very same study (settings, bytes of all inputs, seed, versions)
        goes on after them; the results are the same to the byte.

    Returns
    -------
    Results
        All frames, with ``folder`` telling where the files are, and ``skipped`` which steps an unfinished run had done.

    Raises
    ------
    SpatialJusticeError
        When an input or a setting cannot be used, or the results cannot be written; nothing is half-written.
    """
    study_file = Path(study_file)
    study = Study.read(study_file)
    found = _locate(study, study_file, data_dir)
    return _run(study_file, study, found, out or Path("maps") / study.name, seed, fresh=fresh)


def _run(
    study_file: Path, study: Study, found: dict[str, Path], out: Path, seed: int | None, *, fresh: bool
) -> Results:
    started = datetime.now(UTC)
    with files.OutputFolder(out) as folder:
        kept = resume.kept(study, found, out, seed=seed if seed is not None else study.seed, fresh=fresh)
        try:
            results = _analyse(study, found, folder=out, seed=seed, kept=kept)
            try:
                outputs.write(results, folder, started, study_file, kept)
            except OutputError as error:
                if kept.folder is None:
                    raise
                # The kept steps may take the very room that the results need.
                kept.give_up(str(error))
                outputs.write(results, folder, started, study_file, kept)
        except Exception:
            # It would stop there again. A kill and Ctrl-C are no such thing: they leave what is finished.
            kept.remove()
            raise
    kept.remove()
    tell(*results.findings)
    return replace(results, skipped=tuple(kept.skipped), notes=tuple(kept.notes))


def _unequal(
    study: Study,
    found_out: list[outcomes.Outcome],
    divide: digital.Divide | None,
    zones: gpd.GeoDataFrame,
    counts: dict[str, pd.Series[Any]],
    *,
    ranked: pd.Series[Any] | None,
    seed: int,
) -> justice.Justice:
    """Return the tables on inequality of what people reach and of how they are connected."""
    made = justice.of(study, found_out, zones, counts, ranked, seed)
    if divide is None:
        return made
    return digital_tables.unequal(study, divide, made, zones, counts, ranked, seed=seed)


def _clusters(  # noqa: PLR0913 (what both kinds of statistics rest on, all but five named)
    study: Study,
    found_out: list[outcomes.Outcome],
    reached: list[moving.Reach],
    divide: digital.Divide | None,
    zones: gpd.GeoDataFrame,
    *,
    networks: dict[str, Streets],
    people: pd.Series[Any],
    seed: int,
    kept: Kept,
) -> tuple[pd.DataFrame, space.Local]:
    """Return the statistics in space of the whole place and of every zone, where the study asks for them."""
    if study.space is None and "local_moran" not in study.measures:
        return pd.DataFrame(), {}
    links = cache(lambda: space.neighbours(study, zones, networks, people))

    def of_zones() -> space.Local:
        found = space.local(study, reached, links(), people, seed)
        return found | space.local_of(study, digital.clustered(divide), links(), people, seed)

    together = resume.together(kept, lambda: space.whole(study, found_out, links(), zones, people, seed))
    return together, resume.local(kept, of_zones)


def _analyse(study: Study, found: dict[str, Path], *, folder: Path, seed: int | None, kept: Kept) -> Results:
    """Do every step of a study in order, but those that an unfinished run has kept."""
    drawn = seed if seed is not None else study.seed
    seed = resume.seed(kept, lambda: secrets.randbelow(2**32) if drawn is None else drawn)
    ledger = Ledger()
    total = 9 + len(study.modes) * len(study.services) + bool(study.catchments)
    with tqdm(total=total, unit="step", leave=False) as bar:

        def now(doing: str) -> None:
            bar.set_description(doing)
            bar.update()

        now("place and zones")
        place = steps.place(study, found)
        zones = census.joined(study, found, steps.zones(study, found, place, ledger), ledger)
        now("people")
        people = steps.people(study, found, zones, ledger)
        counts = {EVERYBODY: people, **steps.groups(study, zones, people)}
        now("services")
        services = steps.services(study, found, place, ledger)
        now("streets")
        networks = moving.networks(study, found, place, kept=partial(resume.streets, kept))
        reached = []
        for mode in study.modes:
            for name in study.service_names:
                now(f"reach {moving.by(mode)}: {name.replace('_', ' ')}")
                streets = networks[mode.key]
                reached.append(moving.reach(study, mode, streets, zones, services, people, service=name))
        caught = []
        if study.catchments:
            now("catchments")
            caught = catchments.all_of(study, networks, zones, services, people, ledger)
        now("who is served")
        shares = moving.shares(study, reached, counts, ledger)
        ranked, about_rank = steps.rank(study, zones, people)
        distribution = moving.distribution(study, reached, people, ranked)
        curves = moving.lorenz(study, reached, people)
        now("who is connected")
        divide = digital.of(study, found, zones, services, reached, people, seed=seed, ledger=ledger)
        now("how unequally")
        found_out = outcomes.all_of(study, reached, caught)
        unequal = resume.unequal(
            kept, partial(_unequal, study, list(found_out), divide, zones, counts, ranked=ranked, seed=seed)
        )
        now("clusters")
        found_out += digital.outcomes(study, divide)
        together, local = _clusters(
            study, found_out, reached, divide, zones, networks=networks, people=people, seed=seed, kept=kept
        )
        now("base map")
        base = steps.base_map(study, found, place)
    costs = [asked for item in reached for asked in item.costs.values()]
    of_streets = set(findings_of(*networks.values()))
    findings = [
        *findings_of(place, zones, people, services),
        *moving.street_findings(study, networks),
        *(
            finding
            for finding in findings_of(*costs)
            if finding.code not in SAID_IN_PLACES_AND_PEOPLE and finding not in of_streets
        ),
        *about_rank,
        *moving.edge_findings(study, found, zones, people),
        *moving.people_findings(reached, people),
        *catchments.findings(caught, services),
        *(divide.findings if divide else ()),
    ]
    made_of = [
        *sources_of(place, zones, people, services),
        *moving.records(study, found, networks),
        *(divide.sources if divide else ()),
    ]
    records = steps.credited(study, list(dict.fromkeys(made_of)))
    return Results(
        study=study,
        folder=folder,
        place=place,
        zones=zones,
        people=people,
        services=services,
        networks=networks,
        reached=reached,
        caught=caught,
        shares=shares,
        modes=moving.compared(study, reached, people),
        distribution=distribution,
        lorenz=curves,
        autocorrelation=together,
        catchments=catchments.table(caught, people),
        local=local,
        justice=unequal,
        ledger=ledger,
        findings=list(dict.fromkeys(findings)),
        sources=records,
        seed=seed,
        titles=steps.titles(study, found),
        digital=divide,
        digital_tables=digital_tables.all_of(study, divide, found, zones, counts, ranked) if divide else {},
        base=base,
    )


def check(study_file: str | Path, *, data_dir: Path | None = None) -> Checked:
    """Validate a study and its inputs without computing a measure; return what was found, ``str()`` of it as text.

    Raises
    ------
    SpatialJusticeError
        When a setting or an input cannot be used.
    """
    study_file = Path(study_file)
    study = Study.read(study_file)
    found = _locate(study, study_file, data_dir)
    ledger = Ledger()
    place = steps.place(study, found)
    zones = census.joined(study, found, steps.zones(study, found, place, ledger), ledger)
    carriers: list[Any] = [place, zones]
    if isinstance(study.population, Raster):
        carriers.append(sources.check_raster(found[study.population.raster], place, nodata=study.population.nodata))
    else:
        people = steps.people(study, found, zones, ledger)
        steps.groups(study, zones, people)
        steps.rank(study, zones, people)
        digital.check(study, zones, people)
        carriers.append(people)
    if study.streets == OVERPASS:
        steps.titles(study, found)
    else:
        carriers.append(steps.services(study, found, place, ledger))
        carriers += moving.networks(study, found, place).values()
    records = steps.credited(study, sources_of(*carriers))
    return Checked(study_file, tuple(records), ledger, tuple(findings_of(*carriers)))
