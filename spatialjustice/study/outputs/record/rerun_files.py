"""What a run can be done again with, beside its results: study file, packages, container, script."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import spatialjustice
from spatialjustice._core.disk import files
from spatialjustice.study.outputs.record.installed import plain_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spatialjustice._core.disk.files import OutputFolder

FOLDER = "reproduce"
LOCK, CONTAINER, SCRIPT = f"{FOLDER}/requirements.txt", f"{FOLDER}/Containerfile", f"{FOLDER}/reproduce.sh"
OUR_LOCK = "requirements.lock"
SCRIPT_TEXT = """\
#!/bin/sh
# Makes an environment with the packages of the run, runs the study again in it and compares every byte.
# Usage: sh reproduce/reproduce.sh [--data-dir DIR]     (from the folder of the results)
#   PYTHON   the Python to make the environment with (default: {python})
#   PACKAGE  spatialjustice itself: a wheel, a folder with its source, or what pip calls it
#            (default: the wheel in this folder, where there is one, else {own})
#   ENV      where to make the environment (default: a temporary folder, removed at the end)
# Ends with 0 where the results are the same, 1 where they differ, 2 where they cannot be made again.
here=$(cd "$(dirname "$0")" && pwd) || exit 2
python=${{PYTHON:-{python}}}
package=
for wheel in "$here"/spatialjustice-*.whl; do
  [ -e "$wheel" ] && package=$wheel
done
package=${{PACKAGE:-${{package:-{own}}}}}
if [ -n "${{ENV:-}}" ]; then environment=$ENV; else
  environment=$(mktemp -d) || exit 2
  trap 'rm -rf "$environment"' EXIT
fi
"$python" -m venv "$environment" || exit 2
"$environment/bin/python" -m pip install --quiet --no-deps -r "$here/requirements.txt" || exit 2
"$environment/bin/python" -m pip install --quiet --no-deps "$package" || exit 2
"$environment/bin/python" -m spatialjustice reproduce "$here/.." --here "$@"
"""
CONTAINER_TEXT = """\
# The environment of the run as a container. Build and run it in the folder of the results, with the inputs in DATA:
#   podman build -f reproduce/Containerfile -t study .
#   podman run --rm -v DATA:/data:ro study --data-dir /data
# {package}
FROM python:{python}-slim
ENV LC_ALL=C.UTF-8
WORKDIR /run
COPY . /run
RUN python -m pip install --no-cache-dir --no-deps -r reproduce/requirements.txt \\
 && python -m pip install --no-cache-dir --no-deps {own}
ENTRYPOINT ["python", "-m", "spatialjustice", "reproduce", "/run", "--here"]
"""


def write(folder: OutputFolder, study_file: Path, environment: Mapping[str, Any]) -> None:
    """Write the study file and what its run can be repeated with into a folder of results."""
    version = environment["program"]["version"]
    series = ".".join(environment["python"].split(".")[:2])
    wheel = f"spatialjustice-{version}-py3-none-any.whl"
    files.copy(study_file, folder.path(f"{FOLDER}/{study_file.name}"))
    files.write_text(folder.path(LOCK), lock(environment, hashes_of(Path(spatialjustice.__file__).parent.parent)))
    script = SCRIPT_TEXT.format(python=f"python{series}", own=f"spatialjustice=={version}")
    files.write_text(folder.path(SCRIPT), script)
    needed = f"Put {wheel} into reproduce/ first; “spatialjustice archive” does."
    container = CONTAINER_TEXT.format(python=environment["python"], own=f"reproduce/{wheel}", package=needed)
    files.write_text(folder.path(CONTAINER), container)


def lock(environment: Mapping[str, Any], hashes: Mapping[tuple[str, str], list[str]]) -> str:
    """Return the packages that a run can use as a requirements file, with checksums where those of all are known.

    Parameters
    ----------
    environment
        What :func:`~spatialjustice.study.outputs.record.installed.environment` returned.
    hashes
        Checksums of the files of a package and version, as its lock names them.

    Returns
    -------
    str
        One line a package, exactly as it was installed. Packages that did not come from an index and those that no run
        uses are remarks. This package itself is not among them.
    """
    own, system = environment["program"], f"{environment['system']} {environment['machine']}"
    used = [one for one in environment["packages"] if one["used"]]
    fetched = [one for one in used if "installed" not in one]
    known = all((one["name"], one["version"]) in hashes for one in fetched)
    lines = [
        f"# What the run used, as it was installed: {environment['implementation']} {environment['python']}, {system}.",
        f"# spatialjustice {own['version']} itself is installed after it: contents {own['contents']},",
        f"# {own['installed']}{', commit ' + own['commit'] if own.get('commit') else ''}.",
    ]
    for one in used:
        line = f"{one['name']}=={one['version']}"
        if "installed" in one:
            line = f"# {line} was installed {one['installed']} {one.get('commit') or one.get('sha256') or ''}".rstrip()
        elif known:
            line = " \\\n    ".join([line, *(f"--hash={digest}" for digest in hashes[one["name"], one["version"]])])
        lines.append(line)
    lines += ["# Installed too, and not used by runs:"]
    lines += [f"# {one['name']}=={one['version']}" for one in environment["packages"] if not one["used"]]
    return "\n".join(lines) + "\n"


def hashes_of(folder: Path) -> dict[tuple[str, str], list[str]]:
    """Return the checksums that the lock of a working copy names, by package and version; none where there is none."""
    try:
        text = (folder / OUR_LOCK).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return {}
    found: dict[tuple[str, str], list[str]] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        named = re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", block)
        if named is not None:
            found[plain_name(named[1]), named[2]] = re.findall(r"--hash=(sha256:[0-9a-f]{64})", block)
    return found
