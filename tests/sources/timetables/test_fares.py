"""What rides cost: Porto Alegre's rules worked out by hand, fares of feeds, and what cannot be said by rules."""

from __future__ import annotations

import zipfile

import pandas as pd
import pytest

from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError
from spatialjustice.sources import fares
from spatialjustice.sources.timetables.fares.fare_rules import choices_of
from tests.sources.timetables.test_timetable import feed

RULES = """
currency: BRL
fares:
  bus: {price: 4.80, modes: [bus]}
  train: {price: 4.50, modes: [rail], free_changes: true}
integrated:
  - {rides: [bus, bus], price: 7.20}
  - {rides: [bus, train], price: 8.37}
  - {rides: [train, bus], price: 8.37}
changes: {within: 60, at_most: 1}
licence: MIT
"""
JOURNEYS = [
    ("bus", [("bus", "14:00")], 4.80),
    ("train", [("train", "14:00")], 4.50),
    ("train and train", [("train", "14:00"), ("train", "16:00")], 4.50),
    ("bus and bus in the sixtieth minute", [("bus", "14:00"), ("bus", "15:00")], 7.20),
    ("bus and bus a second later", [("bus", "14:00:00"), ("bus", "15:00:01")], 9.60),
    ("the same bus again", [("bus", "14:00", "T5"), ("bus", "14:30", "T5")], 9.60),
    ("bus and train", [("bus", "14:00"), ("train", "14:30")], 8.37),
    ("train and bus", [("train", "14:00"), ("bus", "14:30")], 8.37),
    ("train, train and bus", [("train", "14:00"), ("train", "14:20"), ("bus", "14:50")], 8.37),
    ("bus and train, too late", [("bus", "14:00"), ("train", "15:30")], 9.30),
    # One change is cheaper, that which saves most: 7.20 and 4.80; 7.20 and 4.50, either way round.
    ("three buses", [("bus", "14:00"), ("bus", "14:20"), ("bus", "14:40")], 12.00),
    ("bus, bus and train", [("bus", "14:00"), ("bus", "14:20"), ("train", "14:40")], 11.70),
    ("train, bus and bus", [("train", "14:00"), ("bus", "14:20"), ("bus", "14:40")], 11.70),
    ("nothing", [], 0.0),
]


@pytest.fixture
def rules(tmp_path):
    def write(text=RULES):
        file = tmp_path / "fares.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


@pytest.mark.parametrize(("rides", "price"), [one[1:] for one in JOURNEYS], ids=[one[0] for one in JOURNEYS])
def test_porto_alegre_by_hand(rules, rides, price):
    known = fares(rules())
    assert known.price(rides) == price
    assert (known.currency, known.sources[0].licence) == ("BRL", "MIT")


@pytest.mark.parametrize(("rides", "price"), [one[1:] for one in JOURNEYS], ids=[one[0] for one in JOURNEYS])
def test_porto_alegre_as_r5r_tells_it(shared_data, rides, price):
    """The fare structure that comes with r5r calls the two types BUS and RAIL."""
    known = fares(shared_data("sao_paulo/fares_poa.zip"))
    names = {"bus": "BUS", "train": "RAIL"}
    assert known.price([(names[ride[0]], *ride[1:]) for ride in rides]) == price


def test_porto_alegre_in_its_feed(shared_data):
    """The feed of the buses knows one price, 4.70 in 2019, for each of its 115 routes, and no change but at that."""
    known = fares(shared_data("porto_alegre/poa_eptc.zip"))
    assert len(known.routes) == 115
    assert known.price([("tarifa", "14:00"), ("tarifa", "14:10")]) == 9.4
    assert known.currency == "BRL"
    both = fares([shared_data("porto_alegre/poa_eptc.zip"), shared_data("porto_alegre/poa_trensurb.zip")])
    assert [finding.code for finding in both.findings] == ["feeds_without_fares"]
    with pytest.raises(InputError, match="poa_trensurb tells of no fares"):
        fares(shared_data("porto_alegre/poa_trensurb.zip"))


