"""Opening hours by hand: holidays by country and region, fallback rules, the sun, and what is not known.

Days: 2024-03-20 is a Wednesday and 1 Farvardin 1403 (Nowruz); 2024-05-30 a Thursday, Day of the Canary Islands, a
holiday in Spain's regions ES-CN and, as Corpus Christi, ES-CM; 2024-07-16 is Ashura (10 Muharram 1446, by the moon);
2024-05-27 is Memorial Day, a Monday and a holiday in the United States; 2024-06-01 is a Saturday.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of
from spatialjustice.sources.osm.hours.opening_hours import open_at, open_supply


def asked(hours, moment, country=None, where=None):
    places = pd.DataFrame({"opening_hours": [hours]}, index=["a"])
    if where is not None:
        places = gpd.GeoDataFrame(places, geometry=gpd.points_from_xy([where[1]], [where[0]]).tolist(), crs=4326)
    found = open_at(places, moment, country=country)
    return found.iloc[0], {one.code: one for one in findings_of(found)}


@pytest.mark.parametrize(
    ("hours", "moment", "country", "state"),
    [
        # Holidays of the sun's calendar and of the moon's.
        ("Sa-We 08:00-20:00; PH off", "2024-03-20 10:00", "IR", "closed"),
        ("Sa-We 08:00-20:00; PH off", "2024-07-16 10:00", "IR", "closed"),
        ("Sa-We 08:00-20:00; PH off", "2024-07-17 10:00", "ir", "open"),
        ("Mo-Fr 08:00-20:00; PH off", "2024-08-15 10:00", "IN", "closed"),  # Independence Day of India
        ("Mo-Fr 08:00-20:00; PH off", "2024-05-30 10:00", "ES-CN", "closed"),
        ("Mo-Fr 08:00-20:00; PH off", "2024-05-30 10:00", "ES-MD", "open"),
        # Holidays in lists, with weekdays, and days after holidays.
        ("Mo-Fr 08:00-18:00; PH,Sa 10:00-12:00", "2024-05-27 11:00", "US", "open"),
        ("Mo-Fr 08:00-18:00; PH,Sa 10:00-12:00", "2024-05-27 16:00", "US", "closed"),
        ("Mo-Fr 08:00-18:00; PH Mo 10:00-12:00", "2024-05-27 16:00", "US", "closed"),
        ("Mo-Fr 08:00-18:00; PH Mo 10:00-12:00", "2024-05-20 16:00", "US", "open"),
        ("PH Mo-Fr 10:00-12:00", "2024-05-28 11:00", "US", "closed"),
        ("PH Sa,Su 10:00-12:00", "2024-05-27 11:00", "US", "closed"),
        ("Mo-Fr 08:00-18:00; PH +1 day off", "2024-05-28 11:00", "US", "closed"),
        ("Mo[-1] PH 08:00-10:00", "2024-05-27 09:00", "US", "open"),
        ("Mo[1] PH 08:00-10:00", "2024-05-27 09:00", "US", "closed"),
        # Fallback rules hold wherever nothing before them says open, also on days with another rule.
        ("Mo-Fr 08:00-12:00 || 14:00-18:00", "2024-05-30 15:00", None, "open"),
        ("Mo-Fr 08:00-12:00 || 14:00-18:00", "2024-05-30 13:00", None, "closed"),
        ("Mo-Fr 08:00-12:00 || unknown", "2024-05-30 15:00", None, "unknown"),
        ('We-Fr 10:00-24:00 open "now" || "please; call"; PH off', "2024-05-28 15:00", "US", "unknown"),
        ('We-Fr 10:00-24:00 open "now" || "please; call"; PH off', "2024-05-27 15:00", "US", "closed"),
        ('"by appointment"', "2024-05-30 15:00", None, "unknown"),
        # Past midnight.
        ("Fr 20:00-02:00", "2024-06-01 01:00", None, "open"),
        ("Mo-Su 20:00-02:00", "2024-06-01 01:00", None, "open"),
        ("Fr 20:00-02:00, Sa 10:00-12:00", "2024-06-01 01:00", None, "open"),
        ("Fr 08:00-20:00; Sa off", "2024-06-01 01:00", None, "closed"),
    ],
)
def test_hours_by_hand(hours, moment, country, state):
    assert asked(hours, moment, country)[0] == state


@pytest.mark.parametrize(
    "hours", ["Fr 20:00-02:00; Sa 10:00-12:00", "Fr 20:00-02:00; Sa off", "Mo-Su 20:00-02:00; Fr 20:00-22:00"]
)
def test_hours_past_midnight_that_two_rules_contradict_are_unknown(hours):
    state, told = asked(hours, "2024-06-01 01:00")
    assert (state, told["hours_past_midnight_contradict"].count) == ("unknown", 1)


def test_school_holidays_are_told_as_unknown_only_where_they_matter():
    """On a Sunday the place is closed whether or not the schools are."""
    state, told = asked("Mo-Fr 08:00-18:00; SH off", "2024-05-28 16:00")
    assert (state, told["school_holidays_unknown"].count) == ("unknown", 1)
    assert asked("Mo-Fr 08:00-18:00; SH off", "2024-05-26 16:00") == ("closed", {})


def test_a_holiday_of_some_regions_is_told():
    state, told = asked("Mo-Fr 08:00-20:00; PH off", "2024-05-30 10:00", "ES")
    assert state == "open"
    assert "ES-CM, ES-CN" in told["holidays_of_regions"].message
    assert set(asked("Mo-Fr 08:00-20:00; PH off", "2024-05-29 10:00", "ES")[1]) == {"local_holidays_not_known"}


def test_holidays_left_out_are_told_where_they_matter():
    assert set(asked("Mo-Fr 08:00-20:00; PH off", "2024-05-30 10:00")[1]) == {"public_holidays_left_out"}
    assert asked("Mo-Fr 08:00-20:00; PH off", "2024-05-30 23:00")[1] == {}
    # Ceuta and Melilla have letters of their own in some lists, but no calendar here.
    assert set(asked("Mo-Fr 08:00-20:00; PH off", "2024-05-30 10:00", "EA")[1]) == {"public_holidays_left_out"}
    # Before the calendar begins nothing is known either.
    assert set(asked("Sa-We 08:00-20:00; PH off", "1950-01-02 10:00", "IR")[1]) == {"public_holidays_left_out"}


def test_days_by_the_moon_to_come_are_told_as_estimated():
    """Eid al-Fitr of 1448 is expected about 10 March 2027, a Wednesday."""
    for day in ("2027-03-09", "2027-03-10"):
        assert "public_holidays_estimated" in asked("Sa-We 08:00-20:00; PH off", f"{day} 10:00", "IR")[1]


@pytest.mark.parametrize("code", ["XX", "ZZ", "EU", "UK", "Iran", "ES-XX", "I", ""])
def test_codes_of_no_country_are_refused(code):
    with pytest.raises(InputError, match="country"):
        open_at(pd.DataFrame({"opening_hours": ["PH off"]}), "2024-03-20 10:00", country=code)


def test_hours_by_the_sun_go_by_place_and_day():
    """Berlin: the sun sets at 21:33 on 21 June and at 15:54 on 21 December 2024 local time, give or take a
    minute; beyond the polar circle it does not set in June, nor rise in December."""
    berlin, tromso = (52.52, 13.40), (69.65, 18.96)
    for moment, where, state in [
        ("2024-06-21 21:20", berlin, "open"),
        ("2024-06-21 21:45", berlin, "closed"),
        ("2024-12-21 15:40", berlin, "open"),
        ("2024-12-21 16:10", berlin, "closed"),
        ("2024-06-21 01:00", tromso, "open"),
        ("2024-12-21 12:00", tromso, "closed"),
    ]:
        assert asked("sunrise-sunset", moment, where=where) == (state, {})


def test_hours_by_the_sun_without_a_place_are_unknown_near_its_rising_and_setting():
    state, told = asked("Mo-Su sunrise-sunset", "2024-06-21 20:00")
    assert (state, told["sun_hours_without_place"].count) == ("unknown", 1)
    assert asked("Mo-Su sunrise-sunset", "2024-06-21 12:30") == ("open", {})


def test_every_place_has_its_own_sun_and_an_order_of_its_own():
    """At 19:00 local time of 21 June it is day in Berlin and night in Quito (sunset 18:20)."""
    places = gpd.GeoDataFrame(
        {"opening_hours": ["sunrise-sunset", "24/7", "sunrise-sunset"]},
        geometry=gpd.points_from_xy([13.4, 0, -78.5], [52.5, 0, -0.2]),
        crs=4326,
        index=["berlin", "any", "quito"],
    ).to_crs(3857)
    assert open_at(places, "2024-06-21 19:00").to_list() == ["open", "open", "closed"]


def test_supply_carries_what_is_not_known():
    places = pd.DataFrame({"opening_hours": ["Mo-Fr 08:00-18:00; SH off", "24/7"]}, index=["a", "b"])
    both = [open_supply(places, "2024-05-28 16:00", unknown=word).to_dict() for word in ("open", "closed")]
    assert both == [{"a": 1, "b": 1}, {"a": 0, "b": 1}]


def test_hours_are_found_in_tags_where_a_column_of_that_name_is_empty():
    places = pd.DataFrame({"opening_hours": [None], "tags": [{"opening_hours": "24/7"}]})
    assert open_at(places, "2024-05-28 16:00").to_list() == ["open"]
