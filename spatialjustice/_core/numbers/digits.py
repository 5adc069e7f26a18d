"""Digits as Persian and Arabic write them."""

from __future__ import annotations

LATIN = {ord(digit): str(number) for ten in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for number, digit in enumerate(ten)}
"""For ``str.translate``: Persian and Arabic-Indic digits to those that Python reads."""
