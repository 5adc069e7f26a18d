"""Say whether every number that the pages of a run show is that of its tables, counted again from them.

Usage: python tools/numbers_agree.py FOLDER [FOLDER ...]. Needs pandas. Each folder is one that ``spatialjustice run``
or ``demo`` made. Of every service and mode it compares the overview, the sentence in English and Persian, the legend,
the means and centiles, the values of all zones, the worst served neighbourhoods, the gaps and the districts. Ends with
1 where anything differs, and names it.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import math
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

BEYOND = ("beyond_cutoff", "unreachable", "off_network")
CUT_OFF = ("unreachable", "off_network")
OVERVIEW = ("service", "mode", "share_within", "people", "people_beyond")
"""Columns of overview.csv that are looked at."""
UNKNOWN = ("outside_data", "unknown_service")
TENTH = 0.9
LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٬٫٪", "0123456789,.%")


class Run:
    """The page of a run as data, and its tables."""

    def __init__(self, folder: Path) -> None:
        self.page = (folder / "map.html").read_text(encoding="utf-8")
        tables = folder / "tables"
        self.zones = pd.read_csv(tables / "zones.csv", dtype={"zone_id": str}, low_memory=False).set_index("zone_id")
        # A study without services has no ways to tell of.
        there = (tables / "overview.csv").exists()
        self.overview = pd.read_csv(tables / "overview.csv") if there else pd.DataFrame(columns=OVERVIEW)
        name = "people_estimated" if "people_estimated" in self.zones else "people"
        self.people: pd.Series[Any] = self.zones[name]
        blocks = re.findall(r'<script type="application/json" id="([\w-]+)-data">(.*?)</script>', self.page, re.DOTALL)
        self.blocks = {name: json.loads(text) for name, text in blocks}
        self.data = next(
            whole for one in self.blocks.values() if "ids" in (whole := unpacked(one)) and "indicators" in whole
        )
        self.ids = self.data["ids"]

    def modes(self) -> Iterator[tuple[str, list[dict[str, Any]], dict[str, Any]]]:
        """Yield each mode with its indicators and what is told of them."""
        page = next(one for one in self.blocks.values() if isinstance(one, dict) and "directions" in one)
        names = [one["key"] for one in page.get("modes") or []] or [*self.overview["mode"].astype(str), ""][:1]
        first, told = self.data["indicators"], self.blocks["report"]["indicators"]
        yield names[0], first, told
        for name in names[1:]:
            block = unpacked(self.blocks[f"mode-{name}"])
            own = [first[one["same"]] if "same" in one else one for one in block["indicators"]]
            said = block["report"]["indicators"]
            yield name, own, {key: told[one["same"]] if "same" in one else one for key, one in said.items()}


def unpacked(block: Any) -> dict[str, Any]:
    """Return what a block of the page holds, as a browser would."""
    if not isinstance(block, dict):
        return {}
    packed = block.get("packed")
    if not isinstance(packed, dict) or not isinstance(packed.get("data"), str):
        return block
    return {**block, **json.loads(gzip.decompress(base64.b64decode(packed["data"])))}


def plain(text: str) -> str:
    """Return a text with plain spaces and Latin digits, without signs of direction."""
    return re.sub("[\u2066-\u2069]", "", text.replace("\u00a0", " ")).translate(LATIN)


def number(text: str) -> float:
    """Return the number in a text; NaN where it says that it is not known."""
    digits = re.sub(r"[^\d.]", "", plain(text))
    return float(digits) if digits else math.nan


def check(folder: Path) -> list[str]:
    """Return what differs between the pages and the tables of a run, a line each."""
    run = Run(folder)
    found = [*matrix(run, folder), *whole(run)]
    for mode, indicators, told in run.modes():
        for indicator in indicators:
            column = f"{indicator['service']}_{mode}_{indicator['unit']}" if indicator.get("service") else ""
            if indicator["kind"] == "cost" and column in run.zones and told[indicator["key"]].get("centiles"):
                of = (indicator["service"], mode)
                found += [f"{' '.join(of)}: {one}" for one in way(run, indicator, told[indicator["key"]], column, of)]
    return found


def matrix(run: Run, folder: Path) -> Iterator[str]:
    """Compare the table of services and modes, on the map's page and the index, with ``overview.csv``."""
    asked = [
        (f"{row.share_within:.0%}", row.people_beyond)
        for _, of in run.overview.groupby("service", sort=False)
        for row in of.itertuples()
        if not math.isnan(row.share_within)
    ]
    for name in ("map.html", "index.html"):
        text = (folder / name).read_text(encoding="utf-8")
        section = re.search(r'<section[^>]*class="overview".*?</section>', text, re.DOTALL)
        cells = re.findall(r'<td class="cell step.*?</td>', section[0], re.DOTALL) if section else []
        if len(cells) != len(asked):
            yield f"{name}: {len(cells)} numbers in the overview, {len(asked)} in overview.csv"
            continue
        for cell, (share, beyond) in zip(cells, asked, strict=True):
            parts = [plain(html.unescape(part)) for part in re.findall(r">([^<>]+)<", cell)]
            if not (parts[0] == share or parts[0].startswith(("over 99", "under 1", "fewer", "more"))):
                yield f"{name}: overview says {parts[0]}, overview.csv {share}"
            if beyond and number(parts[1]) != round(beyond):
                yield f"{name}: overview says {parts[1]} beyond, overview.csv {beyond:,.0f}"


