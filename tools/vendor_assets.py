"""Fetch the scripts, styles and fonts that travel with the package, and write down what they are.

Usage: python3 tools/vendor_assets.py [FOLDER]; needs npm. Only the files of the table below are kept, as published.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[1] / "spatialjustice" / "maps" / "assets"

# Name, version, licence, folder, the package's licence text, its files; "dist/" at the beginning of a name is left out.
PACKAGES = (
    ("leaflet", "1.9.4", "BSD-2-Clause", "leaflet-1.9.4", "LICENSE",
     ("dist/images/layers-2x.png", "dist/images/layers.png", "dist/images/marker-icon-2x.png",
      "dist/images/marker-icon.png", "dist/images/marker-shadow.png", "dist/leaflet.css", "dist/leaflet.js")),
    ("@fontsource-variable/vazirmatn", "5.3.0", "OFL-1.1", "vazirmatn-5.3.0", "LICENSE",
     ("files/vazirmatn-arabic-wght-normal.woff2", "files/vazirmatn-latin-ext-wght-normal.woff2",
      "files/vazirmatn-latin-wght-normal.woff2")),
    ("vazirmatn", "33.0.3", "OFL-1.1", "vazirmatn-ttf-33.0.3", "OFL.txt",
     ("fonts/ttf/Vazirmatn-Bold.ttf", "fonts/ttf/Vazirmatn-Regular.ttf")),
    ("jquery", "3.7.1", "MIT", "jquery-3.7.1", "LICENSE.txt", ("dist/jquery.min.js",)),
    ("bootstrap", "5.2.2", "MIT", "bootstrap-5.2.2", "LICENSE",
     ("dist/css/bootstrap.min.css", "dist/js/bootstrap.bundle.min.js")),
    ("bootstrap", "3.4.1", "MIT", "bootstrap-3.4.1", "LICENSE",
     ("dist/css/bootstrap.min.css", "dist/fonts/glyphicons-halflings-regular.woff2")),
    ("@fortawesome/fontawesome-free", "6.2.0", "CC-BY-4.0 AND OFL-1.1 AND MIT", "fontawesome-free-6.2.0", "LICENSE.txt",
     ("css/all.min.css", "webfonts/fa-brands-400.woff2", "webfonts/fa-regular-400.woff2",
      "webfonts/fa-solid-900.woff2")),
    ("leaflet.awesome-markers", "2.0.5", "MIT", "leaflet.awesome-markers-2.0.5", "LICENSE",
     ("dist/images/markers-shadow.png", "dist/images/markers-shadow@2x.png", "dist/images/markers-soft.png",
      "dist/images/markers-soft@2x.png", "dist/leaflet.awesome-markers.css", "dist/leaflet.awesome-markers.js")),
    ("leaflet.markercluster", "1.1.0", "MIT", "leaflet.markercluster-1.1.0", "MIT-LICENCE.txt",
     ("dist/MarkerCluster.Default.css", "dist/MarkerCluster.css", "dist/leaflet.markercluster.js")),
    ("leaflet.heat", "0.2.0", "BSD-2-Clause", "leaflet.heat-0.2.0", "LICENSE", ("dist/leaflet-heat.js",)),
    ("d3", "3.5.5", "BSD-3-Clause", "d3-3.5.5", "LICENSE", ("d3.min.js",)),
    ("leaflet.fullscreen", "3.0.0", "MIT", "leaflet.fullscreen-3.0.0", "LICENSE",
     ("Control.FullScreen.css", "Control.FullScreen.js", "icon-fullscreen.svg")),
    ("leaflet.featuregroup.subgroup", "1.0.2", "BSD-2-Clause", "leaflet.featuregroup.subgroup-1.0.2", "LICENSE",
     ("dist/leaflet.featuregroup.subgroup.js",)),
    ("leaflet-groupedlayercontrol", "0.6.1", "MIT", "leaflet-groupedlayercontrol-0.6.1", "LICENSE.txt",
     ("dist/leaflet.groupedlayercontrol.min.css", "dist/leaflet.groupedlayercontrol.min.js")),
    ("leaflet-mouse-position", "1.2.0", "MIT", "leaflet-mouse-position-1.2.0", "MIT-LICENCE.txt",
     ("src/L.Control.MousePosition.css", "src/L.Control.MousePosition.js")),
    ("leaflet-polylineoffset", "1.1.1", "MIT", "leaflet-polylineoffset-1.1.1", "LICENSE",
     ("leaflet.polylineoffset.js",)),
    ("leaflet-ant-path", "1.1.2", "MIT", "leaflet-ant-path-1.1.2", "LICENSE", ("dist/leaflet-ant-path.js",)),
    ("leaflet-textpath", "1.2.3", "MIT", "leaflet-textpath-1.2.3", "LICENSE", ("leaflet.textpath.js",)),
    ("leaflet.pattern", "0.1.0", "BSD-2-Clause", "leaflet.pattern-0.1.0", "LICENCE.txt", ("dist/leaflet.pattern.js",)),
    ("leaflet-search", "2.9.7", "MIT", "leaflet-search-2.9.7", "license.txt",
     ("dist/leaflet-search.min.css", "dist/leaflet-search.min.js", "images/loader.gif", "images/search-icon.png")),
    ("leaflet.control.layers.tree", "1.1.0", "BSD-3-Clause", "leaflet.control.layers.tree-1.1.0", "LICENSE",
     ("L.Control.Layers.Tree.css", "L.Control.Layers.Tree.js")),
)  # fmt: skip


def kept(folder, name):
    """Return where a published file is kept, relative to the assets."""
    for beginning in ("dist/", "files/", "fonts/ttf/"):
        name = name.removeprefix(beginning)
    return f"{folder}/{name}"


def manifest(assets=ASSETS):
    """Rebuild the manifest from the table and the files that are there."""
    packages = []
    for name, version, licence, folder, _, files in PACKAGES:
        names = sorted([f"{folder}/LICENSE", *(kept(folder, each) for each in files)])
        checksums = {each: hashlib.sha256((assets / each).read_bytes()).hexdigest() for each in names}
        packages.append(
            {
                "name": name,
                "version": version,
                "licence": licence,
                "registry": "npm",
                "folder": folder,
                "files": checksums,
            }
        )
    return {"packages": packages}


def fetch(assets):
    """Fetch all packages and keep their files."""
    with tempfile.TemporaryDirectory() as temporary:
        for name, version, _, folder, licence, files in PACKAGES:
            done = subprocess.run(
                ["npm", "pack", f"{name}@{version}", "--silent"], cwd=temporary, check=True, stdout=subprocess.PIPE
            )
            archive = Path(temporary) / done.stdout.decode().strip().splitlines()[-1]
            with tarfile.open(archive) as packed:
                inside = {"/".join(member.name.split("/")[1:]): member for member in packed.getmembers()}
                for each, target in ((licence, f"{folder}/LICENSE"), *((each, kept(folder, each)) for each in files)):
                    data = packed.extractfile(inside[each]).read()
                    (assets / target).parent.mkdir(parents=True, exist_ok=True)
                    (assets / target).write_bytes(data)


def main():
    """Fetch, and write the manifest."""
    assets = Path(sys.argv[1]) if len(sys.argv) > 1 else ASSETS
    fetch(assets)
    text = json.dumps(manifest(assets), indent=2, ensure_ascii=False) + "\n"
    (assets / "manifest.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
