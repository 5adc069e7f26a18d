#!/bin/sh
# numpy 2.4.6 (OpenBLAS): the last bits of `a @ b` of two vectors depend on how many threads there are.
# From about 10,000 numbers on OpenBLAS shares a product of vectors out among threads and adds up their parts, so that the
# same input gives other bits on a machine with other processors; and where all processors are busy, each product waits
# for its slowest thread (a bootstrap of 300,000 cells took five times as long). numpy.einsum adds up in one order.
# Exits with 1 when this has changed; needs two processors.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet 'numpy==2.4.6'
cat >"$folder/dot.py" <<'PYTHON'
import numpy as np

generator = np.random.default_rng(1)
one, other = generator.random(100_001), generator.random(100_001)
print((one @ other).hex(), np.einsum("i,i->", one, other).hex())
PYTHON
single=$(OPENBLAS_NUM_THREADS=1 "$folder/env/bin/python" "$folder/dot.py")
double=$(OPENBLAS_NUM_THREADS=2 "$folder/env/bin/python" "$folder/dot.py")
echo "a @ b, einsum with 1 thread:  $single"
echo "a @ b, einsum with 2 threads: $double"
if [ "${single% *}" = "${double% *}" ] || [ "${single#* }" != "${double#* }" ]; then
    echo "changed"
    exit 1
fi
