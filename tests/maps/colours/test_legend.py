"""What the legend counts adds up to everything on the map."""
# ruff: noqa: RUF001 (Persian digits and en dashes are meant)

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice.maps.colours import palette
from spatialjustice.maps.colours.legend import as_record, make_legend
from spatialjustice.maps.colours.whole_people import apportion, whole_people
from spatialjustice.maps.indicator import BESIDE, Indicator


def made(indicator, grid, people=None, lang="en"):
    return make_legend(indicator.on(grid.index), people=people, lang=lang)


@pytest.fixture
def walk(minutes, status):
    return Indicator("walk", "Walk", minutes, unit="minutes", kind="cost", status=status, breaks=[10, 20, 25])


def test_rows_by_hand(walk, grid, people):
    """Minutes 1 … 26, limits 10, 20, 25: 10, 10, 5 and one above; then the four reasons; no data is always there."""
    legend = made(walk, grid, people)
    assert [(row.key, row.label, row.zones) for row in legend.rows] == [
        ("class_0", "up to 10", 10),
        ("class_1", "11 – 20", 10),
        ("class_2", "21 – 25", 5),
        ("class_3", "more than 25", 1),
        ("beyond_cutoff", "Beyond the limit", 1),
        ("unreachable", "Cannot reach", 1),
        ("off_network", "No street nearby", 1),
        ("no_population", "Nobody lives here", 1),
        ("no_data", "No data", 0),
    ]


def test_zones_and_people_add_up(walk, grid, people):
    legend = made(walk, grid, people)
    assert sum(row.zones for row in legend.rows) == len(grid)
    assert legend.people == pytest.approx(people.sum())
    for place, row in enumerate(legend.rows):
        assert row.people == pytest.approx(people[legend.classes == place].sum())


def test_people_as_written_add_up_to_the_total_as_written(walk, grid, people):
    record = as_record(made(walk, grid, people), walk.on(grid.index), "en")
    numbers = [int(row["people"].replace(",", "")) for row in record["rows"]]
    assert sum(numbers) == int(record["people"].replace(",", "")) == round(people.sum())


def test_a_row_tells_whether_any_zone_is_drawn_so(walk, grid, people):
    """Few people make no bar, and are still on the map."""
    legend = made(walk, grid, people)
    record = as_record(legend, walk.on(grid.index), "en")
    drawn = {legend.rows[place].key for place in np.unique(legend.classes)}
    assert {row["key"] for row in record["rows"] if row["drawn"]} == drawn
    assert len(drawn) < len(record["rows"])


def test_classes_that_matter_are_there_even_when_empty(minutes, grid, people):
    nobody_left_out = pd.Series("ok", index=grid.index)
    one = Indicator("walk", "Walk", minutes.fillna(3.0), unit="minutes", status=nobody_left_out)
    keys = {row.key for row in made(one, grid, people).rows}
    assert {"unreachable", "no_population", "no_data"} <= keys


def test_a_value_without_reason_is_no_data(minutes, grid):
    rows = made(Indicator("walk", "Walk", minutes, unit="minutes"), grid).rows
    assert {row.key: row.zones for row in rows}["no_data"] == 4


def test_a_zone_with_nobody_and_no_value_is_empty_not_unknown(minutes, grid, people):
    rows = made(Indicator("walk", "Walk", minutes, unit="minutes"), grid, people).rows
    assert {row.key: row.zones for row in rows}["no_population"] == 1


def test_whole_numbers_do_not_overlap(grid):
    """0 … 29 with 0 kept apart: classes 0, 1 to 4 and 5 to 29 by hand."""
    places = pd.Series(np.arange(30.0), index=grid.index)
    rows = made(Indicator("n", "Places", places, unit="opportunities", kind="count", breaks=[0, 4, 29]), grid).rows
    assert [row.label for row in rows][:3] == ["0", "1 – 4", "5 – 29"]
    assert [row.zones for row in rows][:3] == [1, 4, 25]


