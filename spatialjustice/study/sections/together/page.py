"""Maps and sentences on services at places and online."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import catalogue, maps, report
from spatialjustice.digital import together_totals
from spatialjustice.report.headline import no_break, share_of
from spatialjustice.study.engine.outcome import PER
from spatialjustice.study.engine.texts import cutoff_in, number_in, sentence, word_in
from spatialjustice.study.sections.together.bars import bounded_bars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.together.compute import TogetherResult
    from spatialjustice.study.sections.together.settings import TogetherKeys
    from spatialjustice.study.sections.together.supply import SharedSupply

SHOWN = (("neither", "neither", "lower is better"), ("only remote", "remote", "none"))
MOVED = (("lose all access", "lose", "lower is better"), ("gain remote access", "gain", "higher is better"))


def _of_mode(results: Results[TogetherKeys], mode: Travel) -> Iterator[TogetherResult]:
    return (one for one in results["together"] if one.mode.key == mode.key)


def _maps(one: TogetherResult) -> Iterator[tuple[str, str, str, pd.DataFrame]]:
    """Yield what is mapped: its class, its short name, which way is better, and the table it is from."""
    for label, key, better in SHOWN:
        yield label, key, better, one.reached
    if one.moved is not None:
        for label, key, better in MOVED:
            yield label, key, better, one.moved


def indicators(results: Results[TogetherKeys], mode: Travel) -> Iterator[maps.Indicator]:
    """Yield the maps of who has neither, who has only the remote, and what closing places gives and takes."""
    status = pd.Series(np.where(results.people > 0, "ok", "no_population"), index=results.people.index)
    for one in _of_mode(results, mode):
        gaps = _gaps(results, one)
        for label, key, better, table in _maps(one):
            known = (table["unknown"] == 0) & (one.counted > 0)
            values = (table[f"{label}: independent"] / one.counted.where(known)).clip(0, 1)
            values.attrs = {key: table.attrs[key] for key in ("measure", "sources", "findings")}
            yield maps.Indicator(
                key=f"together_{one.settings.name}_{key}",
                title=sentence(f"study.together.{key}", **gaps),
                group=one.settings.title or one.settings.name.replace("_", " ").capitalize(),
                unit="share",
                kind="share",
                values=values,
                status=status,
                direction=better,
                note=sentence("study.together.note", **gaps),
            )
        if one.supply is not None:
            yield _supply(one, one.supply, gaps)


def _supply(one: TogetherResult, shared: SharedSupply, gaps: dict[str, Any]) -> maps.Indicator:
    """Return the map of what there is for 10,000 people at places and online."""
    values = shared.found["together: independent"] * PER
    values.attrs = {"measure": "supply_with_remote"}
    return maps.Indicator(
        key=f"together_{one.settings.name}_supply",
        title=sentence(f"study.together.supply.{'places' if shared.counted else 'amount'}", mode=one.mode.phrase),
        group=one.settings.title or one.settings.name.replace("_", " ").capitalize(),
        unit="opportunities" if shared.counted else "amount",
        kind="count",
        values=values,
        status=shared.status.where(shared.status.isin(["outside_data", "no_population"]), None),
        note=sentence(
            "study.together.supply.note",
            share=lambda lang: catalogue.number(one.settings.remote_share, lang, digits=0, percent=True),
            **gaps,
        ),
        service=shared.catchment.services[0],
    )


def weights(results: Results[TogetherKeys], mode: Travel) -> dict[str, tuple[Texts, pd.Series[Any]]]:
    """Return of what the shares are and how many there are in each zone, where these are households."""
    return {
        f"together_{one.settings.name}_{key}": (sentence(f"study.digital.counted.{one.unit}"), one.counted)
        for one in _of_mode(results, mode)
        if one.unit != "people"
        for _, key, _, _ in _maps(one)
    }


def bars(results: Results[TogetherKeys], mode: Travel) -> dict[str, list[report.Bars]]:
    """Return each group's share with its bounds, by the keys of the maps."""
    found: dict[str, list[report.Bars]] = {}
    for one in _of_mode(results, mode):
        for label, key, _, table in _maps(one):
            name = "together_groups" if table is one.reached else "moving_online_groups"
            if name not in results.tables:
                continue
            rows = results.table(name)
            column = label.replace(" ", "_")
            ends = (f"{column}_lowest", f"{column}_independent", f"{column}_highest")
            rows = rows[rows["together"] == one.settings.name]
            found[f"together_{one.settings.name}_{key}"] = [*bounded_bars(results, rows, ends, "study.together.bars")]
    return {key: made for key, made in found.items() if made}


def findings_in_words(results: Results[TogetherKeys], mode: Travel) -> dict[str, Texts]:
    """Say of how many people each map tells, and between which numbers the truth lies."""
    found = {}
    for one in _of_mode(results, mode):
        gaps = _gaps(results, one)
        for label, key, _, table in _maps(one):
            totals = together_totals(table).to_dict(orient="index")
            row, unknown = totals[label], float(totals["unknown"]["independent"])
            every = float(one.counted.sum()) - unknown
            exact = row["highest"] - row["lowest"] < 0.5
            parts = {
                **gaps,
                "share": _share(float(row["independent"]), every),
                "count": number_in(float(row["independent"]), digits=0),
                "all": number_in(every, digits=0),
                "low": _share(float(row["lowest"]), every),
                "high": _share(float(row["highest"]), every),
                "unknown": number_in(unknown, digits=0),
                "closed": number_in(one.closed),
                "places": number_in(one.places),
            }
            everywhere = ".all" if key == "lose" and one.closed == one.places else ""
            told = [f"study.together.told.{key}{everywhere}", *(() if exact else ("study.together.told.range",))]
            told += ["study.together.told.unknown"] if unknown >= 0.5 else []
            sentences = [sentence(name, **parts) for name in told]
            found[f"together_{one.settings.name}_{key}"] = {
                lang: " ".join(text[lang] for text in sentences) for lang in catalogue.LANGUAGES
            }
    return found


def answers(results: Results[TogetherKeys], _mode: Travel) -> list[Texts]:
    """Return the sentence that the overview tells: of the first service, who reaches it neither way."""
    first: TogetherResult = results["together"][0]
    return [findings_in_words(results, first.mode)[f"together_{first.settings.name}_neither"]]


def _share(count: float, every: float) -> Callable[[str], str]:
    return lambda lang: share_of(count, every, lang)


def _gaps(results: Results[TogetherKeys], one: TogetherResult) -> dict[str, Any]:
    """Return the gaps that sentences share: the service, its limit, and what being online takes."""
    item = one.settings

    def online(lang: str) -> str:
        words = catalogue.words(lang)
        named = [
            catalogue.text_in(share.title, lang) if share.title else words["study.basket.quoted"].format(name=name)
            for name, share in item.able.items()
        ]
        return words["study.together.and"].join([words["study.together.connected"], *named])

    return {
        "limit": lambda lang: no_break(cutoff_in(item.cutoff)(lang)),
        "service": lambda lang: catalogue.text_in(results.titles[item.service], lang),
        "online": online,
        "of": word_in(f"study.digital.counted.{one.unit}"),
    }
