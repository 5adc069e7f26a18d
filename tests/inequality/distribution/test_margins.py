"""Margins of error of sums, shares and ratios against the examples that the US Census Bureau prints."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import DuplicateIdError, InputError
from spatialjustice._core.provenance import SourceRecord, add_sources
from spatialjustice.inequality.distribution.margins import margin_of_ratio, margin_of_share, margin_of_sum

# US Census Bureau, Understanding and Using American Community Survey Data: What All Data Users Need to Know, chapter 8:
# people who never married in Fairfax County, Arlington County and the city of Alexandria, Virginia.
NEVER_MARRIED_WOMEN = [135_173, 43_104, 24_842]
NEVER_MARRIED_WOMEN_MARGINS = [3_860, 2_642, 1_957]
WOMEN_MARGINS = [391, 572, 459]
NEVER_MARRIED_MEN = [156_720, 44_613, 25_507]
NEVER_MARRIED_MEN_MARGINS = [4_222, 2_819, 2_259]

sizes = st.integers(0, 1_000_000)


def row(numbers):
    return pd.DataFrame([numbers], columns=["Fairfax", "Arlington", "Alexandria"], dtype=float)


class TestSum:
    def test_published_example(self):
        """203,119 women who never married, margin 5,070 (table 8.1 of the handbook)."""
        assert sum(NEVER_MARRIED_WOMEN) == 203_119
        assert margin_of_sum(row(NEVER_MARRIED_WOMEN_MARGINS)).round().tolist() == [5_070]

    def test_children_under_five(self):
        """Boys 3,778 and girls 3,911: 5,437.757 (the Bureau's example of the population under 5)."""
        found = margin_of_sum(pd.DataFrame({"boys": [3_778.0], "girls": [3_911.0]}))
        assert found[0] == pytest.approx(5_437.757350, abs=1e-6)

    def test_only_the_widest_margin_of_the_zeros_counts(self):
        """Estimates 0, 0, 0, 41 with margins 22, 22, 29, 37: sqrt(29² + 37²) = sqrt(841 + 1,369) = 47.0106."""
        margins = pd.DataFrame([[22, 22, 29, 37]], columns=list("abcd"))
        estimates = pd.DataFrame([[0, 0, 0, 41]], columns=list("abcd"))
        assert margin_of_sum(margins, estimates=estimates)[0] == pytest.approx(np.sqrt(2_210), abs=1e-9)
        assert margin_of_sum(margins, estimates=estimates[list("dcba")])[0] == pytest.approx(np.sqrt(2_210), abs=1e-9)
        assert margin_of_sum(margins)[0] == pytest.approx(np.sqrt(22**2 * 2 + 841 + 1_369), abs=1e-9)

    def test_rows_are_matched_by_id_and_kept_in_order(self):
        margins = pd.DataFrame({"a": [3.0, 6.0], "b": [4.0, 8.0]}, index=["north", "south"])
        estimates = pd.DataFrame({"a": [0, 9], "b": [0, 9]}, index=["south", "north"])
        found = margin_of_sum(margins, estimates=estimates)
        assert found.to_dict() == {"north": 5.0, "south": 8.0}
        assert found.attrs["measure"] == "margin_of_sum"
        assert found.attrs["n"] == 2

    @settings(max_examples=30, deadline=None)
    @given(numbers=st.lists(sizes, min_size=1, max_size=6))
    def test_lies_between_the_widest_and_the_plain_sum_and_knows_no_order(self, numbers):
        found = margin_of_sum(pd.DataFrame([numbers]))[0]
        assert max(numbers) * (1 - 1e-12) <= found <= sum(numbers) * (1 + 1e-12)
        assert found == pytest.approx(margin_of_sum(pd.DataFrame([numbers[::-1]]))[0], rel=1e-12)

    def test_refuses(self):
        good = pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, 2.0]}, index=["x", "y"])
        with pytest.raises(InputError, match="margins are missing or infinite") as caught:
            margin_of_sum(good.replace(2.0, np.nan))
        assert caught.value.rows == ("y",)
        with pytest.raises(InputError, match="margins are negative.*notes, not numbers"):
            margin_of_sum(good.replace(2.0, -555_555_555.0))
        with pytest.raises(InputError, match="columns are not those"):
            margin_of_sum(good, estimates=good[["a"]])
        with pytest.raises(InputError, match="rows have missing estimates"):
            margin_of_sum(good, estimates=good.replace(1.0, np.nan))
        with pytest.raises(InputError, match="they are a Series"):
            margin_of_sum(good["a"])
        with pytest.raises(DuplicateIdError):
            margin_of_sum(good.set_axis(["x", "x"]))


