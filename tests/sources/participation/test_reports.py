"""Tables of reports with every fault that such tables have: each is named, counted, and handled as told."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from spatialjustice._core.errors import DamagedFileError, InputError, WrongPlaceError
from spatialjustice.sources import reports

CHICAGO = {
    "id": "SR_NUMBER", "kind": "SR_TYPE", "opened": "CREATED_DATE", "closed": "CLOSED_DATE", "status": "STATUS",
    "latitude": "LATITUDE", "longitude": "LONGITUDE", "incident": "PARENT",
}  # fmt: skip
FORM = "%m/%d/%Y %I:%M:%S %p"
TABLE = """SR_NUMBER,SR_TYPE,CREATED_DATE,CLOSED_DATE,STATUS,LATITUDE,LONGITUDE,PARENT,WARD
SR1,Pothole,03/10/2024 01:30:00 AM,03/12/2024 09:00:00 AM,Completed,41.9,-87.6,P1,1
SR2,Pothole,03/10/2024 02:30:00 AM,03/09/2024 09:00:00 AM,Completed - Dup,41.9,-87.6,P1,1
SR3,Pothole,11/03/2024 01:30:00 AM,,Open,0,0,,2
SR3,Pothole,11/03/2024 01:30:00 AM,11/09/2024 01:30:00 AM,Completed,41.8,-87.6,,2
SR4,Tree,02/31/2024 01:30:00 AM,,Strange,,,,2
SR5,Tree,06/30/2024 01:30:00 AM,01/01/2030 01:00:00 AM,Completed,41.8,-87.7,,2
SR1,Pothole,03/10/2024 01:30:00 AM,03/12/2024 09:00:00 AM,Completed,41.9,-87.6,P1,1
,Tree,06/30/2024 01:30:00 PM,,Open,41.8,-87.7,,2
"""


def codes(frame):
    return {one["code"]: one["count"] for one in frame.attrs["findings"]}


@pytest.fixture
def chicago(tmp_path):
    """A synthetic table in the form of Chicago's, with a fault of each kind."""
    path = tmp_path / "requests.csv"
    path.write_text(TABLE)
    return path


def test_every_fault_of_a_table_is_named(chicago):
    """Clocks of Chicago: 01:30 on 10 March is 07:30 in universal time; at 02:30 they stood at 03:00 (08:00).

    On 3 November 01:30 came twice, the first time at 06:30 in universal time.
    """
    found = reports(chicago, columns=CHICAGO, time_zone="America/Chicago", time_format=FORM, moment="2025-01-01")
    assert sorted(found.index) == ["SR1", "SR2", "SR3", "SR4", "SR5", "row 8"]
    assert str(found.loc["SR1", "opened"]) == "2024-03-10 07:30:00+00:00"
    assert str(found.loc["SR2", "opened"]) == "2024-03-10 08:00:00+00:00"
    assert str(found.loc["SR3", "opened"]) == "2024-11-03 06:30:00+00:00"
    assert found["time_fault"].to_dict() == {
        "SR1": "", "SR2": "closed before opened", "SR3": "", "SR4": "not known when opened", "SR5": "in the future",
        "row 8": "",
    }  # fmt: skip
    assert found["status"].to_dict() == {
        "SR1": "closed", "SR2": "closed", "SR3": "closed", "SR4": "unknown", "SR5": "closed", "row 8": "open",
    }  # fmt: skip
    assert pd.isna(found.loc["SR5", "closed"]), "a planned closing is none"
    assert pd.isna(found.loc["SR4", "geometry"])
    assert found.loc["SR3", "geometry"].x == -87.6, "the state that was updated last counts"
    assert found.loc["SR1", ["incident", "WARD"]].tolist() == ["P1", "1"]
    assert codes(found) == {
        "times_when_clocks_change": 3,
        "times_unreadable": 1,
        "reports_closed_before": 1,
        "reports_in_future": 1,
        "reports_undated": 1,
        "report_states_unknown": 1,
        "reports_without_id": 1,
        "reports_repeated": 1,
        "reports_contradict": 1,
        "reports_without_coordinates": 1,
    }
    (line,) = found.attrs["ledger"]
    assert (line["before"], line["after"]) == (8, 6)
    assert found.attrs["as_of"] == "2025-01-01T00:00:00+00:00"


def test_days_are_not_guessed_and_zones_are_asked_for(chicago):
    with pytest.raises(InputError, match="which of two numbers is the month is not guessed"):
        reports(chicago, columns=CHICAGO)
    found = reports(chicago, columns=CHICAGO, time_format=FORM)
    # Eight openings, of which one is no day, and five closings, none of which says its zone.
    assert codes(found)["times_without_zone"] == 12
    with pytest.raises(InputError, match="there is no time zone 'Chicago'"):
        reports(chicago, columns=CHICAGO, time_format=FORM, time_zone="Chicago")


