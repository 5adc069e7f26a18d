"""Public holidays by country and region, and what is not known of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any

from spatialjustice._core.errors import InputError

NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
"""Two letters that name a union, or nothing (Unicode CLDR, territories)."""
MEANT = {"UK": "GB", "EN": "GB", "FA": "IR"}
CODE = re.compile(r"([A-Za-z]{2})(?:-([A-Za-z0-9]{1,3}))?")
WRITE = "Give the two letters of ISO 3166-1, for example ES, or with a region of ISO 3166-2, for example ES-CN."


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """The public holidays of a country, or of one of its regions.

    The days are those of the library ``holidays``: fixed and movable ones, also those that go by the moon. It says of
    some days to come that they are estimated, since the moon must be seen.

    Parameters
    ----------
    country
        Two letters; None knows of no holidays.
    region
        The part after the hyphen of an ISO 3166-2 code; None for what the whole country has.

    Examples
    --------
    >>> PublicHolidays("IR").on(date(2024, 3, 20)), PublicHolidays("ES").on(date(2024, 5, 30))
    (True, False)
    >>> PublicHolidays("ES").elsewhere(date(2024, 5, 30))
    ('ES-CM', 'ES-CN')
    """

    country: str | None = None
    region: str | None = None

    @property
    def name(self) -> str:
        """The code."""
        return "-".join(part for part in (self.country, self.region) if part)

    def on(self, day: date) -> bool | None:
        """Say whether a day is a holiday; None where that is not known."""
        table = None if self.country is None else _table(self.country, self.region, day.year)
        return None if table is None else day in table

    def estimated(self, day: date) -> bool:
        """Say whether the day may become a holiday or none, because one beside it goes by the moon and is estimated."""
        near = (day + timedelta(days=step) for step in (-1, 0, 1))
        tables = ((one, _table(self.country, self.region, one.year)) for one in near if self.country)
        return any("estimated" in table.get(one, "") for one, table in tables if table is not None)

    def elsewhere(self, day: date) -> tuple[str, ...]:
        """Name the regions of the country in which a day is a holiday that is none in the whole country."""
        if self.country is None or self.region is not None or self.on(day) is not False:
            return ()
        found = (region for region in _regions(self.country) if day in (_table(self.country, region, day.year) or {}))
        return tuple(f"{self.country}-{region}" for region in found)


def holidays_of(code: str | None) -> PublicHolidays:
    """Return the holidays of a country, or of a region of it.

    Raises
    ------
    InputError
        For a code that names no country, or a region that is not known; a country whose holidays are not known is no
        error.

    Examples
    --------
    >>> holidays_of("es-cn").name
    'ES-CN'
    """
    if code is None:
        return PublicHolidays()
    found = CODE.fullmatch(code.strip()) if isinstance(code, str) else None
    if found is None:
        raise InputError("country", f"it is “{code}”", WRITE)
    country, region = found.group(1).upper(), (found.group(2) or "").upper()
    if country not in _countries():
        hint = f"Did you mean {MEANT[country]}? " if country in MEANT else ""
        raise InputError("country", f"“{country}” is the code of no country", hint + WRITE)
    if not region:
        return PublicHolidays(country)
    if region not in _regions(country):
        known = ", ".join(f"{country}-{one}" for one in _regions(country)) or f"none; write {country}"
        raise InputError("country", f"the holidays of the region {country}-{region} are not known", f"Known: {known}.")
    return PublicHolidays(country, region)


@cache
def _countries() -> frozenset[str]:
    from babel import Locale

    codes = {str(code) for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", str(code))}
    return frozenset(codes - NO_COUNTRIES)


@cache
def _regions(country: str) -> tuple[str, ...]:
    """Return the regions whose holidays are known; cities with a name instead of a code are left out."""
    import holidays

    return tuple(
        region for region in holidays.list_supported_countries().get(country, []) if CODE.fullmatch(f"XX-{region}")
    )


@lru_cache(maxsize=1024)
def _table(country: str, region: str | None, year: int) -> Any:
    """Return the holidays of a year by day; None where they are not known."""
    import holidays

    try:
        found = holidays.country_holidays(country, subdiv=region, years=year, expand=False, language="en_US")
    except NotImplementedError:
        return None
    return found if found.start_year <= year <= found.end_year else None
