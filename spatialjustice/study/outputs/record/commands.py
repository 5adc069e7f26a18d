"""Commands for finished runs that go into a paper: ``reproduce``, ``archive``, ``cite``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import SpatialJusticeError
from spatialjustice._core.screen.console import print_safely
from spatialjustice._core.screen.programs import document, refusal

if TYPE_CHECKING:
    import argparse

SAME, DIFFERENT, CANNOT = 0, 1, 2


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands to those of the command line."""
    again = commands.add_parser(
        "reproduce",
        parents=[common],
        help="do a run again from its record, in a fresh environment, and compare every byte",
        epilog="Exit status: 0 the results are the same, 1 they differ, and it is told in what, 2 they cannot be made "
        "again: inputs, packages or this version of spatialjustice are not to be had.",
    )
    _folder(again)
    again.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of the inputs")
    again.add_argument(
        "--here", action="store_true", help="run it in this environment; what differs from that of the run is told"
    )
    again.add_argument(
        "--python", metavar="VERSION|PATH", help="make the environment with this Python, for example 3.13"
    )
    again.add_argument(
        "--package", type=Path, metavar="WHEEL|DIR", help="the spatialjustice to install: a wheel, or a source folder"
    )
    again.add_argument("--out", type=Path, metavar="DIR", help="keep the results of the second run here")
    again.add_argument("--json", action="store_true", help="print what differs as JSON, for programs")
    archiving = commands.add_parser(
        "archive", parents=[common], help="pack a run for Zenodo, with what it takes to do it again"
    )
    _folder(archiving)
    archiving.add_argument("archive", type=Path, metavar="FILE.zip", help="the archive to write")
    archiving.add_argument(
        "--data-dir", type=Path, metavar="DIR", help="folder of the inputs, to pack those that may be"
    )
    archiving.add_argument(
        "--creator", action="append", default=[], metavar="“FAMILY, GIVEN”", help="an author; give it once for each"
    )
    citing = commands.add_parser("cite", parents=[common], help="print methods, software, data and BibTeX of a run")
    _folder(citing)
    citing.add_argument("--lang", choices=["en", "fa"], default="en", help="language of the methods")
    citing.add_argument("--bibtex", action="store_true", help="print the BibTeX entries alone")


def _folder(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, metavar="RUN_DIR", help="folder of the results")


def _reproduce(arguments: argparse.Namespace) -> int:
    try:
        from spatialjustice import study

        done = study.reproduce(
            arguments.folder,
            data_dir=arguments.data_dir,
            python=arguments.python,
            package=arguments.package,
            here=arguments.here,
            out=arguments.out,
        )
    except (SpatialJusticeError, ImportError, OSError) as error:
        # Python itself would end with 1, which says that the results differ.
        if arguments.debug:
            raise
        if arguments.json:
            print_safely(refusal(arguments.command, error))
        print_safely(f"spatialjustice: {error}", error=True)
        return CANNOT
    print_safely(document(arguments.command, done.as_dict()) if arguments.json else done)
    return SAME if done.same else DIFFERENT


def _archive(arguments: argparse.Namespace) -> int:
    from spatialjustice import study

    packed = study.archive(arguments.folder, arguments.archive, data_dir=arguments.data_dir, creators=arguments.creator)
    print_safely(packed)
    return SAME


def _cite(arguments: argparse.Namespace) -> int:
    from spatialjustice.study import cite

    found = cite(arguments.folder, lang=arguments.lang)
    print_safely(found.bibtex if arguments.bibtex else found)
    return SAME


COMMANDS = {"reproduce": _reproduce, "archive": _archive, "cite": _cite}
"""What does each of them."""
