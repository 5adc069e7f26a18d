"""Fares of public transport: from a file of rules, from GTFS feeds, or from a fare structure of r5r."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice._core.disk.plain_yaml import NotPlainError, plain_yaml
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import announce
from spatialjustice._core.provenance import path_of
from spatialjustice.sources.known_files import record_of
from spatialjustice.sources.timetables.fares.fare_rules import (
    MODES,
    Fare,
    Fares,
    amount_of,
    digits_of,
    refuse_dearer_first,
)
from spatialjustice.sources.timetables.fares.fares_of_feeds import fares_of_feeds
from spatialjustice.sources.timetables.fares.fares_of_r5r import STRUCTURE, fares_of_r5r

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

KEYS = {"currency", "fares", "integrated", "changes", "cap", "licence", "attribution", "data_date"}
FARE_KEYS = {"price", "modes", "routes", "free_changes"}
CHANGE_KEYS = {"within", "at_most", "same_route"}


def fares(path: str | Path | Sequence[str | Path]) -> Fares:
    """Read what rides cost.

    Parameters
    ----------
    path
        One of

        - a YAML file of rules, as below;
        - a GTFS feed, or several: their ``fare_attributes.txt`` and ``fare_rules.txt``, or ``fare_products.txt`` and
          what belongs to it (fares v2), as far as prices hang on routes, changes and time alone. Fares by zone, area,
          time of day or kind of rider are refused by name. A ticket that is good for changes is so until one boards a
          vehicle that it is not good for;
        - a fare structure of the R package r5r (zip or folder with ``fares_per_type.csv``).

    Returns
    -------
    Fares
        For ``fares=`` of :func:`spatialjustice.network.from_gtfs`; ``.price(rides)`` tells what a journey costs.

    Raises
    ------
    MissingFileError, DamagedFileError, InputError
        When it cannot be read, or says what rules of this kind cannot.

    Notes
    -----
    A file of rules has these keys. ``fares`` names the kinds of fare, each with the ``price`` of one ride and the
    ``modes`` (bus, tram, metro, rail, ferry, …) or ``routes`` (ids of the feed) that it is paid on; of a kind with
    ``free_changes`` one pays once, however often one changes between its vehicles. ``integrated`` lists what two rides
    cost together (``rides``: the two kinds, in order), where the second is boarded in time. ``changes`` says when that
    is: ``within`` so many minutes from one boarding to the next (closed), ``at_most`` so many changes of a journey
    (1 where it is not said), and whether ``same_route: true`` a change to the same route counts as well. ``cap`` is
    the most that a journey costs. ``currency`` is its code of three letters.

    References
    ----------
    General Transit Feed Specification, Schedule reference (fares v1 and v2): gtfs.org.
    Pereira, R. H. M., Saraiva, M., Herszenhut, D., Braga, C. K. V., & Conway, M. W. (2021). r5r: Rapid realistic
    routing on multimodal transport networks with R5 in R. Findings.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> rules = '''
    ... currency: BRL
    ... fares:
    ...   bus: {price: 4.80, modes: [bus]}
    ...   train: {price: 4.50, modes: [rail], free_changes: true}
    ... integrated:
    ...   - {rides: [bus, bus], price: 7.20}
    ...   - {rides: [bus, train], price: 8.37}
    ... changes: {within: 60, at_most: 1}
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "fares.yaml"
    ...     _ = file.write_text(rules)
    ...     known = fares(file)
    >>> known.price([("bus", "07:00"), ("bus", "08:00")]), known.price([("bus", "07:00"), ("bus", "08:01")])
    (7.2, 9.6)
    """
    if isinstance(path, str | Path):
        file = path_of(path, "fares")
        if not file.is_dir():
            record_of(file, "fares")  # is it a file that has an end?
        if file.suffix.lower() in {".yaml", ".yml"}:
            return _of_rules(file)
        if STRUCTURE in _members(file):
            return fares_of_r5r(file)
    paths: list[Any] = [path] if isinstance(path, str | Path) or not hasattr(path, "__iter__") else list(path)
    found = fares_of_feeds(paths)
    announce(*found.findings)
    return found


def _members(file: Path) -> set[str]:
    if file.is_dir():
        return {one.name for one in file.iterdir()}
    try:
        with zipfile.ZipFile(file) as archive:
            return {name.rsplit("/", 1)[-1] for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return set()  # and reading it as a feed says why


def _of_rules(file: Path) -> Fares:
    record = record_of(file, "fares")
    try:
        content = plain_yaml(file.read_text(encoding="utf-8-sig"))
    except (NotPlainError, UnicodeDecodeError) as error:
        raise InputError("fares", f"{file.name}: {error}", "Write it as plain YAML.") from error
    rules = _mapping(content, file.name, KEYS)
    listed = _mapping(rules.get("fares"), f"{file.name}, fares", None)
    prices = {name: _mapping(entry, f"fares, {name}", FARE_KEYS) for name, entry in listed.items()}
    if not prices:
        raise InputError("fares", f"{file.name} names no fare", "Give at least one under “fares”, with its price.")
    amounts = {name: amount_of(entry.get("price"), f"price of {name}") for name, entry in prices.items()}
    pairs = _pairs(rules.get("integrated", []), list(prices))
    cap = rules.get("cap")
    highest = None if cap is None else amount_of(cap, "cap")
    digits = digits_of([*amounts.values(), *pairs.values(), *([] if highest is None else [highest])])
    changes = _mapping(rules.get("changes", {}), "changes", CHANGE_KEYS)
    within = changes.get("within")
    at_most = _whole(changes.get("at_most", 1), "changes, at_most")

    def smallest(amount: Decimal) -> int:
        return int(amount.scaleb(digits))

    kinds = tuple(
        Fare(
            str(name),
            smallest(amounts[name]),
            free_changes=_yes(entry.get("free_changes", False), f"{name}, free_changes"),
            same_route=_yes(changes.get("same_route", False), "changes, same_route"),
            within=None if within is None else int(amount_of(within, "changes, within") * 60),
            changes=at_most,
        )
        for name, entry in prices.items()
    )
    told = {key: str(rules[key]) for key in ("licence", "attribution", "data_date") if key in rules}
    return refuse_dearer_first(
        Fares(
            currency=str(rules.get("currency", "")),
            digits=digits,
            kinds=kinds,
            integrated={pair: smallest(amount) for pair, amount in pairs.items()},
            routes=_by(prices, "routes", str),
            modes=_by(prices, "modes", _mode),
            cap=None if highest is None else smallest(highest),
            sources=(record_of(file, "fares", **told) if told else record,),
        )
    )


def _pairs(listed: Any, names: list[str]) -> dict[tuple[int, int], Decimal]:
    if not isinstance(listed, list):
        raise InputError("fares", f"integrated holds {listed!r}", "Give a list of {rides: [one, other], price: …}.")
    made = {}
    for entry in listed:
        rule = _mapping(entry, "integrated", {"rides", "price"})
        rides = rule.get("rides")
        if not isinstance(rides, list) or len(rides) != 2 or not all(ride in names for ride in rides):
            advice = f"Give the kinds of the first and the second ride, of {', '.join(map(str, names))}."
            raise InputError("fares", f"integrated holds the rides {rides!r}", advice)
        pair = (names.index(rides[0]), names.index(rides[1]))
        if pair in made:
            raise InputError("fares", f"integrated holds {rides[0]} and {rides[1]} twice", "Give each pair once.")
        made[pair] = amount_of(rule.get("price"), f"price of {rides[0]} and {rides[1]}")
    return made


def _by(prices: dict[str, dict[str, Any]], key: str, name_of: Any) -> dict[Any, tuple[int, ...]]:
    """Return the kind that each mode or route pays; it pays one."""
    made: dict[Any, tuple[int, ...]] = {}
    for number, (name, entry) in enumerate(prices.items()):
        listed = entry.get(key, [])
        if not isinstance(listed, list):
            raise InputError("fares", f"{key} of {name} holds {listed!r}", "Give a list.")
        for one in map(name_of, listed):
            if one in made:
                raise InputError("fares", f"{key} holds {one!r} more than once", "One kind of fare is paid on each.")
            made[one] = (number,)
    return made


def _mode(given: Any) -> int:
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    if given not in MODES:
        raise InputError("fares", f"modes holds {given!r}", f"Choose among {', '.join(MODES)}, or GTFS's number.")
    return MODES[given]


def _mapping(given: Any, where: str, keys: set[str] | None) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise InputError("fares", f"{where} is no list of names and values", "See the example of sources.fares.")
    strange = [key for key in given if keys is not None and key not in keys]
    if strange:
        known = ", ".join(sorted(keys or ()))
        raise InputError("fares", f"{where} holds {strange[0]!r}, which is not known", f"Choose among {known}.")
    return given


def _yes(given: Any, where: str) -> bool:
    if not isinstance(given, bool):
        raise InputError("fares", f"{where} is {given!r}", "Write true or false.")
    return given


def _whole(given: Any, where: str) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise InputError("fares", f"{where} is {given!r}", "Give a whole number, 0 or more.")
    return given
