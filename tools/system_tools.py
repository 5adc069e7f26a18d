"""Say which of the system's tools that the tests need are missing, or install them.

Runs on any Python 3, like the set-up. The list is system_tools.ini, beside this file.
Usage: python3 tools/system_tools.py [--install]

Without --install it ends well whatever is missing, because the tests that need it are skipped by its name. With it, it
installs what is missing with apt-get (as root, or through sudo), and fails if something is still missing afterwards.
"""

import configparser
import glob
import os
import shutil
import subprocess
import sys

LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "system_tools.ini")


def tools(path=LIST):
    """Read the list: for each tool its name, what to look for, its package, and what it is for."""
    read = configparser.ConfigParser(interpolation=None)
    with open(path, encoding="utf-8") as stream:
        read.read_file(stream)
    return [
        {
            "name": name,
            "look for": [line.strip() for line in read[name]["look for"].splitlines() if line.strip()],
            "package": read[name]["package"],
            "for": read[name]["for"],
        }
        for name in read.sections()
    ]


def where(tool):
    """Return the path of the first command or file that will do, or nothing."""
    for wanted in tool["look for"]:
        found = next(glob.iglob(wanted, recursive=True), None) if os.path.isabs(wanted) else shutil.which(wanted)
        if found:
            return found
    return None


def missing(path=LIST):
    return [tool for tool in tools(path) if where(tool) is None]


def packages(absent):
    return sorted({tool["package"] for tool in absent})


def tell(absent):
    sys.stderr.write("Missing on this machine, and tests that need it are skipped by its name:\n")
    for tool in absent:
        sys.stderr.write("  %-10s to %s\n" % (tool["name"], tool["for"]))
    sys.stderr.write("On Debian or Ubuntu:  sudo apt-get install %s\n" % " ".join(packages(absent)))
    sys.stderr.flush()


def install(absent):
    """Install the packages of what is missing; the list of packages is read anew first, since it may be old."""
    if shutil.which("apt-get") is None:
        sys.exit("This system has no apt-get: install by hand what brings %s." % ", ".join(t["name"] for t in absent))
    rights = [] if not hasattr(os, "geteuid") or os.geteuid() == 0 else ["sudo"]
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    command = [*rights, "apt-get", "-qq"]
    subprocess.check_call([*command, "update"], env=quiet)
    words = ["install", "--yes", "--no-install-recommends", *packages(absent)]
    subprocess.check_call([*command, *words], env=quiet, stdout=subprocess.DEVNULL)


def main():
    absent = missing()
    if not absent:
        return
    if "--install" not in sys.argv[1:]:
        tell(absent)
        return
    sys.stderr.write("Installing %s ...\n" % " ".join(packages(absent)))
    sys.stderr.flush()
    install(absent)
    absent = missing()
    if absent:
        sys.exit("Still missing after the installation: %s." % ", ".join(tool["name"] for tool in absent))


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit("The installation stopped at:  %s\nThe lines above say why." % " ".join(error.cmd))