class TestShare:
    def test_published_example(self):
        """203,119 of 630,498 women never married: 32.2 %, margin 0.8 percentage points (table 8.4)."""
        whole_margin = margin_of_sum(row(WOMEN_MARGINS))[0]
        assert round(whole_margin) == 831
        found = margin_of_share([203_119.0], [630_498.0], part_margin=[5_070.0], whole_margin=[whole_margin])
        assert found.round(3).tolist() == [0.008]

    def test_by_hand(self):
        """Half of 100, margins 5 and 8: sqrt(25 - 0.25 * 64) / 100 = 3 / 100."""
        assert margin_of_share([50], [100], part_margin=[5], whole_margin=[8])[0] == pytest.approx(0.03, abs=1e-15)

    def test_takes_the_ratio_formula_where_the_root_would_be_of_a_negative_number(self):
        """All of 10, margins 3 and 4: 9 - 16 < 0, so that sqrt(9 + 16) / 10 = 0.5."""
        assert margin_of_share([10], [10], part_margin=[3], whole_margin=[4])[0] == pytest.approx(0.5, abs=1e-15)

    def test_no_margin_without_a_whole_and_a_finding_counts_them(self):
        found = margin_of_share([0, 5], [0, 10], part_margin=[12, 1], whole_margin=[12, 1])
        assert np.isnan(found[0])
        assert found[1] > 0
        assert found.attrs["left_out"] == 1
        assert [item["code"] for item in found.attrs["findings"]] == ["zones_without_denominator"]
        assert found.attrs["findings"][0]["count"] == 1

    def test_matches_by_id(self):
        part = pd.Series([50.0, 10.0], index=["x", "y"])
        whole = pd.Series([10.0, 100.0], index=["y", "x"])
        part_margin = pd.Series([3.0, 5.0], index=["y", "x"])
        whole_margin = pd.Series([4.0, 8.0], index=["y", "x"])
        found = margin_of_share(part, whole, part_margin=part_margin, whole_margin=whole_margin)
        assert found.index.tolist() == ["x", "y"]
        assert found.to_numpy() == pytest.approx([0.03, 0.5], abs=1e-15)

    def test_refuses(self):
        with pytest.raises(InputError, match="parts are larger than the whole"):
            margin_of_share([11], [10], part_margin=[1], whole_margin=[1])
        with pytest.raises(InputError, match=r"part: 1 estimates are negative.*666"):
            margin_of_share([-666_666_666], [10], part_margin=[1], whole_margin=[1])
        with pytest.raises(InputError, match=r"whole: 1 estimates are missing"):
            margin_of_share([1], [np.nan], part_margin=[1], whole_margin=[1])
        with pytest.raises(InputError, match=r"whole_margin: 1 margins are missing"):
            margin_of_share([1], [2], part_margin=[1], whole_margin=[np.nan])
        with pytest.raises(InputError, match="ids are not in both"):
            margin_of_share(pd.Series([1], index=["a"]), pd.Series([2], index=["b"]), part_margin=[1], whole_margin=[1])

    def test_sources_and_findings_of_the_inputs_are_carried(self):
        record = SourceRecord("internet", "b28002.csv", "0" * 64, 10)
        part = add_sources(pd.Series([5.0], index=["a"]), record)
        found = margin_of_share(part, [10.0], part_margin=[1.0], whole_margin=[1.0])
        assert [item["file"] for item in found.attrs["sources"]] == ["b28002.csv"]


class TestRatio:
    def test_published_example(self):
        """226,840 men to 203,119 women who never married: 1.117, margin 0.039 (table 8.5)."""
        assert sum(NEVER_MARRIED_MEN) == 226_840
        margin = margin_of_sum(row(NEVER_MARRIED_MEN_MARGINS))[0]
        found = margin_of_ratio([226_840], [203_119], numerator_margin=[margin], denominator_margin=[5_070])
        assert found.round(3).tolist() == [0.039]

    def test_change_in_percent(self):
        """From 135,173 (3,860) to 139,301 (4,047): the margin of the ratio is 4.198 % (formula 8 of the handbook)."""
        found = margin_of_ratio([139_301], [135_173], numerator_margin=[4_047], denominator_margin=[3_860])
        assert found[0] == pytest.approx(0.04198069852, abs=1e-10)

    @settings(max_examples=30, deadline=None)
    @given(part=st.integers(0, 1000), rest=st.integers(1, 1000), one=sizes, two=sizes)
    def test_is_never_narrower_than_that_of_a_share(self, part, rest, one, two):
        whole = part + rest
        ratio = margin_of_ratio([part], [whole], numerator_margin=[one], denominator_margin=[two])[0]
        share = margin_of_share([part], [whole], part_margin=[one], whole_margin=[two])[0]
        assert share <= ratio * (1 + 1e-12)

    def test_simulation(self):
        """The formula is the first order of the spread of the ratio of two independent normal numbers."""
        generator = np.random.default_rng(7)
        x, y = generator.normal(400, 12, 200_000), generator.normal(800, 16, 200_000)
        found = margin_of_ratio([400], [800], numerator_margin=[12 * 1.645], denominator_margin=[16 * 1.645])[0]
        assert np.std(x / y) * 1.645 == pytest.approx(found, rel=0.01)

    def test_nothing_to_divide_by(self):
        found = margin_of_ratio([4], [0], numerator_margin=[1], denominator_margin=[1])
        assert np.isnan(found[0])
        assert found.attrs["findings"][0]["code"] == "zones_without_denominator"
