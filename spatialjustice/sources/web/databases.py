"""Rows of databases: PostgreSQL with PostGIS, and files of DuckDB. They are read, and nothing in them is changed.

Beside ``sockets.py``, which asks the web, this is the only module through which anything goes over a network.
"""

from __future__ import annotations

import re
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import geopandas as gpd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.machine.extras import needed
from spatialjustice._core.provenance import add_sources
from spatialjustice.sources.known_files import require_file
from spatialjustice.sources.tables.frames.record import record_of_frame
from spatialjustice.sources.tables.frames.rows import rows_of_arrow
from spatialjustice.sources.tables.frames.well_known import shapes_in
from spatialjustice.sources.web._question import HIDDEN, is_secret, readable, without_keys
from spatialjustice.sources.web.web import terms

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    import pyarrow as pa

SERVERS = frozenset({"postgresql", "postgres", "postgis"})
TABLE = re.compile(r"\s*(?:(\w+)\.)?(\w+)\s*")
SHAPES = frozenset({"geometry", "geography"})
SHOWN = 300
SOON = 20  # seconds to reach a server


def from_database(connection: str, query: str, *, name: str = "database", deadline: float = 600.0) -> pd.DataFrame:
    r"""Read the rows of a table or a query of a database, with their shapes and reference system.

    What it returns goes into every reader: ``zones(from_database(…), id="code")``. Nothing in the database is changed:
    the session can only read.

    Parameters
    ----------
    connection
        ``postgresql://user:password@host:port/database`` for PostgreSQL, with or without PostGIS, or
        ``duckdb:///folder/file.duckdb`` (``duckdb:////`` before a whole path) for a file of DuckDB. The user name and
        password may be left out, and are then taken from where PostgreSQL's own programs take them (``PGUSER``,
        ``PGPASSWORD``, ``~/.pgpass``). They get into no record, error or log.
    query
        A query in SQL, or the name of a table or view, all of whose rows are read, also ``schema.table``. Rows have no
        order of their own: say ``order by`` where it matters.
    name
        What the rows are used as; errors and the source record call it so.
    deadline
        Seconds after which the query is given up.

    Returns
    -------
    DataFrame
        The rows, numbered from 1; a GeoDataFrame where a column is of the type geometry or geography, in the reference
        system of its SRID, None where that is 0: readers then ask for ``crs=``. Whole numbers too large for decimals
        stay whole; numbers of the type numeric become numbers with decimals. The source record holds where the database
        is, the query, how many rows came, and a checksum of all that is in them.

    Raises
    ------
    MissingFileError
        When there is no such file.
    InputError
        When the database cannot be reached or read, the query fails, takes too long or would change something, a driver
        is not installed, or a connection is of another kind.

    Notes
    -----
    Results go back by the same libraries. To PostGIS: ``frame.to_postgis("minutes", engine)`` of GeoPandas. To DuckDB:
    ``con.register("rows", frame.to_wkb())`` and ``create table minutes as select * from rows``. To a file that all of
    them read: ``frame.to_parquet("minutes.parquet")``.

    Examples
    --------
    >>> import duckdb, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = f"{folder}/city.duckdb"
    ...     with duckdb.connect(file) as database:
    ...         made = database.execute("create table tracts as select '01' code, 'POINT (51.4 35.7)'::geometry shape")
    ...     rows = from_database(f"duckdb:///{file}", "tracts")
    >>> rows["code"].tolist(), rows.geometry.x.tolist(), rows.attrs["sources"][0]["note"]
    (['01'], [51.4], '1 row, 2 columns; query: select * from "tracts"')
    """
    asked = _asked(connection, query, name)
    if isinstance(deadline, bool) or not deadline > 0:
        raise InputError("deadline", f"it is {deadline!r}", "Give seconds, more than 0.")
    table = _of_duckdb(asked, deadline) if asked.scheme == "duckdb" else _of_postgres(asked, deadline)
    frame = _with_shapes_of_types(rows_of_arrow(table, name), table, name)
    record = record_of_frame(frame, name)
    note = f"{record.note}; query: {readable(without_keys(asked.query), SHOWN)}"
    return add_sources(frame, replace(record, file=asked.public, note=note))


class _Asked(NamedTuple):
    """A database and what it is asked, and what of that may be shown."""

    name: str
    scheme: str
    address: str
    public: str
    query: str
    secrets: tuple[str, ...]

    def failed(self, error: BaseException) -> InputError:
        """Return the error to raise, with what the database said and without any secret in it."""
        said = str(error)
        for secret in self.secrets:
            said = said.replace(secret, HIDDEN)
        found = f"{self.public} says “{readable(without_keys(said), SHOWN)}”"
        return InputError(self.name, found, "Look at the query, and at whether the server can be reached.")

    @staticmethod
    def without_rows() -> InputError:
        """Return the error for a statement that is no question."""
        return InputError("query", "it gives no rows", "Give one that does, such as select * from tracts.")


