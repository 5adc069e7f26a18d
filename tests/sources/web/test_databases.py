"""Rows of databases, asked of a real server of PostgreSQL with PostGIS and of real files of DuckDB."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely

from spatialjustice._core.errors import InputError, MissingCRSError, MissingFileError
from spatialjustice.sources import fetching, from_database, join_table, points, zones

duckdb = pytest.importorskip("duckdb")

PASSWORD = "käse-Gouda%40"  # of a server that lives as long as the tests; in an address %25 stands for %
WRITTEN = "k%C3%A4se-Gouda%2540"
TRACTS = gpd.GeoDataFrame(
    {"code": ["0803", "0801", "0802"], "people": [10, 20, 30]},
    geometry=[shapely.box(430_000 + 500 * n, 4_580_000, 430_500 + 500 * n, 4_580_500) for n in range(3)],
    crs=25831,
)
CELLS = ("617700169958293503", "null", "617700169958293504")
INSERTS = ", ".join(
    f"('{code}', {people}, {cell}, {people}.5, 'SRID=25831;{shape.wkt}')"
    for code, people, cell, shape in zip(TRACTS["code"], TRACTS["people"], CELLS, TRACTS.geometry, strict=True)
)


def shell(command, **words):
    """Run a program of the server's as the user postgres, who alone may; tests often run as root."""
    rights = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    return subprocess.run([*rights, *command], check=True, capture_output=True, text=True, timeout=120, **words)


