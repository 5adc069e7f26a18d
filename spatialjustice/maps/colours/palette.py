"""Colours that stay apart for every kind of colour vision, and hatches for what is not a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spatialjustice._core.errors import InputError

# Dark is badly off, whatever is measured: long ways and few places wear the same ramp, from its other end. What is
# neither good nor bad (how many people live somewhere) is slate, dark where there is more.
RAMPS: dict[str, tuple[str, ...]] = {
    "cost": ("#fce3ac", "#f9b877", "#eb8360", "#c9486a", "#872a73", "#3c1650"),
    "people": ("#dfe7f4", "#b7c6e0", "#8ca2c9", "#637dab", "#3d5585", "#1a2a50"),
}

LISA: dict[str, str] = {
    "high-high": "#d7191c",
    "low-low": "#2c7bb6",
    "low-high": "#abd9e9",
    "high-low": "#fdae61",
    "not significant": "#dcdcdc",
}

LABELS: dict[str, dict[str, str]] = {
    "clusters": LISA,
    "hot spots": {"hot spot": "#d7191c", "cold spot": "#2c7bb6", "not significant": "#dcdcdc"},
    "likeness": {
        "high-high": "#d7191c",
        "low-low": "#2c7bb6",
        "alike": "#5aae61",
        "unlike": "#fdae61",
        "not significant": "#dcdcdc",
    },
    "need": {
        "worse served than need predicts": "#b2182b",
        "as need predicts": "#dcdcdc",
        "better served than need predicts": "#35978f",
    },
    "exclusion": {
        "neither": "#7b3294",
        "only physical": "#fdae61",
        "only digital": "#2c7bb6",
        "both": "#e9e6bf",
    },
    "change": {
        "much worse": "#b2182b",
        "worse": "#f4a582",
        "about the same": "#ebebeb",
        "better": "#7db8da",
        "much better": "#2166ac",
    },
    "silence": {"silent": "#7b3294", "not silent": "#dcdcdc", "need not known": "#c9b98a"},
    "stability": {"always": "#872a73", "sometimes": "#f9b877", "never": "#dcdcdc"},
}
"""Sets of labels that one map can show, each with its colour; islands and missing values are classes beside them."""

# Losses red, gains blue, next to no change grey: the middle is a stated value, never the middle of the data.
CHANGE = ("#b2182b", "#f4a582", "#e6e6e6", "#92c5de", "#2166ac")

PAIRS_2 = (("#e8e6e1", "#f2a13d"), ("#5ab4c4", "#4a1a5c"))
"""Two variables in two classes each: colour of ``[class of the first][class of the second]``."""
PAIRS_3 = ("#f7f5c6", "#6cc3b0", "#235da3")
"""Two variables in three classes each: the first by colour, the second by hatch, since nine colours come too close."""
PAIR_HATCHES = ("", "sparse", "dense")

LEAST_DIFFERENCE = 10.0
MOST_CLASSES = 6
REFUSED = {
    "RdYlGn": "red and green of the same lightness look alike to one man in twelve",
    "bivariate_3x3": "its nine colours come closer than can be told apart",
}

# Symbols of services differ in shape as well, so colour is never the only sign.
SERVICE_COLOURS = ("#0b6e4f", "#b5179e", "#1d4ed8", "#b45309", "#111827", "#9d174d", "#0e7490", "#5b4b00")
SERVICE_SHAPES = ("circle", "square", "triangle", "diamond", "cross", "pentagon", "star", "bar")


@dataclass(frozen=True, slots=True)
class Swatch:
    """How a class is drawn: its fill, the hatch upon it, and the colour of the hatch."""

    fill: str
    hatch: str = ""
    ink: str = ""

    def as_list(self) -> list[str]:
        """Return the swatch as the page reads it."""
        return [self.fill, self.hatch, self.ink]


WORST = RAMPS["cost"][-1]
ON_WORST = "#f4dccb"
"""Ink of the hatches on the darkest colour."""

# Grey is for what is not known. Who has no way, or was found farther than anybody looked, is badly off, and dark.
STATUS: dict[str, Swatch] = {
    "beyond_cutoff": Swatch(WORST),
    "unreachable": Swatch(WORST, "cross", ON_WORST),
    "off_network": Swatch(WORST, "dots", ON_WORST),
    "outside_data": Swatch("#e3e6ea", "diagonal", "#33475b"),
    "unknown_service": Swatch("#ece8f0", "grid", "#5d4a77"),
    "no_supply": Swatch("#e4e4e4", "horizontal", "#6b6b6b"),
    "no_population": Swatch("#f6f5f1"),
    "island": Swatch("#f2f2f2", "dots", "#6b6b6b"),
    "not_significant": Swatch("#eef0f4", "vertical", "#6a7690"),
    "suppressed": Swatch("#f1ece6", "grid", "#8a7a66"),
    "no_data": Swatch("#f6f6f6", "diagonal", "#9a9a9a"),
}

# Machado, Oliveira and Fernandes (2009), severity 1.0, applied to linear RGB.
_MACHADO: dict[str, np.ndarray] = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


def _linear(colours: tuple[str, ...] | list[str]) -> np.ndarray:
    codes = np.array([[int(colour[place : place + 2], 16) for place in (1, 3, 5)] for colour in colours]) / 255
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    scaled = (linear @ _TO_XYZ.T) / _WHITE
    bent = np.where(scaled > (6 / 29) ** 3, np.cbrt(scaled), scaled / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = bent.T
    return np.column_stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _hexadecimal(lab: np.ndarray) -> list[str]:
    y = (lab[:, 0] + 16) / 116
    bent = np.column_stack([y + lab[:, 1] / 500, y, y - lab[:, 2] / 200])
    scaled = np.where(bent > 6 / 29, bent**3, 3 * (6 / 29) ** 2 * (bent - 4 / 29)) * _WHITE
    linear = np.clip(scaled @ np.linalg.inv(_TO_XYZ).T, 0, 1)
    codes = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return ["#" + "".join(f"{int(value):02x}" for value in np.rint(row * 255)) for row in codes]


def smallest_difference(colours: tuple[str, ...] | list[str]) -> dict[str, float]:
    """Return the smallest difference (CIE 1976) between any two colours, for four kinds of colour vision.

    Dichromacy is simulated with the matrices of Machado, Oliveira and Fernandes (2009) [1]_.

    References
    ----------
    .. [1] G. M. Machado, M. M. Oliveira and L. A. F. Fernandes (2009), A physiologically-based model for simulation of
       color vision deficiency, IEEE Transactions on Visualization and Computer Graphics 15(6).

    Examples
    --------
    >>> round(smallest_difference(["#000000", "#ffffff"])["normal"])
    100
    """
    found = {}
    for vision, matrix in _MACHADO.items():
        lab = _lab(np.clip(_linear(colours) @ matrix.T, 0, 1))
        distances = np.linalg.norm(lab[:, None, :] - lab[None, :, :], axis=2)
        found[vision] = float(distances[np.triu_indices(len(lab), 1)].min()) if len(lab) > 1 else float("inf")
    return found


def change_colours(below: int = 2, middle: int = 1, above: int = 2, *, gain_is_more: bool = True) -> list[str]:
    """Return the colours of change, from the least to the most: red for loss, grey for none, blue for gain.

    Parameters
    ----------
    below, middle, above
        Classes below, around and above the value that means no change.
    gain_is_more
        Whether more is better.

    Raises
    ------
    InputError
        For more than two classes on a side; more cannot be told apart.

    Examples
    --------
    >>> change_colours()[2]
    '#e6e6e6'
    """
    if max(below, above) > 2 or middle > 1:
        raise InputError(
            "breaks",
            f"they make {below} classes below the centre and {above} above it",
            "Use two at most on each side.",
        )
    less, more = ((0, 1), (4, 3)) if gain_is_more else ((4, 3), (0, 1))
    under = [CHANGE[place] for place in less[:below]]
    over = [CHANGE[place] for place in more[:above]]
    return [*under, *[CHANGE[2]] * middle, *reversed(over)]


def bivariate_colours(first: int, second: int, *, classes: int) -> Swatch:
    """Return how zones of two variables are drawn: four colours, or three colours under three hatches.

    Examples
    --------
    >>> bivariate_colours(1, 1, classes=2).fill
    '#4a1a5c'
    """
    if classes == 2:
        return Swatch(PAIRS_2[first][second])
    if classes == 3:
        hatch = PAIR_HATCHES[second]
        return Swatch(PAIRS_3[first], hatch, "#f2f2f2" if hatch and first == 2 else "#2b2b2b" if hatch else "")
    raise InputError("classes", f"{classes} classes each were asked for", f"Use 2 or 3: {REFUSED['bivariate_3x3']}.")


def colour_ramp(name: str, count: int) -> list[str]:
    """Return ``count`` colours of a ramp, light to dark, evenly spaced in CIE Lab.

    Parameters
    ----------
    name
        ``cost`` (light is well off, dark badly off) or ``people``.
    count
        Number of classes, 1 to 6; more cannot be told apart on a map.

    Raises
    ------
    InputError
        For an unknown or unsuitable palette, or too many classes.

    Examples
    --------
    >>> colour_ramp("cost", 2)
    ['#fce3ac', '#3c1650']
    """
    if name not in RAMPS:
        reason = REFUSED.get(name, "there is no such palette")
        raise InputError("palette", f"“{name}” cannot be used: {reason}", f"Choose one of {', '.join(RAMPS)}.")
    if not 1 <= count <= MOST_CLASSES:
        raise InputError(
            "breaks", f"{count} classes were asked for", f"Use at most {MOST_CLASSES}; more cannot be told apart."
        )
    stops = _lab(_linear(RAMPS[name]))
    if count == 1:
        return [RAMPS[name][2]]
    steps = np.linspace(0, len(stops) - 1, count)
    whole = np.minimum(steps.astype(int), len(stops) - 2)
    part = (steps - whole)[:, None]
    return _hexadecimal(stops[whole] * (1 - part) + stops[whole + 1] * part)
