"""Make the project's own environment from a plain python3, and never touch the system's packages.

Runs on any Python 3, so that a machine with one too old gets a sentence and not a SyntaxError.
Usage: python3 tools/set_up.py [FOLDER], default .venv. The environment variable VERSIONS chooses what is installed:
locked (the default), newest (what is published today) or lowest (the lower bounds of pyproject.toml).
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST = (3, 11)
TOO_OLD = """\
spatialjustice needs Python 3.11 or newer; this python3 is {version} ({executable}).
  Debian 12, Ubuntu 24.04 or newer:  sudo apt install python3 python3-venv
  older Ubuntu:                      sudo apt install python3.12 python3.12-venv   (from the deadsnakes archive)
  macOS:                             brew install python@3.13
  Windows:                           winget install Python.Python.3.13
Then run it again, naming that interpreter if it is not the plain one:  make {goal} PYTHON=python3.13
"""
NO_VENV = """\
This python3 ({executable}) cannot make environments, because its venv module is missing.
  Debian or Ubuntu:  sudo apt install python3-venv
Then run the same command again.
"""


def say(text):
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def locked(name, lock):
    """Cut one package with its hashes out of the lock file."""
    with open(lock, encoding="utf-8") as stream:
        text = stream.read()
    found = re.search(r"^%s==(?:.*\\\n)+.*\n" % re.escape(name), text, re.MULTILINE)
    return found.group(0) if found else None


def fingerprint(paths):
    digest = hashlib.sha256(sys.version.encode())
    for path in paths:
        with open(path, "rb") as stream:
            digest.update(stream.read())
    return digest.hexdigest()


def install_uv(python, lock):
    """Install uv, which is ten times faster than pip; say nothing and go on with pip where that fails."""
    block = locked("uv", lock)
    if block is None:
        return False
    handle, path = tempfile.mkstemp(suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(block)
    try:
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
        done = subprocess.call([*command, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finally:
        os.remove(path)
    return done == 0


def resolved(python, versions, folder):
    """Lock the newest or the lowest versions that pyproject.toml allows, for this interpreter; needs uv."""
    lock = os.path.join(folder, versions + ".lock")
    words = ["compile", "--quiet", "--generate-hashes", "--all-extras", "--no-header"]
    words += ["--resolution", "lowest-direct" if versions == "lowest" else "highest"]
    project = os.path.join(ROOT, "pyproject.toml")
    subprocess.check_call([python, "-m", "uv", "pip", *words, project, "-o", lock], stdout=subprocess.DEVNULL)
    return lock


def install(installer, lock):
    """Install what is locked; a file that is not the locked one is refused."""
    subprocess.check_call([*installer, "--quiet", "--require-hashes", "-r", lock])


def main():
    goal, versions = os.environ.get("GOAL", "demo"), os.environ.get("VERSIONS") or "locked"
    if versions not in ("locked", "newest", "lowest"):
        sys.exit("VERSIONS is %s. Choose one of these: locked, newest, lowest." % versions)
    if sys.version_info < OLDEST:
        version = ".".join(map(str, sys.version_info[:3]))
        sys.exit(TOO_OLD.format(version=version, executable=sys.executable, goal=goal))
    folder = os.path.join(ROOT, sys.argv[1] if len(sys.argv) > 1 else ".venv")
    lock = os.path.join(ROOT, "requirements.lock")
    python = os.path.join(folder, "Scripts" if os.name == "nt" else "bin", "python")
    stamp = os.path.join(folder, "set-up-complete")
    wanted = versions + fingerprint([lock, os.path.join(ROOT, "pyproject.toml")])
    if os.path.exists(stamp) and os.path.exists(python):
        with open(stamp, encoding="utf-8") as stream:
            if stream.read() == wanted:
                return
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        sys.exit(NO_VENV.format(executable=sys.executable))

    started = time.time()
    say("Setting up in %s with Python %s ..." % (os.path.relpath(folder, ROOT), sys.version.split()[0]))
    venv.create(folder, with_pip=True, clear=True)
    uv = install_uv(python, lock)
    installer = [python, "-m", "uv", "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
    install(installer, lock if versions == "locked" else resolved(python, versions, folder))
    subprocess.check_call([*installer, "--quiet", "--no-deps", "--no-build-isolation", "-e", ROOT])
    with open(stamp, "w", encoding="utf-8") as stream:
        stream.write(wanted)
    say("Set up with %s in %.0f s." % ("uv" if uv else "pip", time.time() - started))


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(
            "The set-up stopped at:  %s\nThe lines above say why. Often the package registry cannot be reached: "
            "check the connection or the proxy, then run the same command again." % " ".join(error.cmd[:6])
        )
