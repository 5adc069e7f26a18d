"""Geographically weighted regression: whether a relation changes from place to place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_crs, require_geometry, require_ids
from spatialjustice._core.ground.metres import metres_of
from spatialjustice._core.machine.extras import needed
from spatialjustice._core.provenance import SourceRecord, sources_of
from spatialjustice._core.screen.card import Card, Shown
from spatialjustice.inequality._inputs import Floats, checked_choice, checked_share, checked_whole_number
from spatialjustice.inequality.models._regression import Design, Missing, design, without_library_warnings
from spatialjustice.inequality.models._regression_result import MANY
from spatialjustice.inequality.models._regression_words import plain_rows, three_digits

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

BANDWIDTHS = ("zones", "metres")
CLASSES = ("rises with it", "falls with it", "no clear relation", "no data")
"""The labels of local relations, in the order of a legend."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LocalModel(Shown):
    """A regression of its own around every zone; ``print`` it to read it.

    Parameters
    ----------
    outcome
        Name of the outcome.
    unit
        Its unit; empty where unknown.
    coefficients, standard_errors, t_values
        On the user's index, one column for ``intercept`` and each variable; NaN where a zone was left out.
    labels
        On the same index, one column for each variable: one of ``attrs["classes"]``.
    local_r_squared
        On the same index: how much of the outcome the regression around each zone explains.
    fit
        n, bandwidth, aicc, r_squared, effective_parameters, significance (of each zone's test after correction),
        critical_t, residual_standard_deviation, and aicc_global: that of one regression for all zones.
    residuals, fitted
        On the user's index.
    bandwidth_in
        ``zones`` (nearest) or ``metres``.
    findings
        What the reader must know.
    sources
        Where the data came from.
    """

    outcome: str
    unit: str
    coefficients: pd.DataFrame
    standard_errors: pd.DataFrame
    t_values: pd.DataFrame
    labels: pd.DataFrame
    local_r_squared: pd.Series[Any]
    fit: pd.Series[Any]
    residuals: pd.Series[Any]
    fitted: pd.Series[Any]
    bandwidth_in: str
    findings: tuple[Finding, ...] = ()
    sources: tuple[SourceRecord, ...] = ()

    def lines(self) -> list[str]:
        """Return the model as plain sentences."""
        facts = {str(name): float(value) for name, value in self.fit.items()}
        reach = f"{facts['bandwidth']:,.0f} {'nearest zones' if self.bandwidth_in == 'zones' else 'metres'}"
        found = [
            (
                f"Geographically weighted regression of {self.outcome} over {int(facts['n']):,} zones; around each, "
                f"those within {reach}, the near counting more."
            )
        ]
        better = facts["aicc_global"] - facts["aicc"]
        found.append(
            f"It describes the data {'better' if better > 0 else 'no better'} than one regression for all zones (AICc "
            f"{three_digits(facts['aicc'])} against {three_digits(facts['aicc_global'])})."
        )
        for name in self.labels.columns:
            column = self.coefficients[name].dropna()
            counts = self.labels[name].value_counts()
            rises, falls = (int(counts.get(label, 0)) for label in CLASSES[:2])
            found.append(
                f"{name}: coefficients from {three_digits(float(column.min()))} to "
                f"{three_digits(float(column.max()))}; {self.outcome} clearly rises with it in {rises:,} zones and "
                f"falls in {falls:,} of {len(column):,}."
            )
        found.append("Coefficients of neighbouring zones share most of their data: read the pattern, not single zones.")
        return found + [f"{finding.message} {finding.advice}".strip() for finding in self.findings]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        return f"<geographically weighted regression of {self.outcome}, n = {int(self.fit['n'])}>"

    def _card(self) -> Card:
        first, *told = self.lines()[: len(self.lines()) - len(self.findings)]
        return Card(first, [("", text) for text in told])

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the tables of zones as plain data for JSON."""
        return {
            "kind": "geographically weighted regression",
            "outcome": self.outcome,
            "unit": self.unit,
            "bandwidth_in": self.bandwidth_in,
            "fit": plain_rows(self.fit.to_frame().T, ["outcome"])[0],
            "findings": [finding.as_dict() for finding in self.findings],
            "sources": [source.as_dict() for source in self.sources],
            "lines": self.lines(),
        }


def geographically_weighted(
    outcome: pd.Series[Any],
    explanations: pd.DataFrame | pd.Series[Any],
    zones: gpd.GeoDataFrame,
    *,
    bandwidth: float | None = None,
    bandwidth_in: Literal["zones", "metres"] = "zones",
    significance: float = 0.05,
    units: Mapping[str, str] | None = None,
    missing: Missing = "raise",
) -> LocalModel:
    r"""Show how the relation of an outcome to variables changes over the map.

    Around each zone i, least squares with weights :math:`(1 - (d_{ij}/b)^2)^2` for zones nearer than b and 0 for
    others (bisquare): b is the distance of the zone's ``bandwidth``-th nearest zone, itself counted, or a fixed number
    of metres. Distances are between centroids. One test for each zone and variable would call many relations clear by
    chance, so that each is made at :math:`\alpha k / \operatorname{tr}(S)`, with k coefficients and S the matrix that
    leads from outcome to fitted values (da Silva & Fotheringham).

    Needs the package mgwr: ``pip install "spatialjustice[models]"``.

    Parameters
    ----------
    outcome, explanations, units, missing
        As for :func:`spatialjustice.inequality.ordinary_least_squares`.
    zones
        The zones' shapes, with the same ids, in a projected coordinate reference system in metres.
    bandwidth
        Number of zones, or metres, above the number of coefficients or 0; None searches the one with the smallest
        AICc, which takes some seconds for hundreds of zones and minutes for thousands.
    bandwidth_in
        What the bandwidth counts: nearest ``"zones"`` or ``"metres"``.
    significance
        Share of tests that may be significant by chance, above 0 and below 1, corrected as said.

    Returns
    -------
    LocalModel
        With local coefficients on the user's index.

    Raises
    ------
    InputError
        As for least squares; when mgwr is not installed, the zones are in degrees, or around some zone a variable does
        not vary.

    References
    ----------
    Fotheringham, A. S., Brunsdon, C., & Charlton, M. (2002). Geographically weighted regression. Wiley. da Silva,
    A. R., & Fotheringham, A. S. (2016). The multiple testing issue in geographically weighted regression. Geographical
    Analysis, 48, 233-247. Oshan, T. M., Li, Z., Kang, W., Wolf, L. J., & Fotheringham, A. S. (2019). mgwr. ISPRS
    International Journal of Geo-Information, 8, 269.

    Examples
    --------
    >>> import geopandas as gpd
    >>> zones = gpd.GeoDataFrame(geometry=gpd.points_from_xy(range(0, 1200, 100), [0] * 12), crs=32639)
    >>> older = pd.Series([1.0, 3.0, 2.0, 4.0] * 3, name="older")
    >>> walk = pd.Series([2.1, 5.8, 4.2, 8.1, 1.9, 6.2, 3.8, 8.2, 1.8, 6.1, 4.1, 7.9], name="walk")
    >>> local = geographically_weighted(walk, older, zones, bandwidth=10)
    >>> local.labels["older"].unique().tolist()
    ['rises with it']
    """
    checked_choice(bandwidth_in, BANDWIDTHS, "bandwidth_in")
    level = checked_share(significance, "significance")
    if not 0 < level < 1:
        raise InputError("significance", f"it is {significance!r}", "Give a number between 0 and 1, for example 0.05.")
    data = design(outcome, explanations, None, missing=missing, units=units)
    coordinates, wide = _coordinates(zones, data)
    # Divided by their spread, not centred: the local intercepts stay what they are.
    size, spread = float(np.std(data.y)), data.x.std(axis=0)
    y, x = (data.y / size)[:, None], data.x / spread
    width = _bandwidth(bandwidth, bandwidth_in, data, coordinates, y, x)
    found = _fitted(data, coordinates, y, x, width, fixed=bandwidth_in == "metres")
    back = size / np.concatenate([[1.0], spread])
    parameters = float(found.ENP)
    tested = min(level, level * (x.shape[1] + 1) / parameters)
    from scipy.stats import t

    critical = float(t.ppf(1 - tested / 2, len(y) - 1))
    residuals = np.asarray(found.resid_response).ravel() * size
    facts = {
        "n": float(len(y)),
        "bandwidth": float(width),
        # The likelihood of the outcome in its own unit.
        "aicc": float(found.aicc) + 2 * len(y) * np.log(size),
        "aicc_global": _global_aicc(data),
        "r_squared": 1 - float(residuals @ residuals) / float(((data.y - data.y.mean()) ** 2).sum()),
        "effective_parameters": parameters,
        "significance": tested,
        "critical_t": critical,
        "residual_standard_deviation": float(np.sqrt(found.scale)) * size,
    }
    t_values = np.asarray(found.tvalues)
    sources = tuple(sources_of(outcome, explanations, zones))
    findings = tuple(
        dict.fromkeys([*findings_of(outcome, explanations, zones), *data.findings, *wide, *_collinear(found, data)])
    )
    carried = {
        "of": data.outcome,
        "direction": "none",
        "n": len(y),
        "sources": [source.as_dict() for source in sources],
        "findings": [finding.as_dict() for finding in findings],
    }
    columns = ("intercept", *data.names)
    return LocalModel(
        data.outcome,
        data.units[data.outcome],
        _frame(data, np.asarray(found.params) * back, columns, carried | {"measure": "local_coefficient"}),
        _frame(data, np.asarray(found.bse) * back, columns, carried | {"measure": "standard_error"}),
        _frame(data, t_values, columns, carried | {"measure": "t_value"}),
        _labels(data, t_values, critical, carried),
        data.series(np.asarray(found.localR2).ravel(), "local_r_squared"),
        pd.Series(facts, name=data.outcome),
        data.series(residuals, "residual"),
        data.series(data.y - residuals, "fitted"),
        bandwidth_in,
        findings,
        sources,
    )


def _mgwr() -> tuple[Any, Any]:
    """Return mgwr's model and its bandwidth search, or say how to install them."""
    verb = "geographically_weighted"
    return needed("mgwr.gwr", verb).GWR, needed("mgwr.sel_bw", verb).Sel_BW