def test_zones_without_people_are_empty_on_the_map_of_people(grid, people):
    one = Indicator("people", "People", people, unit="people", kind="people")
    rows = made(one, grid, people).rows
    assert {row.key: (row.zones, row.people) for row in rows}["no_population"] == (1, 0.0)


def test_shares_are_written_in_percent(grid):
    share = pd.Series(np.linspace(0, 1, 30), index=grid.index)
    one = Indicator("s", "Share", share, unit="share", kind="share", breaks=[0.25, 0.5, 1])
    assert [row.label for row in made(one, grid).rows][:3] == ["up to 25", "25 – 50", "50 – 100"]
    assert as_record(made(one, grid), one.on(grid.index), "en")["unit"] == "percent"


def test_persian_rows(walk, grid, people):
    record = as_record(made(walk, grid, people, "fa"), walk.on(grid.index), "fa")
    assert record["rows"][1]["label"] == "۱۱ تا ۲۰"
    assert record["rows"][0]["zones"] == "۱۰"
    assert record["unit"] == "دقیقه"


def test_lisa_labels_and_what_is_not_significant(grid, people):
    labels = pd.Series([*palette.LISA, *BESIDE, *["not significant"] * 23], index=grid.index)
    one = Indicator("l", "Clusters", None, kind="lisa", labels=labels, note="999 permutations")
    legend = made(one, grid, people)
    counts = {row.key: row.zones for row in legend.rows}
    assert counts["not significant"] == 24
    assert counts["high-high"] == counts["island"] == counts["no_data"] == 1
    assert sum(counts.values()) == 30
    assert as_record(legend, one, "en")["note"] == "999 permutations"


@pytest.mark.parametrize("scheme", palette.LABELS)
@pytest.mark.parametrize("lang", ["en", "fa"])
def test_every_set_of_labels_has_its_classes(grid, people, scheme, lang):
    known = [*palette.LABELS[scheme], *BESIDE]
    labels = pd.Series([known[place % len(known)] for place in range(len(grid))], index=grid.index)
    one = Indicator("l", "Labels", None, kind="lisa", labels=labels).on(grid.index)
    legend = made(one, grid, people, lang)
    counts = {row.key.replace("_", " "): row.zones for row in legend.rows if row.zones}
    assert counts == labels.value_counts().to_dict()


def test_labels_of_two_sets_do_not_mix(grid):
    labels = pd.Series(["hot spot", "high-high", "cold spot"], index=grid.index[:3])
    with pytest.raises(InputError, match="labels “high-high” is not known"):
        Indicator("l", "Labels", None, kind="lisa", labels=labels).on(grid.index)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=12))
def test_apportioned_parts_stay_near_and_add_up(parts):
    whole = apportion(parts)
    assert sum(whole) == int(np.floor(sum(parts) + 0.5))
    assert all(abs(number - part) <= 1 + 1e-9 for number, part in zip(whole, parts, strict=True))


def test_largest_remainder_by_hand():
    """1.4 + 1.4 + 1.2 = 4: 1, 1, 1 and the fourth to the first of the largest remainders."""
    assert apportion([1.4, 1.4, 1.2]) == [2, 1, 1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unit": ""}, "unit"),
        ({"unit": "furlongs"}, "furlongs"),
        ({"kind": "colour"}, "colour"),
        ({"values": None}, "values are missing"),
        ({"kind": "lisa"}, "labels are missing"),
    ],
)
def test_indicators_that_cannot_be_drawn_are_refused(minutes, change, said):
    with pytest.raises(InputError, match=said):
        Indicator(**{"key": "k", "title": "T", "values": minutes, "unit": "minutes", "kind": "cost", **change})


