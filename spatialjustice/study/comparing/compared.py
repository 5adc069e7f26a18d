"""What is compared, whatever it was read from: rows of cities, columns by the same rules, and what is known of both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spatialjustice._core.findings import Finding
    from spatialjustice._core.provenance import SourceRecord

    Texts = dict[str, str]

CITY, BLOCK, ZONE = "city", "block", "zone_id"


@dataclass(frozen=True)
class Compared:
    """One thing that is measured in every city.

    Attributes
    ----------
    name
        Its column.
    title
        What it is called inside a sentence and on charts, by language.
    unit
        Unit of its values; ``share`` for shares from 0 to 1.
    direction
        Which way is better.
    people
        The column of those whom it counts: people, or households.
    group
        What it is shown with where there is much: all ways of one mode, or connections; by language.
    cutoff, cut_at
        The limit beyond which people are counted, and where values were cut; None where there is none.
    """

    name: str
    title: Texts
    unit: str
    direction: str
    people: str | None
    cutoff: float | None = None
    cut_at: float | None = None
    group: Texts | None = None

    @property
    def is_share(self) -> bool:
        """Whether its values are written in percent."""
        return self.unit == "share"


@dataclass(frozen=True)
class Material:
    """Rows of all cities, and what is known of them.

    Attributes
    ----------
    kind
        ``cells`` (several rows for each city), ``cities`` (one row each) or ``runs`` (the zones of finished studies).
    frame
        The rows; the column ``city`` has the id of the city as text, ``block`` which rows are drawn together.
    columns
        What is compared.
    labels
        What each city is called, by its id and language.
    people
        People by which cities are put into classes, by id; missing where nobody knows.
    whole
        People of each whole city, where cells do not hold all of them.
    comparable
        Of runs: which measures can be compared, and why others cannot.
    settings
        What was asked, for the record.
    shared
        Of runs of one place: the ids of the zones that each two of them have.
    """

    kind: Literal["cells", "cities", "runs"]
    frame: pd.DataFrame
    columns: Sequence[Compared]
    labels: Mapping[str, Texts]
    people: pd.Series[Any]
    whole: pd.Series[Any] | None = None
    comparable: pd.DataFrame | None = None
    sources: Sequence[SourceRecord] = ()
    findings: Sequence[Finding] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    shared: Mapping[frozenset[str], pd.Index[Any]] = field(default_factory=dict)

    @property
    def once(self) -> pd.DataFrame:
        """The rows, those of zones that several runs share as the first of them has them."""
        kept = pd.Series(data=True, index=self.frame.index)
        seen: list[str] = []
        for run in self.labels:
            mine = self.frame[CITY] == run
            for other in seen:
                ids = self.shared.get(frozenset((other, run)))
                if ids is not None:
                    kept &= ~(mine & self.frame[ZONE].isin(ids))
            seen.append(run)
        return self.frame[kept]

    @property
    def blocks(self) -> pd.Series[Any] | None:
        """Which rows are drawn together; None where nobody knows where they lie."""
        return self.frame[BLOCK] if BLOCK in self.frame.columns else None


def as_text_ids(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return ids as text, whole numbers without a decimal point, so that two files agree on them.

    Examples
    --------
    >>> as_text_ids(pd.Series([5488.0, None])).tolist(), as_text_ids(pd.Series([" Ilam "])).tolist()
    (['5488', <NA>], ['Ilam'])
    """
    if pd.api.types.is_numeric_dtype(column):
        found = pd.to_numeric(column).astype("Float64")
        if ((found % 1 == 0) | found.isna()).all():
            return found.astype("Int64").astype("string")
    return column.astype("string").str.strip()