def _coordinates(zones: gpd.GeoDataFrame, data: Design) -> tuple[Floats, list[Finding]]:
    """Return the centroids of the zones that take part, in metres, and how far these are off where no CRS holds."""
    import geopandas
    import shapely

    if not isinstance(zones, geopandas.GeoDataFrame):
        raise InputError("zones", f"they are {a_kind(zones)}", "Give a GeoDataFrame with the zones' shapes.")
    require_ids(zones, "zones")
    crs = require_crs(zones, "zones")
    strangers = zones.index.symmetric_difference(data.index, sort=False)
    if len(strangers):
        raise InputError(
            "zones",
            f"{len(strangers):,} ids are not in both outcome and zones",
            "Both are matched by id. Give them the same index.",
            rows=strangers,
        )
    if not crs.is_projected or crs.axis_info[0].unit_conversion_factor != 1.0:
        raise InputError(
            "zones",
            f"their coordinates are not in metres ({crs.name})",
            "Distances in degrees or feet mislead. Project them, for example with .to_crs(zones.estimate_utm_crs()).",
        )
    require_geometry(zones, "zones")
    metres = metres_of(zones)
    shapes = zones.geometry.loc[data.index[data.place]].to_crs(metres.crs)
    found = np.asarray(shapely.get_coordinates(shapely.centroid(np.asarray(shapes.array))), dtype=np.float64)
    return found, metres.findings_about("The layer of zones")