def test_faults_name_the_zones(minutes, status, grid):
    with pytest.raises(InputError, match="elsewhere") as caught:
        Indicator("k", "T", pd.Series([1.0], index=["elsewhere"]), unit="minutes").on(grid.index)
    assert caught.value.rows == ("elsewhere",)
    with pytest.raises(InputError, match="lost"):
        Indicator("k", "T", minutes, unit="minutes", status=status.replace("ok", "lost")).on(grid.index)
    with pytest.raises(InputError, match="infinite") as caught:
        Indicator("k", "T", minutes.fillna(np.inf), unit="minutes").on(grid.index)
    assert caught.value.rows == ("z26", "z27", "z28", "z29")
    with pytest.raises(InputError, match="between 0 and 1"):
        Indicator("k", "T", minutes, unit="share", kind="share").on(grid.index)


def test_change_is_classed_around_its_centre(grid):
    """-15 … 14 around 0: 29 differ, by 1 to 15. Up to 5 differ 10 of them, a third; by more than 11, 7, a quarter."""
    change = pd.Series(np.arange(30.0) - 15, index=grid.index)
    one = Indicator("c", "Change", change, unit="minutes", kind="change", direction="lower is better")
    rows = [row for row in made(one, grid).rows if row.value]
    assert [row.swatch.fill for row in rows] == palette.change_colours(gain_is_more=False)
    # Limits are 5.5 and 11 either way: -15 … -11, -10 … -6, -5 … 5, 6 … 11, 12 … 14.
    assert [row.zones for row in rows] == [5, 5, 11, 6, 3]
    legend = made(one, grid)
    assert rows[2].swatch.fill == "#e6e6e6"
    assert legend.classes[15] == 2
    assert (legend.classes[0], legend.classes[29]) == (0, 4)
    assert legend.method.startswith("Classes lie evenly around 0")


def test_intervals_that_include_the_reference_are_hatched(grid):
    """Values 0 … 29 with ± 2.5 around a reference of 10: 8 to 12 include it, five zones."""
    values = pd.Series(np.arange(30.0), index=grid.index)
    one = Indicator("v", "V", values, unit="minutes", interval=(values - 2.5, values + 2.5), reference=10.0)
    rows = {row.key: row for row in made(one, grid).rows}
    assert rows["not_significant"].zones == 5
    assert rows["not_significant"].swatch.hatch
    with pytest.raises(InputError, match="end before they begin"):
        Indicator("v", "V", values, unit="minutes", interval=(values + 1, values), reference=10.0).on(grid.index)


@pytest.mark.parametrize("scheme", ["equal_intervals", "natural_breaks", "head_tail", "standard_deviations"])
def test_the_legend_states_how_values_were_classed(grid, scheme):
    values = pd.Series(np.random.default_rng(1).gamma(1.5, 10, 30), index=grid.index)
    legend = made(Indicator("v", "V", values, unit="minutes", classification=scheme), grid)
    assert sum(row.zones for row in legend.rows) == 30
    assert legend.method != made(Indicator("v", "V", values, unit="minutes"), grid).method
    with pytest.raises(InputError, match="classification"):
        made(Indicator("v", "V", values, unit="minutes", classification="pretty"), grid)


def test_equal_intervals_by_hand(grid):
    """0 to 29 in five: 5.8, 11.6, 17.4, 23.2, rounded to halves: 6, 11.5, 17.5, 23. So 0–6, 7–11 and so on."""
    values = pd.Series(np.arange(30.0), index=grid.index)
    legend = made(Indicator("v", "V", values, unit="minutes", classification="equal_intervals"), grid)
    assert [row.zones for row in legend.rows if row.value] == [7, 5, 6, 6, 6]


