"""Adoption: who is connected, with what and at what price, from counts of households in a census."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import require_ids
from spatialjustice.digital._people import series_with_attrs, with_attrs
from spatialjustice.inequality._inputs import Floats, Values, aligned_by_id, flat_numbers, refuse_rows
from spatialjustice.inequality.distribution.margins import checked_margins

if TYPE_CHECKING:
    from collections.abc import Mapping

BETTER = {
    "broadband": "higher is better",
    "device": "higher is better",
    "smartphone_only": "lower is better",
    "no_internet": "lower is better",
    "no_device": "lower is better",
}
"""What can be known of households' connections, and which way is good."""

AFFORDABLE = 0.02
"""Share of income below which entry-level broadband is to cost: target of the UN Broadband Commission for 2025, set for
income per head of whole countries."""

PROXIES = {
    "education": "people without a school-leaving certificate: less often users, in surveys of persons",
    "age": "older people: less often users, in surveys of persons",
    "language": "people who speak little of the language that most services are in",
}


def adoption(
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    *,
    households: str,
    margins: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    r"""Turn counts of households into shares: with broadband, with a device, with a smartphone only, without internet.

    In signs: :math:`s_i = h_{ik} / h_i`, households with kind k of all households.

    Parameters
    ----------
    frame
        One row for each zone, with counts of households.
    columns
        Any of ``broadband``, ``device``, ``no_device``, ``smartphone_only`` and ``no_internet`` → the column with the
        count of these households.
    households
        Column with all households of whom it was asked.
    margins
        Column of ``columns`` or ``households`` → the column with its margin of error (at 90 %, as in the American
        Community Survey). For shares :math:`p = X / Y` the margin is
        :math:`\sqrt{M_X^2 - p^2 M_Y^2} / Y`, with + for - where the root would be of a negative number.

    Returns
    -------
    DataFrame
        On the frame's index: a share from 0 to 1 for each kind, and ``…_margin`` where margins are given; NaN where
        there are no households or the count is missing. ``attrs["together"]``: kind → share of the households of all
        zones where it is known; ``households_known`` and ``households_unknown``; ``attrs["columns"]``: unit and
        direction of each column.

    Raises
    ------
    InputError
        When a kind or a column is not known, a count is negative or above the households, or margins are missing.

    References
    ----------
    U.S. Census Bureau (2020). Understanding and using American Community Survey data: what all data users need to know,
    chapter 8. Tables B28002, B28003, B28010.

    Examples
    --------
    >>> tracts = pd.DataFrame({"homes": [100, 50], "offline": [20, 15]}, index=["a", "b"])
    >>> found = adoption(tracts, {"no_internet": "offline"}, households="homes")
    >>> found["no_internet"].tolist(), round(found.attrs["together"]["no_internet"], 6)
    ([0.2, 0.3], 0.233333)
    """
    require_ids(frame, "frame")
    strangers = [kind for kind in columns if kind not in BETTER]
    if strangers or not columns:
        found = f"{strangers[0]} is not known" if strangers else "there is none"
        raise InputError("columns", found, f"Choose among {', '.join(BETTER)}.")
    named = [*columns.values(), households, *(margins or {}).values()]
    absent = [column for column in named if column not in frame.columns]
    if absent:
        raise InputError(
            "frame", f"it has no column {', '.join(absent)}", f"It has: {', '.join(map(str, frame.columns))}."
        )
    whole = _counts(frame, households)
    result, together = pd.DataFrame(index=frame.index), {}
    facts: dict[str, Any] = {}
    for kind, column in columns.items():
        part = _counts(frame, column)
        over = part > whole * (1 + 1e-9)
        refuse_rows(
            over, frame.index, column, "counts are above the households", "Give counts of households, of all asked."
        )
        known = np.isfinite(part) & (whole > 0)
        share = np.divide(part, whole, out=np.full(len(frame), np.nan), where=known)
        result[kind] = share
        asked, told = math.fsum(whole[known]), math.fsum(part[known])
        together[kind] = told / asked if asked else float("nan")
        facts[kind] = {"unit": "share", "direction": BETTER[kind], "households": column}
        if margins is not None:
            result[f"{kind}_margin"] = _margins(frame, margins, (column, households), share, whole)
    known_to_all = ~result[list(columns)].isna().any(axis=1).to_numpy()
    unknown = math.fsum(np.nan_to_num(whole[~known_to_all]))
    everybody = math.fsum(np.nan_to_num(whole))
    findings = []
    if not known_to_all.all():
        count = int((~known_to_all).sum())
        message = (
            f"{count:,} zones with {unknown:,.0f} households lack a count, or have no households: no share is known."
        )
        findings.append(Finding("zones_without_adoption", "warning", message, count=count, people=unknown))
    return with_attrs(
        result,
        "adoption",
        [frame],
        findings=findings,
        unit="share",
        direction="none",
        columns=facts,
        together=together,
        households_known=everybody - unknown,
        households_unknown=unknown,
    )


def _counts(frame: pd.DataFrame, column: str) -> Floats:
    found = flat_numbers(frame[column], column)
    wrong = (found < 0) | np.isinf(found)
    refuse_rows(
        wrong, frame.index, column, "counts are negative or infinite", "Make codes such as -666666666 missing first."
    )
    return found


def _margins(
    frame: pd.DataFrame, margins: Mapping[str, str], of: tuple[str, str], share: Floats, whole: Floats
) -> Floats:
    lacking = [column for column in of if column not in margins]
    if lacking:
        raise InputError("margins", f"nothing is said of {', '.join(lacking)}", "Name the column with its margin.")
    known = np.isfinite(share)
    out = np.full(len(frame), np.nan)
    rows = frame[known]
    part, total = (checked_margins(rows[margins[column]], margins[column], rows[column], column) for column in of)
    root = part**2 - (share[known] * total) ** 2
    wide = part**2 + (share[known] * total) ** 2
    out[known] = np.sqrt(np.where(root >= 0, root, wide)) / whole[known]
    return out


def affordability(
    price: float | Values, income: Values, *, payments: float = 12, line: float = AFFORDABLE
) -> pd.Series[float]:
    """Tell what share of income a connection costs.

    In signs: :math:`n p / y_i` for n payments of the price p in a year and the income :math:`y_i`.

    Parameters
    ----------
    price
        Of one payment, in the currency of the income: one number, or one for each zone.
    income
        For a year, of a household (or per head, as the line asks), for each zone; missing where it is not known.
    payments
        How many payments there are in a year.
    line
        Share of income from which a connection is called too dear, for ``attrs`` and the finding; exactly the line is
        affordable. The default is the UN Broadband Commission's target for entry-level broadband, 2 % of income per
        head of a country: for households of one city it is a yardstick, not the target itself.

    Returns
    -------
    Series
        Share of income, on the index of the income; NaN where the income is missing or 0. Lower is better.

    Raises
    ------
    InputError
        When a price or income is negative, or ids differ.

    Notes
    -----
    Median incomes of zones hide their poor households: the share is that of a household in the middle.

    References
    ----------
    Broadband Commission for Sustainable Development (2018). 2025 targets: connecting the other half. ITU and UNESCO.

    Examples
    --------
    >>> affordability(50, pd.Series([60_000, 20_000])).tolist()
    [0.01, 0.03]
    """
    for name, value in (("payments", payments), ("line", line)):
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value < np.inf:
            raise InputError(name, f"it is {value!r}", "Give a number above 0.")
    earned = flat_numbers(income, "income")
    index = income.index if isinstance(income, pd.Series) else pd.RangeIndex(len(earned))
    refuse_rows(
        (earned < 0) | np.isinf(earned), index, "income", "are negative or infinite", "Make codes missing first."
    )
    one = isinstance(price, int | float | np.number) and not isinstance(price, bool)
    paid = np.full(len(earned), float(price)) if one else aligned_by_id(price, "price", income, "income")  # type: ignore[arg-type]
    refuse_rows(
        ~(paid >= 0) | np.isinf(paid), index, "price", "are negative, missing or infinite", "Give 0 where it is free."
    )
    share = np.divide(paid * payments, earned, out=np.full(len(earned), np.nan), where=earned > 0)
    dear, unknown = int((share > line).sum()), int(np.isnan(share).sum())
    message = f"A connection costs more than {line:.1%} of income in {dear:,} zones; for {unknown:,} it is not known."
    return series_with_attrs(
        share,
        index,
        "affordability",
        [price, income],
        findings=[Finding("connection_too_dear", "information", message, count=dear)],
        unit="share",
        direction="lower is better",
        line=float(line),
        payments=float(payments),
        left_out=unknown,
    )


def skill_proxies(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Take shares that stand in for digital skills, which no census asks of, and label them as stand-ins.

    Definition: the shares as given, turned so that lower is better, and named as stand-ins.

    Parameters
    ----------
    frame
        One row for each zone, with shares from 0 to 1.
    columns
        ``education``, ``age`` or ``language`` → the column with the share of people who, going by surveys of persons,
        are less often at home online: without a school-leaving certificate, old, or foreign to the language of most
        services.

    Returns
    -------
    DataFrame
        On the frame's index, one column for each, lower is better. ``attrs["columns"]`` say of each ``"proxy": True``,
        ``"stands_for": "digital skills"`` and why; the finding ``skills_by_proxy`` travels into every result.

    Raises
    ------
    InputError
        When a proxy or column is not known, or a share is below 0 or above 1.

    References
    ----------
    van Dijk, J. (2020). The digital divide. Polity Press. van Deursen, A., & van Dijk, J. (2014). The digital divide
    shifts to differences in usage. New Media & Society, 16(3), 507-526.

    Examples
    --------
    >>> found = skill_proxies(pd.DataFrame({"over_65": [0.2, 0.1]}), {"age": "over_65"})
    >>> found.attrs["columns"]["age"]["proxy"]
    True
    """
    from spatialjustice.digital._people import shares_in

    require_ids(frame, "frame")
    strangers = [proxy for proxy in columns if proxy not in PROXIES]
    absent = [column for column in columns.values() if column not in frame.columns]
    if strangers or absent or not columns:
        found = f"{', '.join([*strangers, *absent]) or 'nothing'} is not known"
        there = ", ".join(map(str, frame.columns))
        raise InputError("columns", found, f"Choose among {', '.join(PROXIES)}; the frame has: {there}.")
    result = pd.DataFrame({proxy: shares_in(frame[column], column) for proxy, column in columns.items()}, frame.index)
    facts = {
        proxy: {
            "unit": "share",
            "direction": "lower is better",
            "proxy": True,
            "stands_for": "digital skills",
            "because": PROXIES[proxy],
            "column": column,
        }
        for proxy, column in columns.items()
    }
    message = (
        f"Digital skills were not measured: {', '.join(columns)} stand in for them. Many old people and people without "
        "a certificate are skilled, and the other way round."
    )
    finding = Finding("skills_by_proxy", "warning", message, count=len(columns), advice="Use a survey of skills.")
    return with_attrs(
        result, "skill_proxies", [frame], findings=[finding], unit="share", direction="lower is better", columns=facts
    )
