#!/bin/sh
# segregation 2.5.4: where the count of the group is unknown (NaN) in one zone, a warning advises to handle it, and four
# indices then come out as exactly 0.0, a number that reads as a result, while others of the same family are nan.
# Isolation and Interaction are both 0, though the two always add up to 1. A table of indices by year or city, made in a
# loop, shows the place with a gap in its data as one without segregation.
#   0.0: Isolation, Interaction, Entropy, DensityCorrectedDissim       nan: Dissim, Gini, Atkinson, CorrelationR, MinMax
# Exits with 1 when any of this has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet 'segregation==2.5.4' 'numpy==2.4.6' 'pandas==3.0.3' 'scipy==1.17.1'
"$folder/env/bin/python" - <<'PYTHON'
import sys
import warnings
from importlib.metadata import version

import pandas as pd
from segregation import singlegroup

print("segregation", version("segregation"))
zones = pd.DataFrame({"group": [10, 0, 30, None, 5], "all": [20, 0, 40, 50, 5]})
known = zones.dropna()
g, t = known["group"], known["all"]
by_hand = {"Isolation": (g / g.sum() * g / t.where(t > 0)).sum(), "Interaction": (g / g.sum() * (t - g) / t.where(t > 0)).sum()}
seen = {}
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    for name in ("Isolation", "Interaction", "Entropy", "DensityCorrectedDissim", "Dissim", "Gini", "Atkinson", "CorrelationR", "MinMax"):
        told.clear()
        seen[name] = float(getattr(singlegroup, name)(zones, "group", "all").statistic)
        advised = any("NAs" in str(one.message) for one in told)
        without = float(getattr(singlegroup, name)(known, "group", "all").statistic)
        print(f"{name:24} {seen[name]:6.3f}   without that zone {without:6.3f}   warned: {advised}")
print("by hand, without that zone:", {name: round(value, 3) for name, value in by_hand.items()})
zero = [name for name, value in seen.items() if value == 0]
unknown = [name for name, value in seen.items() if value != value]
sys.exit(0 if zero == ["Isolation", "Interaction", "Entropy", "DensityCorrectedDissim"] and len(unknown) == 5 else 1)
PYTHON
