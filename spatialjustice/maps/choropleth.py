"""Choropleth: one set of values on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import InputError
from spatialjustice.catalogue.lookup import LANGUAGES, digits, number, text_in, words
from spatialjustice.maps.atlas import atlas
from spatialjustice.maps.indicator import Indicator
from spatialjustice.maps.measured import measured

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from spatialjustice.maps.pages.saved import Map


def choropleth(
    zones: gpd.GeoDataFrame,
    values: pd.Series[Any] | str,
    *,
    title: str | Mapping[str, str] | None = None,
    unit: str | None = None,
    status: pd.Series[Any] | None = None,
    breaks: Sequence[float] | None = None,
    note: str | Mapping[str, str] = "",
    lang: str = "en",
    **around: Any,
) -> Map:
    """Draw one measure on the zones.

    Parameters
    ----------
    zones
        Polygons with unique ids in any CRS.
    values
        A Series on zone ids, or the name of a column of ``zones``. Its unit, measure and direction are read from
        ``values.attrs``.
    title
        Title of the page and the legend; the measure's own where None.
    unit
        Unit of the values; needed where ``values.attrs`` does not say. One that the maps do not know (``beds``) is
        named as it is.
    status
        Why a value is as it is, on zone ids (see :class:`Indicator`).
    breaks
        Upper limits of the classes; None makes quantiles.
    note
        A sentence under the legend.
    lang
        ``"en"`` or ``"fa"``.
    **around
        ``services``, ``streets``, ``base``, ``place``, ``people``, ``sources``, ``findings``, ``provenance``,
        ``subtitle``, ``alternate`` and ``tiles``, as for :func:`atlas`.

    Raises
    ------
    InputError
        When the unit is not known; a legend never goes without one.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326)
    >>> choropleth(zones, pd.Series([1.0, 2.0]), title="Synthetic")
    Traceback (most recent call last):
        ...
    spatialjustice._core.errors.InputError: values: their unit is not known. Give unit=, for example unit="minutes".
    >>> made = choropleth(zones, pd.Series([1.0, 2.0]), title="Synthetic", unit="minutes")
    """
    one = measured(zones, values, title=title, unit=unit, status=status, breaks=breaks, note=note, lang=lang)
    return atlas(zones, [one], title=one.title, lang=lang, **around)


def clusters(
    zones: gpd.GeoDataFrame,
    found: pd.DataFrame,
    *,
    title: str | Mapping[str, str] | None = None,
    note: str | Mapping[str, str] = "",
    status: pd.Series[Any] | None = None,
    lang: str = "en",
    **around: Any,
) -> Map:
    """Draw the labels of a local statistic on the zones: clusters, hot spots, islands, zones without data.

    Parameters
    ----------
    zones
        Polygons with unique ids in any CRS.
    found
        What ``inequality.local_moran`` or another local statistic returned: ``statistic`` and ``label`` on zone ids.
        The number of permutations, the seed and the level are read from its ``attrs`` and stand under the legend.
    title
        Title of the page and the legend; the statistic's own where None.
    note
        A sentence under the legend, before the one on significance: what high and low mean here.
    status
        Why a value is as it is, on zone ids (see :class:`Indicator`).
    lang
        ``"en"`` or ``"fa"``.
    **around
        As for :func:`choropleth`.

    Raises
    ------
    InputError
        When ``found`` has no labels.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326)
    >>> found = pd.DataFrame({"statistic": [0.8, 0.1], "label": ["high-high", "not significant"]})
    >>> made = clusters(zones, found, title="Synthetic")
    """
    named = words(lang).get(f"measure.{found.attrs.get('measure')}.title", "")
    chosen = title or named or words(lang)["page.value"]
    one = cluster_indicator(found, key="clusters", title=chosen, note=note, status=status)
    return atlas(zones, [one], title=chosen, lang=lang, **around)


def cluster_indicator(
    found: pd.DataFrame,
    *,
    key: str,
    title: str | Mapping[str, str],
    note: str | Mapping[str, str] = "",
    status: pd.Series[Any] | None = None,
    group: str | Mapping[str, str] = "",
) -> Indicator:
    """Make the labels of a local statistic one of the indicators of an :func:`atlas`.

    Parameters
    ----------
    found
        What ``inequality.local_moran`` or another local statistic returned, as for :func:`clusters`.
    key, title, group
        As for :class:`Indicator`.
    note
        A sentence under the legend, before the one on significance: what high and low mean here.
    status
        Why a value is as it is, on zone ids (see :class:`Indicator`).

    Raises
    ------
    InputError
        When ``found`` has no labels.

    Examples
    --------
    >>> import pandas as pd
    >>> found = pd.DataFrame({"statistic": [0.8, 0.1], "label": ["high-high", "not significant"]})
    >>> found.attrs = {"adjust": "fdr", "significance": 0.05, "permutations": 999, "seed": 1}
    >>> cluster_indicator(found, key="rent", title="Rents", note="High: dear.").note["en"]
    'High: dear. The false discovery rate is held at 5%. 999 random permutations, seed 1, two-sided.'
    """
    missing = [name for name in ("statistic", "label") if name not in found]
    if missing:
        raise InputError(
            "found", f"there is no column {', '.join(missing)}", "Give what local_moran or its like returned."
        )
    told = {each: f"{text_in(note, each)} {_significance(found, each)}".strip() for each in LANGUAGES}
    values = found["statistic"].copy()
    values.attrs = {name: value for name, value in found.attrs.items() if name == "measure"}
    return Indicator(
        key=key, title=title, values=values, kind="lisa", labels=found["label"], status=status, note=told, group=group
    )


def _significance(found: pd.DataFrame, lang: str) -> str:
    """Say how significance was tested, where the statistic tells."""
    facts = found.attrs
    if not {"permutations", "seed", "significance"} <= set(facts):
        return ""
    key = "lisa.note.fdr" if facts.get("adjust") == "fdr" else "lisa.note"
    return words(lang)[key].format(
        level=number(facts["significance"], lang, percent=True),
        permutations=number(facts["permutations"], lang),
        seed=digits(str(facts["seed"]), lang),
    )
