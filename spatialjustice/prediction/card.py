"""The model card: what was asked, of what, how well it went and for whom, and what it must not be used for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from spatialjustice import catalogue
from spatialjustice._core.errors import InputError, a_kind
from spatialjustice.prediction.exclusion_risk import coverage_of
from spatialjustice.prediction.judging.calibration import calibration_curve, error_by_group
from spatialjustice.prediction.judging.importance import variable_importance
from spatialjustice.prediction.judging.scores import GAP, RANDOM, SPATIAL, cross_validation
from spatialjustice.prediction.risk_model import RiskModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spatialjustice.inequality.groups._tables import Groups

Texts = dict[str, str]
NOT_FOR = ("persons", "taking", "proof")
LEVEL = 0.9
"""Chance of the ranges that the card tells the coverage of."""


@dataclass(frozen=True)
class CardColumn:
    """A column of a table of the card."""

    name: str
    title: Texts
    kind: Literal["text", "number", "share", "people"] = "text"
    digits: int | None = None
    low: str = ""
    high: str = ""


@dataclass(frozen=True, eq=False)
class CardPart:
    """A part of the card: heading and sentences in every language, and a table where it has one."""

    key: str
    title: Texts
    texts: Sequence[Texts]
    frame: pd.DataFrame | None = None
    columns: Sequence[CardColumn] = ()


def said(key: str, **gaps: Callable[[str], str]) -> Texts:
    """Return a sentence of the catalogue in every language, its gaps filled by functions of the language."""
    return {
        lang: catalogue.words(lang)[f"prediction.{key}"].format(**{name: gap(lang) for name, gap in gaps.items()})
        for lang in catalogue.LANGUAGES
    }


def _whole(value: float) -> Callable[[str], str]:
    return lambda lang: catalogue.number(value, lang, digits=0)


def _digits(value: float, digits: int = 3) -> Callable[[str], str]:
    return lambda lang: catalogue.number(value, lang, digits=digits)


def _percent(value: float, digits: int = 1) -> Callable[[str], str]:
    return lambda lang: catalogue.number(value, lang, digits=digits, percent=True)


def _text(text: str | Mapping[str, str]) -> Callable[[str], str]:
    return lambda lang: catalogue.text_in(text, lang)


def _title(called: Any, name: str) -> Texts:
    """Return what readers know a column or a group by."""
    known = f"prediction.group.{str(name).replace(' ', '_')}"
    given = called.get(name)
    part, _, count = str(name).partition(" of ")
    if given is None and part.isdigit() and count.isdigit():
        numbers = {"number": float(part), "count": float(count)}
        return {
            lang: catalogue.words(lang)["study.income_part"].format(
                **{gap: catalogue.number(value, lang) for gap, value in numbers.items()}
            )
            for lang in catalogue.LANGUAGES
        }
    if given is None and all(known in catalogue.words(lang) for lang in catalogue.LANGUAGES):
        return {lang: catalogue.words(lang)[known] for lang in catalogue.LANGUAGES}
    return {lang: catalogue.text_in(str(name) if given is None else given, lang) for lang in catalogue.LANGUAGES}


def card_parts(
    model: RiskModel,
    *,
    errors: pd.DataFrame | None = None,
    called: Mapping[str, str | Mapping[str, str]] | None = None,
) -> list[CardPart]:
    """Return the parts of the card, in the order in which they are read; ``errors`` are those of groups."""
    names = called or {}
    scores = cross_validation(model)
    return [
        _asked(model, names),
        CardPart("verdict", said("card.verdict"), [_verdict(scores, names)]),
        _judged(model, scores, names),
        _calibration(model, names),
        *([] if errors is None else [_groups(errors, _people(model, names), names)]),
        _variables(model, names),
        _data(model),
        CardPart("limits", said("card.limits"), [said(f"card.limit.{one}") for one in _limits(model)]),
        CardPart("not_for", said("card.not_for"), [said(f"card.not_for.{one}") for one in NOT_FOR]),
    ]


def _asked(model: RiskModel, called: Any) -> CardPart:
    question, taught = model.question, model.taught
    key = "share" if question.line is None else "above" if question.direction == "higher is worse" else "below"
    lived = question.people > 0
    texts = [
        said(
            f"card.asked.{key}",
            outcome=_text(_title(called, question.what)),
            line=_digits(question.line or 0.0, 2),
        ),
        said(
            "card.measured" if question.counted else "card.measured_zones",
            count=_whole(len(taught.ids)),
            all=_whole(int(lived.sum())),
            people=_whole(float(taught.people.sum())),
            every=_whole(float(question.people.sum())),
            unit=_unit(model, called),
        ),
    ]
    return CardPart("asked", said("card.asked"), texts)


def _unit(model: RiskModel, called: Any) -> Callable[[str], str]:
    name = model.facts["people"]
    if name in called:
        return _text(called[name])
    return lambda lang: catalogue.words(lang)["prediction.people"]


def _people(model: RiskModel, called: Any) -> Texts:
    """Return the heading of columns with what is counted."""
    return said("card.column.people", unit=_unit(model, called))


def _verdict(scores: pd.DataFrame, called: Any) -> Texts:
    """Say whether zones may be ranked, in a sentence."""
    rules = scores[(scores["held_out"] == SPATIAL) & scores["gain"].notna()]
    variable = _title(called, scores.attrs["rank_by"])
    best = rules.sort_values("log_loss", kind="stable").iloc[0]
    parts = [best[name] / best["log_loss"] for name in ("gain", "gain_low", "gain_high")]
    worse = parts[0] < 0
    part, low, high = (-parts[0], -parts[2], -parts[1]) if worse else parts
    gaps: dict[str, Callable[[str], str]] = {
        "rule": lambda lang: rule_called(str(best["predictor"]), variable)[lang],
        "part": _percent(part),
        "low": _percent(low),
        "high": _percent(high),
    }
    if scores.attrs["beaten"]:
        return said("card.beaten", **gaps)
    lost = str(scores.attrs["reason"]).split(", ")
    gaps["lost"] = lambda lang: catalogue.words(lang)["prediction.and"].join(
        rule_called(one, variable)[lang] for one in lost
    )
    return said("card.refused.worse" if worse else "card.refused", **gaps)


def rule_called(rule: str, variable: str | Mapping[str, str]) -> Texts:
    """Return what a simple rule, or the model, is called; ``variable`` is what the rule on one variable looks at."""
    return said(f"rule.{rule.replace(' ', '_')}", variable=_text(variable))


def _judged(model: RiskModel, scores: pd.DataFrame, called: Any) -> CardPart:
    facts = model.facts
    skill = scores.set_index(["held_out", "predictor"])["skill"]
    texts = [
        said(
            f"card.blocks.{facts['blocks']}",
            alike=lambda lang: said("card.alike" if facts["range"] else "card.not_alike", range=_whole(facts["range"]))[
                lang
            ],
            number=_whole(facts["number_of_blocks"]),
            size=_whole(facts["size"]),
            folds=_whole(facts["folds"]),
        ),
        said("card.inner", method=lambda lang: catalogue.words(lang)[f"prediction.method.{facts['method']}"]),
        said(
            "card.gap",
            model=_percent(skill[SPATIAL, "model"], 0),
            single=_percent(skill[RANDOM, "model"], 0),
            near=_percent(skill[SPATIAL, "neighbours"], 0),
            near_single=_percent(skill[RANDOM, "neighbours"], 0),
        ),
    ]
    frame = scores[scores["held_out"] != GAP].copy()
    frame["held"] = pd.Series([said(f"held.{one.replace(' ', '_')}") for one in frame["held_out"]], index=frame.index)
    frame["rule"] = pd.Series(
        [rule_called(one, _title(called, facts["rank_by"])) for one in frame["predictor"]], index=frame.index
    )
    columns = [
        CardColumn("held", said("card.column.held")),
        CardColumn("rule", said("card.column.predictor")),
        CardColumn(
            "absolute_error", said("card.column.mean_error"), "share", 1, "absolute_error_low", "absolute_error_high"
        ),
        CardColumn("log_loss", said("card.column.log_loss"), "number", 3, "log_loss_low", "log_loss_high"),
        CardColumn("skill", said("card.column.skill"), "share", 0),
        CardColumn("auc", said("card.column.auc"), "number", 2, "auc_low", "auc_high"),
        CardColumn("gain", said("card.column.gain"), "number", 4, "gain_low", "gain_high"),
    ]
    return CardPart("judged", said("card.judged"), texts, frame, columns)


def _calibration(model: RiskModel, called: Any) -> CardPart:
    curve = calibration_curve(model)
    texts = [
        said(
            "card.calibration.told",
            agree=_whole(int(curve["agrees"].sum())),
            classes=_whole(len(curve)),
            apart=_percent(curve.attrs["mean_error"]),
            slope=_digits(curve.attrs["slope"], 2),
        ),
        said(
            "card.coverage.classes" if model.question.classes else "card.coverage",
            level=_percent(LEVEL, 0),
            share=_percent(coverage_of(model, LEVEL)),
        ),
    ]
    columns = [
        CardColumn("predicted", said("card.column.predicted"), "share", 1),
        CardColumn("measured", said("card.column.measured"), "share", 1, "measured_low", "measured_high"),
        CardColumn("zones", said("card.column.zones"), "number", 0),
        CardColumn("people", _people(model, called), "people", 0),
    ]
    return CardPart("calibration", said("card.calibration"), texts, curve, columns)


def _groups(errors: pd.DataFrame, people: Texts, called: Any) -> CardPart:
    table = errors.reset_index()
    table["group"] = pd.Series([_title(called, name) for name in table["group"]], index=table.index)
    overlooked = table.loc[table["overlooked"], "group"].tolist()
    told = said("card.groups.none")
    if overlooked:
        told = said(
            "card.groups.overlooked",
            groups=lambda lang: catalogue.words(lang)["prediction.and"].join(one[lang] for one in overlooked),
        )
    columns = [
        CardColumn("group", said("card.column.group")),
        CardColumn("people", people, "people", 0),
        CardColumn("predicted", said("card.column.predicted"), "share", 1),
        CardColumn("measured", said("card.column.measured"), "share", 1),
        CardColumn("error", said("card.column.error"), "share", 1, "error_low", "error_high"),
        CardColumn("absolute_error", said("card.column.absolute_error"), "share", 1),
    ]
    return CardPart("groups", said("card.groups"), [told, said("card.groups.zones")], table, columns)


def _variables(model: RiskModel, called: Any) -> CardPart:
    table = variable_importance(model)
    table["variable"] = pd.Series([_title(called, name) for name in table["variable"]], index=table.index)
    columns = [
        CardColumn("variable", said("card.column.variable")),
        CardColumn("importance", said("card.column.importance"), "number", 4, "importance_low", "importance_high"),
        CardColumn("risk_at_low", said("card.column.risk_at_low"), "share", 1),
        CardColumn("risk_at_high", said("card.column.risk_at_high"), "share", 1),
        CardColumn("missing", said("card.column.missing"), "share", 1),
    ]
    return CardPart("variables", said("card.variables"), [said("card.variables.told")], table, columns)


def _data(model: RiskModel) -> CardPart:
    texts = [
        said(
            "card.source",
            file=_text(record.file),
            date=lambda lang, day=record.data_date: catalogue.date(day, lang),  # type: ignore[misc]
            licence=_text(record.licence),
        )
        for record in model.sources
    ]
    return CardPart("data", said("card.data"), texts or [said("card.no_source")])


def _limits(model: RiskModel) -> list[str]:
    lines = ["zones", "reasons", "place", "time"]
    if not model.question.classes:
        return lines
    return ["line", *lines]


def model_card(
    model: RiskModel,
    *,
    groups: Groups | None = None,
    called: Mapping[str, str | Mapping[str, str]] | None = None,
    lang: str = "en",
    title: str = "",
) -> str:
    """Write what anybody must know who uses a model: what was asked, how well it went, for whom, what it is not for.

    Parameters
    ----------
    model
        From :func:`risk_model`.
    groups
        For whom errors are told apart; see :func:`error_by_group`.
    called
        Columns and groups → what readers know them by; by language if need be.
    lang
        One of the languages of the catalogue.
    title
        The heading; made of the outcome where empty.

    Returns
    -------
    str
        Markdown, with tables.

    Raises
    ------
    InputError
        When the language is not known, or groups are of other zones.

    References
    ----------
    Mitchell, M., et al. (2019). Model cards for model reporting. FAT* '19, 220-229.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> places = [shapely.box(x, y, x + 1000, y + 1000) for x in range(0, 12000, 1000) for y in range(0, 6000, 1000)]
    >>> zones = gpd.GeoDataFrame({"income": range(72)}, geometry=places, crs=32631)
    >>> zones["offline"] = 0.5 - zones["income"] / 200
    >>> from spatialjustice.prediction import risk_model
    >>> model = risk_model(zones, outcome="offline", variables=["income"], blocks=2000, method="logistic", rng=1)
    >>> model_card(model).splitlines()[0]
    '# Model card: offline'
    """
    if not isinstance(model, RiskModel):
        raise InputError("model", f"it is {a_kind(model)}", "Make it with risk_model.")
    catalogue.words(lang)
    heading = title or said("card.title", outcome=_text(_title(called or {}, model.question.what)))[lang]
    lines = [f"# {heading}", ""]
    errors = None if groups is None else error_by_group(model, groups)
    for part in card_parts(model, errors=errors, called=called):
        lines += [f"## {part.title[lang]}", ""]
        for text in part.texts:
            lines += [text[lang], ""]
        if part.frame is not None:
            lines += [*_table(part, lang), ""]
    return "\n".join(lines)


def _table(part: CardPart, lang: str) -> list[str]:
    """Return a table as Markdown writes it."""
    assert part.frame is not None  # noqa: S101 - the caller has looked
    rows = [[_cell(row, column, lang) for column in part.columns] for row in part.frame.to_dict(orient="records")]
    head = [column.title[lang] for column in part.columns]
    rule = ["---" if column.kind == "text" else "---:" for column in part.columns]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def _cell(row: Mapping[Any, Any], column: CardColumn, lang: str) -> str:
    value = row[column.name]
    if column.kind == "text":
        return catalogue.text_in(value, lang).replace("|", "/")
    share = column.kind == "share"
    written = catalogue.number(value, lang, digits=column.digits, percent=share)
    if not column.low or pd.isna(row[column.low]):
        return written
    ends = (
        catalogue.number(row[name], lang, digits=column.digits, percent=share) for name in (column.low, column.high)
    )
    low, high = ends
    return catalogue.words(lang)["prediction.range"].format(value=written, low=low, high=high)