def _bandwidth(
    bandwidth: float | None, bandwidth_in: str, data: Design, coordinates: Floats, y: Floats, x: Floats
) -> float:
    """Check the bandwidth, or search the one with the smallest AICc."""
    count, needed = len(y), x.shape[1] + 3
    if bandwidth is None:
        _, search = _mgwr()
        with without_library_warnings("the search for a bandwidth"):
            selector = search(coordinates, y, x, fixed=bandwidth_in == "metres", n_jobs=1)
            return float(selector.search(criterion="AICc"))
    if bandwidth_in == "zones":
        if checked_whole_number(bandwidth, "bandwidth", least=needed) > count:  # type: ignore[arg-type]
            raise InputError("bandwidth", f"it is {bandwidth}, but there are {count:,} zones", "Give a smaller one.")
        return float(bandwidth)
    if isinstance(bandwidth, bool) or not isinstance(bandwidth, int | float | np.number) or not 0 < bandwidth < np.inf:
        raise InputError("bandwidth", f"it is {bandwidth!r}", "Give a distance in metres above 0.")
    from scipy.spatial import KDTree

    within = KDTree(coordinates).query_ball_point(coordinates, float(bandwidth), return_length=True)
    if int(within.min()) < needed:
        few = data.index[data.place][within < needed]
        raise InputError(
            "bandwidth",
            f"{len(few):,} zones have fewer than {needed:,} zones within {bandwidth:,.0f} metres",
            "Give a larger one, or a bandwidth in zones.",
            rows=few,
        )
    return float(bandwidth)


