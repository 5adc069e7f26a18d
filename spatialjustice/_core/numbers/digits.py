"""Digits as Persian and Arabic write them, and numbers rounded as tables write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

LATIN = {ord(digit): str(number) for ten in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for number, digit in enumerate(ten)}
"""For ``str.translate``: Persian and Arabic-Indic digits to those that Python reads."""


def rounded_beyond(values: pd.Series[Any], decimals: int) -> pd.Series[Any]:
    """Round values, but never down to a whole number: what is written as 750.0 is not longer than 750.

    Limits are whole numbers, and they are closed: whoever classes the written values finds the classes of the map.

    Examples
    --------
    >>> import pandas as pd
    >>> rounded_beyond(pd.Series([749.98, 750.0, 750.02, 750.12]), 1).tolist()
    [750.0, 750.0, 750.1, 750.1]
    """
    import pandas as pd

    given = values.to_numpy(dtype=float)
    found = np.round(given, decimals)
    whole = (found == np.round(found)) & (given > found)
    found[whole] = np.round(found[whole] + 10.0**-decimals, decimals)
    return pd.Series(found, index=values.index, name=values.name)