def test_two_variables_by_hand(grid):
    from spatialjustice.maps import bivariate

    first = pd.Series(np.arange(30.0), index=grid.index)
    second = pd.Series([0.0, 1.0] * 15, index=grid.index)
    second.iloc[29] = np.nan
    one = bivariate(first, second, titles=("Walk", {"en": "Offline", "fa": "برون‌خط"}), classes=2,
                    first_breaks=[9], second_breaks=[0.5])  # fmt: skip
    rows = {row.key: row for row in made(one, grid).rows}
    assert {key: row.zones for key, row in rows.items()} == {"A1": 5, "A2": 5, "B1": 10, "B2": 9, "no_data": 1}
    assert rows["B2"].label == "B2: Walk more than 9; Offline more than 0.5"
    assert [title for title, _ in one.sides] == ["Walk", {"en": "Offline", "fa": "برون‌خط"}]
    assert "برون‌خط" in {row.key: row.label for row in made(one, grid, lang="fa").rows}["B2"]
    nine = made(bivariate(first, first[::-1].set_axis(grid.index), titles=("A", "B")), grid)
    assert sum(row.zones for row in nine.rows) == 30
    with pytest.raises(InputError, match="limits"):
        bivariate(first, second, titles=("A", "B"), classes=2, first_breaks=[1, 2])
    with pytest.raises(InputError, match="ids"):
        bivariate(first, second.iloc[1:], titles=("A", "B"))


def test_change_with_given_breaks_is_red_below_and_blue_above(grid):
    """Limits -10, -1, 1, 20 around 0, more is better: two losses, next to none, one gain."""
    change = pd.Series(np.arange(30.0) - 15, index=grid.index)
    one = Indicator("c", "Change", change, unit="minutes", kind="change", breaks=[-10, -1, 1, 20])
    fills = [row.swatch.fill for row in made(one, grid).rows if row.value]
    assert fills == ["#b2182b", "#f4a582", "#e6e6e6", "#2166ac"]
    with pytest.raises(InputError, match="below the centre"):
        made(Indicator("c", "C", change, unit="minutes", kind="change", breaks=[-12, -8, -4, 1, 20]), grid)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["class_0", "class_1", "beyond_cutoff", "unreachable", "off_network", "no_population"]),
            st.one_of(st.none(), st.floats(0, 5000)),
        ),
        max_size=8,
    )
)
def test_people_of_classes_add_up_to_what_sentences_tell(rows):
    """All rows together, those beyond the limit, and those without a way are each the rounded sum of the parts."""
    keys, people = [key for key, _ in rows], [count for _, count in rows]
    whole = whole_people(keys, people)
    assert [one is None for one in whole] == [one is None for one in people]
    for chosen in (
        set(keys),
        {"beyond_cutoff", "unreachable", "off_network"},
        {"unreachable", "off_network"},
    ):
        exact = sum(count or 0 for key, count in rows if key in chosen)
        told = sum(count or 0 for key, count in zip(keys, whole, strict=True) if key in chosen)
        assert abs(told - exact) <= 0.5 + 1e-6
    assert all(abs(one - part) < 2 for one, part in zip(whole, people, strict=True) if part is not None)


def test_people_of_whom_nobody_knows_how_many_they_are_are_not_none():
    values = Indicator("w", "W", pd.Series([100.0, 200.0, np.nan]), unit="metres", kind="cost", breaks=[150])
    people = pd.Series([10.0, 20.0, np.nan])
    record = as_record(make_legend(values.on(people.index), people=people, lang="en"), values, "en")
    rows = {row["key"]: row["people"] for row in record["rows"]}
    assert (rows["no_data"], record["people"]) == ("unknown", "30")


