"""The command line: parses, calls the study room, prints. No logic lives here."""

from __future__ import annotations

import argparse
import os
import re
import sys
import warnings
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import InputError, SpatialJusticeError, SpatialJusticeWarning
from spatialjustice._core.machine.memory import keep_together
from spatialjustice._core.screen.console import print_safely, unbreakable_output
from spatialjustice._core.screen.programs import as_json, document, refusal
from spatialjustice.study.outputs.record import commands as for_papers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from spatialjustice._core.findings import Finding
    from spatialjustice.study.engine.results import Results

DONE, STOPPED, WARNED, INTERRUPTED = 0, 1, 3, 130


def _parser() -> argparse.ArgumentParser:
    from spatialjustice import __version__

    parser = argparse.ArgumentParser(
        prog="spatialjustice",
        description="Who can reach digital and public services, who cannot, and what would change that.",
        epilog="Exit status: 0 done, 1 the input stops it, 2 the command was not understood, 3 done, but with warnings "
        "(where --strict asks for that), 130 stopped by Ctrl-C.",
    )
    parser.add_argument("--version", action="version", version=f"spatialjustice {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show the full traceback of an error")
    writing = argparse.ArgumentParser(add_help=False)
    writing.add_argument("--out", type=Path, metavar="DIR", help="folder for the results (default: maps/NAME)")
    writing.add_argument("--seed", type=_seed, metavar="N", help="seed of everything random, instead of the study's")
    writing.add_argument(
        "--fresh", action="store_true", help="do every step anew, those too that a run which was stopped has finished"
    )
    writing.add_argument("--json", action="store_true", help="print a summary with the findings as JSON, for programs")
    writing.add_argument("--open", action="store_true", help="open the map in the browser at the end")
    reading = argparse.ArgumentParser(add_help=False)
    reading.add_argument("study", type=Path, metavar="STUDY.yaml", help="the study file; - reads its text from a pipe")
    reading.add_argument(
        "--data-dir", type=Path, metavar="DIR", help="folder of the data files (or set SPATIALJUSTICE_DATA)"
    )

    judging = argparse.ArgumentParser(add_help=False)
    judging.add_argument("--strict", action="store_true", help="end with exit status 3 where there are warnings")

    asking = argparse.ArgumentParser(add_help=False)
    asking.add_argument(
        "--offline",
        action="store_true",
        help="open no connection (or set SPATIALJUSTICE_OFFLINE=1)",
    )
    answers = asking.add_mutually_exclusive_group()
    answers.add_argument("--record", type=Path, metavar="DIR", help="copy every answer of a server into this folder")
    answers.add_argument("--replay", type=Path, metavar="DIR", help="take every answer from this folder; ask no server")

    commands.add_parser(
        "demo",
        parents=[common, writing, judging],
        help="map a real place offline: who can walk there in central Helsinki",
    )
    running = commands.add_parser(
        "run", parents=[common, reading, asking, writing, judging], help="run a study and write its tables and maps"
    )
    _add_tiling(running)
    again = commands.add_parser("tile", parents=[common], help="do one tile again that failed, to see why")
    again.add_argument("record", type=Path, metavar="TILE.json", help="its record, in the folder failed of the run")
    checking = commands.add_parser(
        "check", parents=[common, reading, asking, judging], help="check a study and its inputs, compute nothing"
    )
    checking.add_argument("--json", action="store_true", help="print inputs and findings as JSON, for programs")
    fetching = commands.add_parser(
        "fetch", parents=[common, reading, asking], help="get every input of a study ahead, for running it offline"
    )
    fetching.add_argument("--refresh", action="store_true", help="ask again even for what is in the cache")
    verifying = commands.add_parser(
        "verify", parents=[common], help="compare the files of a run with its record, byte by byte"
    )
    verifying.add_argument("--json", action="store_true", help="print what is found as JSON, for programs")
    verifying.add_argument("folder", type=Path, metavar="RUN_DIR", help="folder of the results")
    verifying.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of the inputs, to compare them too")
    proposing = commands.add_parser(
        "proposals", parents=[common, judging], help="check and rank what readers propose on the pages of a study"
    )
    proposing.add_argument("folder", type=Path, metavar="FOLDER", help="folder of the files that the pages saved")
    proposing.add_argument("--study", type=Path, metavar="STUDY.yaml", required=True, help="the study file")
    proposing.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of the data files")
    proposing.add_argument("--out", type=Path, metavar="DIR", help="folder for the table (default: nothing is written)")
    proposing.add_argument("--json", action="store_true", help="print the table and the findings as JSON, for programs")
    _add_compare(commands, [common, judging])
    _add_monitor(commands, common, judging, asking)
    for_papers.add(commands, common)
    commands.add_parser("schema", parents=[common], help="print the JSON schema of study files, for editors")
    return parser


