#!/bin/sh
# The libpq inside adbc-driver-postgresql 1.13.0 and psycopg-binary 3.3.9, and so whatever is built on them: where a
# password in a connection string is not escaped, the error that says so repeats it or a part of it, and a program that
# logs errors logs the password.
#   1. a blank in it: the whole password is in the message ("unexpected spaces found in ...");
#   2. an @ in it: what comes after the @ is taken for the host, and after a : for the port, and is in the message.
# What drivers promise of a wrong password ("password authentication failed", without it) does not hold for these.
# Exits with 1 when any of this has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet 'adbc-driver-postgresql==1.13.0' 'psycopg[binary]==3.3.9' 'pyarrow==26.0.1'
"$folder/env/bin/python" - <<'PYTHON'
import sys

import adbc_driver_postgresql.dbapi as adbc
import psycopg

changed = False
for word, parts in (("open sesame", ["open sesame"]), ("open@sesame:now", ["sesame", "now"])):
    for name, connect in (("adbc", adbc.connect), ("psycopg", psycopg.connect)):
        try:
            connect(f"postgresql://ali:{word}@127.0.0.1:1/city")
        except Exception as error:
            said = " ".join(str(error).split())
            print(f"{name:8} password {word!r:18} {'SAID' if any(part in said for part in parts) else 'not said'}: {said[:110]}")
            changed |= not any(part in said for part in parts)
sys.exit(changed)
PYTHON
