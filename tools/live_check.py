"""Ask every real server one small question, and say which answers could be used.

For people with internet: ``make live-check``. Nothing here is part of the test suite, which asks 127.0.0.1 alone. The
answers go to a cache of their own, so that the servers are really asked.
"""

from __future__ import annotations

import os
import sys
import tempfile

from spatialjustice import sources
from spatialjustice._core.errors import SpatialJusticeError

MONACO = (7.40, 43.72, 7.44, 43.75)


def questions():
    """Give what is asked of whom: small places, so that no server has much work."""
    place = sources.box(*MONACO)
    yield "Nominatim", lambda: sources.place_by_name("Monaco", deadline=60)
    yield "Overpass, streets", lambda: sources.streets_from_overpass(place, deadline=180)
    yield "Overpass, services", lambda: sources.services_from_overpass(place, ["library"], deadline=180)
    yield "Geofabrik", lambda: sources.geofabrik("europe/monaco", deadline=300)
    yield "geoBoundaries", lambda: sources.geoboundaries("MCO", level=0, deadline=120)
    yield "WorldPop", lambda: sources.worldpop("MCO", dataset="wpgp1km", deadline=300)
    yield "GHS-POP", lambda: sources.ghs_pop(*sources.ghs_pop_tiles(place)[0], deadline=900)
    yield "US Census Bureau", lambda: sources.census_table("internet", year=2022, places="11", level="county")
    yield "US Census Bureau, zones", lambda: sources.census_zones(year=2022, places="11", level="tract")
    yield "Eurostat", lambda: sources.census("internet", year=2021, places="MT", level="nuts2", provider="eurostat")
    yield "Mobility Database", lambda: sources.gtfs_feeds(place, deadline=120)
    yield "files of the registry", lambda: sources.fetch_known("las_palmas/municipality.geojson", deadline=300)
    if os.environ.get("SPATIALJUSTICE_GTFS"):
        yield "timetable", lambda: sources.gtfs(os.environ["SPATIALJUSTICE_GTFS"], deadline=600)


def say(text):
    """Tell it at once: the next question may take minutes."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main():
    """Ask all of them; the exit status is the number of those that could not be used."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="live-check-") as folder:
        os.environ["SPATIALJUSTICE_CACHE"] = folder
        for name, ask in questions():
            try:
                ask()
            except SpatialJusticeError as error:
                failed += 1
                say(f"failed  {name}: {error}")
            else:
                say(f"good    {name}")
    say(f"{failed} of these could not be used" if failed else "every server gave what was asked for")
    return failed


if __name__ == "__main__":
    sys.exit(main())