def _asked(connection: str, query: str, name: str) -> _Asked:
    """Take a connection apart, and refuse one that cannot be; none of it but scheme and path is shown then."""
    if not isinstance(connection, str) or "://" not in connection:
        found = f"it is {a_kind(connection)} that is no address"
        advice = "Give postgresql://user@host/database or duckdb:///file.duckdb; an open connection gives rows itself."
        raise InputError("connection", found, advice)
    if not isinstance(query, str) or not query.strip():
        raise InputError("query", "it is empty", "Give a query in SQL, or the name of a table.")
    scheme = connection.partition("://")[0].partition("+")[0].lower()
    rest = connection.partition("://")[2]
    named = TABLE.fullmatch(query)
    if named:
        table = ".".join(f'"{part}"' for part in named.groups() if part)
        query = f"select * from {table}"  # noqa: S608 (letters, digits and _ alone)
    if scheme == "duckdb":
        path = rest.removeprefix("/")
        return _Asked(name, scheme, path, f"duckdb:///{Path(path).name}", query, ())
    if scheme not in SERVERS:
        found = f"databases of the kind {scheme!r} are not read"
        raise InputError("connection", found, "Give postgresql:// or duckdb://.")
    parts = urlsplit(f"postgresql://{rest}")
    user, _, host = parts.netloc.rpartition("@")
    with suppress(ValueError):
        parts.port  # noqa: B018 (raises where it is no number)
        if "@" not in user and not re.search(r"\s", rest):
            word = user.partition(":")[2]
            pairs = parse_qsl(parts.query)
            hidden = [word, unquote(word), *(value for key, value in pairs if is_secret(key))]
            public = f"postgresql://{host}{parts.path}"
            return _Asked(name, "postgresql", parts.geturl(), public, query, tuple(each for each in hidden if each))
    advice = "Write signs such as @ : / and blanks in the password as %40 %3A %2F %20."
    raise InputError("connection", "it cannot be taken apart into user, password, host and database", advice)


def _of_postgres(asked: _Asked, deadline: float) -> pa.Table:
    """Ask a server of PostgreSQL, in a session that can only read."""
    if terms().offline or terms().replay is not None:
        raise InputError(asked.name, f"offline {asked.public} is not asked", "Export the rows to a file while online.")
    dbapi = needed("adbc_driver_postgresql.dbapi", asked.name)
    parts = urlsplit(asked.address)
    options = dict(parse_qsl(parts.query))
    options["options"] = (
        f"{options.get('options', '')} -c default_transaction_read_only=on -c statement_timeout={deadline * 1000:.0f}"
    ).strip()
    options.setdefault("connect_timeout", str(SOON))
    options.setdefault("application_name", "spatialjustice")
    address = parts._replace(query=urlencode(options, quote_via=quote)).geturl()
    try:
        with closing(dbapi.connect(address, autocommit=True)) as session, closing(session.cursor()) as cursor:
            cursor.execute(asked.query)
            table = cursor.fetch_arrow_table()
    except dbapi.Error as error:
        raise asked.failed(error) from None
    if not table.num_columns:
        raise asked.without_rows()
    return table


def _of_duckdb(asked: _Asked, deadline: float) -> pa.Table:
    """Ask a file of DuckDB, which can then open no other file and fetch nothing."""
    path = Path(asked.address)
    require_file(path, asked.name)
    duckdb, pa = needed("duckdb", asked.name), needed("pyarrow", asked.name)
    shut: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
    }
    try:
        with duckdb.connect(str(path), read_only=True, config=shut) as database, _stopped_after(database, deadline):
            statements = len(database.extract_statements(asked.query))
            if statements != 1:
                raise InputError("query", f"it holds {statements} statements", "Give one.")
            rows = database.sql(asked.query)
            if rows is None:
                raise asked.without_rows()
            return pa.table(rows)
    except (duckdb.Error, pa.ArrowException) as error:
        raise asked.failed(error) from None


@contextmanager
def _stopped_after(database: Any, seconds: float) -> Iterator[None]:
    """Interrupt a database when a block takes longer than allowed."""
    timer = Timer(seconds, database.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _with_shapes_of_types(frame: pd.DataFrame, table: pa.Table, name: str) -> pd.DataFrame:
    """Turn the columns that PostGIS calls geometry or geography into shapes."""
    labels = [
        field.name
        for field in table.schema
        if (field.metadata or {}).get(b"ADBC:postgresql:typname", b"").decode() in SHAPES
    ]
    for label in labels:
        if frame[label].notna().any():
            shapes, system = shapes_in(frame[label], name)
            frame[label] = gpd.GeoSeries(shapes, index=frame.index, crs=system)
        else:
            frame[label] = gpd.GeoSeries([None] * len(frame), index=frame.index)
    return gpd.GeoDataFrame(frame, geometry=labels[0]) if labels else frame