def test_routes_go_before_modes_and_a_cap_is_the_most(rules):
    text = "fares: {bus: {price: 3, modes: [bus]}, fast: {price: 5.5, routes: [X1]}}\ncap: 7"
    known = fares(rules(text))
    trips = pd.DataFrame({"route_id": ["1", "X1", "f:X1", "2"], "feed": "f", "route_type": [3, 3, 704, 2]})
    choice, choices = choices_of(known, trips)
    assert [choices[one] if one >= 0 else None for one in choice] == [(0,), (1,), (1,), None]
    assert known.price([("bus", "7:00"), ("fast", "8:00")]) == 7.0
    assert known.price([("bus", "7:00")]) == 3.0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("price: 4.80", "price: cheap", "price of bus holds 'cheap'"),
        ("price: 4.80", "price: -1", "price of bus holds -1"),
        ("price: 4.80", "cost: 4.80", "fares, bus holds 'cost'"),
        ("modes: [bus]", "modes: [coach]", "modes holds 'coach'"),
        ("modes: [rail]", "modes: [bus]", "modes holds 3 more than once"),
        ("modes: [bus]", "modes: bus", "modes of bus holds 'bus'"),
        ("[bus, train]", "[bus, boat]", r"integrated holds the rides \['bus', 'boat'\]"),
        ("[bus, train]", "[bus, bus]", "integrated holds bus and bus twice"),
        ("price: 7.20", "price: 2.40", "bus and bus together cost 2.4, and bus alone 4.8"),
        ("at_most: 1", "at_most: many", "changes, at_most is 'many'"),
        ("within: 60", "within: soon", "changes, within holds 'soon'"),
        ("free_changes: true", "free_changes: 1", "train, free_changes is 1"),
        ("currency: BRL", "currencies: BRL", "fares.yaml holds 'currencies'"),
        ("fares:", "fares: []\nx:", "holds 'x'"),
        ("currency: BRL", "currency: BRL\ncurrency: EUR", "fares.yaml: "),
    ],
    ids=lambda text: text[:24],
)
def test_rules_that_say_nothing(rules, old, new, said):
    with pytest.raises(InputError, match=said):
        fares(rules(RULES.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("rides", "said"), [([("boat", "7:00")], "no fare “boat”"), ([("bus", "seven")], "“seven” is no time")], ids=str
)
def test_journeys_that_are_none(rules, rides, said):
    with pytest.raises(InputError, match=said):
        fares(rules()).price(rides)


ATTRIBUTES = "fare_id,price,currency_type,payment_method,transfers,transfer_duration\n"


def test_a_ticket_for_some_changes_and_some_time(tmp_path):
    """A ticket of 2 euros for one change within 30 minutes of the first boarding; then one needs another."""
    known = fares(feed(tmp_path, fare_attributes=f"{ATTRIBUTES}single,2.00,EUR,0,1,1800\n"))
    assert known.price([("single", "7:00", "1"), ("single", "7:30", "1")]) == 2.0
    assert known.price([("single", "7:00"), ("single", "7:31")]) == 4.0
    assert known.price([("single", "7:00"), ("single", "7:10"), ("single", "7:20"), ("single", "7:30")]) == 4.0


def test_the_time_of_a_ticket_is_that_of_its_first_boarding(tmp_path):
    known = fares(feed(tmp_path, fare_attributes=f"{ATTRIBUTES}day,2.00,EUR,0,,3600\n"))
    assert known.price([("day", "7:00"), ("day", "7:50"), ("day", "8:00")]) == 2.0
    assert known.price([("day", "7:00"), ("day", "7:50"), ("day", "8:01")]) == 4.0


def test_fares_for_some_routes(tmp_path):
    routes = "route_id,agency_id,route_short_name,route_type\n1,A,One,3\n2,A,Two,3\n3,B,Three,3\n"
    known = fares(
        feed(
            tmp_path,
            routes=routes,
            fare_attributes="fare_id,price,currency_type,transfers,agency_id\nall,2.5,EUR,0,A\nfast,4,EUR,0,A\n",
            fare_rules="fare_id,route_id\nfast,2\n",
        )
    )
    assert known.routes == {"1": (0,), "2": (0, 1)}


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (
            {"fare_attributes": f"{ATTRIBUTES}a,2,EUR,0,0,\n", "fare_rules": "fare_id,origin_id\na,z1\n"},
            "fare_rules.txt of town: origin_id makes 1 fares hang on zones",
        ),
        (
            {"fare_attributes": f"{ATTRIBUTES}a,2,EUR,0,0,\n", "fare_rules": "fare_id,route_id\nb,1\n"},
            "there is no fare b",
        ),
        ({"fare_attributes": f"{ATTRIBUTES}a,two,EUR,0,0,\n"}, "price of a in town holds 'two'"),
        ({"fare_attributes": f"{ATTRIBUTES}a,2,EUR,0,some,\n"}, "transfers of a holds “some”"),
        ({"fare_attributes": f"{ATTRIBUTES}a,2,EUR,0,0,soon\n"}, "transfer_duration holds “soon”"),
        ({"fare_attributes": f"{ATTRIBUTES}a,2,EUR,0,0,\na,3,EUR,0,0,\n"}, "the fare a is there more than once"),
        ({"fare_attributes": f"{ATTRIBUTES}a,2,EUR,0,0,\nb,3,USD,0,0,\n"}, "prices are in EUR, USD"),
        ({}, "town tells of no fares"),
        (
            {"fare_leg_rules": "leg_group_id,from_area_id,fare_product_id\nl,z,p\n"},
            "from_area_id makes prices hang on areas",
        ),
        ({"fare_leg_rules": "leg_group_id,fare_product_id\nl,p\n"}, "there is no fare product “p”"),
    ],
    ids=range(10),
)
def test_fares_of_feeds_that_cannot_be_read(tmp_path, tables, said):
    with pytest.raises(InputError, match=said):
        fares(feed(tmp_path, **tables))