def whole(run: Run) -> Iterator[str]:
    """Compare who lives where, and the sums of every legend, with the table of zones."""
    for zone, shown in zip(run.ids, run.data.get("people") or [], strict=False):
        there = run.people[zone]
        if (shown is None) != bool(np.isnan(there)) or (shown is not None and abs(shown - there) > 0.0006):
            yield f"zone {zone}: the page has {shown} people, zones.csv {there}"
    for mode, indicators, _ in run.modes():
        for one in indicators:
            legend = one["legend"]
            zones = sum(number(row["zones"]) for row in legend["rows"])
            people = np.nansum([number(row["people"] or "") for row in legend["rows"]])
            total, every = number(legend["people"] or ""), round(run.people.sum())
            if zones != len(run.zones) or people != every or total != every:
                yield (
                    f"{mode} {one['key']}: the legend counts {people:,.0f} people in {zones:,.0f} zones and says "
                    f"{total:,.0f}; zones.csv has {every:,.0f} in {len(run.zones):,}"
                )


def way(run: Run, indicator: dict[str, Any], told: dict[str, Any], column: str, of: tuple[str, str]) -> Iterator[str]:
    """Compare all that is told of the ways to a service by a mode."""
    values, status = run.zones[column], run.zones[f"{of[0]}_{of[1]}_status"]
    counted = run.people.fillna(0.0).where(~status.isin(UNKNOWN), 0.0)
    row = run.overview.set_index(["service", "mode"]).loc[of]
    every, beyond = float(counted.sum()), float(row["people_beyond"])
    if abs(every - row["people"]) > 0.5:
        yield f"zones.csv has {every:,.0f} people, overview.csv {row['people']:,.0f}"
    # The sentence, in both languages.
    for lang, text in told["finding"].items():
        said = plain(text)
        numbers = re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", said)
        if 0 < round(beyond) < round(every):
            if not {f"{beyond:,.0f}", f"{every:,.0f}"} <= set(numbers):
                yield f"{lang}: the sentence lacks {beyond:,.0f} or {every:,.0f}: {said}"
            if 0.01 <= beyond / every <= 0.99 and f"{beyond / every:.0%}" not in re.sub(r"(%)(\d+)", r"\2\1", said):
                yield f"{lang}: the sentence lacks {beyond / every:.0%}: {said}"
        elif f"{every:,.0f}" not in numbers:
            yield f"{lang}: the sentence lacks {every:,.0f}: {said}"
    # Those beyond, counted by the classes of the legend.
    rows = indicator["legend"]["rows"]
    last = max((one["after"] for one in indicator["legend"]["limits"]), default=len(rows))
    past = [
        number(one["people"])
        for place, one in enumerate(rows)
        if one["key"] in BEYOND or (one["key"].startswith("class_") and place > last)
    ]
    if np.nansum(past) != round(beyond):
        yield f"the legend has {np.nansum(past):,.0f} people beyond the limit, overview.csv {beyond:,.0f}"
    # Mean and worst tenth.
    known = values.notna() & (counted > 0)
    mean = float(np.average(values[known], weights=counted[known]))
    if abs(told["mean"] - mean) > max(0.06, 1e-4 * mean):
        yield f"the mean is {told['mean']}, of zones.csv {mean:.2f}"
    rising = values.fillna(math.inf)[counted > 0].sort_values()
    worst = rising.iloc[(counted[rising.index].cumsum() >= every * (TENTH - 1e-9)).argmax()]
    shown = math.inf if told["centiles"][89] is None else told["centiles"][89]
    if shown != worst and not abs(shown - worst) <= 1.0:
        yield f"the worst tenth has {shown}, of zones.csv {worst}"
    # The value of each zone.
    page = pd.Series(indicator["values"], index=run.ids, dtype=float)
    there, why = values.reindex(page.index), status.reindex(page.index)
    # Rounded to the nearest, but never across a limit: 1,000.3 m, beyond 1,000 m, are shown as 1,001 m.
    off = (page - there).abs() >= 10.0 ** -indicator["decimals"]
    lost = page.isna() & there.notna() & ~why.isin({*UNKNOWN, "population_unknown"})
    if off.any() or lost.any():
        yield f"{int(off.sum())} zones have another value than in zones.csv, {int(lost.sum())} have none"
    yield from places(run, told, status)


