#!/bin/sh
# mapclassify 2.10.0 puts unknown values (NaN) into the lowest class and counts them there, without an error or a
# warning: EqualInterval and UserDefined give the right limits and one zone too many in class 0, so that "no data" is
# drawn and counted as the least; Quantiles and FisherJenks have NaN among their limits as well, and FisherJenks and
# StdMean leave every value, known or not, in class 0. NaturalBreaks alone refuses.
# Exits with 1 when any of this has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet 'mapclassify==2.10.0' 'numpy==2.4.6' 'pandas==3.0.3' 'scipy==1.17.1' 'scikit-learn==1.8.0'
"$folder/env/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import mapclassify
import numpy as np

print("mapclassify", version("mapclassify"))
values = np.array([1, 2, np.nan, 4, 5, 6, 9.0])
made = {
    "EqualInterval": mapclassify.EqualInterval(values, k=3),
    "UserDefined": mapclassify.UserDefined(values, [3, 6]),
    "Quantiles": mapclassify.Quantiles(values, k=3),
    "FisherJenks": mapclassify.FisherJenks(values, k=3),
    "StdMean": mapclassify.StdMean(values),
}
for name, classes in made.items():
    print(f"{name:14} limits {classes.bins}  class of each {classes.yb}  counts {classes.counts}")
changed = any(classes.yb[2] != 0 or classes.counts.sum() != 7 for classes in made.values())
changed |= np.isnan(made["EqualInterval"].bins).any() or not np.isnan(made["Quantiles"].bins).any()
changed |= not ((made["FisherJenks"].yb == 0).all() and (made["StdMean"].yb == 0).all())
try:
    mapclassify.NaturalBreaks(values, k=3)
    changed = True
except ValueError as error:
    print("NaturalBreaks ", type(error).__name__, str(error).splitlines()[0])
sys.exit(1 if changed else 0)
PYTHON
