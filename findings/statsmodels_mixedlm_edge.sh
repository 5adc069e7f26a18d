#!/bin/sh
# statsmodels 0.15.0: MixedLM does not settle where groups hardly differ, and what it then returns is not the best there is.
# Of 40 data sets of pure noise (24 groups of 10 rows, a random intercept, REML) the usual optimisers settle in 24. In 11
# of the other 16 the likelihood is lower by 0.1 or more (up to 2) than that which the simplex (method="nm") finds, and the
# variance between groups up to three times as large (0.22 for 0.08 where the whole is 1). `converged` is False in each of
# them, and there is a warning; the estimates come without a sign in the table. Where it says True, both agree.
# So: never read a MixedLM without `converged`; fit again with method="nm" where it is False.
# Exits with 1 when any of this has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet 'statsmodels==0.15.0' 'numpy==2.4.6' 'pandas==3.0.3' 'scipy==1.17.1'
"$folder/env/bin/python" - <<'PYTHON'
import sys
import warnings

import numpy as np
from statsmodels.regression.mixed_linear_model import MixedLM

warnings.simplefilter("ignore")
groups = np.repeat(np.arange(24), 10)
unsettled, worse, hidden = 0, 0, 0
for seed in range(40):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(240), rng.normal(size=240)])
    y = rng.normal(size=240)
    usual = MixedLM(y, x, groups=groups).fit(reml=True)
    simplex = MixedLM(y, x, groups=groups).fit(reml=True, method="nm", maxiter=2000)
    unsettled += not usual.converged
    if usual.llf < simplex.llf - 0.1:
        worse += 1
        hidden += bool(usual.converged)
        between = [float(np.asarray(one.cov_re)[0, 0]) for one in (usual, simplex)]
        print(f"seed {seed}: settled {usual.converged}, variance between groups {between[0]:.3f}, best {between[1]:.3f}")
print(f"not settled: {unsettled} of 40; worse than the simplex: {worse}; worse although settled: {hidden}")
sys.exit(0 if unsettled and worse and not hidden else 1)
PYTHON
