"""Filters of supply, by hand and by the rules of OpenStreetMap's opening hours."""
# ruff: noqa: RUF001 (Persian digits are meant)

import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.access.cumulative import cumulative_cutoff
from spatialjustice.sources.osm.hours.opening_hours import open_at, open_supply
from spatialjustice.sources.osm.places.price import price
from spatialjustice.sources.osm.places.services import services
from spatialjustice.sources.osm.places.supply import capacity, eligible, wheelchair_access

TUESDAY = "2023-02-21"


def codes(result):
    return {item["code"]: item["count"] for item in result.attrs["findings"]}


@pytest.mark.parametrize(
    ("hours", "hour", "expected"),
    [
        ("24/7", "03:00", "open"),
        ("Mo-Fr 08:00-20:00; Sa 09:00-14:00", "10:00", "open"),
        ("Mo-Fr 08:00-20:00; Sa 09:00-14:00", "20:00", "closed"),  # the end is open
        ("Mo-Fr 08:00-20:00", "08:00", "open"),
        ("Sa,Su 08:00-20:00", "10:00", "closed"),
        ("22:00-02:00", "23:30", "open"),
        ("Mo 22:00-26:00", "01:00", "open"),  # Monday night reaches into Tuesday
        ("Tu 22:00-26:00", "01:00", "closed"),
        ("sunrise-sunset", "12:00", "open"),
        ("Mo-Su ۰۸:۰۰-۲۰:۰۰", "10:00", "open"),
        ("Apr-Sep 08:00-20:00", "10:00", "closed"),
        ("off", "10:00", "closed"),
        ("Mo-Fr 08:00-20:00 unknown", "10:00", "unknown"),
        ("by appointment", "10:00", "unknown"),
        (None, "10:00", "unknown"),
        (np.nan, "10:00", "unknown"),
    ],
)
def test_open_at_by_hand(hours, hour, expected):
    """21 February 2023 was a Tuesday."""
    places = pd.DataFrame({"opening_hours": [hours]}, index=["a"])
    assert open_at(places, f"{TUESDAY} {hour}").to_list() == [expected]


def test_public_holidays_need_a_country():
    """Epiphany is a holiday in Spain: 6 January 2023, a Friday."""
    places = pd.DataFrame({"opening_hours": ["Mo-Fr 08:00-20:00; PH off"]})
    assert open_at(places, "2023-01-06 10:00").to_list() == ["open"]
    assert open_at(places, "2023-01-06 10:00", country="ES").to_list() == ["closed"]
    with pytest.raises(InputError, match="country"):
        open_at(places, "2023-01-06 10:00", country="Spain")


def test_what_is_not_known_is_counted_and_named():
    places = pd.DataFrame({"opening_hours": ["24/7", "when the light is on", None, ""]}, index=list("abcd"))
    found = open_at(places, datetime.fromisoformat("2023-02-21T22:00"))
    assert found.to_list() == ["open", "unknown", "unknown", "unknown"]
    assert codes(found) == {"opening_hours_missing": 2, "opening_hours_unread": 1}
    assert "when the light is on" in str(found.attrs["findings"])


def test_closed_at_ten_in_the_evening_nobody_reaches_it():
    """N14: at 22:00 the day clinic offers nothing, and cumulative access falls by its beds."""
    places = pd.DataFrame(
        {"tags": [{"opening_hours": "24/7"}, {"opening_hours": "Mo-Fr 08:00-20:00"}, {}]}, index=[1, 2, 3]
    )
    pairs = pd.DataFrame({"from_id": "a", "to_id": [1, 2, 3], "travel_cost": [5.0, 6, 7]})
    beds = pd.Series({1: 20.0, 2: 100, 3: 7})
    reached = {
        (hour, unknown): cumulative_cutoff(
            pairs, open_supply(places, f"{TUESDAY} {hour}", supply=beds, unknown=unknown), cutoff=10
        )["a"]
        for hour in ("10:00", "22:00")
        for unknown in ("open", "closed")
    }
    assert reached == {
        ("10:00", "open"): 127, ("10:00", "closed"): 120, ("22:00", "open"): 27, ("22:00", "closed"): 20,
    }  # fmt: skip