def test_classes_go_on_beyond_the_limit_to_the_worst(grid, people):
    """100, 200 … 3,000 m, limit 1,000: 5, 5, 10 and 10 zones by hand; one has no way, one was not looked for."""
    metres = pd.Series(np.arange(1.0, 31.0) * 100, index=grid.index)
    status = pd.Series("ok", index=grid.index).where(metres <= 1000, "beyond_cutoff")
    metres.iloc[[28, 29]] = np.nan
    status.iloc[28] = "unreachable"
    one = Indicator("w", "Walk", metres, unit="metres", status=status, cutoffs=[1000.0])
    legend = made(one, grid, people)
    rows = {row.key: row for row in legend.rows}
    assert [(row.label, row.zones) for row in legend.rows if row.value] == [
        ("up to 500", 5), ("500 – 1,000", 5), ("1,000 – 2,000", 10), ("2,000 – 5,000", 8),
    ]  # fmt: skip
    assert (rows["beyond_cutoff"].label.replace("\u00a0", " "), rows["beyond_cutoff"].zones) == (
        "farther than 1,000 m",
        1,
    )
    assert rows["unreachable"].swatch.hatch == "cross"
    assert legend.limits == ((1, 1000.0),)
    assert legend.beyond.tolist() == [False] * 10 + [True] * 20
    assert legend.within.tolist() == [True] * 10 + [False] * 20
    assert "1,000\u00a0m" in legend.method
    assert "۱٬۰۰۰" in as_record(made(one, grid, people, "fa"), one.on(grid.index), "fa")["limits"][0]["text"]


def _lightness(colour):
    return palette._lab(palette._linear([colour]))[0, 0]


@pytest.mark.parametrize(("kind", "unit", "worst_last"), [("cost", "metres", True), ("count", "opportunities", False)])
def test_dark_is_badly_off_whatever_is_measured(grid, kind, unit, worst_last):
    values = pd.Series(np.arange(30.0), index=grid.index)
    fills = [row.swatch.fill for row in made(Indicator("v", "V", values, unit=unit, kind=kind), grid).rows if row.value]
    light = [_lightness(fill) for fill in fills]
    assert light == sorted(light, reverse=worst_last)


def test_grey_is_for_what_is_not_known():
    """A colour without chroma is no class of people who are badly off."""
    for key in ("beyond_cutoff", "unreachable", "off_network"):
        _, a, b = palette._lab(palette._linear([palette.STATUS[key].fill]))[0]
        assert np.hypot(a, b) > 15
        _, a, b = palette._lab(palette._linear([palette.STATUS["no_data"].fill]))[0]
        assert np.hypot(a, b) < 3


def test_a_city_where_nobody_lives_far_away_keeps_the_light_colours(grid):
    near = pd.Series(np.linspace(10, 990, 30), index=grid.index)
    legend = made(Indicator("w", "Walk", near, unit="metres", cutoffs=[1000.0]), grid)
    assert [row.swatch.fill for row in legend.rows if row.value] == palette.colour_ramp("cost", 5)[:2]


def test_no_places_are_a_class_by_name(grid, people):
    """Ten zones with none, two of them beyond the limit; the rest 1 … 20."""
    places = pd.Series([0.0] * 10 + list(range(1, 21)), index=grid.index)
    status = pd.Series(["beyond_cutoff"] * 2 + ["ok"] * 28, index=grid.index)
    one = Indicator("n", "Places", places, unit="opportunities", kind="count", status=status,
                    none={"en": "none within 1,000 m", "fa": "هیچ‌کدام تا ۱٬۰۰۰ متر"})  # fmt: skip
    rows = made(one, grid, people).rows
    assert (rows[0].label, rows[0].zones) == ("none within 1,000 m", 10)
    assert rows[0].swatch.fill == palette.WORST
    assert "beyond_cutoff" not in {row.key for row in rows}
    assert made(one, grid, people, "fa").rows[0].label == "هیچ‌کدام تا ۱٬۰۰۰ متر"


def test_zero_stands_alone_and_without_decimals(grid):
    amounts = pd.Series([0.0] * 12 + list(np.linspace(0.1, 9, 18)), index=grid.index)
    rows = [row for row in made(Indicator("a", "A", amounts, unit="amount", kind="count"), grid).rows if row.value]
    assert (rows[0].label, rows[0].zones) == ("0", 12)
    assert rows[1].label.startswith("above 0, up to ")


