"""Who lacks several things at once: exact where zones lack things as a whole, bounds where only shares are known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import inequality
from spatialjustice._core.errors import StudyError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice.study.sections.digital.compute import share_of
from spatialjustice.study.sections.digital.settings import Share
from spatialjustice.study.sections.together.compute import counted_of, near_of

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.poverty.settings import Lack, Poverty, PovertyKeys


@dataclass(frozen=True)
class PovertyResult:
    """Who lacks how many things.

    ``shares`` are the shares of each zone's people who lack each thing; ``whole`` says which are told of zones as a
    whole (1 or 0), ``lines`` what was enough. ``poor`` holds bounds for each number of lacks; ``measures``,
    ``dimensions`` and ``choices`` are there where all lacks are of whole zones, else ``bounds`` of H and M0.
    """

    settings: Poverty
    counted: pd.Series[Any]
    unit: str
    shares: pd.DataFrame
    whole: dict[str, bool]
    lines: dict[str, float]
    poor: dict[float, pd.DataFrame]
    measures: pd.DataFrame | None = None
    dimensions: pd.DataFrame | None = None
    choices: pd.DataFrame | None = None
    bounds: pd.DataFrame | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def exact(self) -> bool:
        """Whether nobody has to be guessed at: every lack is of whole zones."""
        return all(self.whole.values())

    @property
    def called_poor(self) -> pd.DataFrame:
        """The people who lack at least so many things as the study says."""
        return self.poor[self.settings.at_least]


def compute(work: Work[PovertyKeys]) -> PovertyResult:
    """Count lacks by zone, and people by their number."""
    study, frame = work.study, work["zones"]
    asked = study.poverty
    assert asked is not None  # noqa: S101 - the section is not asked for otherwise
    counted, unit = counted_of(study, asked.households, frame, work["people"])  # type: ignore[arg-type]
    columns: dict[str, pd.Series[Any]] = {}
    whole: dict[str, bool] = {}
    lines: dict[str, float] = {}
    gaps: dict[str, pd.Series[Any] | None] = {}
    for name, item in asked.lacks.items():
        columns[name], whole[name], line, gaps[name] = _lack(work, name, item, counted)
        if line is not None:
            lines[name] = line
    shares = pd.DataFrame(columns)
    weights = asked.weights or None
    limits = sorted({*map(float, range(1, len(columns) + 1)), float(asked.at_least)})
    poor = {k: inequality.lack_bounds(shares, at_least=k, people=counted, weights=weights) for k in limits}
    total = poor[asked.at_least]
    unknown = float(total["unknown"].sum())
    work.ledger.record(
        "poverty: zones with every share", unit, unit=unit, before=float(counted.sum()),
        after=float(counted[total["unknown"] == 0].sum()), elsewhere={"a share is not known": unknown},
    )  # fmt: skip
    found = PovertyResult(asked, counted, unit, shares, whole, lines, poor, findings=findings_of(total))
    return _measured(
        found, _gaps(gaps, shares, counted), work.seed, study.inequality.replications if study.inequality else 199
    )


def _gaps(gaps: dict[str, pd.Series[Any] | None], shares: pd.DataFrame, counted: pd.Series[Any]) -> pd.DataFrame | None:
    """Return how far beyond each line every zone is, where that is known of all things that anybody lacks."""
    if any(one is None for one in gaps.values()):
        return None
    table = pd.DataFrame({name: one for name, one in gaps.items() if one is not None})
    table = table.where((shares == 1).to_numpy() & (counted > 0).to_numpy()[:, None], 0.0)
    # Where no way leads to a place the gap has no end.
    return table if np.isfinite(table.to_numpy()).all() else None


def _measured(found: PovertyResult, gaps: pd.DataFrame | None, seed: int, replications: int) -> PovertyResult:
    """Add the measures of Alkire and Foster where lacks are of whole zones, and else between which ends they lie."""
    asked, weights = found.settings, found.settings.weights or None
    if not found.exact:
        known = found.counted[found.shares.notna().all(axis=1)]
        if not known.sum() > 0:
            return found
        bounds = inequality.alkire_foster_bounds(
            found.shares, at_least=asked.at_least, people=found.counted, weights=weights
        )
        return replace(found, bounds=bounds)
    measures = inequality.alkire_foster(
        found.shares, at_least=asked.at_least, weights=weights, gaps=gaps, people=found.counted,
        rng=seed, replications=replications,
    )  # fmt: skip
    dimensions = inequality.alkire_foster_dimensions(
        found.shares, at_least=asked.at_least, weights=weights, people=found.counted
    )
    choices = inequality.alkire_foster_robustness(
        found.shares, weights=weights, people=found.counted, rng=seed, replications=asked.draws
    )
    return replace(found, measures=measures, dimensions=dimensions, choices=choices, findings=findings_of(measures))


def _lack(
    work: Work[PovertyKeys], name: str, item: Lack, counted: pd.Series[Any]
) -> tuple[pd.Series[Any], bool, float | None, pd.Series[Any] | None]:
    """Return the share of each zone's people who lack something, whether zones lack it as a whole, line and gap."""
    frame = work["zones"]
    if item.service is not None:
        assert item.cutoff is not None  # noqa: S101 - the settings hold both
        places = work["services"].places_of(item.service)
        if not len(places):
            raise StudyError(
                "poverty",
                f"nobody has mapped a place of the service {item.service}: who is near one is not known, which does "
                "not mean that nobody is",
                f"Give a list of your own, name another service, or leave {name} out.",
            )
        mode = work.study.mode_of_lack(item)
        near = near_of(work, mode, item.cutoff, item.near, places)
        return 1.0 - near, item.near == "middle", item.cutoff.value, _gap_of_way(work, item, mode.key)
    assert item.column is not None  # noqa: S101 - the settings hold one of the two
    if item.holds != "amount":
        share = share_of(
            Share(column=item.column, holds=item.holds, title=item.title), frame, counted, "lower is better"
        )
        return (share if item.worse == "higher is worse" else 1.0 - share), False, None, None
    amounts = _amounts(frame, item)
    line = item.line
    if line is None:
        assert item.of_median is not None  # noqa: S101 - the settings hold one of the two
        known = amounts.notna() & (counted > 0)
        line = inequality.relative_line(amounts[known], multiple=item.of_median, people=counted[known])
    beyond = amounts > line if item.worse == "higher is worse" else amounts < line
    gap = (amounts - line if item.worse == "higher is worse" else line - amounts) / line if line > 0 else None
    return beyond.astype(float).mask(amounts.isna()), True, float(line), gap


def _gap_of_way(work: Work[PovertyKeys], item: Lack, mode: str) -> pd.Series[Any] | None:
    """Return how far beyond its limit the way to a service is, as a part of it; None where ways were not measured."""
    assert item.cutoff is not None  # noqa: S101 - asked for by service
    for one in work["reach"]:
        closest = one.closest.get(item.cutoff.measure)
        if one.service == item.service and one.mode.key == mode and closest is not None:
            beyond: pd.Series[Any] = closest / item.cutoff.value - 1.0
            return beyond
    return None


def _amounts(frame: gpd.GeoDataFrame, item: Lack) -> pd.Series[Any]:
    assert item.column is not None  # noqa: S101 - asked for by column
    values = pd.to_numeric(frame[item.column], errors="coerce")
    if item.price is None:
        known: pd.Series[Any] = values.where(np.isfinite(values))
        return known
    price = pd.to_numeric(frame[item.price], errors="coerce") if isinstance(item.price, str) else item.price
    return inequality.cost_burden(price, values, payments=item.payments)


def findings(work: Work[PovertyKeys]) -> list[Finding]:
    """Return what was found on the way."""
    return list(work["poverty"].findings)