def _fitted(data: Design, coordinates: Floats, y: Floats, x: Floats, width: float, *, fixed: bool) -> Any:
    """Fit the local regressions; refuse places where a variable does not vary."""
    model, _ = _mgwr()
    with without_library_warnings("the regression around some zone"):
        found = model(coordinates, y, x, bw=width, fixed=fixed, sigma2_v1=False, n_jobs=1).fit()
        errors = np.asarray(found.bse)
    bad = ~np.isfinite(errors).all(axis=1) | ~np.isfinite(np.asarray(found.params)).all(axis=1)
    if bad.any() or not np.isfinite(found.aicc):
        raise InputError(
            "bandwidth",
            f"around {int(bad.sum()):,} zones the regression has no solution",
            "A variable hardly varies there. Give a larger bandwidth, or leave out variables with few values.",
            rows=data.index[data.place][bad],
        )
    return found


def _global_aicc(data: Design) -> float:
    """Return the AICc of one least squares for all zones, counted as in the local model."""
    count, terms = data.with_ones.shape
    standard = np.column_stack([np.ones(count), (data.x - data.x.mean(axis=0)) / data.x.std(axis=0)])
    left = data.y - standard @ np.linalg.lstsq(standard, data.y, rcond=None)[0]
    likelihood = -count / 2 * (np.log(2 * np.pi * np.mean(left**2)) + 1)
    used = terms + 1
    return float(-2 * likelihood + 2 * used * count / (count - used - 1))


def _collinear(found: Any, data: Design) -> list[Finding]:
    """Say around how many zones the variables hardly part."""
    if len(data.names) < 2:
        return []
    with without_library_warnings("the test for local collinearity"), np.errstate(all="ignore"):
        numbers = np.asarray(found.local_collinearity()[2]).ravel()
    many = int((numbers > MANY).sum())
    if not many:
        return []
    message = (
        f"Around {many:,} zones the variables go together so closely that their coefficients hardly part (condition "
        f"number above {MANY:.0f})."
    )
    return [Finding("local_collinearity", "warning", message, count=many, advice="Use a larger bandwidth.")]


def _frame(data: Design, values: Floats, columns: tuple[str, ...], facts: dict[str, Any]) -> pd.DataFrame:
    table = np.full((len(data.index), len(columns)), np.nan)
    table[data.place] = values
    frame = pd.DataFrame(table, index=data.index, columns=list(columns))
    frame.attrs.update(facts)
    return frame


def _labels(data: Design, t_values: Floats, critical: float, facts: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(index=data.index)
    for at, name in enumerate(data.names, start=1):
        column = np.full(len(data.index), "no data", dtype=object)
        clear = np.where(t_values[:, at] > critical, CLASSES[0], CLASSES[1])
        column[data.place] = np.where(np.abs(t_values[:, at]) > critical, clear, CLASSES[2])
        frame[name] = column
    frame.attrs.update(facts | {"measure": "local_relation", "unit": "label", "classes": list(CLASSES)})
    return frame
