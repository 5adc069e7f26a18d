#!/bin/sh
# threadpoolctl 3.8.0 limits the libraries that are loaded when a `with threadpool_limits(limits=1):` block begins, and
# no other, without a word: scikit-learn 1.9.1 imported inside the block (as lazy imports are) trains its gradient
# boosting with every processor all the same. On a busy machine that is slow as well: many threads wait for one another.
# Load what is to be limited first. Exits with 1 when this has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet 'scikit-learn==1.9.1' 'threadpoolctl==3.8.0' 'numpy==2.4.6' \
    'scipy==1.17.1'
OMP_NUM_THREADS=2 "$folder/env/bin/python" - <<'PYTHON'
import sys

from threadpoolctl import threadpool_info, threadpool_limits


def openmp():
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "openmp"]


with threadpool_limits(limits=1):
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: F401

    late = openmp()
with threadpool_limits(limits=1):
    early = openmp()
print("threads of OpenMP, loaded inside the block:", late)
print("threads of OpenMP, loaded before the block:", early)
sys.exit(not (late == [2] and early == [1]))
PYTHON
