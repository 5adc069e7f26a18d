"""The one door for travel costs that another router or package made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.carried import Carried
from spatialjustice._core.errors import InputError, a_kind, listed
from spatialjustice._core.findings import Finding, announce, findings_of
from spatialjustice._core.frames import attributes_of
from spatialjustice._core.machine.extras import needed
from spatialjustice._core.provenance import sources_of
from spatialjustice.access._cost_tables import PairCosts
from spatialjustice.access.matrices.answers import is_answer, plain_answer, read_answer, read_json
from spatialjustice.access.matrices.marks import costs_in_unit
from spatialjustice.access.matrices.spellings import cost_columns
from spatialjustice.access.matrices.tables import Pairs, Wide, pairs_of_frame, pairs_of_series
from spatialjustice.network.costs import TravelCosts
from spatialjustice.network.cutoffs import checked_cutoff

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spatialjustice._core.provenance import SourceRecord


def costs(
    table: Any,
    *,
    unit: str | None = None,
    columns: Mapping[str, Any] | None = None,
    unreachable: Any = None,
    cutoff: float | None = None,
    origins: pd.DataFrame | pd.Series[Any] | pd.Index[Any] | Iterable[Any] | None = None,
    destinations: pd.DataFrame | pd.Series[Any] | pd.Index[Any] | Iterable[Any] | None = None,
) -> PairCosts:
    """Take travel costs that another router, package or spreadsheet made, however they are spelled and lie.

    Parameters
    ----------
    table
        - A table of pairs (pandas, Polars, PyArrow, DuckDB): of r5py, r5r (matrices, and the quickest way of detailed
          itineraries), cafein, OpenTripPlanner, accessibility (R), PySAL access, QGIS, ArcGIS.
        - A wide table: ids of origins as index (or in a column ``from_id``), ids of destinations as columns; a NumPy
          array or rows of numbers, with ``origins`` and ``destinations``; origin → destination → cost.
        - A Series with both ids as its index.
        - What OSRM, openrouteservice, Mapbox or Valhalla (long or short) answer when they are asked for a matrix: the
          answer, or a ``.json`` file of it; with ``origins`` and ``destinations`` in the order that was asked for.

        Read other files first, with :func:`spatialjustice.sources.table`, which keeps zeros at the front of ids.
    unit
        What the costs are in: minutes, seconds, hours, metres, kilometres, miles, or a word of your own (money). It may
        be left out where the table says it: durations, units in names of columns (``DIST_KM``), frames of r5py. Of an
        answer with durations and distances it chooses one.
    columns
        Which columns hold ``from_id``, ``to_id`` and ``travel_cost``, where their names do not tell, or where several
        could: ``{"travel_cost": "travel_time_p50"}``.
    unreachable
        What stands where there is no way, for example ``-1`` or ``[99999, "no route"]``. Missing and infinite costs
        and the largest numbers of a computer's types always mean that. With None, costs that look like marks are
        refused; with an empty list they count as long ways.
    cutoff
        The highest cost that the router looked for, in minutes, metres or your own unit, itself included: measures
        that go beyond it are refused. None where it looked for all.
    origins, destinations
        All places of both sides, also those without any pair: frames on their ids, or ids; of answers, arrays and rows
        in the order in which they were asked for. The columns of frames can
        then be named in measures (``opportunities="jobs"``, ``people="people"``) and shown by
        :meth:`PairCosts.nearest`. None takes the ids of the table; answers, arrays and rows have none, and their
        places are numbered from 0 on.

    Returns
    -------
    PairCosts
        What every measure takes, in minutes, metres or your own unit. Pairs without a way, or that are not there, are
        unreachable. ``findings`` count them.

    Raises
    ------
    InputError
        When it is not clear what holds what, or in which unit; when costs are negative, or look like marks that nobody
        named; when ids are of several types or not those of the places.
    DuplicateIdError
        When a pair is listed more than once.

    See Also
    --------
    costs_by_column : all percentiles of a table at once.

    Examples
    --------
    A matrix of r5r with several percentiles, of which one must be chosen, and a wide one of seconds.

    >>> import pandas as pd
    >>> matrix = pd.DataFrame({"from_id": ["a", "a", "b"], "to_id": ["x", "y", "x"],
    ...     "travel_time_p50": [12, 30, None], "travel_time_p90": [15, 41, None]})
    >>> zones = pd.DataFrame({"people": [100, 50]}, index=["a", "b"])
    >>> clinics = pd.DataFrame({"name": ["North", "South"], "doctors": [2, 5]}, index=["x", "y"])
    >>> ways = costs(matrix, unit="minutes", columns={"travel_cost": "travel_time_p50"}, origins=zones,
    ...     destinations=clinics)
    >>> ways
    <PairCosts: 2 origins to 2 destinations, no cutoff, 3 pairs, 2 with a way, in minutes>
    >>> from spatialjustice.access import cumulative_cutoff
    >>> cumulative_cutoff(ways, "doctors", cutoff=30).to_dict()
    {'a': 7.0, 'b': 0.0}
    >>> ways.nearest(2)
      from_id  rank to_id  travel_cost   name
    0       a     1     x         12.0  North
    1       a     2     y         30.0  South
    >>> wide = pd.DataFrame({"x": [600.0, None], "y": [90.0, 30.0]}, index=["a", "b"])
    >>> costs(wide, unit="seconds").to_frame()["travel_cost"].to_list()
    [10.0, 1.5, 0.5]
    """
    wide = Wide(_ids(origins, "origins"), _ids(destinations, "destinations"))
    pairs, records, said = _pairs(table, unit, columns, wide)
    values, name, found = costs_in_unit(pairs.costs, unit=said, told=pairs.unit, unreachable=unreachable)
    froms, tos = _checked_ids(pairs.from_ids, "from_id"), _checked_ids(pairs.to_ids, "to_id")
    _refuse_turned(froms, tos, wide)
    frame = pd.DataFrame({"from_id": froms, "to_id": tos, "travel_cost": values})
    listed = sources_of(table, origins, destinations)
    frame.attrs = {
        "unit": name,
        "cutoff": None if cutoff is None else checked_cutoff(cutoff),
        "unreachable": [],
        "sources": Carried([record.as_dict() for record in (*records, *listed)]),
        "findings": Carried([one.as_dict() for one in (*findings_of(table, origins, destinations), *pairs.findings)]),
    }
    made = PairCosts(frame, wide.origins, wide.destinations)
    layers = {"origins": origins, "destinations": destinations}
    made._layers = {side: attributes_of(one) for side, one in layers.items() if isinstance(one, pd.DataFrame)}  # noqa: SLF001
    found += _absent_pairs(made, len(frame))
    made.findings = (*made.findings, *found)
    announce(*pairs.findings, *found)
    return made


def costs_by_column(table: Any, *, columns: Iterable[str] | None = None, **settings: Any) -> dict[str, PairCosts]:
    """Take every column of costs of one table of pairs: percentiles of r5r or cafein.

    Parameters
    ----------
    table
        A table of pairs, as :func:`costs` takes it.
    columns
        Which columns hold costs; None takes all whose names say so.
    **settings
        What :func:`costs` takes beside the table and the columns, the same for all.

    Returns
    -------
    dict of str to PairCosts
        By the name of the column, in their order: several costs as :func:`sweep` takes them.

    Raises
    ------
    InputError
        When it is no table of pairs, or none of its columns holds costs.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.access import cumulative_cutoff, sweep
    >>> matrix = pd.DataFrame({"from_id": ["a", "a"], "to_id": ["x", "y"], "travel_time_p50": [12, 30],
    ...     "travel_time_p90": [15, 41]})
    >>> sweep(cumulative_cutoff, costs_by_column(matrix, unit="minutes"), over={"cutoff": [15, 40]})
      id            costs  cutoff  value           unit
    0  a  travel_time_p50      15    1.0  opportunities
    1  a  travel_time_p50      40    2.0  opportunities
    2  a  travel_time_p90      15    1.0  opportunities
    3  a  travel_time_p90      40    1.0  opportunities
    """
    frame = _as_pandas(table)
    if not isinstance(frame, pd.DataFrame):
        raise InputError("travel costs", f"it is {a_kind(table)}", "Give a table of pairs.")
    named = cost_columns(frame.columns) if columns is None else list(columns)
    if not named:
        found = f"no column is known to hold the costs ({listed(frame, shown=12)})"
        raise InputError("travel costs", found, "Say which do: columns=[…].")
    return {str(name): costs(frame, columns={"travel_cost": name}, **settings) for name in named}


def _pairs(table: Any, unit: str | None, columns: Any, wide: Wide) -> tuple[Pairs, list[SourceRecord], str | None]:
    """Return the pairs of whatever is given, the record of the file they come from, and the unit that the user says."""
    records: list[SourceRecord] = []
    if isinstance(table, TravelCosts | PairCosts):
        raise InputError("travel costs", "they are ready", "Give them to the measures as they are.")
    if isinstance(table, str | Path):
        if Path(table).suffix.lower() != ".json":
            advice = f"Read it first: sj.access.costs(sj.sources.table({str(table)!r}), unit=…)."
            raise InputError("travel costs", f"{Path(table).name} is no answer in JSON", advice)
        table, record = read_json(Path(table))
        records.append(record)
    table = _as_pandas(table)
    if is_answer(table):
        answer = read_answer(table, unit)
        pairs = wide.of_array(answer.values, answer.unit)
        return pairs._replace(findings=tuple(answer.findings)), records, None
    if isinstance(table, Mapping) and table and all(isinstance(row, Mapping) for row in table.values()):
        table = pd.DataFrame.from_dict(dict(table), orient="index")
    if isinstance(table, pd.Series):
        return pairs_of_series(table), records, unit
    if isinstance(table, pd.DataFrame):
        return pairs_of_frame(table, columns, wide), records, unit
    if isinstance(table, np.ndarray | list | tuple):
        return wide.of_array(_array(table)), records, unit
    raise InputError(
        "travel costs", f"it is {a_kind(table)}", "Give a table of pairs, a wide table or a service's answer."
    )


def _as_pandas(table: Any) -> Any:
    """Return a frame of Polars, PyArrow or DuckDB as one of pandas, and OSRM's own objects as dicts and lists."""
    if isinstance(table, pd.DataFrame | pd.Series | Mapping):
        return table
    if type(table).__module__.startswith("osrm."):
        return plain_answer(table)
    if hasattr(table, "__arrow_c_stream__"):
        return needed("pyarrow", "travel costs").table(table).to_pandas()
    return table


