"""What each group has of the classes of zones, of which only bounds are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from spatialjustice._core.findings import Finding
from spatialjustice.digital._people import with_attrs
from spatialjustice.inequality.groups._tables import Groups, require_groups
from spatialjustice.inequality.groups.gaps import group_means

if TYPE_CHECKING:
    from collections.abc import Sequence

VALUES = ("lowest", "independent", "highest")
"""The least and the most the margins allow, and what they would be if they had nothing to do with each other."""


def shares_by_group(
    table: pd.DataFrame,
    groups: Groups,
    measure: str,
    *,
    classes: Sequence[str],
    beside: Sequence[str] = (),
    suppress_below: float,
) -> pd.DataFrame:
    """Return the share of each group in every class; ``classes`` add up to all who are known, ``beside`` stand apart.

    Every group is taken to have the shares of its zone, which a finding says.
    """
    require_groups(groups)
    known = table[[f"{label}: independent" for label in classes]].sum(axis=1)
    columns, last = {}, None
    for label in (*classes, *beside):
        for value in VALUES:
            name = f"{label}: {value}"
            shares = (table[name] / known).where(known > 0)
            last = group_means(shares, groups, replications=0, suppress_below=suppress_below, rng=0)
            columns[name] = last["mean"]
    assert last is not None  # noqa: S101 - there are classes
    frame = pd.DataFrame(columns)
    for name in ("people", "people_left_out", "note"):
        frame[name] = last[name]
    ecological = Finding(
        "ecological",
        "warning",
        "Ecological: every group is taken to have the shares of its zone.",
        advice="Write of zones, not of persons.",
    )
    return with_attrs(
        frame, measure, [table, groups, last], findings=[ecological], unit="share", direction="none", groups=groups.how
    )
