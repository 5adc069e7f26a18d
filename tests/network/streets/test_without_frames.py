"""Who builds networks of a file needs arrays: libraries of frames are not loaded for it, which takes a second."""

import subprocess
import sys

from spatialjustice.sources.known_files import demo_extract

CODE = """
import sys
from spatialjustice.network import networks_from_osm
networks = networks_from_osm(sys.argv[1], modes=["walk", "wheelchair", "bicycle", "drive"])
print(len(networks), sorted({"pandas", "geopandas", "numba", "matplotlib"} & set(sys.modules)))
print(len(networks["walk"].nodes) == networks["walk"].node_id.size, "geopandas" in sys.modules)
"""


def test_networks_of_a_file_are_built_without_frames():
    done = subprocess.run([sys.executable, "-c", CODE, str(demo_extract())], capture_output=True, text=True, check=True)
    assert done.stdout == "4 []\nTrue True\n"
