"""Between two goals: what moving from one to the other brings and costs, in a sentence, as a curve and as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice import catalogue
from spatialjustice.report.curves_and_bars import in_every_language
from spatialjustice.study.engine.texts import cutoff_text, number_in, sentence
from spatialjustice.study.sections.remedies.amounts import goal_in, people_in, way_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.sections.remedies.result import RemedyResult
    from spatialjustice.study.sections.remedies.settings import Goal

    Said = Callable[[str], str]

STEP = {"metres": 100.0, "minutes": 1.0}
"""What the price is told for: so much of the way of those for whom the second goal is."""
PEOPLE = 100.0


def _who(goal: Goal) -> Said:
    return sentence(f"remedy.who.{goal.key}").__getitem__


def _amount(one: RemedyResult, goal: Goal, amount: float) -> Said:
    """Say an amount of a goal alone: a way, or people."""
    return people_in(amount) if goal.cutoff else way_in(one, amount)


def _for_whom(one: RemedyResult, goal: Goal, amount: float) -> Said:
    """Say an amount of a goal, and whose it is."""
    if goal.cutoff:
        limit = cutoff_text(goal.cutoff).__getitem__
        return sentence("remedy.frontier.people", amount=people_in(amount), limit=limit).__getitem__
    return sentence("remedy.frontier.way", amount=way_in(one, amount), who=_who(goal)).__getitem__


def step_of(one: RemedyResult) -> float:
    """Return the amount of the second goal that prices are told for."""
    return PEOPLE if one.settings.traded[1].cutoff else STEP[one.settings.unit]


def traded(one: RemedyResult) -> Iterator[Texts]:
    """Say what moving from one goal to the other brings, and at what price."""
    if one.frontier is None:
        return
    first, second = one.settings.traded
    table, step = one.frontier, step_of(one)
    if len(table) < 2:
        yield sentence("remedy.frontier.none", first=goal_in(first), second=goal_in(second))
        return
    prices = table["price"].to_numpy(dtype=float)[1:] * step
    ways: dict[str, Any] = {
        "first": goal_in(first),
        "second": goal_in(second),
        "gain": _for_whom(one, second, abs(float(table["second"].iloc[-1] - table["second"].iloc[0]))),
        "loss": _for_whom(one, first, abs(float(table["first"].iloc[-1] - table["first"].iloc[0]))),
        "step": _for_whom(one, second, step),
        "low": _for_whom(one, first, float(prices[0])),
    }
    if len(table) == 2:
        yield sentence("remedy.frontier.two", **ways)
        return
    yield sentence("remedy.frontier", plans=number_in(len(table)), high=_amount(one, first, float(prices[-1])), **ways)


def _axis(one: RemedyResult, goal: Goal) -> Texts:
    if goal.cutoff:
        return sentence("remedy.frontier.axis.people", limit=cutoff_text(goal.cutoff).__getitem__)
    unit = f"unit.{one.settings.unit}.short"
    return sentence("remedy.frontier.axis.way", who=_who(goal), unit=lambda language: catalogue.words(language)[unit])


def frontier_of(one: RemedyResult) -> dict[str, Any] | None:
    """Return the curve as the page draws it: a marker for each plan, and what each step costs."""
    if one.frontier is None or len(one.frontier) < 2:
        return None
    first, second = one.settings.traded
    step = step_of(one)
    shown = set(map(str, one.shown.names))
    decimals = [0 if goal.cutoff or one.settings.unit == "metres" else 1 for goal in (first, second)]
    rows = []
    for number, row in enumerate(one.frontier.itertuples(), start=1):
        found: Any = row
        rows.append(
            {
                "number": number,
                "first": round(float(found.first), decimals[0]),
                "second": round(float(found.second), decimals[1]),
                "price": None if number == 1 else round(float(found.price) * step, 0 if first.cutoff else 1),
                "shown": set(str(found.sites).split("; ")) == shown,
            }
        )
    return {
        "title": in_every_language(sentence("remedy.frontier.title")),
        "axes": [in_every_language(_axis(one, goal)) for goal in (first, second)],
        "decimals": decimals,
        "shown": in_every_language(sentence("remedy.frontier.shown")),
        "plan": in_every_language(sentence("remedy.frontier.plan")),
        "price": in_every_language(sentence("remedy.frontier.price", step=_amount(one, second, step))),
        "plans": rows,
    }