def request(number, **other):
    return {
        "service_request_id": number, "service_name": "Pothole", "status": "open", "lat": 41.9, "long": -87.6,
        "requested_datetime": "2024-05-01T08:00:00-05:00", "updated_datetime": "2024-05-03T08:00:00-05:00", **other,
    }  # fmt: skip


@pytest.mark.parametrize("wrapped", [False, True], ids=["a list", "a list in an object"])
def test_an_answer_of_open311(tmp_path, wrapped):
    rows = [request(7, status="closed"), request(8, media_url={"a": 1}), request(9, lat=None, long=None)]
    path = tmp_path / "requests.json"
    path.write_text(json.dumps({"service_requests": rows} if wrapped else rows))
    found = reports(path)
    assert found.index.tolist() == ["7", "8", "9"]
    assert str(found.loc["7", "closed"]) == "2024-05-03 13:00:00+00:00"
    assert found["closed"].notna().tolist() == [True, False, False]
    assert found.loc["8", "media_url"] == '{"a": 1}'
    assert codes(found) == {"closings_from_updates": 1, "reports_without_coordinates": 1}
    assert found.attrs["as_of"] == "2024-05-03T13:00:00+00:00"
    assert found.attrs["sources"][0]["data_date"] == "2024-05-03"


def test_parquet_and_numbers_since_1970(tmp_path):
    """1,714,568,400 seconds since 1970 are 1 May 2024, 13:00 in universal time; some servers write milliseconds."""
    frame = pd.DataFrame(
        {
            "service_request_id": [1, 2],
            "requested_datetime": pd.to_datetime(["2024-05-01T13:00Z", "2024-05-02T13:00Z"]),
            "closed_datetime": [1_714_741_200_000, None],
            "lat": [41.9, 41.8],
            "long": [-87.6, -87.7],
        }
    )
    frame.to_parquet(tmp_path / "requests.parquet")
    found = reports(tmp_path / "requests.parquet")
    assert str(found.loc["1", "opened"]) == "2024-05-01 13:00:00+00:00"
    assert (found.loc["1", "closed"] - found.loc["1", "opened"]).days == 2
    assert found["status"].tolist() == ["closed", "open"]
    path = tmp_path / "requests.csv"
    path.write_text("requested_datetime,lat,long\n1714568400,41.9,-87.6\n")
    assert str(reports(path).iloc[0]["opened"]) == "2024-05-01 13:00:00+00:00"


def test_persian_digits_and_years_that_cannot_be_meant(tmp_path):
    path = tmp_path / "requests.csv"
    path.write_text("requested_datetime\n۲۰۲۴-۰۵-۰۱T12:00:00Z\n1900-01-01T00:00:00Z\n2024-05-02T12:00:00Z\n")  # noqa: RUF001
    found = reports(path)
    assert found["opened"].notna().tolist() == [True, False, True]
    assert codes(found) == {"times_impossible": 1, "reports_undated": 1, "reports_without_coordinates": 3}


@pytest.mark.parametrize(
    ("name", "text", "error", "message"),
    [
        ("a.json", "{", DamagedFileError, "cannot be read"),
        ("a.json", '{"a": 1}', DamagedFileError, "holds no list of reports"),
        ("a.json", "[" * 100_000, DamagedFileError, "cannot be read"),
        ("a.csv", "id,lat\n1,2\n", InputError, "no column says when reports were made"),
        ("a.csv", "requested_datetime,lat\n2024-05-01,41\n", InputError, "only one of longitude and latitude"),
        ("a.csv", "requested_datetime,lat,long\n2024-05-01,-87.6,141.9\n", None, ""),
        ("a.csv", "requested_datetime,lat,long\n2024-05-01,141.9,-87.6\n", WrongPlaceError, "are swapped"),
        ("a.csv", "requested_datetime\nyesterday\n", InputError, "1 cells are no moments"),
        ("a.csv", "requested_datetime\n45413.5\n", InputError, "1 cells are no moments"),
    ],
    ids=[
        *(
            "cut off",
            "no list",
            "endless",
            "no time",
            "half a place",
            "elsewhere",
            "swapped",
            "words",
            "days of a sheet",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path, name, text, error, message):
    path = tmp_path / name
    path.write_text(text)
    if error is None:
        assert len(reports(path)) == 1
        return
    with pytest.raises(error, match=message):
        reports(path)


def test_columns_are_roles_of_columns_that_there_are(chicago):
    with pytest.raises(InputError, match="when is not what a column can be"):
        reports(chicago, columns={"when": "CREATED_DATE"})
    with pytest.raises(InputError, match="there is no column CREATED"):
        reports(chicago, columns={"opened": "CREATED"})
