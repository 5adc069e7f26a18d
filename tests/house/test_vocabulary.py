"""One vocabulary in every public verb, hints for every other word, and old names that still work."""

from __future__ import annotations

import inspect
import pickle
import re
import subprocess
import sys
import typing
import warnings
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from packaging.version import Version

import spatialjustice as sj
from spatialjustice._core.errors import InputError, OldNameWarning, SpatialJusticeWarning
from spatialjustice._core.names import lazy, old_names, synonyms
from spatialjustice._core.names.hints import explained
from spatialjustice._core.names.old_names import OLD_NAMES, OLD_PARAMETERS, Renamed
from spatialjustice._core.names.vocabulary import WORDS

ROOMS = (
    *("sources", "network", "access", "inequality", "digital", "remedies", "environment", "participation", "cities"),
    *("prediction", "monitoring", "maps", "report", "study"),
    "datasets",
)

RECORDS = {
    "datasets.Dataset",
    *(
        "sources.Catalogue",
        "sources.Column",
        "sources.Fare",
        "sources.Fares",
        "sources.Service",
        "sources.Streets",
        "sources.Theme",
        "sources.Timetable",
    ),
    *("network.Mode", "network.Network", "network.Pace", "network.Permission", "network.StraightLines"),
    *("network.TransitCosts", "network.TransitNetwork"),
    *("inequality.Choice", "inequality.Estimate", "inequality.Groups", "inequality.LocalModel", "inequality.Model"),
    *("maps.Cell", "maps.ModeMaps", "maps.Overview", "report.ModePage"),
    *("maps.Entry", "maps.Indicator", "maps.Map", "report.Bars", "report.Curve", "report.Standing"),
    *("report.Proposal", "study.Proposals", "study.Archive", "study.Citation", "study.Reproduction"),
    *("report.Choice", "report.Dots", "report.Line", "report.Lines", "report.Panel", "report.Part", "report.Passage"),
    *("report.Grid", "report.GridCell", "report.GridEntry"),
    *("report.Picture", "report.Points", "report.SheetColumn", "report.SheetPage", "report.SheetTable"),
    *("prediction.RiskModel", "study.Checked", "study.Results", "study.Study"),
    *("study.Checked", "study.Comparison", "study.Results", "study.Study"),
    *("study.Checked", "study.Results", "study.Study", "study.Watch"),
}
"""Results and records: their fields are names of what is in them, not words that a question is asked with."""

WEIGHTS_OF_COLUMNS = {
    *("digital.divide_index", "digital.smart_city_profile"),
    *("inequality.alkire_foster_groups", "inequality.lack_counts"),
}
"""Functions whose weights are those of indicators or lacks; whom they count is in the groups, or told elsewhere."""

WITHOUT_HINTS = {"sources.CensusProvider", "sources.registry"}
"""A protocol, and a function that takes nothing."""


def public():
    """Give every public callable with its name: functions, constructors, methods, and the decays."""
    for room in ROOMS:
        module = getattr(sj, room)
        for name in module.__all__:
            found = getattr(module, name)
            if inspect.isclass(found):
                if f"{room}.{name}" not in RECORDS | WITHOUT_HINTS:
                    yield f"{room}.{name}", found
                for method, function in vars(found).items():
                    if inspect.isfunction(function) and not method.startswith("_"):
                        yield f"{room}.{name}.{method}", function
            elif callable(found):
                yield f"{room}.{name}", found
    for name, found in vars(sj.access.decay).items():
        if (
            inspect.isfunction(found)
            and inspect.signature(found).return_annotation == "Decay"
            and not name.startswith("_")
        ):
            yield f"access.decay.{name}", found


PUBLIC = dict(public())


def words_of(function):
    return [name for name in inspect.signature(function).parameters if name != "self"]


def all_words():
    return {word for function in PUBLIC.values() for word in words_of(function)}


def test_every_public_parameter_is_a_word_of_the_vocabulary():
    unknown = {name: words for name in PUBLIC if (words := sorted(set(words_of(PUBLIC[name])) - set(WORDS)))}
    assert not unknown, f"choose words of spatialjustice/_core/names/vocabulary.py, or add them there: {unknown}"


def test_the_vocabulary_holds_no_word_that_nobody_uses():
    assert set(WORDS) - all_words() == set()


def test_every_word_has_a_meaning():
    assert all(word.meaning and not word.meaning.endswith(".") for word in WORDS.values())


