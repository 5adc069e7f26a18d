#!/bin/sh
# opening-hours-py 2.1.4 reads valid opening hours of OpenStreetMap in ways that differ from the specification
# (https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification), without an error and with empty warnings:
#   1. a fallback rule (||) is lost on days on which the first rule holds at some other hour;
#   2. “PH Mo-Fr” (holidays that are weekdays) is read as “PH,Mo-Fr” (holidays and weekdays);
#   3. hours past midnight reach out of a rule that another rule has replaced on that day;
#   4. a comment alone (“by appointment”), which is unknown, is open;
#   5. sunrise and sunset stay 07:00 and 19:00 with coords= and timezone=, the very case in which its documentation
#      promises true ones; only auto_timezone=True brings them;
#   6. Iran (IR) is an “Unknown ISO code”.
# Exits with 1 when any of this has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet 'opening-hours-py==2.1.4' 'tzdata==2025.2'
"$folder/env/bin/python" - <<'PYTHON'
import sys
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, UnknownCountryError

print("opening-hours-py", version("opening-hours-py"))
# 30 May 2024 is a Thursday and no holiday in this calendar; 1 June 2024 is a Saturday.
cases = [
    ("Mo-Fr 08:00-12:00 || 14:00-18:00", "2024-05-30T15:00", "closed", "open, by the fallback rule"),
    ("PH Mo-Fr 10:00-12:00", "2024-05-30T11:00", "open", "closed, since the day is no holiday"),
    ("Mo-Su 20:00-02:00; Fr 20:00-22:00", "2024-06-01T00:30", "open", "closed, since Friday's hours end at 22:00"),
    ('"by appointment"', "2024-05-30T11:00", "open", "unknown"),
]
changed = False
for text, moment, seen, right in cases:
    hours = OpeningHours(text, country="ES", auto_country=False, auto_timezone=False)
    state = str(hours.state(datetime.fromisoformat(moment))[0])
    print(f"{text:38} {moment}: {state:7} warnings: {hours.warnings}; by the specification: {right}")
    changed |= state != seen
evening, berlin = datetime(2024, 6, 21, 20, 30), (52.52, 13.40)
given = OpeningHours("sunrise-sunset", coords=berlin, timezone=ZoneInfo("Europe/Berlin"), auto_timezone=False)
found = OpeningHours("sunrise-sunset", coords=berlin, auto_timezone=True)
states = (str(given.state(evening)[0]), str(found.state(evening)[0]))
print(f"sunrise-sunset in Berlin on 21 June, 20:30: {states[0]} with a timezone given, {states[1]} with it found")
changed |= states != ("closed", "open")
try:
    OpeningHours("PH off", country="IR", auto_country=False)
    changed = True
    print("IR is known")
except UnknownCountryError as error:
    print("IR:", error)
sys.exit(1 if changed else 0)
PYTHON
