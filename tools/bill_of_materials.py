"""Say what comes with the package: every part that is needed to run it, with its licence and its checksums.

Usage: python tools/bill_of_materials.py [FILE], default spatialjustice.cdx.json. Needs the project's own environment.
Writes a bill of materials (SBOM) as CycloneDX 1.5 JSON, checked against the schema of that format. What is needed and
the licences come from the metadata of what is installed, versions and checksums from requirements.lock; where the two
differ, nothing is written. The same lock and interpreter give the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NOT_TO_RUN = {"all", "docs", "test", "dev"}
"""Extras that only those need who change the package, and the one that names the others again."""

# What licences are called that are stated in words. Texts are compared by their beginning, letters only.
CALLED = {
    "mit": "MIT",
    "mitlicense": "MIT",
    "bsd3clause": "BSD-3-Clause",
    "bsd3clauselicense": "BSD-3-Clause",
    "3clausebsd": "BSD-3-Clause",
    "3clausebsdlicense": "BSD-3-Clause",
    "newbsd": "BSD-3-Clause",
    "2clausebsd": "BSD-2-Clause",
    "bsd2clause": "BSD-2-Clause",
    "bsd2clauselicense": "BSD-2-Clause",
    "apache2": "Apache-2.0",
    "apache20": "Apache-2.0",
    "apachelicense": "Apache-2.0",
    "apachelicenseversion20": "Apache-2.0",
    "apachelicenseversion20january2004": "Apache-2.0",
    "apachesoftwarelicense": "Apache-2.0",
    "osiapprovedapachesoftwarelicense": "Apache-2.0",
    "osiapprovedmitlicense": "MIT",
    "osiapprovedisclicenseiscl": "ISC",
    "isclicense": "ISC",
    "psfl": "PSF-2.0",
    "osiapprovedpythonsoftwarefoundationlicense": "PSF-2.0",
    "osiapprovedmozillapubliclicense20mpl20": "MPL-2.0",
}
# Stated as “BSD” without saying which, or in a file of the wheel only: as read there.
READ = {
    "click-plugins": "BSD-3-Clause",
    "cligj": "BSD-3-Clause",
    "cycler": "BSD-3-Clause",
    "ipython-pygments-lexers": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "jupyterlab": "BSD-3-Clause",
    "jupyterlab-pygments": "BSD-3-Clause",
    "jupyterlab-server": "BSD-3-Clause",
    "jupyterlab-widgets": "BSD-3-Clause",
    "kiwisolver": "BSD-3-Clause",
    "mpmath": "BSD-3-Clause",
    "nest-asyncio2": "BSD-2-Clause",
    "numba": "BSD-2-Clause",
    "partd": "BSD-3-Clause",
    "prompt-toolkit": "BSD-3-Clause",
    "quantecon": "MIT",
    "rasterio": "BSD-3-Clause",
    "scipy": "BSD-3-Clause",
    "seaborn": "BSD-3-Clause",
    "sympy": "BSD-3-Clause",
    "tinycss2": "BSD-3-Clause",
    "webencodings": "BSD-3-Clause",
    "zict": "BSD-3-Clause",
}


@dataclass(frozen=True)
class Locked:
    """A version in the lock: for which interpreters it is, and the sha256 of each file that may be installed."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    def applies(self) -> bool:
        """Whether this interpreter takes it."""
        return not self.marker or Marker(self.marker).evaluate()


def locked(text: str) -> list[Locked]:
    """Read a lock."""
    blocks = re.findall(
        r"^([\w.-]+)==(\S+)(?: *; *([^\\\n]+?))? *((?:\\\n +--hash=sha256:[0-9a-f]{64} *)*)$", text, re.MULTILINE
    )
    return [
        Locked(canonicalize_name(name), version, marker.strip(), tuple(re.findall(r"sha256:([0-9a-f]{64})", hashes)))
        for name, version, marker, hashes in blocks
    ]


def needed() -> dict[str, set[str]]:
    """Return the names of all that is needed to run the package with all its extras, each with what it needs itself."""
    extras = [name for name in PROJECT["optional-dependencies"] if name not in NOT_TO_RUN]
    lines = PROJECT["dependencies"] + [line for name in extras for line in PROJECT["optional-dependencies"][name]]
    found: dict[str, set[str]] = {}
    waiting = [(PROJECT["name"], "", line) for line in lines]
    seen = set()
    while waiting:
        whose, of_extra, line = waiting.pop()
        part = Requirement(line)
        if part.marker is not None and not part.marker.evaluate({"extra": of_extra}):
            continue
        name = canonicalize_name(part.name)
        found.setdefault(whose, set()).add(name)
        found.setdefault(name, set())
        for extra in ("", *part.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [(name, extra, needs) for needs in metadata.requires(name) or []]
    return found


def licence_of(name: str) -> str:
    """Return the licence of an installed part as an SPDX expression; empty where it cannot be told."""
    if name in READ:
        return READ[name]
    facts = metadata.metadata(name)
    expression = facts.get("License-Expression")
    if expression:
        return expression
    stated = (facts.get("License") or "").strip()
    if re.fullmatch(r"[\w.+-]+(?: (?:AND|OR|WITH) [\w.+-]+)+", stated):
        return stated
    classifiers = [line.removeprefix("License :: ") for line in facts.get_all("Classifier") or []]
    for text in (*stated.splitlines()[:1], *classifiers):
        letters = re.sub(r"[^a-z0-9]", "", text.lower())
        if letters in CALLED:
            return CALLED[letters]
    return ""


def bill() -> str:
    """Return the bill of materials as CycloneDX 1.5 JSON.

    Raises
    ------
    SystemExit
        When what is installed is not what is locked, or a licence cannot be told.
    """
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output.json import JsonV1Dot5
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
    from packageurl import PackageURL

    text = LOCK.read_text(encoding="utf-8")
    versions = {one.name: one for one in locked(text) if one.applies()}
    make = LicenseFactory()

    def component(name: str, version: str, licence: str, hashes: tuple[str, ...] = (), **facts) -> Component:
        return Component(
            name=name,
            version=version,
            bom_ref=f"{name}@{version}",
            purl=PackageURL("pypi", name=name, version=version),
            licenses=[make.make_from_string(licence)],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in hashes],
            **facts,
        )

    asked = needed()
    parts = {}
    for name in sorted(set(asked) - {PROJECT["name"]}):
        here, licence = metadata.version(name), licence_of(name)
        if name not in versions or versions[name].version != here:
            sys.exit(
                f"{name} {here} is installed, but it is not the version in {LOCK.name}. Set up the environment anew."
            )
        if not licence:
            sys.exit(f"{name} {here} does not state its licence in words we know. Read it, and add it to {__file__}.")
        parts[name] = component(name, here, licence, versions[name].hashes)
    ours = component(
        PROJECT["name"], metadata.version(PROJECT["name"]), PROJECT["license"], type=ComponentType.APPLICATION
    )
    made = Bom(components=parts.values(), serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"{sys.version} {text}"))
    made.metadata.component = ours
    for name, needs in asked.items():
        made.register_dependency(parts.get(name, ours), [parts[other] for other in needs])
    told = json.loads(JsonV1Dot5(made).output_as_string())
    # The day it was made is no fact about the parts, and would change the bytes.
    del told["metadata"]["timestamp"]
    output = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    wrong = JsonStrictValidator(SchemaVersion.V1_5).validate_str(output)
    if wrong is not None:
        sys.exit(f"The bill of materials is not valid CycloneDX 1.5: {wrong}")
    return output


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "spatialjustice.cdx.json").write_text(bill(), encoding="utf-8")
