"""Fare structures of the R package r5r: prices by type of route, and what two rides cost together."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from typing import TYPE_CHECKING

import pandas as pd

from spatialjustice._core.errors import DamagedFileError, InputError
from spatialjustice._core.provenance import SourceRecord, checksum
from spatialjustice.sources.known_files import record_of
from spatialjustice.sources.timetables.fares.fare_rules import Fare, Fares, amount_of, digits_of, refuse_dearer_first

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

STRUCTURE = "fares_per_type.csv"
TABLES = {
    "global_settings.csv": ["setting", "value"],
    STRUCTURE: ["type", "unlimited_transfers", "allow_same_route_transfer", "use_route_fare", "fare"],
    "fares_per_transfer.csv": ["first_leg", "second_leg", "fare"],
    "fares_per_route.csv": ["route_id", "route_fare", "fare_type"],
}
LARGEST = 50_000_000
"""Bytes that a table may unpack to."""
UNREADABLE = (
    KeyError,
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
ENDLESS = {"inf", "infinity", ""}


def fares_of_r5r(path: Path) -> Fares:
    """Read a fare structure that r5r wrote.

    As r5r counts: discounted changes are counted over the journey; the time of a change is that from one boarding to
    the next; changes within a type that has them without limit are free at any time and count as none.

    Raises
    ------
    DamagedFileError, InputError
        When a table or column is missing, or an amount is none.
    """
    tables = _tables(path)
    settings = dict(zip(tables["global_settings.csv"]["setting"], tables["global_settings.csv"]["value"], strict=True))
    changes = amount_of(settings.get("max_discounted_transfers") or "1", "max_discounted_transfers")
    minutes = settings.get("transfer_time_allowance", "")
    cap = _endless(settings.get("fare_cap", ""), "fare_cap")
    types = tables[STRUCTURE].set_index("type")
    routes = tables["fares_per_route.csv"]
    strange = ~routes["fare_type"].isin(types.index)
    if strange.any():
        found = f"fares_per_route.csv names the type {routes['fare_type'][strange].iloc[0]}"
        raise InputError("fares", found, f"Types are those of {STRUCTURE}.")
    # A type whose routes have prices of their own is a kind of fare for each of its prices.
    keys = [
        (kind, amount_of(price if types.loc[kind, "use_route_fare"] == "TRUE" else types.loc[kind, "fare"], kind))
        for kind, price in zip(routes["fare_type"], routes["route_fare"], strict=True)
    ]
    number = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    totals = tables["fares_per_transfer.csv"]
    pairs: dict[tuple[int, int], Decimal] = {
        (number[one], number[other]): amount_of(total, "fares_per_transfer.csv")
        for first, second, total in zip(totals["first_leg"], totals["second_leg"], totals["fare"], strict=True)
        for one in number
        if one[0] == first
        for other in number
        if other[0] == second
    }
    digits = digits_of([*(price for _, price in number), *pairs.values(), *([] if cap is None else [cap])])
    own = types["use_route_fare"] == "TRUE"
    kinds = tuple(
        Fare(
            f"{kind} {price}" if own[kind] else kind,
            int(price.scaleb(digits)),
            free_changes=types.loc[kind, "unlimited_transfers"] == "TRUE",
            same_route=types.loc[kind, "allow_same_route_transfer"] == "TRUE",
            within=None if minutes.lower() in ENDLESS else int(amount_of(minutes, "transfer_time_allowance") * 60),
            changes=int(changes),
        )
        for kind, price in number
    )
    return refuse_dearer_first(
        Fares(
            currency="",
            digits=digits,
            kinds=kinds,
            integrated={pair: int(total.scaleb(digits)) for pair, total in pairs.items()},
            routes={route: (number[key],) for route, key in zip(routes["route_id"], keys, strict=True)},
            cap=None if cap is None else int(cap.scaleb(digits)),
            sources=(record(path),),
        )
    )


def _endless(text: str, where: str) -> Decimal | None:
    return None if text.lower() in ENDLESS else amount_of(text, where)


def _tables(path: Path) -> dict[str, pd.DataFrame]:
    made = {}
    for name, columns in TABLES.items():
        try:
            frame = pd.read_csv(io.BytesIO(_bytes(path, name)), dtype=str, keep_default_na=False, na_filter=False)
        except UNREADABLE as error:
            found = f"{name} of {path.name} cannot be read ({error})"
            raise DamagedFileError("fares", found, "Give the whole fare structure as r5r wrote it.") from error
        lost = [column for column in columns if column not in frame]
        if lost:
            found = f"{name} of {path.name} lacks {', '.join(lost)}"
            raise DamagedFileError("fares", found, "Give the whole fare structure as r5r wrote it.")
        made[name] = frame.apply(lambda column: column.str.strip())
    return made


def _bytes(path: Path, name: str) -> bytes:
    if path.is_dir():
        return (path / name).read_bytes()
    with zipfile.ZipFile(path) as archive:
        members = [
            one
            for one in archive.infolist()
            if one.filename.rsplit("/", 1)[-1] == name and "__MACOSX" not in one.filename
        ]
        if not members or members[0].file_size > LARGEST:
            message = "it is too large" if members else "it is not there"
            raise ValueError(message)
        return archive.read(members[0])


def record(path: Path) -> SourceRecord:
    """Return the source record of a fare structure: of its archive, or of all tables of its folder as one."""
    if not path.is_dir():
        return record_of(path, "fares")
    parts = [f"{name} {checksum(path / name)}" for name in TABLES]
    size = sum((path / name).stat().st_size for name in TABLES)
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return SourceRecord("fares", path.name, digest, size, note=f"a folder of {len(parts)} tables")
