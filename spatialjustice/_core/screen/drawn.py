"""What can be drawn by itself: networks, travel costs. They say what there is to draw; the room ``maps`` draws it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

MAPS = "spatialjustice.maps"
"""The room that draws, by its name: data flow to it, and rooms before it do not import it."""


class Drawn:
    """An object with something to draw: a class gives ``_to_draw()``."""

    __slots__ = ()

    def _to_draw(self) -> tuple[gpd.GeoDataFrame, pd.Series[Any]]:
        """Return shapes, and on their ids numbers (with ``unit`` in ``attrs``) or labels of the catalogue."""
        raise NotImplementedError

    def plot(self, **given: Any) -> Any:
        """Draw it as a figure of matplotlib, small and still; needs the extra ``notebook``.

        Parameters
        ----------
        **given
            ``title``, ``lang`` and ``size``, as for :func:`spatialjustice.maps.plot`.

        Returns
        -------
        matplotlib.figure.Figure
        """
        return importlib.import_module(MAPS).plot(self, **given)

    def explore(self, **given: Any) -> Any:
        """Draw it as a map to zoom and ask, which needs no network.

        Parameters
        ----------
        **given
            ``title``, ``lang`` and ``base``, as for :func:`spatialjustice.maps.explore`.

        Returns
        -------
        spatialjustice.maps.Map
        """
        return importlib.import_module(MAPS).explore(self, **given)
