"""Packages that only some verbs need: what brings them, and what is said where one is missing.

A core install leaves them out. Whoever needs one loads it with :func:`needed`, inside the function that uses it, so
that a verb which cannot work says which package it lacks and how to install it.
"""

from __future__ import annotations

import importlib
from importlib import util
from typing import Any

from spatialjustice._core.errors import MissingPackageError

BROUGHT_BY = {
    "adbc_driver_postgresql": "database",
    "anywidget": "notebook",
    "distributed": "dask",
    "docx": "documents",
    "duckdb": "database",
    "matplotlib": "pictures",
    "mgwr": "models",
    "openpyxl": "excel",
    "pyarrow": "parquet",
    "spopt": "regions",
    "spreg": "models",
    "statsmodels": "models",
    "typst": "documents",
}
"""Packages by the names they are imported under, and the extra that brings each."""

CALLED = {"adbc_driver_postgresql": "adbc-driver-postgresql", "docx": "python-docx"}
"""What a package is called where it is not imported by that name."""


def installed(package: str) -> bool:
    """Tell whether a package is there, without loading it.

    Examples
    --------
    >>> installed("numpy"), installed("no_such_package")
    (True, False)
    """
    return util.find_spec(package) is not None


def how_to_install(package: str) -> str:
    """Return the sentence that says how to install a package.

    Examples
    --------
    >>> print(how_to_install("spreg"))
    Install it with: pip install "spatialjustice[models]"
    """
    return missing(package, "").advice


def missing(package: str, name: str) -> MissingPackageError:
    """Return the error of a verb or an argument that needs a package which is not there.

    Examples
    --------
    >>> print(missing("docx", "takeaway"))
    takeaway: the package python-docx is not installed. Install it with: pip install "spatialjustice[documents]"
    """
    called, command = CALLED.get(package, package), f'pip install "spatialjustice[{BROUGHT_BY[package]}]"'
    return MissingPackageError(name, called, command)


def absent(package: str, name: str) -> MissingPackageError | None:
    """Return that error where the package is not there, and None where it is."""
    return None if installed(package) else missing(package, name)


def require_installed(package: str, name: str) -> None:
    """Refuse at once what would fail later.

    Raises
    ------
    MissingPackageError
        When the package is not there.
    """
    error = absent(package, name)
    if error is not None:
        raise error


def needed(module: str, name: str) -> Any:
    """Load a module of a package that a core install leaves out.

    Parameters
    ----------
    module
        The module, for example ``spreg.ols``.
    name
        The verb or the argument that needs it, as the caller knows it.

    Raises
    ------
    MissingPackageError
        When its package is not there. One that is there and does not load raises what it raises.
    """
    package = module.partition(".")[0]
    try:
        return importlib.import_module(module)
    except ImportError as error:
        if installed(package):
            raise
        raise missing(package, name) from error