def test_faults_of_a_moment_and_of_supply():
    places = pd.DataFrame({"opening_hours": ["24/7", "24/7"]}, index=["a", "b"])
    for moment in ("tomorrow", "22:00", 5, datetime(2023, 2, 21, tzinfo=UTC)):
        with pytest.raises(InputError, match="moment"):
            open_at(places, moment)
    with pytest.raises(InputError, match="supply"):
        open_supply(places, TUESDAY, supply=pd.Series({"a": 1}))
    with pytest.raises(InputError, match="unknown"):
        open_supply(places, TUESDAY, unknown="maybe")


def test_capacity_by_hand():
    """The first tag that is a plain number counts; words are no numbers."""
    places = pd.DataFrame(
        {"capacity": ["۱۲۰", "100-120", None, None], "beds": ["7", "90", "4.5", "some"]}, index=list("abcd")
    )
    found = capacity(places, default=1)
    assert found.to_dict() == {"a": 120, "b": 90, "c": 4.5, "d": 1}
    assert codes(found) == {"capacity_assumed": 1}
    with pytest.raises(InputError, match="1 of 4") as caught:
        capacity(places)
    assert list(caught.value.rows) == ["d"]


def test_eligible_by_hand():
    """ISCED 2011: at 8 one is in primary school (level 1), at 13 in lower secondary (2), at 16 in upper (3)."""
    schools = pd.DataFrame(
        {"isced:level": ["1", "1-3", "2;3", None, "0"], "min_age": [None] * 4 + ["5"], "max_age": [None] * 4 + ["9"]}
    )
    expected = {8: "yyn?y", 13: "nyy?n", 16: "nyy?n", 4: "nnn?n", 5: "nnn?y"}
    letters = {"eligible": "y", "not_eligible": "n", "unknown": "?"}
    for age, answers in expected.items():
        assert "".join(letters[item] for item in eligible(schools, age=age)) == answers
    assert codes(eligible(schools, age=8)) == {"eligibility_unknown": 1}
    assert eligible(schools, age=8, levels={1: (6, 7)}).to_list()[0] == "not_eligible"
    with pytest.raises(InputError, match="age"):
        eligible(schools, age=-1)


def test_price_and_wheelchair_by_hand():
    places = pd.DataFrame(
        {"tags": [{"fee": "no"}, {"fee": "yes"}, {"charge": "3 EUR"}, {"internet_access:fee": "customers"}, None]}
    )
    assert price(places).to_list() == ["free", "fee", "fee", "unknown", "unknown"]
    assert price(places, tags=("internet_access:fee",)).to_list()[3] == "fee"
    chairs = wheelchair_access(pd.DataFrame({"wheelchair": ["yes", "no", "limited", "sometimes", None]}))
    assert chairs.to_list() == ["yes", "no", "limited", "unknown", "unknown"]
    assert codes(chairs) == {"wheelchair_unknown": 2}


def test_every_pharmacy_of_las_palmas_has_one_answer(shared_data):
    pharmacies = services(shared_data("las_palmas/las_palmas_20230221.osm.pbf"), "pharmacy")
    found = open_at(pharmacies, f"{TUESDAY} 11:00", country="ES").value_counts()
    at_night = open_at(pharmacies, f"{TUESDAY} 03:00", country="ES").value_counts()
    assert found.sum() == at_night.sum() == len(pharmacies)
    assert found["open"] > at_night["open"]
    assert found["unknown"] == at_night["unknown"]


def test_the_reader_of_hours_loads_only_when_it_is_needed():
    code = "import sys, spatialjustice.sources.osm.hours.opening_hours\nassert 'opening_hours' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"charge": "0 EUR"}, "free"),
        ({"charge": "€0,00"}, "free"),
        ({"charge": "0.00 USD/2 hours"}, "free"),
        ({"charge": "۰ تومان"}, "free"),
        ({"charge": "0 EUR/hour; 0 EUR/day"}, "free"),
        ({"charge": "0 EUR; 2 EUR/day"}, "fee"),
        ({"charge": "0.05 EUR"}, "fee"),
        ({"charge": "1,000 IRR"}, "fee"),
        ({"charge": "0-5 CHF"}, "fee"),
        ({"charge": "varies"}, "fee"),
        ({"charge": "0 EUR @ (Su)"}, "unknown"),
        ({"charge": "2 EUR; 0 EUR @ (age < 6)"}, "fee"),
        ({"fee": "0 EUR"}, "free"),
        ({"fee": "2 EUR"}, "fee"),
        ({"fee": "some"}, "unknown"),
    ],
)
def test_a_price_of_zero_is_no_price_whatever_its_currency(tags, said):
    assert price(pd.DataFrame({"tags": [tags]})).to_list() == [said]