def test_people_are_called_people_everywhere():
    """Who may weigh by people may say so, and nothing else means the same."""
    for name, function in PUBLIC.items():
        words = set(words_of(function))
        if name == "access.decay.stepped" or name in WEIGHTS_OF_COLUMNS:
            continue  # weights of costs, of indicators and of lacks
        assert not words & {"population", "pop", "residents"}, name
        if words & {"weights", "demand"}:
            assert "people" in words, name


def test_chance_comes_from_rng_and_limits_are_cutoffs():
    for name, function in PUBLIC.items():
        words = set(words_of(function))
        assert not words & {"random_state", "random_seed", "cutoffs", "max_distance", "radius", "max_cost"}, name
        assert "seed" not in words or name.startswith("study."), name


def test_synonyms_lead_to_words_that_exist():
    names = {name for room in ROOMS for name in getattr(sj, room).__all__}
    services = set(sj.sources.read_catalogue().names)
    for table, known in (
        (synonyms.SYNONYMS, set(WORDS)),
        (synonyms.OTHER_NAMES, names),
        (synonyms.SERVICES, services),
        (synonyms.MODES, {*sj.network.MODES, "transit"}),
    ):
        assert {word for words in table.values() for word in words} - known == set()
    assert not set(synonyms.SERVICES) & services
    assert not set(synonyms.MODES) & set(sj.network.MODES)


class TestRooms:
    def test_dir_shows_public_names_only(self):
        assert dir(sj) == sorted(sj.__all__)
        for room in ROOMS:
            assert dir(getattr(sj, room)) == sorted(getattr(sj, room).__all__)

    @pytest.mark.parametrize(
        ("room", "name", "meant"),
        [
            ("inequality", "gin", r"Did you mean sj\.inequality\.gini\?"),
            ("inequality", "Gini", r"Did you mean sj\.inequality\.gini\?"),
            ("access", "gini", r"It is in another room: sj\.inequality\.gini\."),
            ("access", "ginni", r"Did you mean sj\.inequality\.gini\?"),
            ("access", "two_step_fca", r"Did you mean sj\.access\.floating_catchment_area\?"),
            ("inequality", "lisa", r"Did you mean sj\.inequality\.local_moran\?"),
            ("access", "nearest", r"method: costs\.nearest\(count\)\. sj\.inequality\.nearest is something else"),
            ("network", "travel_costs", r"It is a method: sj\.network\.from_osm"),
            ("inequality", "zzzz", r"dir\(spatialjustice\.inequality\) lists what there is"),
        ],
    )
    def test_a_misspelt_function_suggests_the_right_one(self, room, name, meant):
        with pytest.raises(AttributeError, match=meant):
            getattr(getattr(sj, room), name)

    def test_the_package_knows_its_rooms_and_what_is_in_them(self):
        with pytest.raises(AttributeError, match=r"Did you mean sj\.access\?"):
            sj.acces  # noqa: B018
        with pytest.raises(AttributeError, match=r"another room: sj\.inequality\.gini"):
            sj.gini  # noqa: B018

    def test_python_adds_no_guess_of_its_own(self):
        with pytest.raises(AttributeError) as caught:
            sj.inequality.gin  # noqa: B018
        assert caught.value.obj is None
        assert not hasattr(sj.inequality, "__nothing__")


class TestWrappers:
    """What a room gives is the function with hints, and like it in every other way."""

    def test_signature_docstring_and_types_stay(self):
        for name, found in PUBLIC.items():
            if name.count(".") == 1 and inspect.isfunction(found):
                inner = inspect.unwrap(found)
                assert inner is not found, name
                assert inspect.signature(found) == inspect.signature(inner), name
                assert (found.__doc__, found.__annotations__) == (inner.__doc__, inner.__annotations__), name
        assert inspect.getsource(sj.inequality.gini).startswith("def gini(")

    def test_public_functions_are_pickled_by_their_public_name(self):
        for room in ROOMS:
            for name in getattr(sj, room).__all__:
                found = getattr(getattr(sj, room), name)
                if inspect.isfunction(found):
                    assert pickle.loads(pickle.dumps(found)) is found
                    assert f"spatialjustice.{room}.{name}" == f"{found.__module__}.{found.__qualname__}"

    def test_examples_are_run_where_they_are_written_and_not_again_in_the_room(self):
        assert callable(sj.inequality.gini)
        assert "gini" not in vars(sj.inequality)

    def test_type_hints_can_be_read(self):
        def area(*, width: float) -> float:
            return width**2

        assert typing.get_type_hints(explained(area)) == {"width": float, "return": float}

    def test_a_type_error_from_inside_stays_as_it_is(self):
        @explained
        def outer(number):
            return "a" + number

        with pytest.raises(TypeError, match="can only concatenate str") as caught:
            outer(1)
        assert [entry.name for entry in caught.traceback][-1] == "outer"

    def test_the_word_of_an_inner_function_that_the_caller_never_gave_is_not_explained(self):
        @explained
        def outer(title):
            return inner(wrong=title)

        def inner():
            """Take nothing."""

        with pytest.raises(TypeError, match="unexpected keyword argument 'wrong'$"):
            outer("x")


