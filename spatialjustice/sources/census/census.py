"""Census layers: what a statistical office knows of each zone, asked for by theme, from several offices in one way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spatialjustice._core.errors import InputError
from spatialjustice.sources.census.eurostat import Eurostat
from spatialjustice.sources.census.us import USCensus
from spatialjustice.sources.tables.join import join_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    import pandas as pd

    from spatialjustice.sources.census.offices import CensusProvider


def census(
    themes: str | Sequence[str],
    *,
    year: int,
    places: str | Sequence[str],
    level: str,
    provider: str | CensusProvider = "us",
) -> gpd.GeoDataFrame:
    """Fetch what a statistical office knows of each zone, with the shapes of the zones.

    Parameters
    ----------
    themes
        What to ask for, for example ``["internet", "income"]``; :func:`census_themes` lists them.
    year
        The year of the release. Of the American Community Survey, 2019 are the five years 2015 to 2019.
    places
        Codes of the places. United States: a state such as ``"17"`` or a county such as ``"17031"``. Eurostat: the
        beginning of NUTS codes, such as ``"ES"`` or ``"ES30"``.
    level
        United States: ``"county"``, ``"tract"`` or ``"block group"``. Eurostat: ``"nuts0"`` to ``"nuts3"``.
    provider
        ``"us"``, ``"eurostat"``, or a provider of your own, such as :class:`USCensus` with other servers.

    Returns
    -------
    GeoDataFrame
        One row for each zone in the order of its codes, which are the index. ``attrs["columns"]`` tells the unit of
        each column and what a share of it is taken of; margins of error, where there are any, are in columns of the
        same name with ``_margin``, at 90 % confidence. Codes such as -666666666 have become missing values and are
        counted by findings. Zones without values and values without a zone are findings too, as in
        :func:`join_table`.

    Raises
    ------
    InputError
        When a theme, place or level is not known, or the office refuses or cannot be reached.
    DamagedFileError
        When an answer is not whole.

    Notes
    -----
    A key goes from the environment (``CENSUS_API_KEY``) to the server and nowhere else.

    Examples
    --------
    An office of one's own, with two districts:

    >>> import geopandas as gpd
    >>> import pandas as pd
    >>> from shapely import box
    >>> from spatialjustice.sources import Column, Theme
    >>> class Town:
    ...     name = "the town"
    ...     themes = {"internet": Theme("internet", {"en": "Internet"}, (Column("no_internet", "households"),))}
    ...     def table(self, themes, *, year, places, level):
    ...         return pd.DataFrame({"no_internet": [12, 40]}, index=["01", "02"])
    ...     def zones(self, *, year, places, level):
    ...         return gpd.GeoDataFrame(geometry=[box(1, 0, 2, 1), box(0, 0, 1, 1)], index=["02", "01"], crs=32639)
    >>> census("internet", year=2016, places="T", level="district", provider=Town())["no_internet"].to_dict()
    {'01': 12.0, '02': 40.0}
    """
    office = provider_of(provider)
    known = table_arguments(office, themes, places)
    values = office.table(known[0], year=year, places=known[1], level=level)
    shapes = office.zones(year=year, places=known[1], level=level)
    shapes = shapes[[label for label in shapes.columns if label not in values.columns]]
    return join_table(shapes.sort_index(), values)


def census_table(
    themes: str | Sequence[str],
    *,
    year: int,
    places: str | Sequence[str],
    level: str,
    provider: str | CensusProvider = "us",
) -> pd.DataFrame:
    """Fetch what a statistical office knows of each zone, without shapes.

    Parameters
    ----------
    themes, year, places, level, provider
        As in :func:`census`.

    Returns
    -------
    DataFrame
        As :func:`census`, without geometry, in the order of the codes.

    Raises
    ------
    InputError, DamagedFileError
        As :func:`census`.
    """
    office = provider_of(provider)
    known = table_arguments(office, themes, places)
    return office.table(known[0], year=year, places=known[1], level=level)


def census_zones(
    *, year: int, places: str | Sequence[str], level: str, provider: str | CensusProvider = "us"
) -> gpd.GeoDataFrame:
    """Fetch the shapes of census zones.

    Parameters
    ----------
    year, places, level, provider
        As in :func:`census`.

    Returns
    -------
    GeoDataFrame
        The zones on their codes, in the CRS in which they are published.

    Raises
    ------
    InputError, DamagedFileError
        As :func:`census`.
    """
    office = provider_of(provider)
    return office.zones(year=year, places=table_arguments(office, [], places)[1], level=level)


def census_themes(provider: str | CensusProvider = "us") -> pd.DataFrame:
    """List what can be asked of a statistical office.

    Parameters
    ----------
    provider
        As in :func:`census`.

    Returns
    -------
    DataFrame
        One row for each column that can come back: ``theme``, ``column``, ``unit``, ``of`` (what a share is taken of),
        ``table`` and ``first_year``.

    Raises
    ------
    InputError
        When the provider is not known.

    Examples
    --------
    >>> listed = census_themes()
    >>> listed.loc[listed["column"] == "no_internet", ["theme", "unit", "of", "table"]].values.tolist()
    [['internet', 'households', 'households_internet', 'B28002']]
    """
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "theme": theme.name,
                "column": column.name,
                "unit": column.unit,
                "of": column.of,
                "table": theme.table or str(column.facts.get("dataset", "")),
                "first_year": theme.first_year,
            }
            for theme in provider_of(provider).themes.values()
            for column in theme.columns
        ]
    )


def provider_of(provider: str | CensusProvider) -> CensusProvider:
    """Return the office of a name, or the one given.

    Raises
    ------
    InputError
        When there is none of this name.
    """
    if not isinstance(provider, str):
        return provider
    known: dict[str, Callable[[], CensusProvider]] = {"us": USCensus, "eurostat": Eurostat}
    if provider not in known:
        raise InputError("provider", f"there is no census provider {provider}", f"There are: {', '.join(known)}.")
    return known[provider]()


def table_arguments(
    office: CensusProvider, themes: str | Sequence[str], places: str | Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return themes and places as lists, each once.

    Raises
    ------
    InputError
        When a theme is not known or there is no place.
    """
    wanted = list(dict.fromkeys([themes] if isinstance(themes, str) else themes))
    for theme in wanted:
        if theme not in office.themes:
            advice = f"There are: {', '.join(office.themes)}."
            raise InputError("themes", f"{office.name} has no theme {theme}", advice)
    codes = list(dict.fromkeys(str(place).strip() for place in ([places] if isinstance(places, str) else places)))
    if not codes or not all(codes):
        raise InputError("places", "there is no place", "Give at least one code, such as '17031' or 'ES30'.")
    return wanted, codes
