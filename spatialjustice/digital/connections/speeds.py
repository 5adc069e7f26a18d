"""How fast connections are where people live: speeds measured by tile brought to zones, and what they say of people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import ConservationError, InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import metric_crs, require_crs, require_geometry, require_ids, require_overlap
from spatialjustice._core.ledger import Ledger
from spatialjustice.digital._people import UNKNOWN, labels_of, people_by_class, people_in, series_with_attrs, with_attrs
from spatialjustice.inequality._inputs import Floats, Values, checked_whole_number, flat_numbers, refuse_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

SPEEDS = ("download", "upload", "latency")
ENOUGH, FEW, NONE = "enough tests", "few tests", "no tests"
FEW_TESTS = 30
"""Tests below which the mean of a zone is called unsure; a convention, not a rule of the data."""

CHOICE = ("fewer than 1", "1 to below 2", "2 to below 3", "3 or more", UNKNOWN)
POLYGONS = frozenset({"Polygon", "MultiPolygon"})


def measured_speed(tiles: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, *, few: int = FEW_TESTS) -> gpd.GeoDataFrame:
    r"""Bring speeds measured by tile to zones, every tile counting with its tests.

    :math:`\bar x_z = \sum_t n_t a_{tz} x_t / \sum_t n_t a_{tz}` with :math:`n_t` tests of tile t and :math:`a_{tz}` the
    share of its area in zone z: tests are taken to be spread evenly over a tile. Beside it stands the mean in which
    every tile counts alike (by the share of its area inside), as maps of tiles suggest it.

    Parameters
    ----------
    tiles
        From :func:`spatialjustice.sources.speed_tiles`.
    zones
        Areas that do not overlap.
    few
        Tests below which a zone is called unsure.

    Returns
    -------
    GeoDataFrame
        On the zones' index: ``download`` and ``upload`` (Mbit/s) and ``latency`` (ms, where the tiles have it), each
        also as ``…_unweighted``; ``tests`` (parts of tests, from shared tiles); ``tiles`` that meet the zone;
        ``certainty``: ``"enough tests"``, ``"few tests"`` or ``"no tests"``, where speeds are NaN, which is not the
        same as no connection. ``attrs["ledger"]`` counts the tests inside and outside the zones.

    Raises
    ------
    InputError
        When a column is missing.
    MissingCRSError, GeometryError, DuplicateIdError, WrongPlaceError
        When a layer cannot be used, or the two lie in different places.
    ConservationError
        When zones overlap, so that tests would count twice.

    References
    ----------
    Ookla. Speedtest by Ookla global fixed and mobile network performance maps: averages of tiles are to be weighted by
    tests.

    Examples
    --------
    >>> tiles = gpd.GeoDataFrame({"download": [10.0, 90.0], "upload": [1.0, 9.0], "tests": [30, 10]}, index=["0", "1"],
    ...     geometry=[shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)], crs=32631)
    >>> zones = gpd.GeoDataFrame(index=["z"], geometry=[shapely.box(0, 0, 200, 100)], crs=32631)
    >>> measured_speed(tiles, zones)[["download", "download_unweighted", "tests"]].round(9).values.tolist()
    [[30.0, 50.0, 40.0]]
    """
    least = checked_whole_number(few, "few", least=1)
    for layer, name in ((tiles, "tiles"), (zones, "zones")):
        require_ids(layer, name)
        require_crs(layer, name)
        require_geometry(layer, name, kinds=POLYGONS)
    require_overlap(tiles, zones, "tiles")
    tests, kinds = _tests(tiles), [name for name in SPEEDS if name in tiles.columns]
    crs = metric_crs(zones)
    shapes, areas = (np.asarray(layer.geometry.to_crs(crs).array) for layer in (tiles, zones))
    place, zone = shapely.STRtree(areas).query(shapes, predicate="intersects")
    share = shapely.area(shapely.intersection(shapes[place], areas[zone])) / shapely.area(shapes)[place]
    met = share > 0
    place, zone, share = place[met], zone[met], share[met]
    order = np.lexsort((place, zone))
    place, zone, share = place[order], zone[order], share[order]
    inside = np.bincount(zone, weights=share * tests[place], minlength=len(zones))
    columns: dict[str, Any] = {}
    for kind in kinds:
        speeds = flat_numbers(tiles[kind], kind)
        for label, weights in ((kind, share * tests[place]), (f"{kind}_unweighted", share)):
            columns[label] = _means(zone, speeds[place], weights, len(zones))
    states = np.where(inside >= least, ENOUGH, np.where(inside > 0, FEW, NONE))
    columns |= {
        "tests": inside,
        "tiles": np.bincount(zone, minlength=len(zones)),
        "certainty": pd.Categorical(states, categories=[ENOUGH, FEW, NONE]),
    }
    result = gpd.GeoDataFrame(columns, index=zones.index, geometry=zones.geometry.array, crs=zones.crs)
    ledger = _tests_ledger(shapes, areas, tests, np.asarray(inside, dtype=np.float64))
    with_attrs(
        result,
        "measured_speed",
        [tiles, zones],
        findings=_unsure(states, least),
        unit="megabits per second",
        direction="higher is better",
        columns={label: _said(label) for label in columns if label.partition("_")[0] in SPEEDS},
        weights="tests",
        assumption="tests are spread evenly over the area of a tile",
        few=least,
        ledger=ledger.to_frame().to_dict("records"),
    )
    return result


def _said(column: str) -> dict[str, str]:
    """Return unit and direction of a column of speeds."""
    if column.startswith("latency"):
        return {"unit": "milliseconds", "direction": "lower is better"}
    return {"unit": "megabits per second", "direction": "higher is better"}


def _tests(tiles: gpd.GeoDataFrame) -> Floats:
    absent = [name for name in ("download", "upload", "tests") if name not in tiles.columns]
    if absent:
        raise InputError("tiles", f"there is no column {', '.join(absent)}", "Read them with sources.speed_tiles.")
    tests = flat_numbers(tiles["tests"], "tests")
    wrong = ~np.isfinite(tests) | (tests < 0)
    refuse_rows(wrong, tiles.index, "tests", "numbers are missing or negative", "Correct them.")
    if not tests.any():
        raise InputError("tests", "all are 0", "Nothing was measured. Check the column.")
    return tests


def _means(zone: Any, speeds: Floats, weights: Floats, count: int) -> Floats:
    total = np.bincount(zone, weights=weights, minlength=count)
    summed = np.bincount(zone, weights=weights * speeds, minlength=count)
    out: Floats = np.full(count, np.nan)
    return np.divide(summed, total, out=out, where=total > 0)


def _tests_ledger(shapes: Any, areas: Any, tests: Floats, inside: Floats) -> Ledger:
    """Account for all tests; what is outside is measured on its own, so that overlapping zones cannot go unnoticed."""
    rest = shapely.area(shapely.difference(shapes, shapely.union_all(areas))) / shapely.area(shapes)
    ledger = Ledger()
    try:
        ledger.record(
            "tiles to zones",
            "tests",
            before=math.fsum(tests),
            after=math.fsum(inside),
            elsewhere={"outside the zones": math.fsum(tests * rest)},
        )
    except ConservationError as error:
        raise ConservationError("zones", error.found, "Zones overlap: give zones that divide the place.") from error
    return ledger


def _unsure(states: Any, least: int) -> list[Finding]:
    found = []
    for state, code, said in (
        (FEW, "zones_with_few_tests", f"have fewer than {least:,} tests: their speeds are unsure"),
        (NONE, "zones_without_tests", "have no test; that does not mean that there is no connection"),
    ):
        count = int((states == state).sum())
        if count:
            advice = "Show them as a class of their own, or use larger zones."
            found.append(Finding(code, "warning", f"{count:,} zones {said}.", count=count, advice=advice))
    return found


def speed_summary(tiles: pd.DataFrame) -> pd.DataFrame:
    r"""Give the mean speed of tiles by tests and with all tiles alike, and say why the two differ.

    The difference is exactly :math:`r \cdot s_x \cdot s_n / \bar n`: the correlation between speed and number of tests,
    times the spread of speeds, times how unequal tiles are in tests. Where people test most where connections are fast,
    the mean by tests is higher. Neither is the speed of all people: it is known only of those who test.

    Parameters
    ----------
    tiles
        From :func:`spatialjustice.sources.speed_tiles`.

    Returns
    -------
    DataFrame
        Rows ``download`` and ``upload`` (Mbit/s) and ``latency`` (ms): ``test_weighted``, ``unweighted``,
        ``difference`` (the first less the second), ``correlation``, ``spread`` (standard deviation over tiles),
        ``median_test`` (half of all tests were no faster) and ``median_tile``. ``attrs``: ``tests``, ``tiles``, and
        ``inequality_of_tests``, their standard deviation divided by their mean.

    Raises
    ------
    InputError
        When a column or a number is missing.

    References
    ----------
    Meng, X.-L. (2018). Statistical paradises and paradoxes in big data (I): Law of large populations, big data paradox,
    and the 2016 US presidential election. The Annals of Applied Statistics, 12(2), 685-726 (the same identity, for who
    is in a sample).

    Examples
    --------
    >>> tiles = pd.DataFrame({"download": [10.0, 90.0], "upload": [1.0, 9.0], "tests": [30, 10]})
    >>> columns = ["test_weighted", "unweighted", "difference", "correlation"]
    >>> speed_summary(tiles).loc["download", columns].round(12).tolist()
    [30.0, 50.0, -20.0, -1.0]
    """
    tests = _tests(tiles)
    unequal = float(tests.std() / tests.mean())
    rows = {}
    for kind in (name for name in SPEEDS if name in tiles.columns):
        speeds = flat_numbers(tiles[kind], kind)
        refuse_rows(~np.isfinite(speeds), tiles.index, kind, "are missing", "Leave these tiles out.")
        weighted, plain = float(np.average(speeds, weights=tests)), float(speeds.mean())
        spread = float(speeds.std())
        related = spread > 0 and unequal > 0
        order = np.argsort(speeds, kind="stable")
        half = np.searchsorted(np.cumsum(tests[order]), tests.sum() / 2)
        rows[kind] = {
            "test_weighted": weighted,
            "unweighted": plain,
            "difference": weighted - plain,
            "correlation": round(float(np.corrcoef(speeds, tests)[0, 1]), 12) if related else np.nan,
            "spread": spread,
            "median_test": float(speeds[order[half]]),
            "median_tile": float(np.median(speeds)),
        }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis(index="speed")
    facts: dict[str, Any] = {"tests": float(tests.sum()), "tiles": len(tests), "inequality_of_tests": unequal}
    unit: dict[str, Any] = {"unit": "megabits per second", "direction": "higher is better"}
    return with_attrs(frame, "speed_summary", [tiles], **unit, **facts)


def people_with_speed(speed: pd.Series[float], people: Values, *, at_least: Sequence[float]) -> pd.DataFrame:
    r"""Count the people in zones whose connections have at least a speed.

    In signs: :math:`\sum_i P_i \, 1[s_i \ge s_0]` for each speed :math:`s_0`.

    Parameters
    ----------
    speed
        Of each zone, Mbit/s; missing where it is not known.
    people
        People, or households, of each zone.
    at_least
        Speeds, closed: a zone with exactly this speed has it.

    Returns
    -------
    DataFrame
        One row for each speed: ``people_with``, ``people_without`` and ``people_unknown``, which add up to all people;
        ``lowest`` and ``highest`` share of all people with it, as nobody or everybody of the unknown has it.

    Raises
    ------
    PopulationError, InputError
        When people or speeds cannot be used, or ids differ.

    Notes
    -----
    It counts people of zones, not lines: in a zone that is fast on the mean, some are slow.

    References
    ----------
    Own definition: a count as described above, with no source in the literature.

    Examples
    --------
    >>> speed = pd.Series([25.0, 10.0, float("nan")])
    >>> people_with_speed(speed, [50, 30, 20], at_least=[25]).loc[25, ["people_with", "lowest", "highest"]].tolist()
    [50.0, 0.5, 0.7]
    """
    found = flat_numbers(speed, "speed")
    counts = people_in(people, speed, "speed")
    refuse_rows(found < 0, speed.index, "speed", "are negative", "A code for “no data” must be made missing first.")
    unknown = math.fsum(counts[np.isnan(found)])
    total = math.fsum(counts)
    rows = {}
    for least in at_least:
        having = math.fsum(counts[found >= least])
        without = math.fsum(counts[found < least])
        Ledger().record("speed", "people", before=total, after=having + without, elsewhere={"unknown": unknown})
        rows[least] = {
            "people_with": having,
            "people_without": without,
            "people_unknown": unknown,
            "lowest": having / total,
            "highest": (having + unknown) / total,
        }
    if not rows:
        raise InputError("at_least", "there is no speed", "Give at least one, for example [25, 100].")
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis(index="at_least")
    return with_attrs(frame, "people_with_speed", [speed, people], unit="people", direction="higher is better")


def provider_choice(providers: pd.Series[float], people: Values) -> pd.DataFrame:
    r"""Count people by how many providers they can choose among.

    In signs: :math:`\sum_i P_i \, 1[a \le n_i < b]` for each class from a to below b of the number of providers.

    Parameters
    ----------
    providers
        Of each zone, for example ``providers`` or ``providers_100_20`` of
        :func:`spatialjustice.sources.availability`; a mean over blocks, therefore not always whole; missing where it is
        not known.
    people
        People, or households, of each zone.

    Returns
    -------
    DataFrame
        Rows ``"fewer than 1"``, ``"1 to below 2"`` (no choice), ``"2 to below 3"``, ``"3 or more"`` and ``"unknown"``:
        ``zones``, ``people``, ``share``. They add up to all people.

    Raises
    ------
    PopulationError, InputError
        When people or numbers of providers cannot be used, or ids differ.

    References
    ----------
    Own definition: a count as described above, with no source in the literature.

    Examples
    --------
    >>> provider_choice(pd.Series([0.5, 1.0, 3.2]), [10, 50, 40])["people"].tolist()
    [10.0, 50.0, 0.0, 40.0, 0.0]
    """
    found = flat_numbers(providers, "providers")
    refuse_rows(found < 0, providers.index, "providers", "are negative", "Correct them.")
    place = np.where(np.isnan(found), len(CHOICE) - 1, np.clip(np.floor(np.nan_to_num(found)), 0, 3)).astype(int)
    values = labels_of(place, CHOICE)
    labels = series_with_attrs(values, providers.index, "provider_choice", [providers], unit="label", direction="none")
    frame = people_by_class(labels, people)
    frame.attrs["measure"] = "provider_choice"
    return frame