def _array(rows: Any) -> np.ndarray[Any, Any]:
    if isinstance(rows, np.ndarray):
        return rows
    if not all(isinstance(row, list | tuple | np.ndarray) for row in rows):
        raise InputError("travel costs", "it is a list, but not one of rows", "Give a row of numbers for each origin.")
    if len({len(row) for row in rows}) > 1:
        raise InputError("travel costs", "its rows are of different lengths", "Give one number for each pair.")
    return np.array([[np.nan if value is None else value for value in row] for row in rows])


def _ids(places: Any, name: str) -> pd.Index[Any] | None:
    """Return the ids of places that are given as a frame, a Series, an index or a list."""
    if places is None:
        return None
    if isinstance(places, str) or not hasattr(places, "__iter__"):
        raise InputError(name, f"it is {places!r}", "Give a frame on the ids, or the ids.")
    listed: Any = places.index if hasattr(places, "iloc") else list(places)
    ids: pd.Index[Any] = pd.Index(listed)
    return ids


def _checked_ids(ids: pd.Index[Any], name: str) -> pd.Index[Any]:
    """Return ids without categories; refuse them where some are text and others numbers: 7 and “7” would be two."""
    if isinstance(ids, pd.CategoricalIndex):
        ids = ids.astype(ids.categories.dtype)
    if ids.dtype == object:
        kinds = sorted({type(value).__name__ for value in ids.dropna()})
        if {"list", "dict", "set", "ndarray"} & set(kinds):
            raise InputError(name, f"its ids are each a {kinds[0]}", "Give one word or number for each place.")
        if "str" in kinds and len(kinds) > 1:
            raise InputError(
                name, f"its ids are of several types ({', '.join(kinds)})", "Make text of all of them: .astype(str)."
            )
    return ids


def _refuse_turned(froms: pd.Index[Any], tos: pd.Index[Any], wide: Wide) -> None:
    """Refuse a table that lies the other way round: its origins are the destinations."""
    if wide.origins is None or wide.destinations is None or froms.isin(wide.origins).all():
        return
    if froms.isin(wide.destinations).all() and tos.isin(wide.origins).all():
        raise InputError(
            "travel costs",
            "its origins are the destinations, and its destinations the origins",
            "Exchange the two columns, or transpose the wide table; ways back may differ from ways there.",
        )


def _absent_pairs(made: PairCosts, rows: int) -> list[Finding]:
    """Say how many pairs the table does not list."""
    absent = len(made.from_ids) * len(made.to_ids) - rows
    if absent <= 0:
        return []
    return [
        Finding(
            "pairs_not_listed",
            "information",
            f"{absent:,} of {len(made.from_ids) * len(made.to_ids):,} pairs are not in the table and count as "
            "unreachable.",
            count=absent,
            advice="Give origins= and destinations=, so that places without any pair are there, too, and cutoff= where "
            "the router stopped.",
        )
    ]