def _add_tiling(running: argparse.ArgumentParser) -> None:
    """Add who measures the ways of zones tile by tile."""
    adding = running.add_argument_group("in tiles, for large places").add_argument
    adding(
        "--on",
        metavar="here|processes|dask|tcp://…",
        help="measure the ways of zones tile by tile: in this process, on processes of this machine, on Dask here, or "
        "on the Dask scheduler at an address; the tables are the same",
    )
    adding("--workers", type=int, metavar="N", help="processes to start (default: one for each processor)")
    adding(
        "--memory", type=_bytes, metavar="SIZE", help="memory for each of them, for example 2GB; larger tiles are cut"
    )
    adding("--tile-size", type=float, default=10_000.0, metavar="METRES", help="side of a tile (10000)")


def _bytes(text: str) -> int:
    """Read 500MB or 2GB."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kMG]?)i?B?", text)
    if found is None:
        message = f"{text!r} is no size such as 500MB or 2GB"
        raise argparse.ArgumentTypeError(message)
    return int(float(found[1]) * {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}[found[2]])


def _tile(arguments: argparse.Namespace) -> int:
    from spatialjustice.study.scale.run_folder import replay

    done = replay(arguments.record)
    print_safely(f"tile {done.tile}: done, {done.rows:,} rows, {done.checksum}. Give the command of the run again.")
    return DONE


def _add_compare(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    """Add the command that puts cities side by side."""
    adding = commands.add_parser(
        "compare", parents=parents, help="put cities side by side: finished runs, or one table of cells or cities"
    ).add_argument
    adding("compared", type=Path, nargs="+", metavar="RUN_DIR|TABLE", help="folders of finished runs, or one table")
    adding("--out", type=Path, metavar="DIR", required=True, help="folder for the tables and the page")
    adding("--city", metavar="COLUMN", help="of a table: the column with the id of the city")
    adding("--values", nargs="+", default=[], metavar="COLUMN", help="of a table: the columns that are compared")
    adding("--people", metavar="COLUMN", help="of a table: the column with the people of each row")
    adding("--about", type=Path, metavar="TABLE", help="a table with a row for each city: name, country, people")
    adding("--whole", metavar="COLUMN", help="the column of that table with the people of the whole city")
    adding("--classes", nargs="+", default=["oecd"], metavar="RULE|LIMIT", help="oecd, un, or limits between classes")
    adding("--higher-is-better", action="store_true", help="for all columns; lower is better without it")
    adding("--cutoff", type=float, metavar="N", help="count people beyond this limit, in the unit of the values")
    adding("--cut-at", type=float, metavar="N", help="the value at which measurements were cut (so much or more)")
    adding("--unit", default="", help="unit of the values, for example metres")
    adding(
        "--title", nargs="+", default=[], metavar="NAME=EN|FA", help="what a column or run is called, in both languages"
    )
    adding("--coordinates", nargs=2, default=["lng", "lat"], metavar=("LON", "LAT"), help="columns with degrees")
    adding("--block", type=float, default=1000.0, metavar="N", help="metres of squares that are drawn together (1000)")
    adding("--seed", type=_seed, default=2019, metavar="N", help="seed of everything random")
    adding("--json", action="store_true", help="print the tables and the findings as JSON, for programs")


def _compare(arguments: argparse.Namespace) -> int:
    from spatialjustice import study

    unread = [one for one in arguments.title if "=" not in one]
    if unread:
        raise InputError("title", f"it is {unread[0]!r}", "Write NAME=ENGLISH|PERSIAN.")
    titles = dict(one.split("=", 1) for one in arguments.title)
    numbers = all(one.replace(".", "", 1).isdecimal() for one in arguments.classes)
    found = study.compare(
        arguments.compared,
        city=arguments.city,
        values=arguments.values,
        people=arguments.people,
        about=arguments.about,
        whole=arguments.whole,
        classes=[float(one) for one in arguments.classes] if numbers else " ".join(arguments.classes),
        direction="higher is better" if arguments.higher_is_better else "lower is better",
        cutoff=arguments.cutoff,
        cut_at=arguments.cut_at,
        unit=arguments.unit,
        titles={name: dict(zip(("en", "fa"), text.split("|"), strict=False)) for name, text in titles.items()},
        columns=arguments.coordinates,
        size=arguments.block,
        rng=arguments.seed,
        out=arguments.out,
    )
    print_safely(document(arguments.command, found.as_dict()) if arguments.json else found)
    if not arguments.json:
        print_safely(f"Open {arguments.out / 'index.html'}")
    return _judged(arguments, found.findings)


def _add_monitor(
    commands: Any, common: argparse.ArgumentParser, judging: argparse.ArgumentParser, asking: argparse.ArgumentParser
) -> None:
    """Add the commands that look at the same city again and again."""
    monitor = commands.add_parser("monitor", help="follow key indicators over time: add, run (from cron), report")
    doing = monitor.add_subparsers(dest="doing", metavar="add|run|report", required=True)
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument("folder", type=Path, metavar="FOLDER", help="folder of the monitor")
    adding = doing.add_parser("add", parents=[common, folder], help="make a monitor of a study or a table")
    adding.add_argument("source", metavar="STUDY.yaml|TABLE", help="a study file, “demo”, or a table (CSV, Parquet)")
    adding.add_argument("--zone", default="zone", metavar="COLUMN", help="column of zone ids (default: zone)")
    adding.add_argument("--date", default="", metavar="COLUMN", help="column of dates (default: date)")
    adding.add_argument("--people", default="", metavar="COLUMN", help="column of people")
    adding.add_argument(
        "--indicator", action="append", default=[], metavar="COLUMN:UNIT:DIRECTION", help="for example use:share:higher"
    )
    adding.add_argument("--title", default="", help="title of the page")
    adding.add_argument("--replace", action="store_true", help="write new settings over those that are there")
    running = doing.add_parser(
        "run",
        parents=[common, folder, asking, judging],
        help="measure what is new and keep it",
        epilog="Made for cron: says nothing where nothing is new, writes down what is missing, waits a minute for "
        "another call. Exit status as of the other commands; --strict gives 3 for alerts and missing data.",
    )
    running.add_argument("--date", metavar="DATE", help="the date that the data describe (default: as the data say)")
    running.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of the data files")
    running.add_argument("--replace", action="store_true", help="put it in the place of what is there of that date")
    running.add_argument(
        "--bridge", action="store_true", help="measure that earlier date again with what is used today, and keep both"
    )
    running.add_argument("--json", action="store_true", help="print what was done as JSON, for programs")
    reporting = doing.add_parser("report", parents=[common, folder], help="write the page and the tables")
    reporting.add_argument("--out", type=Path, metavar="DIR", help="folder for them (default: FOLDER/report)")


def _seed(text: str) -> int:
    if not text.isdecimal():
        message = f"{text!r} is not a whole number, 0 or more"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _tell(results: Results[Any]) -> None:
    """Say what was found and where to look: one table, the findings, and the map to open."""
    print_safely(f"\n{results.title}")
    print_safely(f"\n{results.overview()}\n")
    if results.skipped:
        done = f"{len(results.skipped)} steps that it had finished were skipped: {', '.join(results.skipped)}"
        print_safely(f"Went on after a run that was stopped; {done}.", error=True)
    for note in results.notes:
        print_safely(note, error=True)
    for finding in results.findings:
        if finding.severity == "warning":
            print_safely(f"warning {finding.code}: {finding.message}", error=True)
    information = sum(finding.severity == "information" for finding in results.findings)
    if information:
        print_safely(f"{information} more findings are in {results.folder / 'tables' / 'findings.csv'}", error=True)
    print_safely(f"Open {results.folder / 'index.html'}")


def _verify(arguments: argparse.Namespace) -> int:
    from spatialjustice import study

    found = study.verify(arguments.folder, data_dir=arguments.data_dir)
    wrong = sum(finding.severity == "warning" for finding in found)
    if arguments.json:
        told = {"folder": str(arguments.folder), "same": not wrong, "findings": [one.as_dict() for one in found]}
        print_safely(document(arguments.command, told))
        return STOPPED if wrong else DONE
    for finding in found:
        print_safely(f"{finding.message} {finding.advice}".strip())
    said = f"{wrong:,} files are not what they were" if wrong else "every file is as the run made it"
    print_safely(f"{arguments.folder}: {said}")
    return STOPPED if wrong else DONE


def _act(arguments: argparse.Namespace) -> int:
    """Do what the words say, on the terms they set for asking servers."""
    if not hasattr(arguments, "offline"):
        return _do(arguments)
    from spatialjustice.sources import fetching

    refresh = getattr(arguments, "refresh", False)
    with fetching(offline=arguments.offline, refresh=refresh, record=arguments.record, replay=arguments.replay):
        return _do(arguments)


def _do(arguments: argparse.Namespace) -> int:
    if arguments.command == "schema":
        from spatialjustice.study.settings import schema

        print_safely(as_json(schema()))
        return DONE
    own = {"verify": _verify, "compare": _compare, "monitor": _monitor, "tile": _tile, **for_papers.COMMANDS}
    if arguments.command in own:
        return own[arguments.command](arguments)
    keep_together()
    from spatialjustice import study

    if arguments.command == "check":
        checked = study.check(_study(arguments.study), data_dir=arguments.data_dir)
        print_safely(document(arguments.command, checked.as_dict()) if arguments.json else checked)
        return _judged(arguments, checked.findings)
    if arguments.command == "proposals":
        ranked = study.proposals(arguments.folder, arguments.study, data_dir=arguments.data_dir, out=arguments.out)
        print_safely(document(arguments.command, ranked.as_dict()) if arguments.json else ranked)
        return _judged(arguments, ranked.findings)
    if arguments.command == "fetch":
        print_safely(study.fetch(arguments.study, data_dir=arguments.data_dir))
        return DONE
    if arguments.command == "demo":
        results = study.demo(out=arguments.out, rng=arguments.seed, fresh=arguments.fresh)
    else:
        results = study.run(
            _study(arguments.study),
            data_dir=arguments.data_dir,
            out=arguments.out,
            rng=arguments.seed,
            fresh=arguments.fresh,
            executor=arguments.on,
            workers=arguments.workers,
            memory=arguments.memory,
            tile_size=arguments.tile_size,
        )
    if arguments.json:
        print_safely(document(arguments.command, study.summary(results)))
    else:
        _tell(results)
    if arguments.open:
        import webbrowser

        webbrowser.open((results.folder / "index.html").resolve().as_uri())
    return _judged(arguments, results.findings)


def _monitor(arguments: argparse.Namespace) -> int:
    from spatialjustice import study

    if arguments.doing == "add":
        path = study.monitor_add(
            arguments.folder,
            arguments.source,
            zone=arguments.zone,
            date=arguments.date,
            people=arguments.people,
            indicators=arguments.indicator,
            title=arguments.title,
            replace=arguments.replace,
        )
        print_safely(f"Look at {path}, then: spatialjustice monitor run {arguments.folder}")
        return DONE
    if arguments.doing == "report":
        print_safely(f"Open {study.monitor_report(arguments.folder, out=arguments.out)}")
        return DONE
    watch = study.monitor_run(
        arguments.folder,
        date=arguments.date,
        data_dir=arguments.data_dir,
        replace=arguments.replace,
        bridge=arguments.bridge,
    )
    if arguments.json:
        print_safely(document(arguments.command, watch.as_dict()))
    elif str(watch):
        print_safely(watch)
    for finding in watch.findings:
        if not arguments.json and finding.severity == "warning":
            print_safely(f"warning {finding.code}: {finding.message}", error=True)
    return WARNED if arguments.strict and (len(watch.alerts) or watch.missing) else DONE


@contextmanager
def _bars_on_screens_only() -> Iterator[None]:
    """Draw no bars of progress into the mail that a clock sends; tqdm reads this when it is first imported."""
    before = os.environ.get("TQDM_DISABLE")
    if before is None and not sys.stderr.isatty():
        os.environ["TQDM_DISABLE"] = "1"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("TQDM_DISABLE", None)


def _study(path: Path) -> Path | Mapping[str, Any]:
    """Return the study file, or the settings that came through a pipe."""
    from spatialjustice.study.settings import settings_in

    return settings_in(sys.stdin.read(), "-") if str(path) == "-" else path


def _judged(arguments: argparse.Namespace, found: Iterable[Finding]) -> int:
    warned = any(finding.severity == "warning" for finding in found)
    return WARNED if arguments.strict and warned else DONE


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    with unbreakable_output(), warnings.catch_warnings():
        # What they say is told at the end, once and in order.
        warnings.simplefilter("ignore", SpatialJusticeWarning)
        return _main(words)


def _main(words: Sequence[str] | None) -> int:
    arguments = _parser().parse_args(words)
    try:
        with _bars_on_screens_only() if arguments.command == "monitor" else nullcontext():
            return _act(arguments)
    except SpatialJusticeError as error:
        if arguments.debug:
            raise
        if getattr(arguments, "json", False):
            print_safely(refusal(arguments.command, error))
        print_safely(f"spatialjustice: {error}", error=True)
        return STOPPED
    except KeyboardInterrupt:
        if arguments.debug:
            raise
        again = (
            "" if arguments.command not in {"run", "demo"} else " The same command goes on after the finished steps."
        )
        print_safely(f"\nspatialjustice: stopped; nothing was changed.{again}", error=True)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