SQUARE = gpd.GeoDataFrame({"people": [1.0]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)

WRONG_WORDS = [
    (lambda: sj.inequality.gini([1, 2], population=[1, 2]), "Did you mean 'people'?"),
    (lambda: sj.inequality.gini([1, 2], wieghts=[1, 2]), "Did you mean 'weights'?"),
    (lambda: sj.inequality.gini([1, 2], nothing_like_it=1), "It takes: values, people, weights."),
    (lambda: sj.inequality.gini([1, 2], [1, 2]), "Give by name: people=…, weights=…"),
    (lambda: sj.inequality.interval(sj.inequality.gini, range(9), seed=1), "Did you mean 'rng'?"),
    (lambda: sj.inequality.summary([1, 2], seed=1), "Did you mean 'rng'?"),
    (lambda: sj.access.cumulative_cutoff(None, threshold=1), "Did you mean 'cutoff'?"),
    (lambda: sj.access.coverage(None, None, 15), "Give by name: people=…, cutoff=…"),
    (lambda: sj.access.gravity(None, max_distance=1), "Did you mean 'cutoff'?"),
    (lambda: sj.maps.choropleth(SQUARE, "people", unit="people", titel="x"), "Did you mean 'title'?"),
    (lambda: sj.maps.choropleth(SQUARE, "people", unit="people", title="x", subtitel="x"), "Did you mean 'subtitle'?"),
    (lambda: sj.maps.Zones(None, population=1), "Did you mean 'people'?"),
    (lambda: sj.maps.save_figure(None, "one.eps", width=90), "sj.maps.plot(…, size='single')"),
    (lambda: sj.network.from_osm("streets.pbf", progress=True), "Progress is shown without being asked for."),
    (lambda: sj.network.TravelCosts.nearest(None, k=5), "Did you mean 'count'?"),
    (lambda: sj.network.Network.travel_costs(None, max_distance=5), "Did you mean 'cutoff'?"),
]


@pytest.mark.parametrize(("call", "hint"), WRONG_WORDS, ids=[hint for _, hint in WRONG_WORDS])
def test_a_wrong_word_suggests_the_right_one(call, hint):
    with pytest.raises(TypeError, match=re.escape(hint)):
        call()


def methods():
    """Give every public method of every public class, as it is called: bound methods of the class itself included."""
    for room in ROOMS:
        module = getattr(sj, room)
        for name in module.__all__:
            found = getattr(module, name)
            if inspect.isclass(found) and f"{room}.{name}" not in WITHOUT_HINTS:
                ours = [part for part in found.__mro__ if part.__module__.startswith("spatialjustice.")]
                for method in sorted({each for part in ours for each in vars(part) if not each.startswith("_")}):
                    takes = getattr(found, method)
                    if not inspect.isfunction(takes) and not inspect.ismethod(takes):
                        continue
                    # What takes any word hands it on, to a function that says itself what it does not take.
                    if all(each.kind is not each.VAR_KEYWORD for each in inspect.signature(takes).parameters.values()):
                        yield f"{room}.{name}.{method}", getattr(found, method)


METHODS = dict(methods())


def test_there_are_methods_of_every_kind():
    assert {"network.TravelCosts.nearest", "study.Study.read", "sources.USCensus.table", "maps.Map.save"} <= set(
        METHODS
    )


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_public_method_gives_hints(name):
    """A word that it does not have: the error suggests one that it has, or lists them all."""
    method = METHODS[name]
    parameters = inspect.signature(method).parameters.values()
    words = [each.name for each in parameters if each.name != "self" and each.kind is not each.VAR_POSITIONAL]
    given = () if inspect.ismethod(method) else (None,)
    with pytest.raises(TypeError) as caught:
        method(*given, no_such_word_zzz=1)
    listed = f"It takes: {', '.join(words)}." if words else "It takes nothing by name."
    assert str(caught.value).endswith(f"unexpected keyword argument 'no_such_word_zzz'. {listed}")
    for word in words:
        if len(word) > 3:
            with pytest.raises(TypeError, match=rf"Did you mean '{word}'\?"):
                method(*given, **{word + "z": 1})


def test_an_object_that_a_call_returns_gives_hints_though_nobody_asked_for_its_class():
    code = (
        "import spatialjustice as sj, geopandas as gpd\n"
        "points = gpd.GeoSeries.from_xy([0, 0.001], [0, 0], crs=4326)\n"
        "costs = sj.network.straight_lines(points).travel_costs(points, points)\n"
        "try:\n    costs.nearest(k=2)\n"
        "except TypeError as error:\n    assert 'Did you mean' in str(error), error\n"
        "else:\n    raise SystemExit('no error')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_classes_of_other_packages_stay_as_they_are():
    first = gpd.GeoDataFrame.to_crs
    assert explained(lambda: SQUARE)() is SQUARE
    assert gpd.GeoDataFrame.to_crs is first


def test_errors_speak_of_people_to_whoever_gave_people():
    with pytest.raises(InputError, match="^people: 1 numbers are negative"):
        sj.inequality.gini([1, 2], people=[1, -1])
    with pytest.raises(InputError, match="^weights: 1 numbers are negative"):
        sj.inequality.gini([1, 2], weights=[1, -1])
    with pytest.raises(InputError, match="^people: weights are given, too"):
        sj.inequality.gini([1, 2], people=[1, 1], weights=[1, 1])


class TestOldNames:
    def test_every_old_parameter_leads_to_one_that_exists(self):
        for name, renamed in OLD_PARAMETERS.items():
            words = words_of(PUBLIC[name])
            for old, (new, _) in renamed.items():
                assert new in words, name
                assert old not in words, name

    def test_every_old_name_leads_to_one_that_exists(self):
        for old, (new, _) in OLD_NAMES.items():
            room, name = new.split(".")
            assert name in getattr(sj, room).__all__
            assert old.split(".")[1] not in getattr(sj, old.split(".")[0]).__all__

    def test_nothing_stays_longer_than_it_was_said(self):
        """The release that an old name goes with must not hold it any more."""
        every = [renamed for words in OLD_PARAMETERS.values() for renamed in words.values()]
        for _, gone_in in [*every, *OLD_NAMES.values()]:
            assert Version(sj.__version__) < Version(gone_in)

    def test_every_renaming_is_in_the_changelog(self):
        text = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")
        for name, renamed in OLD_PARAMETERS.items():
            function = name.rpartition(".")[2]
            for old, (new, _) in renamed.items():
                assert f"`{old}` → `{new}`" in text, (function, old)
                assert function in text

    def test_an_old_parameter_works_and_warns_at_the_line_of_the_caller(self):
        import pandas as pd

        counts = pd.DataFrame({"with car": [60, 10], "without": [40, 20]})
        with pytest.warns(OldNameWarning, match=r"'population' is now called 'people'; .* version 0\.3\.") as caught:
            old = sj.inequality.groups_from_counts(counts, population=[100, 50])
        assert caught[0].filename == __file__
        assert old.people.equals(sj.inequality.groups_from_counts(counts, people=[100, 50]).people)
        assert issubclass(OldNameWarning, SpatialJusticeWarning)
        assert issubclass(OldNameWarning, DeprecationWarning)

    def test_both_names_at_once_are_refused(self):
        with pytest.raises(TypeError, match="got both 'people' and 'population', which mean the same"):
            sj.inequality.groups_from_counts(None, population=[1], people=[1])

    def test_an_old_function_works_and_warns(self, monkeypatch):
        monkeypatch.setitem(old_names.OLD_NAMES, "access.gini", Renamed("inequality.gini", "9"))
        with pytest.warns(OldNameWarning, match=r"spatialjustice\.access\.gini is now called .* version 9\.") as caught:
            found = sj.access.gini
        assert caught[0].filename == __file__
        assert found is sj.inequality.gini

    def test_the_old_name_for_the_seed_of_a_study_works_and_warns(self):
        asked = explained(lambda *, rng=None: rng, public="study.run")
        with pytest.warns(OldNameWarning, match="'seed' is now called 'rng'"):
            assert asked(seed=5) == asked(rng=5) == 5

    def test_the_new_names_do_not_warn(self):
        import pandas as pd

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sj.inequality.groups_from_counts(pd.DataFrame({"a": [1]}), people=[1])


def test_rooms_are_rooms():
    assert all(isinstance(getattr(sj, room), lazy._Room) for room in ROOMS)
