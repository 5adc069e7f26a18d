#!/bin/sh
# esda 2.8.2 calls what it cannot compute the most significant result there is, without an error:
#   1. one unknown value (NaN) among 64 makes every local I and G NaN, yet each p_sim is the smallest that the number
#      of permutations allows, and each zone of local Moran's I lies in quadrant 3 (low among low): a map of clusters
#      drawn by `p_sim < 0.05` shows the whole city as one significant cluster;
#   2. the global I is NaN and its p_sim the smallest as well;
#   3. the same holds for a variable that is the same everywhere;
#   4. a zone without neighbours has I = 0 and the smallest p_sim, in quadrant 4 when its value is high.
# The reason is one comparison: NaN is never as large as, and 0 never less than, what the permutations bring.
# Exits with 1 when any of this has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet 'esda==2.8.2' 'libpysal==4.14.1' 'numpy==2.4.6' 'pandas==3.0.3' 'scipy==1.17.1'
"$folder/env/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import esda
import libpysal
import numpy as np

print("esda", version("esda"))
grid = libpysal.weights.lat2W(8, 8)
grid.transform = "r"
values = np.random.default_rng(1).uniform(1, 2, 64)
values[5] = np.nan
changed = False


def look(name, statistic, p, smallest):
    global changed
    statistic, p = np.atleast_1d(statistic), np.atleast_1d(p)
    print(f"{name:34} statistic NaN in {np.isnan(statistic).sum()} of {len(p)}; p_sim from {p.min():g} to {p.max():g}")
    changed |= not (np.isnan(statistic).all() and np.allclose(p, smallest))


moran = esda.Moran_Local(values, grid, permutations=999, seed=7)
look("local I, one unknown value", moran.Is, moran.p_sim, 0.001)
print("  quadrants:", np.unique(moran.q).tolist())
changed |= np.unique(moran.q).tolist() != [3]
ord_ = esda.G_Local(values, grid, permutations=999, seed=7)
look("local G, one unknown value", ord_.Gs, ord_.p_sim, 0.001)
whole = esda.Moran(values, grid, permutations=999)
look("global I, one unknown value", whole.I, whole.p_sim, 0.001)
same = esda.Moran_Local(np.full(64, 3.0), grid, permutations=999, seed=7)
look("local I, the same value everywhere", same.Is, same.p_sim, 0.001)

islands = libpysal.weights.W({0: [1], 1: [0], 2: [3], 3: [2], 4: []}, silence_warnings=True)
islands.transform = "r"
alone = esda.Moran_Local(np.array([1.0, 2.0, 5.0, 6.0, 100.0]), islands, permutations=999, seed=7)
print(f"a zone without neighbours: I {alone.Is[4]:g}, p_sim {alone.p_sim[4]:g}, quadrant {alone.q[4]}")
changed |= not (alone.Is[4] == 0 and np.isclose(alone.p_sim[4], 0.001) and alone.q[4] == 4)
sys.exit(1 if changed else 0)
PYTHON
