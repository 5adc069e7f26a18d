"""Connected households with their margins, prices against income, and stand-ins that say that they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.digital import adoption, affordability, skill_proxies
from spatialjustice.inequality import margin_of_share


@pytest.fixture
def tracts():
    return pd.DataFrame(
        {"homes": [200.0, 50, 0, 100], "offline": [50.0, 20, 0, np.nan], "m": [10.0, 5, 3, 9], "mh": [20.0, 5, 3, 9]},
        index=list("abcd"),
    )


class TestAdoption:
    def test_shares_and_who_is_unknown(self, tracts):
        found = adoption(tracts, {"no_internet": "offline"}, households="homes")
        np.testing.assert_array_equal(found["no_internet"], [0.25, 0.4, np.nan, np.nan])
        # 70 of the 250 households of which it is known; 100 of tract d are unknown, nobody lives in c.
        assert found.attrs["together"]["no_internet"] == 70 / 250
        assert (found.attrs["households_known"], found.attrs["households_unknown"]) == (250, 100)
        assert found.attrs["columns"]["no_internet"]["direction"] == "lower is better"

    def test_margins_by_hand_and_as_the_room_of_inequality_has_them(self, tracts):
        """a: sqrt(10^2 - 0.25^2 20^2) / 200 = sqrt(75) / 200; b: sqrt(25 - 0.16 25) / 50 = sqrt(21) / 50."""
        margins = {"offline": "m", "homes": "mh"}
        found = adoption(tracts, {"no_internet": "offline"}, households="homes", margins=margins)
        np.testing.assert_allclose(found["no_internet_margin"][:2], [75**0.5 / 200, 21**0.5 / 50])
        known = tracts.iloc[:2]
        peer = margin_of_share(known["offline"], known["homes"], part_margin=known["m"], whole_margin=known["mh"])
        np.testing.assert_allclose(found["no_internet_margin"][:2], peer)

    def test_where_the_root_would_be_negative_the_sign_turns(self):
        frame = pd.DataFrame({"homes": [100.0], "offline": [90.0], "m": [1.0], "mh": [10.0]})
        margins = {"offline": "m", "homes": "mh"}
        found = adoption(frame, {"no_internet": "offline"}, households="homes", margins=margins)
        assert found.loc[0, "no_internet_margin"] == pytest.approx((1 + 81) ** 0.5 / 100)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"columns": {}}, "there is none"),
            ({"columns": {"internet": "offline"}}, "internet is not known"),
            ({"columns": {"no_internet": "off"}}, "no column off"),
            ({"households": "m"}, "above the households"),
            ({"margins": {"offline": "m"}}, "nothing is said of homes"),
        ],
    )
    def test_faults(self, tracts, change, said):
        options = {"columns": {"no_internet": "offline"}, "households": "homes", **change}
        with pytest.raises(InputError, match=said):
            adoption(tracts, **options)

    def test_a_code_for_no_data_is_no_count(self, tracts):
        tracts.loc["a", "offline"] = -666666666
        with pytest.raises(InputError, match="negative") as caught:
            adoption(tracts, {"no_internet": "offline"}, households="homes")
        assert list(caught.value.rows) == ["a"]


class TestAffordability:
    def test_by_hand(self):
        income = pd.Series([60_000.0, 30_000, 0, np.nan], index=list("abcd"))
        found = affordability(50, income)
        np.testing.assert_array_equal(found, [0.01, 0.02, np.nan, np.nan])
        # Exactly the line is affordable.
        assert found.attrs["findings"][0]["count"] == 0
        assert found.attrs["left_out"] == 2
        own = affordability(pd.Series({"d": 1, "c": 1, "b": 100, "a": 50}), income, payments=6)
        np.testing.assert_array_equal(own, [0.005, 0.02, np.nan, np.nan])

    @pytest.mark.parametrize(("price", "options"), [(-1, {}), (1, {"payments": 0}), (1, {"line": True})])
    def test_faults(self, price, options):
        with pytest.raises(InputError):
            affordability(price, pd.Series([1.0]), **options)
        with pytest.raises(InputError, match="negative"):
            affordability(1, pd.Series([-666666666.0]))


def test_stand_ins_say_what_they_are():
    frame = pd.DataFrame({"over_65": [0.2, np.nan], "no_school": [0.1, 0.3]})
    found = skill_proxies(frame, {"age": "over_65", "education": "no_school"})
    assert found.columns.tolist() == ["age", "education"]
    for said in found.attrs["columns"].values():
        assert said["proxy"] is True
        assert said["stands_for"] == "digital skills"
    assert found.attrs["findings"][-1]["code"] == "skills_by_proxy"
    with pytest.raises(InputError, match="wealth"):
        skill_proxies(frame, {"wealth": "over_65"})
    with pytest.raises(InputError, match="below 0 or above 1"):
        skill_proxies(frame * 100, {"age": "over_65"})