def test_classes_around_limits_are_numbers_one_can_say():
    from spatialjustice.maps.colours.cutoff_classes import limits_around

    assert limits_around([500.0]) == [250, 500, 1000, 2500]
    assert limits_around([10.0]) == [5, 10, 20, 50]
    assert limits_around([250.0, 500.0]) == [250, 500, 1000, 2500]
    assert limits_around([400.0, 800.0, 1600.0]) == [400, 800, 1600, 3000, 8000]
    assert len(limits_around([5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0])) == 5
    for wrong in ([], [0.0], [5.0, 5.0], [10.0, 5.0], [np.inf]):
        with pytest.raises(InputError, match="cutoffs"):
            limits_around(wrong)


@given(
    st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e4)), min_size=2, max_size=40),
    st.sampled_from([[], [300.0], [250.0, 1000.0]]),
    st.integers(0, 3),
)
def test_the_histogram_counts_everybody(pairs, cutoffs, without):
    """People in all bars, those without a value among them, are all people; a far outlier is in the last bar."""
    values = pd.Series([value for value, _ in pairs], index=[str(n) for n in range(len(pairs))])
    people = pd.Series([weight for _, weight in pairs], index=values.index)
    status = pd.Series("ok", index=values.index)
    values.iloc[:without], status.iloc[:without] = np.nan, "unreachable"
    one = Indicator("w", "Walk", values, unit="metres", status=status, cutoffs=cutoffs).on(values.index)
    legend = make_legend(one, people=people, lang="en")
    found = as_record(legend, one, "en", people)["histogram"]
    if found is None:
        assert not (people[values.notna()] > 0).any()
        return
    counted = sum(part for bar in found["bars"] for _, part in bar) + sum(part for _, part in found["others"])
    assert counted == pytest.approx(people.sum(), abs=0.01 * len(pairs))
    assert len(found["bars"]) <= 29


def test_an_outlier_does_not_make_one_spike():
    """999 zones between 1 and 100, one at a million: the bars end near 100, and the last one is open."""
    values = pd.Series([*np.linspace(1, 100, 999), 1e6], index=[str(n) for n in range(1000)])
    one = Indicator("w", "Walk", values, unit="metres").on(values.index)
    found = as_record(make_legend(one, people=None, lang="en"), one, "en")["histogram"]
    assert found["open"]
    assert found["high"] <= 110
    assert max(part for bar in found["bars"] for _, part in bar) < 100


def test_a_service_looks_the_same_in_every_city():
    from spatialjustice.catalogue import symbols
    from spatialjustice.maps.colours.symbols import symbols_of

    one, other = symbols_of(["library", "hospital", "bathhouse"]), symbols_of(["bathhouse", "park", "library"])
    assert one["library"] == other["library"] == (symbols()["library"]["shape"], symbols()["library"]["colour"])
    assert one["bathhouse"] == other["bathhouse"]
    many = symbols_of([*symbols(), *[f"own {n}" for n in range(20)]])
    assert len(set(many.values())) == len(many)
    assert {shape for shape, _ in many.values()} <= {*palette.SERVICE_SHAPES, "numbered"}


def test_classes_go_on_beyond_the_longest_way_of_today(grid):
    """Ways of 100 and 900 m, limits 250, 500: each class to the last one is told, and an open one beyond it."""
    ways = pd.Series(np.where(np.arange(len(grid)) % 2, 100.0, 900.0), index=grid.index)
    walk = Indicator("walk", "Walk", ways, unit="metres", kind="cost", service="clinic", cutoffs=[250.0, 500.0])
    legend = made(walk, grid)
    told = as_record(legend, walk, "en")["scale"]
    limits = [upper for upper, *_ in told]
    assert limits[:2] == [250.0, 500.0]
    assert limits[-1] is None
    assert [label for _, label, _ in told][1] == "250 – 500"
    assert len({tuple(look) for *_, look in told}) >= len(told) - 1
    assert len(told) == 1 + len([row for row in legend.rows if row.value])
    assert as_record(made(Indicator("walk", "Walk", ways, unit="metres"), grid), walk, "en")["scale"] == []
