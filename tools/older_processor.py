"""Run the tests whose results come from linear algebra again, as on an older processor.

Libraries choose the fastest kernels that the processor knows, and other kernels add up in another order: the last bits
of a sum or of a fit are the processor's. No test and no example may depend on them. Runs in the project's environment.
Usage: .venv/bin/python tools/older_processor.py [what to tell pytest beside, for example more tests]
"""

import os
import platform
import subprocess
import sys

# For each kind of machine an old kernel of OpenBLAS, and the processor that Numba compiles for.
OLDER = {"x86_64": ("Nehalem", "nehalem"), "AMD64": ("Nehalem", "nehalem"), "aarch64": ("ARMV8", "generic")}
# The examples of every docstring, and all tests that fit, decompose, standardise, rank or draw: about a third of all.
TESTS = [
    "spatialjustice",
    "tests/access/competition",
    "tests/digital/index",
    "tests/faults/test_numbers.py",
    "tests/faults/test_statistics.py",
    "tests/inequality",
]
FEATURES = """
try:
    from numpy._core._multiarray_umath import __cpu_dispatch__ as compiled, __cpu_features__ as has
except ImportError:
    from numpy.core._multiarray_umath import __cpu_dispatch__ as compiled, __cpu_features__ as has
print(*(name for name in compiled if has.get(name)))
"""
KERNELS = """
import numpy, scipy.linalg, threadpoolctl
print(*sorted({part["architecture"] for part in threadpoolctl.threadpool_info() if "architecture" in part}))
"""


def said(code, environment):
    return subprocess.check_output([sys.executable, "-c", code], env=environment, universal_newlines=True).split()


def main():
    if platform.machine() not in OLDER:
        sys.exit("No older kernel is known for %s; add one to tools/older_processor.py." % platform.machine())
    kernel, processor = OLDER[platform.machine()]
    usual = dict(os.environ)
    environment = dict(usual, OPENBLAS_CORETYPE=kernel, NUMBA_CPU_NAME=processor, NUMBA_CPU_FEATURES="")
    environment["NPY_DISABLE_CPU_FEATURES"] = " ".join(said(FEATURES, usual))
    before, now = said(KERNELS, usual), said(KERNELS, environment)
    if now != [kernel] or before == now:
        sys.exit("Asked for the kernel %s, but the libraries run %s (usually %s)." % (kernel, now, before))
    sys.stderr.write("Linear algebra by the kernel %s, usually %s.\n" % (kernel, ", ".join(before)))
    sys.stderr.flush()
    words = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder", *sys.argv[1:], *TESTS]
    sys.exit(subprocess.call([sys.executable, "-m", "pytest", *words], env=environment))


if __name__ == "__main__":
    main()