@pytest.fixture(scope="module")
def server(system_tool, tmp_path_factory):
    """Start a server on a free port, in a folder of its own, with a table of tracts; return its address."""
    version = Path(system_tool("postgis")).parents[1].name
    programs = Path(f"/usr/lib/postgresql/{version}/bin")
    home = Path(tmp_path_factory.mktemp("server"))
    folder = Path(f"/tmp/{home.parent.name}-{os.getpid()}-postgres")
    folder.mkdir(mode=0o700)
    word = folder / "word"
    word.write_text(PASSWORD, encoding="utf-8")
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        shutil.chown(word, "postgres")
    with closing(socket.socket()) as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    made = [
        "--auth=scram-sha-256",
        "--username=planner",
        f"--pwfile={word}",
        "--no-sync",
        "--encoding=UTF8",
        "--locale=C",
    ]
    try:
        shell([str(programs / "initdb"), f"--pgdata={folder / 'data'}", *made, "--locale=C"])
        options = f"-F -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        control = [str(programs / "pg_ctl"), f"--pgdata={folder / 'data'}", "-w"]
        shell([*control, f"--options={options}", f"--log={folder / 'log'}", "start"])
        try:
            address = f"postgresql://planner:{WRITTEN}@127.0.0.1:{port}/postgres"
            asked = ["psql", "--quiet", "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-d", address, "-c"]
            statements = (
                "create extension postgis",
                "create table tracts (code text, people int, cell bigint, share numeric, shape geometry)",
                f"insert into tracts values {INSERTS}",
                "create table kiosks (id uuid, place geography(Point), opened date)",
                "insert into kiosks values ('00000000-0000-0000-0000-00000000000a', 'POINT (2.1 41.4)', '2024-05-01')",
            )
            subprocess.run([*asked, "; ".join(statements)], check=True, capture_output=True, timeout=120)
            yield address
        finally:
            shell([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def file(tmp_path):
    """Write the tracts into a file of DuckDB, with its own type of shapes and as plain bytes."""
    path = tmp_path / "city.duckdb"
    given = pd.DataFrame(TRACTS[["code", "people"]]).assign(shape=TRACTS.geometry.to_wkb())
    with duckdb.connect(str(path)) as database:
        database.register("given", given)
        shape = "ST_SetCRS(ST_GeomFromWKB(shape), 'EPSG:25831')"
        database.execute(f"create table tracts as select code, people, {shape} as shape from given")
        database.execute("create table bytes as select * from given")
    return f"duckdb:///{path}"


def same_shapes(read):
    return shapely.equals_identical(np.asarray(read.geometry.array), np.asarray(TRACTS.geometry.array)).all()


@pytest.mark.needs("postgis")
class TestPostGIS:
    def test_a_table_and_a_query_with_shapes_and_their_reference_system(self, server):
        rows = from_database(server, "tracts", name="tracts")
        assert (rows["code"].tolist(), rows["share"].tolist()) == (TRACTS["code"].tolist(), [10.5, 20.5, 30.5])
        assert rows["cell"].tolist()[0::2] == [617700169958293503, 617700169958293504], "whole, though one is missing"
        assert (rows.crs.to_epsg(), rows.index.tolist()) == (25831, [1, 2, 3])
        assert same_shapes(rows)
        read = zones(from_database(server, "select code, shape from tracts order by code"), id="code")
        assert (read.index.tolist(), read.crs.to_epsg()) == (["0801", "0802", "0803"], 25831)
        assert from_database(server, "public.tracts")["people"].sum() == 60

    def test_it_is_what_geopandas_reads_by_itself(self, server):
        """Its own program writes EWKB as hexadecimal text."""
        told = subprocess.run(
            ["psql", "-At", "-d", server, "-c", "select shape from tracts"], check=True, capture_output=True, text=True
        )  # fmt: skip
        ours = from_database(server, "select shape from tracts")
        assert shapely.equals_identical(shapely.from_wkb(told.stdout.split()), np.asarray(ours.geometry.array)).all()
        assert zones(pd.DataFrame({"shape": told.stdout.split()})).crs.to_epsg() == 25831

    def test_geography_ids_and_tables_without_shapes(self, server):
        rows = from_database(server, "kiosks")
        assert (rows.crs.to_epsg(), str(rows["id"].iloc[0])) == (4326, "00000000-0000-0000-0000-00000000000a")
        found = points(rows, service="kiosk", columns={"id": "id"})
        assert found.geometry.iloc[0].coords[0] == (2.1, 41.4)
        plain = from_database(server, "select code, people from tracts")
        assert not isinstance(plain, gpd.GeoDataFrame)
        assert join_table(TRACTS[["code", "geometry"]], plain, key="code", polygon_key="code")["people"].tolist() == [
            10, 20, 30]  # fmt: skip
        empty = from_database(server, "select * from tracts where people > 99")
        assert (len(empty), empty.crs) == (0, None)

    def test_shapes_without_a_number_are_asked_about(self, server):
        rows = from_database(server, "select code, ST_SetSRID(shape, 0) as shape from tracts")
        assert rows.crs is None
        with pytest.raises(MissingCRSError):
            zones(rows)
        assert zones(rows, crs=25831).crs.to_epsg() == 25831

    def test_nothing_can_be_changed(self, server):
        for query in (
            "delete from tracts",
            "with gone as (delete from tracts returning *) select * from gone",
            "select 1; delete from tracts",
            "drop table tracts",
            "set default_transaction_read_only = off",
        ):
            with pytest.raises(InputError, match="says “|gives no rows"):
                from_database(server, query)
        assert len(from_database(server, "tracts")) == 3

    def test_no_password_is_ever_said(self, server, caplog):
        record = from_database(server, "select code from tracts where code <> 'x'").attrs["sources"][0]
        assert re.fullmatch(r"postgresql://127\.0\.0\.1:\d+/postgres", record["file"])
        assert record["note"] == "3 rows, 1 column; query: select code from tracts where code <> 'x'"
        said = [str(record), caplog.text]
        for address in (
            server.replace("planner", "nobody"),
            server.replace(WRITTEN, "wrong-Gouda"),
            re.sub(r":\d+/", ":1/", server),
            server.replace("127.0.0.1", "127.0.0.1x"),
            server + "?sslmode=Gouda",
            server.replace(WRITTEN, "Gouda@Gouda"),
            server.replace(WRITTEN, "Gou da"),
        ):
            with pytest.raises(InputError) as caught:
                from_database(address, "tracts")
            assert caught.value.__cause__ is None
            said.append(f"{caught.value!r} {caught.value}")
        assert not [text for text in said if "käse" in text or WRITTEN in text or "wrong-Gouda" in text]
        assert not [text for text in said[-2:] if "Gou" in text], "an address that cannot be taken apart is not shown"

    def test_a_query_that_takes_too_long_and_one_that_fails(self, server):
        with pytest.raises(InputError, match="statement timeout"):
            from_database(server, "select pg_sleep(60)", deadline=0.5)
        with pytest.raises(InputError, match="relation .nothing. does not exist"):
            from_database(server, "nothing")

    def test_offline_no_server_is_asked(self, server):
        with fetching(offline=True), pytest.raises(InputError, match="offline postgresql://127.0.0.1"):
            from_database(server, "tracts")

    def test_results_go_back(self, server):
        """As the docstring says: through the driver, and through what every database reads."""
        from adbc_driver_postgresql import dbapi

        back = pa.table({"code": TRACTS["code"].to_list(), "minutes": [3.5, 7.0, None]})
        with closing(dbapi.connect(server, autocommit=True)) as session, closing(session.cursor()) as cursor:
            cursor.adbc_ingest("minutes", back, mode="create")
        read = from_database(server, "select code, minutes, shape from tracts natural join minutes order by people")
        assert (read["minutes"].tolist()[:2], same_shapes(read)) == ([3.5, 7.0], True)


class TestDuckDB:
    @pytest.mark.parametrize("table", ["tracts", "bytes"])
    def test_its_own_shapes_and_bytes(self, file, table):
        rows = from_database(file, table)
        read = zones(rows, id="code", crs=25831)
        assert (read.index.tolist(), read.crs.to_epsg()) == (TRACTS["code"].tolist(), 25831)
        assert same_shapes(read)
        if table == "tracts":
            assert rows.crs.to_epsg() == 25831
        else:
            with pytest.raises(MissingCRSError):
                zones(rows)

    def test_a_relation_of_an_open_connection_is_a_frame(self, file):
        with duckdb.connect(file.removeprefix("duckdb:///"), read_only=True) as database:
            assert zones(database.sql("from tracts"), id="code").crs.to_epsg() == 25831

    def test_nothing_can_be_changed_and_nothing_else_opened(self, file, tmp_path):
        other = tmp_path / "other.csv"
        other.write_text("a\nsecret\n", encoding="utf-8")
        path = file.removeprefix("duckdb:///")
        with duckdb.connect(path) as database:
            database.execute(f"create view trap as select * from read_csv('{other}')")
        for query in ("trap", f"select * from '{other}'", "delete from tracts", "drop table tracts", "load spatial",
                      f"copy tracts to '{tmp_path / 'out.csv'}'", f"attach '{tmp_path / 'new.duckdb'}'",
                      "set enable_external_access = true", "select 1; select 2"):  # fmt: skip
            with pytest.raises(InputError) as caught:
                from_database(file, query)
            assert "secret" not in str(caught.value)
        assert sorted(each.name for each in tmp_path.iterdir()) == ["city.duckdb", "other.csv"]
        assert len(from_database(file, "tracts")) == 3

    def test_what_it_cannot_be(self, tmp_path, file):
        with pytest.raises(MissingFileError):
            from_database(f"duckdb:///{tmp_path / 'gone.duckdb'}", "tracts")
        (tmp_path / "page.duckdb").write_text("<html>", encoding="utf-8")
        with pytest.raises(InputError, match=r"duckdb:///page\.duckdb says"):
            from_database(f"duckdb:///{tmp_path / 'page.duckdb'}", "tracts")
        for connection, said in (
            ("mysql://me:word@host/db", "databases of the kind 'mysql' are not read"),
            ("city.duckdb", "no address"),
            (7, "no address"),
        ):
            with pytest.raises(InputError, match=said) as caught:
                from_database(connection, "tracts")
            assert "word" not in str(caught.value)
        with pytest.raises(InputError, match="it is empty"):
            from_database(file, " ")
        with pytest.raises(InputError, match="Give seconds"):
            from_database(file, "tracts", deadline=0)
        with pytest.raises(InputError, match="INTERRUPT"):
            from_database(file, "select sum(a.range * b.range) from range(10000000) a, range(10000000) b", deadline=0.3)

    def test_a_damaged_file_is_refused_or_read_and_nothing_else(self, file):
        path = Path(file.removeprefix("duckdb:///"))
        whole = path.read_bytes()
        outcomes = set()
        for place in range(64, len(whole), len(whole) // 12):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
            try:
                outcomes.add(len(from_database(file, "bytes")))
            except InputError as error:
                outcomes.add(str(error).split("“")[0])
        assert outcomes <= {3, "database: duckdb:///city.duckdb says "}

    def test_results_go_back(self, file, tmp_path):
        result = zones(from_database(file, "tracts"), id="code")
        result.to_parquet(tmp_path / "result.parquet")
        with duckdb.connect(file.removeprefix("duckdb:///")) as database:
            database.register("rows", result.to_wkb().reset_index())
            database.execute("create table result as select * from rows")
            stored = database.sql(f"select people from '{tmp_path / 'result.parquet'}'").fetchall()
        assert stored == [(10,), (20,), (30,)]
        assert same_shapes(zones(from_database(file, "select * exclude (area, share_inside) from result"), crs=25831))


def test_the_drivers_are_loaded_by_nobody_else():
    code = (
        "import spatialjustice as sj, sys; sj.sources.zones; sj.sources.from_database; print('duckdb' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"duckdb", "adbc_driver_postgresql", "pyarrow"} & set(done.stdout.split())
