"""Fares that GTFS feeds tell of (v1 and v2), as far as prices hang on routes, changes and time alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.sources.timetables._tables import Feed
from spatialjustice.sources.timetables.fares.fare_rules import Fare, Fares, amount_of, digits_of, refuse_dearer_first

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from decimal import Decimal
    from pathlib import Path

    import pandas as pd


OWN_FILE = "Write what is needed of them into a file of rules (see sources.fares), or leave fares out."
FROM_BOARDING_TO_BOARDING = "1"
BY = {
    "from_area_id": "areas", "to_area_id": "areas", "from_timeframe_group_id": "times of day",
    "to_timeframe_group_id": "times of day",
}  # fmt: skip
"""Columns of ``fare_leg_rules.txt`` that make prices hang on more than the route."""


class _Kind(NamedTuple):
    """A kind of fare before all amounts are known."""

    name: str
    price: Decimal
    within: int | None
    changes: int | None


class _Rules:
    """What is gathered of the feeds: kinds, totals of two rides, and the kinds that each route offers."""

    def __init__(self) -> None:
        self.kinds: list[_Kind] = []
        self.pairs: dict[tuple[int, int], Decimal] = {}
        self.routes: dict[str, tuple[int, ...]] = {}
        self.currencies: set[str] = set()
        self.silent: list[str] = []

    def add(self, name: str, price: Decimal, within: int | None, changes: int | None) -> int:
        self.kinds.append(_Kind(name, price, within, changes))
        return len(self.kinds) - 1


def fares_of_feeds(paths: Sequence[str | Path]) -> Fares:
    """Read the fares that feeds hold; a feed that tells of none is a finding.

    Raises
    ------
    InputError
        When no feed tells of fares, they are in several currencies, or hang on more than routes, changes and time.
    """
    feeds = [Feed(path) for path in paths]
    rules = _Rules()
    for feed in feeds:
        prefix = f"{feed.name}:" if len(feeds) > 1 else ""
        if "fare_leg_rules.txt" in feed:
            _second_version(feed, prefix, rules)
        elif "fare_attributes.txt" in feed:
            _first_version(feed, prefix, rules)
        else:
            rules.silent.append(feed.name)
    if not rules.kinds:
        found = f"{', '.join(feed.name for feed in feeds) or 'nothing'} tells of no fares"
        raise InputError("fares", found, "Give a file of rules: see sources.fares.")
    if len(rules.currencies) > 1:
        raise InputError("fares", f"prices are in {', '.join(sorted(rules.currencies))}", OWN_FILE)
    digits = digits_of([*(kind.price for kind in rules.kinds), *rules.pairs.values()])
    return refuse_dearer_first(
        Fares(
            currency=next(iter(rules.currencies), ""),
            digits=digits,
            kinds=tuple(
                Fare(kind.name, int(kind.price.scaleb(digits)), same_route=True, within=kind.within,
                     changes=kind.changes)
                for kind in rules.kinds
            ),
            integrated={pair: int(total.scaleb(digits)) for pair, total in rules.pairs.items()},
            routes=rules.routes,
            of_journey=False,
            restarts=False,
            sources=tuple(feed.record for feed in feeds),
            findings=_silent(rules.silent),
        )
    )  # fmt: skip


def _silent(names: list[str]) -> tuple[Finding, ...]:
    if not names:
        return ()
    return (
        Finding(
            "feeds_without_fares",
            "warning",
            f"{', '.join(names)} tells of no fares: what its rides cost is not known, and where money counts nobody "
            "rides there.",
            count=len(names),
            advice="Give a file of rules that names all fares: see sources.fares.",
        ),
    )


def _first_version(feed: Feed, prefix: str, rules: _Rules) -> None:
    """Fares v1: a fare is good for some routes, so many changes, so long after its first boarding."""
    fares = feed.table(
        "fare_attributes.txt", ["fare_id", "price", "currency_type", "transfers", "transfer_duration", "agency_id"]
    )
    listed = feed.table("fare_rules.txt", ["fare_id", "route_id", "origin_id", "destination_id", "contains_id"])
    for column in ("origin_id", "destination_id", "contains_id"):
        if (listed[column] != "").any():
            rows = listed.loc[listed[column] != "", "fare_id"].unique()
            raise feed.refuse("fare_rules.txt", f"{column} makes {len(rows)} fares hang on zones ({rows[0]})", OWN_FILE)
    strange = ~listed["fare_id"].isin(fares["fare_id"])
    if strange.any():
        raise feed.refuse("fare_rules.txt", f"there is no fare {listed['fare_id'][strange].iloc[0]}", "Mend that row.")
    if fares["fare_id"].duplicated().any():
        twice = fares.loc[fares["fare_id"].duplicated(), "fare_id"].iloc[0]
        raise feed.refuse("fare_attributes.txt", f"the fare {twice} is there more than once", "Mend that row.")
    routes = feed.table("routes.txt", ["route_id", "agency_id"]).drop_duplicates("route_id")
    offered: dict[str, list[int]] = {route: [] for route in routes["route_id"]}
    for row in fares.to_dict("records"):
        price = amount_of(row["price"], f"price of {row['fare_id']} in {feed.name}")
        if row["transfers"] not in {"", "0", "1", "2"} and not row["transfers"].isdecimal():
            found = f"transfers of {row['fare_id']} holds “{row['transfers']}”"
            raise feed.refuse("fare_attributes.txt", found, "Give how many there may be, or nothing for any number.")
        changes = None if row["transfers"] == "" else int(row["transfers"])
        number = rules.add(prefix + row["fare_id"], price, _seconds(feed, row["transfer_duration"]), changes)
        rules.currencies.add(row["currency_type"])
        if changes != 0:
            rules.pairs[number, number] = price
        for route in _routes_of(row, listed, routes):
            offered.setdefault(route, []).append(number)
    rules.routes |= {prefix + route: tuple(kinds) for route, kinds in offered.items() if kinds}


def _routes_of(fare: dict[Hashable, Any], listed: pd.DataFrame, routes: pd.DataFrame) -> list[str]:
    """Return the routes of a fare: those its rules name; all of its agency where it has no rules that name any."""
    named = listed.loc[listed["fare_id"] == fare["fare_id"], "route_id"]
    if (named != "").any():
        return list(dict.fromkeys(named[named != ""]))
    mine = routes["agency_id"].isin([fare["agency_id"], ""]) if fare["agency_id"] else routes["agency_id"].notna()
    return list(routes.loc[mine, "route_id"])


def _seconds(feed: Feed, text: str) -> int | None:
    if text and not text.isdecimal():
        raise feed.refuse("fare_attributes.txt", f"transfer_duration holds “{text}”", "Give whole seconds.")
    return int(text) if text else None


def _second_version(feed: Feed, prefix: str, rules: _Rules) -> None:
    """Fares v2 without areas, times of day and kinds of rider: a product for each network, and for changes."""
    legs = feed.table("fare_leg_rules.txt", ["leg_group_id", "network_id", *BY, "fare_product_id"])
    for column, what in BY.items():
        if (legs[column] != "").any():
            raise feed.refuse("fare_leg_rules.txt", f"{column} makes prices hang on {what}", OWN_FILE)
    amounts = _products(feed, rules)
    routes = feed.table("routes.txt", ["route_id", "network_id"]).drop_duplicates("route_id")
    network = dict(zip(routes["route_id"], routes["network_id"], strict=True))
    apart = feed.table("route_networks.txt", ["network_id", "route_id"])
    network |= dict(zip(apart["route_id"], apart["network_id"], strict=True))
    changes = feed.table(
        "fare_transfer_rules.txt",
        ["from_leg_group_id", "to_leg_group_id", "transfer_count", "duration_limit", "duration_limit_type",
         "fare_transfer_type", "fare_product_id"],
    )  # fmt: skip
    within, at_most = _limits(feed, changes)
    groups: dict[str, int] = {}
    of_network: dict[str, list[int]] = {}
    for row in legs.to_dict("records"):
        if row["fare_product_id"] not in amounts:
            found = f"there is no fare product “{row['fare_product_id']}”"
            raise feed.refuse("fare_leg_rules.txt", found, "Give the product that each leg is paid with.")
        group = row["leg_group_id"] or row["fare_product_id"]
        if group in groups:
            found = f"the group {group} is there more than once"
            raise feed.refuse("fare_leg_rules.txt", found, OWN_FILE)
        groups[group] = rules.add(prefix + group, amounts[row["fare_product_id"]], within, at_most)
        of_network.setdefault(row["network_id"], []).append(groups[group])
    for route, name in network.items():
        kinds = of_network.get(name) or of_network.get("")
        if kinds:
            rules.routes[prefix + route] = tuple(kinds)
    for row in changes.to_dict("records"):
        _change(feed, row, groups, amounts, rules)


def _products(feed: Feed, rules: _Rules) -> dict[str, Decimal]:
    table = feed.table("fare_products.txt", ["fare_product_id", "rider_category_id", "amount", "currency"])
    made: dict[str, Decimal] = {}
    for row in table.to_dict("records"):
        name = row["fare_product_id"]
        amount = amount_of(row["amount"], f"amount of {name} in {feed.name}")
        if made.setdefault(name, amount) != amount:
            found = f"{name} costs {made[name]} and {amount}: by who rides, or how it is paid"
            raise feed.refuse("fare_products.txt", found, OWN_FILE)
        rules.currencies.add(row["currency"])
    return made


def _limits(feed: Feed, changes: pd.DataFrame) -> tuple[int | None, int | None]:
    """Return the seconds and the number of changes that all rules of a feed share."""
    kinds = set(changes.loc[changes["duration_limit"] != "", "duration_limit_type"])
    if kinds - {FROM_BOARDING_TO_BOARDING}:
        found = "duration_limit_type asks for the time of getting off"
        raise feed.refuse("fare_transfer_rules.txt", found, OWN_FILE)
    for column in ("duration_limit", "transfer_count"):
        same = changes["from_leg_group_id"] == changes["to_leg_group_id"]
        values = set(changes.loc[same, column] if column == "transfer_count" else changes[column])
        if len(values) > 1 or not all(value.lstrip("-").isdecimal() for value in values if value):
            raise feed.refuse("fare_transfer_rules.txt", f"{column} holds {', '.join(sorted(values))}", OWN_FILE)
    limit = next(iter(changes["duration_limit"]), "")
    counts = [text for text in changes["transfer_count"] if text]
    at_most = int(counts[0]) if counts else -1
    return (int(limit) if limit else None), (None if at_most < 0 else at_most)


def _change(
    feed: Feed, row: dict[Hashable, Any], groups: dict[str, int], amounts: dict[str, Decimal], rules: _Rules
) -> None:
    """Take a rule of what a change costs: the first ride and the product, both rides and it, or the product alone."""
    first, second = row["from_leg_group_id"], row["to_leg_group_id"]
    product = row["fare_product_id"]
    if first not in groups or second not in groups or (product and product not in amounts):
        found = f"a change from “{first}” to “{second}” with the product “{product}”"
        raise feed.refuse("fare_transfer_rules.txt", found, OWN_FILE)
    pair = groups[first], groups[second]
    before, after = (rules.kinds[number].price for number in pair)
    extra = amounts[product] if product else 0 * before
    kind = row["fare_transfer_type"]
    totals = {"0": before + extra, "1": before + extra + after, "2": extra}
    if kind not in totals or pair in rules.pairs:
        found = f"fare_transfer_type holds “{kind}”" if kind not in totals else f"{first} to {second} is there twice"
        raise feed.refuse("fare_transfer_rules.txt", found, OWN_FILE)
    rules.pairs[pair] = totals[kind]
