#!/bin/sh
# gtfs-kit 13.0.1 reads frequencies.txt and then leaves it out of every count: a line that runs every ten minutes
# between 07:00 and 08:00 by frequency (six vehicles) counts as one trip a day in the statistics of trips, routes, stops
# and the whole network, without headways, an error or a warning. Feeds that are written so, as that of São Paulo is,
# come out with a small part of their service.
# Exits with 1 when any of this has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet 'gtfs-kit==13.0.1' 'pandas==3.0.3' 'numpy==2.4.6'
"$folder/env/bin/python" - "$folder/feed.zip" <<'PYTHON'
import sys
import warnings
import zipfile
from importlib.metadata import version

import gtfs_kit

print("gtfs-kit", version("gtfs-kit"))
tables = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n1,Town,http://town.example,Europe/Madrid\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\na,A,28.1,-15.4\nb,B,28.2,-15.4\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_type\n1,1,One,3\n",
    "trips.txt": "route_id,service_id,trip_id\n1,all,t\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,7:00:00,7:00:00,a,1\nt,7:20:00,7:20:00,b,2\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "all,1,1,1,1,1,1,1,20240101,20241231\n",
    "frequencies.txt": "trip_id,start_time,end_time,headway_secs\nt,07:00:00,08:00:00,600\n",
}
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    for name, text in tables.items():
        archive.writestr(name, text)
feed = gtfs_kit.read_feed(sys.argv[1], dist_units="km")
print("rows of frequencies read:", len(feed.frequencies))
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    dates = ["20240109"]
    route = feed.compute_route_stats(dates=dates).iloc[0]
    stop = feed.compute_stop_stats(dates=dates).iloc[0]
    network = feed.compute_network_stats(dates=dates).iloc[0]
spoken = [str(one.message) for one in told if "frequenc" in str(one.message).lower()]
print(f"trips of the route: {route.num_trips}, of the stop: {stop.num_trips:g}, of the network: {network.num_trips}; six leave")
print(f"mean headway of the route: {route.mean_headway}; warnings of frequencies: {spoken}")
counted = [int(route.num_trips), int(stop.num_trips), int(network.num_trips)]
sys.exit(0 if len(feed.frequencies) == 1 and counted == [1, 1, 1] and not spoken else 1)
PYTHON
