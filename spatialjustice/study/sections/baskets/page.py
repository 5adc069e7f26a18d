"""What the maps show of baskets, and the sentence of the 15-minute city: who has it, who lacks what, who is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice import access, catalogue, maps
from spatialjustice.study.engine.texts import cutoff_in, number_in, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.baskets.compute import BasketResult
    from spatialjustice.study.sections.baskets.settings import BasketsKeys


def _of_mode(results: Results[BasketsKeys], mode: Travel) -> Iterator[BasketResult]:
    return (one for one in results["baskets"] if one.mode.key == mode.key)


def _which(one: BasketResult) -> str:
    """Say whether both, all or some of the services are needed."""
    count = len(one.settings.limits)
    return "some" if one.settings.needed < count else "both" if count == 2 else "all"


def _group(one: BasketResult) -> Any:
    return one.settings.title or one.settings.name.replace("_", " ").capitalize()


def indicators(results: Results[BasketsKeys], mode: Travel) -> Iterator[maps.Indicator]:
    """Yield the maps of how many services of each basket are within their limits, and at which limit it is whole."""
    for one in _of_mode(results, mode):
        item, status = one.settings, one.status.where(~results.unknown.to_numpy(), None)
        count = len(item.limits)
        within = one.found["within"].astype(float).where(one.found["unknown"] == 0)
        gaps: dict[str, Any] = {
            "count": number_in(count),
            "least": number_in(item.needed),
            "limit": _limit(one),
            "mode": mode.phrase,
        }
        which = _which(one)
        yield maps.Indicator(
            key=f"basket_{item.name}_within",
            title=sentence("study.basket.within", **gaps),
            group=_group(one),
            values=within,
            status=status.where(status.isin(["no_population", "off_network", "outside_data"]), None),
            unit="services",
            kind="count",
            direction="higher is better",
            breaks=[float(step) for step in range(count + 1)],
            note=sentence(
                f"study.basket.within{'' if which == 'some' else '.all'}.note",
                services=_services(results, list(item.limits)),
                **gaps,
            ),
        )
        yield maps.Indicator(
            key=f"basket_{item.name}_cost",
            title=sentence(f"study.basket.{'stretch' if one.stretch else 'cost'}.{which}", **gaps),
            group=_group(one),
            values=one.cost,
            status=status,
            unit="ratio" if one.stretch else item.same_limit.measure if item.same_limit else "",
            kind="cost",
            direction="lower is better",
            cutoffs=() if item.same_limit is None else (item.same_limit.value,),
            note=sentence(f"study.basket.{'stretch' if one.stretch else 'cost'}.note", **gaps),
        )


def findings_in_words(results: Results[BasketsKeys], mode: Travel) -> dict[str, Texts]:
    """Say of 100 people how many have the basket, how many lack it, what they lack, and of how many it is not known."""
    found: dict[str, Texts] = {}
    for one in _of_mode(results, mode):
        told = _sentence(results, one)
        found |= dict.fromkeys((f"basket_{one.settings.name}_within", f"basket_{one.settings.name}_cost"), told)
    return found


def answers(results: Results[BasketsKeys], _mode: Travel) -> list[Texts]:
    """Return the sentence of the first basket, which the overview tells."""
    return [_sentence(results, one) for one in results["baskets"][:1]]


def paragraphs(results: Results[BasketsKeys]) -> list[str]:
    """Return the sentence of each basket for the command line."""
    lines = [_sentence(results, one)[catalogue.LANGUAGES[0]].replace("\u00a0", " ") for one in results["baskets"]]
    return ["", *lines]


def _sentence(results: Results[BasketsKeys], one: BasketResult) -> Texts:
    item = one.settings
    table = access.basket_people(one.found, people=results.people)
    which = _which(one)
    share = table["share"].to_dict()
    people = table["people"].to_dict()
    without = {name: share[f"without: {name}"] for name in item.limits}
    most = max(without, key=lambda name: without[name])
    gaps: dict[str, Any] = {
        "whole": _of_hundred(share["whole"]),
        "lacking": _of_hundred(share["lacking"]),
        "unknown": _of_hundred(share["unknown"]),
        "least": number_in(item.needed),
        "count": number_in(len(item.limits)),
        "services": _services(results, list(item.limits)),
        "limit": _limit(one),
        "mode": one.mode.phrase,
        "most": _services(results, [most]),
        "often": _of_hundred(without[most]),
    }
    told = sentence(f"study.basket.told.{which}", **gaps)
    parts = [told]
    if people["lacking"] > 0:
        parts.append(sentence("study.basket.told.lacking", **gaps))
    if people["unknown"] > 0:
        parts.append(sentence("study.basket.told.unknown", **gaps))
    return {lang: catalogue.words(lang)["study.basket.told.join"].join(part[lang] for part in parts) + "."
            for lang in catalogue.LANGUAGES}  # fmt: skip


def _of_hundred(share: Any) -> Callable[[str], str]:
    """Write how many of 100 people; fewer than one in 100 is not nobody, and more than 99 not everybody."""

    def said(lang: str) -> str:
        for key, inside in (("few", 0 < share < 0.01), ("nearly", 0.99 < share < 1)):
            if inside:
                return catalogue.words(lang)[f"study.basket.{key}"]
        return catalogue.number(float(share) * 100, lang, digits=0)

    return said


def _limit(one: BasketResult) -> Callable[[str], str]:
    same = one.settings.same_limit
    if same is not None:
        return cutoff_in(same)
    return lambda lang: catalogue.words(lang)["study.basket.own_limits"]


def _services(results: Results[BasketsKeys], names: list[str]) -> Callable[[str], str]:
    def said(lang: str) -> str:
        words = catalogue.words(lang)
        quoted = [
            words["study.basket.quoted"].format(name=catalogue.text_in(results.titles[name], lang)) for name in names
        ]
        return words["language.comma"].join(quoted)

    return said
