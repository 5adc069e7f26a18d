"""The streets of a study as a network of every mode, and the ground drawn under its maps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from spatialjustice import network, sources
from spatialjustice._core.provenance import sources_of
from spatialjustice.catalogue import LANGUAGES, words
from spatialjustice.network.arrays import let_go
from spatialjustice.network.streets.modes import MODES, Mode, mode_named
from spatialjustice.network.streets.osm_file import OsmStreets
from spatialjustice.study.engine.kept.packing import Codec
from spatialjustice.study.engine.texts import servers_that_answered
from spatialjustice.study.sections.streets.outside_data import require_covered, zones_outside
from spatialjustice.study.sections.streets.settings import OVERPASS, STRAIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from spatialjustice._core.findings import Finding
    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.network import Network, StraightLines
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.streets.settings import StreetsKeys

    Streets = Network | StraightLines

AROUND = 3000.0
"""Metres of ground drawn around the place, so that the map does not end at its border."""


def made_of() -> tuple[type | Codec, ...]:
    """Return what a network is made of besides arrays; straight lines are made faster than read."""
    return (network.Network, Codec(Mode, _packed_mode, _unpacked_mode))


def _packed_mode(mode: Mode) -> list[Any]:
    return [mode.name, None if mode.speed == MODES[mode.name].speed else mode.speed]


def _unpacked_mode(packed: list[Any]) -> Mode:
    name, speed = packed
    return mode_named(name, speed=speed)


@dataclass(frozen=True)
class StreetNetworks:
    """The network of every mode by its key, and what is drawn under the maps: water, green and streets."""

    networks: dict[str, Streets]
    ground: gpd.GeoDataFrame | None

    def __getitem__(self, mode: str) -> Streets:
        return self.networks[mode]


def compute(work: Work[StreetsKeys]) -> StreetNetworks:
    """Build the network of every mode, and read the ground under the maps."""
    return StreetNetworks(networks(work), base_map(work.study, work.files, work["place"]))


def networks(work: Work[StreetsKeys]) -> dict[str, Streets]:
    """Build the network of every mode, of the place and as far around it as the mode goes."""
    offered = dict(work.gathered("networks"))
    on_streets = {mode.key: mode for mode in work.study.modes if mode.name not in offered}
    # What other sections put on top of streets: the mode that it is of, and the mode of the streets below it.
    further = {mode.key: offered[mode.name](mode) for mode in work.study.modes if mode.name in offered}
    below = {f"below {key}": one.below for key, one in further.items()}
    made = _on_streets(work, on_streets | below)
    return {
        mode.key: further[mode.key].above(made[f"below {mode.key}"]) if mode.key in further else made[mode.key]
        for mode in work.study.modes
    }


def _on_streets(work: Work[StreetsKeys], modes: Mapping[str, Travel]) -> dict[str, Streets]:
    study, files, within = work.study, work.files, work["place"]
    if study.streets == STRAIGHT:
        return {key: network.straight_lines(within, mode=mode.name, speed=mode.speed) for key, mode in modes.items()}
    if study.streets == OVERPASS:
        # The server is asked once, for what the mode that goes farthest needs.
        found = sources.streets_from_overpass(within, buffer=study.margin)
        made = {
            key: network.from_frames(
                found.nodes,
                found.ways,
                mode=mode.name,
                speed=mode.speed,
                restrictions=found.restrictions,
                sources=found.sources,
                findings=found.findings,
                **_heights(study, mode, files),
            )
            for key, mode in modes.items()
        }
        # The server was asked for this area, and tells nothing of what lies beyond.
        return {key: replace(one, area=_asked_for(within, study.margin, one)) for key, one in made.items()}

    asked = {mode.key: mode for mode in study.modes}
    # The file is read once for all modes, and not at all where every network was kept.
    streets = OsmStreets(files[study.streets])

    def build(mode: Travel) -> Streets:
        return streets.network(
            mode_named(mode.name, speed=mode.speed),
            within=within,
            buffer=study.margin_of(asked.get(mode.key, mode)),
            **_heights(study, mode, files),
        )

    return {key: work.step(f"streets: {key}", partial(build, mode)) for key, mode in modes.items()}


def _asked_for(within: gpd.GeoDataFrame, margin: float, streets: Network) -> Any:
    """Return the area of which a server was asked, in the network's CRS."""
    return within.to_crs(streets.crs).union_all().buffer(margin)


def _heights(study: StreetsKeys, mode: Travel, files: Mapping[str, Path]) -> dict[str, Any]:
    return {"elevation": files[study.elevation]} if study.elevation and mode.slopes else {}


def rest(work: Work[StreetsKeys]) -> None:
    """Let go of what searches made of the networks."""
    for streets in work["streets"].networks.values():
        if isinstance(streets, network.Network):
            let_go(streets)


def check(work: Work[StreetsKeys]) -> list[Any]:
    """Build the networks, but for those that a server would have to be asked for."""
    if work.study.streets == OVERPASS:
        return []
    made = networks(work)
    if "people" in work.made:
        require_covered(work.study, zones_outside(made, work["zones"]), work["people"])
    return list(made.values()) if work.study.measures_ways else []


def fetch(work: Work[StreetsKeys]) -> Iterator[tuple[str, str]]:
    """Ask the server for the streets as the run will, so that its answer is kept."""
    if work.study.streets == OVERPASS:
        streets = sources.streets_from_overpass(work["place"], buffer=work.study.margin)
        yield "streets", f"  streets: {len(streets.ways):,} from {servers_that_answered(streets)}"


def records(work: Work[StreetsKeys]) -> list[SourceRecord]:
    """Return what the networks were made of: streets, and heights where slopes count."""
    study = work.study
    found = sources_of(*work["streets"].networks.values())
    if study.elevation and any(mode.slopes for mode in study.modes):
        heights = work.files[study.elevation]
        if heights.name not in {record.file for record in found}:
            found.append(sources.record_of(heights, "elevation"))
    return found


def findings(work: Work[StreetsKeys]) -> list[Finding]:
    """Return what was found in the streets: as it is where all modes share it, else with the modes it is true of."""
    study = work.study
    if not study.measures_ways:
        return []
    modes: dict[Finding, list[Travel]] = {}
    for mode in study.modes:
        for finding in dict.fromkeys(work["streets"][mode.key].findings):
            modes.setdefault(finding, []).append(mode)
    return [
        finding if len(those) == len(study.modes) else _of_modes(finding, those) for finding, those in modes.items()
    ]


def _of_modes(finding: Finding, modes: list[Travel]) -> Finding:
    """Say of which modes a finding is true."""
    named = {lang: words(lang)["language.comma"].join(mode.phrase(lang) for mode in modes) for lang in LANGUAGES}
    those = named[LANGUAGES[0]]
    message = f"{those[0].upper()}{those[1:]}: {finding.message}"
    return replace(finding, message=message, values={**finding.values, "by": named})


def base_map(study: StreetsKeys, files: Mapping[str, Path], within: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """Return water, green and streets to draw under the map, where there is a file to take them from."""
    if not study.basemap or study.streets_file is None:
        return None
    return sources.basemap(files[study.streets_file], within=within, buffer=AROUND)


def drawn_streets(streets: Streets) -> gpd.GeoSeries:
    """Return the streets that can be used, from junction to junction and simplified by two metres, to be drawn only."""
    lines = streets.lines
    return gpd.GeoSeries(shapely.simplify(lines.array.to_numpy(), 2.0, preserve_topology=False), crs=lines.crs)
