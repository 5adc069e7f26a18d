"""Which groups are compared with whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import inequality
from spatialjustice._core.errors import InputError
from spatialjustice.study.sections.groups.page import OTHERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spatialjustice.inequality import Groups
    from spatialjustice.study.sections.groups.settings import GroupsKeys
    from spatialjustice.study.sections.inequality.settings import Inequality


def compared_groups(
    study: GroupsKeys,
    settings: Inequality,
    people: Mapping[str, pd.Series[Any]],
    ranked: pd.Series[Any] | None,
) -> Iterator[tuple[str, Groups, str | None]]:
    """Yield what groups are compared: each of the study's with everybody else or the reference, and those of income."""
    everybody, *_ = people.values()
    reference = settings.reference
    for name, group in study.groups.items():
        if name == reference:
            continue
        parts = {name: people[name]}
        if reference is not None:
            parts[reference] = people[reference]
        counts = pd.DataFrame(parts)
        rest = everybody - counts.sum(axis=1)
        if (rest < -1).any():
            raise InputError(
                "reference",
                f"in {int((rest < -1).sum()):,} zones {name} and {reference} have more people than live there",
                "Groups that are compared must not overlap; without a reference each is compared with everybody else.",
                rows=rest.index[rest < -1],
            )
        counts[OTHERS] = rest.clip(lower=0.0)
        if group.holds == "share":
            lived_in = everybody > 0
            shares = counts[lived_in].div(counts[lived_in].sum(axis=1), axis=0).drop(columns=OTHERS)
            shares = shares.reindex(everybody.index, fill_value=0.0)
            made = inequality.groups_from_shares(shares, people=everybody, rest=OTHERS)
        else:
            made = inequality.groups_from_counts(counts)
        yield name, made, reference or OTHERS
    if ranked is not None:
        made = inequality.income_groups(ranked, people=everybody, k=settings.income_groups)
        yield f"income groups by {study.rank_by}", made, None