SECOND = {
    "routes": "route_id,route_short_name,route_type,network_id\n1,One,3,bus\n2,Two,1,metro\n",
    "fare_products": "fare_product_id,amount,currency\nb,1.50,EUR\nm,2.25,EUR\nup,0.75,EUR\n",
    "fare_leg_rules": "leg_group_id,network_id,fare_product_id\nbus,bus,b\nmetro,metro,m\n",
    "fare_transfer_rules": "from_leg_group_id,to_leg_group_id,transfer_count,duration_limit,duration_limit_type,"
    "fare_transfer_type,fare_product_id\nbus,bus,1,3600,1,0,\nbus,metro,,3600,1,0,up\nmetro,bus,,3600,1,2,m\n",
}


def test_fares_of_the_second_version(tmp_path):
    """The first bus and a free second one; 0.75 more for the metro; after the metro the bus is in its price."""
    known = fares(feed(tmp_path, **SECOND))
    assert known.price([("bus", "7:00"), ("bus", "8:00")]) == 1.5
    assert known.price([("bus", "7:00"), ("metro", "8:00")]) == 2.25
    assert known.price([("metro", "7:00"), ("bus", "7:30")]) == 2.25
    assert known.price([("metro", "7:00"), ("metro", "7:30")]) == 4.5
    assert known.price([("bus", "7:00"), ("bus", "7:20"), ("bus", "7:40")]) == 3.0


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("fare_transfer_rules", "3600,1,0,\n", "3600,2,0,\n", "duration_limit_type asks for the time of getting off"),
        ("fare_transfer_rules", "bus,1,3600", "bus,1,1800", "duration_limit holds 1800, 3600"),
        ("fare_transfer_rules", "1,0,up", "1,7,up", "fare_transfer_type holds “7”"),
        ("fare_transfer_rules", "bus,metro", "bus,boat", "a change from “bus” to “boat”"),
        ("fare_leg_rules", "metro,metro,m", "bus,metro,m", "the group bus is there more than once"),
        ("fare_products", "up,0.75,EUR", "b,0.75,EUR", "b costs 1.50 and 0.75"),
    ],
    ids=range(6),
)
def test_fares_of_the_second_version_that_cannot_be_said(tmp_path, table, old, new, said):
    with pytest.raises(InputError, match=said):
        fares(feed(tmp_path, **(SECOND | {table: SECOND[table].replace(old, new, 1)})))


R5R = {
    "global_settings.csv": "setting,value\nmax_discounted_transfers,2\ntransfer_time_allowance,30\nfare_cap,9\n",
    "fares_per_type.csv": "type,unlimited_transfers,allow_same_route_transfer,use_route_fare,fare\n"
    "BUS,FALSE,TRUE,TRUE,0\n",
    "fares_per_transfer.csv": "first_leg,second_leg,fare\nBUS,BUS,5\n",
    "fares_per_route.csv": "agency_id,route_id,route_fare,fare_type\nA,1,3,BUS\nA,2,4.5,BUS\n",
}


def structure(folder, **tables):
    path = folder / "structure.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (R5R | tables).items():
            archive.writestr(f"inside/{name}", text)
    return path


def test_a_type_whose_routes_have_their_own_prices(tmp_path):
    """Two rides together cost 5, whichever they are; two such changes, each within 30 minutes; 9 at most."""
    known = fares(structure(tmp_path))
    assert known.price([("BUS 3", "7:00"), ("BUS 4.5", "7:30")]) == 5.0
    assert known.price([("BUS 3", "7:00"), ("BUS 4.5", "7:30"), ("BUS 3", "8:00")]) == 5.5
    assert known.price([("BUS 3", "7:00"), ("BUS 4.5", "8:30"), ("BUS 3", "10:00")]) == 9.0


@pytest.mark.parametrize(
    ("tables", "error", "said"),
    [
        ({"fares_per_transfer.csv": "first,second\n"}, DamagedFileError, "lacks first_leg, second_leg, fare"),
        ({"fares_per_route.csv": "route_id,route_fare,fare_type\n1,3,BOAT\n"}, InputError, "names the type BOAT"),
        ({"global_settings.csv": ""}, DamagedFileError, "global_settings.csv of structure.zip cannot be read"),
    ],
    ids=range(3),
)
def test_structures_that_cannot_be_read(tmp_path, tables, error, said):
    with pytest.raises(error, match=said):
        fares(structure(tmp_path, **tables))


def test_no_file(tmp_path):
    with pytest.raises(MissingFileError):
        fares(tmp_path / "none.yaml")
