"""What Python compiles is kept beside pytest's own notes, for the workers and for every process that a test starts.

Where a machine is told to write no bytecode (containers often are), each process would read thousands of modules of the
libraries as text again, which takes longer than most tests. Nothing is written next to the sources. Any other machine
keeps bytecode where it always does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

BYTECODE = Path(__file__).resolve().parents[1] / ".pytest_cache" / "bytecode"

if sys.dont_write_bytecode:
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(BYTECODE)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(BYTECODE)
