"""Other people's packages, run as plain Python where compiling them takes far longer than what is asked of them."""

from __future__ import annotations

import importlib
import sys
import warnings


def uncompiled(package, monkeypatch):
    """Import a package and let its loops run as plain Python: compiling them takes far longer than running them.

    Only how they are run changes; they are the very functions of the package.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = importlib.import_module(package)
    for module in [part for name, part in sys.modules.items() if name.split(".")[0] == package]:
        for name, function in list(vars(module).items()):
            if hasattr(function, "py_func"):
                monkeypatch.setattr(module, name, function.py_func)
        if hasattr(module, "boolean"):
            monkeypatch.setattr(module, "boolean", bool)  # numba's own name of it
    return found