def places(run: Run, told: dict[str, Any], status: pd.Series[Any]) -> Iterator[str]:
    """Compare the neighbourhoods, the gaps and the districts with the people of their zones."""
    for name, kinds in (("neighbourhoods", ("beyond_cutoff",)), ("gaps", CUT_OFF)):
        found = told.get(name)
        if not found or found["rule"] not in {"beyond", "gap"}:
            continue
        there = float(run.people[status.isin(kinds)].sum())
        if abs(found["people"] - there) > 1.0:
            yield f"{name} are told of {found['people']:,.0f} people, zones.csv has {there:,.0f}"
        for group in found["first"]:
            living = float(run.people[[run.ids[place] for place in group["zones"]]].sum())
            if abs(group["people"] - living) > 1.0:
                yield f"{name}: {group['people']:,.0f} people where zones.csv has {living:,.0f}"
    if not told.get("districts") or "district" not in run.zones:
        return
    counted = run.people.fillna(0.0).where(~status.isin(UNKNOWN), 0.0)
    names = run.blocks["report"]["districts"]
    names = names if isinstance(names, list) else names.get("en", names)
    living = counted.groupby(run.zones["district"]).sum()
    beyond = counted[status.isin(BEYOND)].groupby(run.zones["district"]).sum()
    for place, people, past, *_ in told["districts"]:
        if place < 0:
            continue
        name = names[place]
        if abs(people - living[name]) > 1.0 or (past is not None and abs(past - beyond.get(name, 0.0)) > 1.0):
            yield f"district {name}: {people:,.0f} people, {past} beyond; of zones.csv {living[name]:,.0f}"


def main(folders: list[str]) -> int:
    """Check every folder, and say what differs."""
    wrong = 0
    for folder in folders:
        found = check(Path(folder))
        run = Run(Path(folder))
        ways = int(run.overview["share_within"].notna().sum())
        lines = [f"{folder}: {ways} services by mode, {len(run.zones):,} zones, {len(found)} differences"]
        sys.stdout.write("\n  ".join([*lines, *found[:40]]) + "\n")
        wrong += len(found)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
