"""Before and after: who gains and who loses, on maps with one scale; refused where the two cannot be compared."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import maps
from spatialjustice._core.errors import InputError
from spatialjustice.catalogue import LANGUAGES, number, text_in, words
from spatialjustice.maps.colours.classify import classify
from spatialjustice.report.curves_and_bars import in_every_language
from spatialjustice.report.page import planner_page
from spatialjustice.report.standing import UNREACHED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    Text = str | Mapping[str, str]

EVERYBODY = "all people"
PASSING = ("sources", "findings", "seed", "measured")
"""What may differ between two results that can still be compared."""


def who_gains(
    before: maps.Indicator,
    after: maps.Indicator,
    *,
    least: float,
    people: pd.Series[Any],
    groups: Mapping[str, pd.Series[Any]] | None = None,
) -> pd.DataFrame:
    """Count who gains and who loses at least so much.

    Parameters
    ----------
    before, after
        The same measure on the same zones, at two times or in two plans.
    least
        The smallest change that counts, in the unit of the values, above 0; a change equal to it counts.
    people
        People on zone ids.
    groups
        People of each group on zone ids, by name.

    Returns
    -------
    DataFrame
        A row for all people, then one for each group: ``people``, ``gain``, ``lose``, ``unchanged`` and ``unknown``,
        of which the last four add up to the first. Who gets a way at all gains, who loses the only one loses.

    Raises
    ------
    InputError
        When the two cannot be compared: other zones, another unit, measure or parameters.

    Examples
    --------
    >>> def walk(values):
    ...     return maps.Indicator("walk", "Walk", pd.Series(values), unit="minutes")
    >>> found = who_gains(walk([9.0, 9.0]), walk([5.0, 9.5]), least=1, people=pd.Series([70.0, 30.0]))
    >>> found.loc["all people", ["gain", "lose", "unchanged"]].tolist()
    [70.0, 0.0, 30.0]
    """
    gain = _gain(before, after)
    if not least > 0:
        raise InputError("least", f"“{least}” is not above 0", "Give the smallest change that counts.")
    rows = {}
    for name, counted in {EVERYBODY: people, **(groups or {})}.items():
        missing = gain.index.difference(counted.index)
        if len(missing):
            raise InputError(name, f"{len(missing):,} zones have no number", "Give 0 where nobody lives.", rows=missing)
        weights = counted.reindex(gain.index).astype(float)
        rows[name] = {
            "people": float(weights.sum()),
            "gain": float(weights[gain >= least].sum()),
            "lose": float(weights[gain <= -least].sum()),
            "unchanged": float(weights[gain.abs() < least].sum()),
            "unknown": float(weights[gain.isna()].sum()),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _gain(before: maps.Indicator, after: maps.Indicator) -> pd.Series[Any]:
    """Return how much better each zone is after; infinite where a way appears, the opposite where the last is lost."""
    _require_alike(before, after)
    first, then = _amounts(before), _amounts(after).reindex(before.values.index)  # type: ignore[union-attr]
    with np.errstate(invalid="ignore"):
        change = then - first
    change[np.isinf(first) & np.isinf(then)] = 0.0
    return -change if before.better == "lower is better" else change


def _amounts(indicator: maps.Indicator) -> pd.Series[Any]:
    assert indicator.values is not None  # noqa: S101 - checked before
    amounts = indicator.values.astype(float).copy()
    if indicator.status is not None and indicator.better == "lower is better":
        amounts[indicator.status.reindex(amounts.index).isin(UNREACHED)] = np.inf
    return amounts


def _require_alike(before: maps.Indicator, after: maps.Indicator) -> None:
    if before.values is None or after.values is None or before.labelled or after.labelled:
        raise InputError("before", "labels have no difference", "Compare indicators with numbers.")
    strange = before.values.index.symmetric_difference(after.values.index)
    if len(strange):
        raise InputError(
            "after",
            f"{len(strange):,} areas are in only one of the two",
            "Compare results on the same areas, cut the same way.",
            rows=strange,
        )
    for name in ("unit", "kind", "better"):
        one, other = getattr(before, name), getattr(after, name)
        if one != other:
            raise InputError(
                "after", f"its {name} is {other}, not {one}", "Compare the same measure, made the same way."
            )
    _require_equal(before.values.attrs, after.values.attrs, ())


def _require_equal(before: Mapping[Any, Any], after: Mapping[Any, Any], changed: Sequence[str]) -> None:
    keys = {*map(str, before), *map(str, after)} - {*PASSING, *changed}
    for name in sorted(keys):
        one, other = before.get(name), after.get(name)
        if repr(one) != repr(other):
            raise InputError(
                "after",
                f"its {name} is {other!r}, that of before is {one!r}",
                "Make both with the same parameters; what was changed on purpose is named in changed=.",
            )


def before_after(  # noqa: PLR0913 (a page has many optional parts; most are named)
    zones: gpd.GeoDataFrame,
    before: maps.Indicator,
    after: maps.Indicator,
    *,
    title: Text,
    people: pd.Series[Any],
    least: float,
    much: float | None = None,
    groups: Mapping[str, tuple[Text, pd.Series[Any]]] | None = None,
    parameters: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {}),
    changed: Sequence[str] = (),
    **around: Any,
) -> maps.Map:
    """Make a page that compares two results: side by side under one scale, their difference, and who gains and loses.

    Parameters
    ----------
    zones
        Polygons with unique ids; the same for both.
    before, after
        The same measure at two times or in two plans.
    title
        Heading of the page.
    people
        People on zone ids.
    least
        The smallest change that counts, in the unit of the values; a change equal to it counts.
    much
        From where a change is called much; three times ``least`` where None.
    groups
        Groups to tell of apart: title and people on zone ids, by key.
    parameters
        How the two were made, for example the settings of two studies and the versions of the software. They must be
        equal but for what ``changed`` names.
    changed
        Parameters that were changed on purpose.
    **around
        As for :func:`planner_page`.

    Raises
    ------
    InputError
        When the two cannot be compared: other areas, another unit or measure, other parameters.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326)
    >>> def walk(values):
    ...     return maps.Indicator("walk", "Walk", pd.Series(values), unit="minutes")
    >>> made = before_after(zones, walk([9.0, 9.0]), walk([5.0, 9.5]), title="Synthetic", least=1,
    ...                     people=pd.Series([70.0, 30.0]))
    >>> made.page.report["compare"]["rows"][0]["gain"]
    70.0
    """
    _require_equal(*parameters, changed)
    before, after = before.on(zones.index), after.on(zones.index)
    counted = {key: one for key, (_, one) in (groups or {}).items()}
    found = who_gains(before, after, least=least, people=people, groups=counted)
    breaks = _shared_breaks(before, after)
    shown = [
        replace(before, key="before", group=_word("page.compare.before"), breaks=breaks),
        replace(after, key="after", group=_word("page.compare.after"), breaks=breaks),
        _difference(before, after, least, 3 * least if much is None else much),
    ]
    told = dict.fromkeys((one.key for one in shown), _sentence(before, found, least))
    around.setdefault("findings_in_words", told)
    made = planner_page(zones, shown, title=title, people=people, groups=groups, **around)
    assert made.page.report is not None  # noqa: S101 - every planner's page has one
    titles = {EVERYBODY: _word("page.filter.everybody"), **{key: title for key, (title, _) in (groups or {}).items()}}
    compared = {
        "before": 0,
        "after": 1,
        "difference": 2,
        "least": _with_unit(before, least),
        "rows": [
            {"label": in_every_language(titles[str(name)]), **{str(key): round(value, 1) for key, value in row.items()}}
            for name, row in found.iterrows()
        ],
    }
    return replace(made, page=replace(made.page, report={**made.page.report, "compare": compared}))


def _word(key: str) -> dict[str, str]:
    return {lang: words(lang)[key] for lang in LANGUAGES}


def _with_unit(indicator: maps.Indicator, value: float) -> dict[str, str]:
    found = {}
    for lang in LANGUAGES:
        if indicator.unit == "share":
            found[lang] = number(value, lang, percent=True)
        else:
            found[lang] = f"{number(value, lang)}\u00a0{words(lang).get(f'unit.{indicator.unit}.short', '')}".strip()
    return found


def _sentence(indicator: maps.Indicator, found: pd.DataFrame, least: float) -> dict[str, str]:
    """Say how many gain and how many lose."""
    row: dict[str, Any] = {str(name): value for name, value in found.loc[[EVERYBODY]].to_dict("records")[0].items()}
    limit = _with_unit(indicator, least)
    return {
        lang: words(lang)["report.change.finding"].format(
            subject=text_in(indicator.title, lang),
            all=number(row["people"], lang, digits=0),
            limit=limit[lang],
            **{name: number(row[name], lang, digits=0) for name in ("gain", "lose")},
            **{
                f"{name}_share": number(
                    row[name] / row["people"] if row["people"] else 0.0, lang, digits=1, percent=True
                )
                for name in ("gain", "lose")
            },
        )
        for lang in LANGUAGES
    }


def _shared_breaks(before: maps.Indicator, after: maps.Indicator) -> list[float] | None:
    """Return limits of classes that hold for both, the largest value of the two in the last one."""
    values = np.concatenate([one.values.to_numpy(dtype=float) for one in (before, after)])  # type: ignore[union-attr]
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return None
    made = classify(known, breaks=before.breaks)
    inner = [limit for limit in made.upper[:-1] if np.isfinite(limit)]
    return [*inner, max(float(known.max()), made.upper[-1] if np.isfinite(made.upper[-1]) else -np.inf)]


def _difference(before: maps.Indicator, after: maps.Indicator, least: float, much: float) -> maps.Indicator:
    """Return the difference as classes around 0: blue gains, red loses."""
    if not much > least:
        raise InputError("much", f"“{much}” is not above least ({least})", "Give a larger change, or leave it out.")
    gain = _gain(before, after)
    labels = pd.Series("about the same", index=gain.index, dtype=object)
    labels[gain >= least], labels[gain <= -least] = "better", "worse"
    labels[gain >= much], labels[gain <= -much] = "much better", "much worse"
    labels[gain.isna()] = "no data"
    values = gain.where(np.isfinite(gain))
    sign = -1.0 if before.better == "lower is better" else 1.0
    note = {
        lang: words(lang)["report.change"].format(
            least=text_in(_with_unit(before, least), lang), much=text_in(_with_unit(before, much), lang)
        )
        for lang in LANGUAGES
    }
    return maps.Indicator(
        key="difference",
        title=before.title,
        group=_word("page.compare.difference"),
        values=values * sign,
        unit=before.unit,
        kind="lisa",
        labels=labels,
        note=note,
    )
