"""Do groups live apart? Unevenness and exposure, within zones, with their neighbours, or along streets.

Every measure takes ``neighbours``. Without them people meet only those of their own zone, and the answer depends on
where boundaries were drawn. With them each zone has an environment: its own people, counted once, and those of its
neighbours, counted with the weight of the link. Neighbours from ``travel_time_band`` make the measure one of street
distance or travel time, with a decay if wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import xlogy

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.groups._environments import Environments, environments

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.inequality.groups._tables import Groups


def dissimilarity(groups: Groups, *, group: Any = None, other: Any = None, neighbours: Graph | None = None) -> float:
    r"""Tell which share of people would have to move for the groups to live evenly.

    :math:`D = \sum_i t_i \sum_g |q_{ig} - P_g| \;/\; 2 T \sum_g P_g (1 - P_g)` with :math:`t_i` the people of zone i,
    :math:`q_{ig}` the share of group g around it, :math:`P_g` its share in all T people. For two groups and without
    neighbours this is the index of Duncan and Duncan: the share of either that would have to move.

    Parameters
    ----------
    groups
        Who lives where; people of unknown group are not counted.
    group
        One group, to be compared with everybody else; None compares all groups at once.
    other
        Compare ``group`` with this group alone.
    neighbours
        Whom people have around them, beside those of their own zone; weights from 0 to 1. None: nobody.

    Returns
    -------
    float
        0 where the groups have the same shares everywhere, 1 where no two of them meet.

    Raises
    ------
    InputError
        When fewer than two groups or zones have people, a group is not there, or the neighbours are of other zones.

    References
    ----------
    Duncan, O. D., & Duncan, B. (1955). A methodological analysis of segregation indexes. American Sociological Review,
    20(2), 210-217. Sakoda, J. M. (1981). A generalized index of dissimilarity. Demography, 18(2), 245-250. Reardon, S.
    F., & O'Sullivan, D. (2004). Measures of spatial segregation. Sociological Methodology, 34, 121-162.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> groups = groups_from_counts(pd.DataFrame({"rich": [80, 20], "poor": [20, 80]}))
    >>> round(dissimilarity(groups), 3)
    0.6
    """
    return dissimilarity_in(_checked_pair(environments(groups, neighbours), group, other))


def entropy_index(groups: Groups, *, group: Any = None, other: Any = None, neighbours: Graph | None = None) -> float:
    r"""Tell how much less mixed people's surroundings are than the city as a whole (Theil's information theory index).

    :math:`H = \sum_i t_i (E - E_i) / (T E)` with the entropy :math:`E = -\sum_g P_g \ln P_g` of the city and
    :math:`E_i` that of the surroundings of zone i. Of the indices of unevenness it is the one that keeps all the rules
    asked of them for many groups and in space.

    Parameters
    ----------
    groups
        Who lives where; people of unknown group are not counted.
    group, other
        One group against everybody else, or against one other; None compares all groups at once.
    neighbours
        Whom people have around them, beside those of their own zone; weights from 0 to 1. None: nobody.

    Returns
    -------
    float
        1 where nobody has another group around, 0 where all surroundings are mixed as the city is; below 0, with
        neighbours, where they are more evenly mixed than it.

    Raises
    ------
    InputError
        When fewer than two groups or zones have people, a group is not there, or the neighbours are of other zones.

    References
    ----------
    Theil, H., & Finizza, A. J. (1971). A note on the measurement of racial integration of schools by means of
    informational concepts. Journal of Mathematical Sociology, 1(2), 187-193. Reardon, S. F., & Firebaugh, G. (2002).
    Measures of multigroup segregation. Sociological Methodology, 32, 33-67. Reardon & O'Sullivan (2004).

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> round(entropy_index(groups_from_counts(pd.DataFrame({"rich": [50, 0], "poor": [0, 50]}))), 12)
    1.0
    """
    return entropy_index_in(_checked_pair(environments(groups, neighbours), group, other))


def divergence_index(groups: Groups, *, group: Any = None, other: Any = None, neighbours: Graph | None = None) -> float:
    r"""Tell how surprising people's surroundings are to who knows the city as a whole.

    :math:`\sum_i (t_i / T) \sum_g q_{ig} \ln (q_{ig} / P_g)`: the relative entropy of surroundings and city. Unlike the
    entropy index it does not take an even mix for the ideal, and a small group that lives apart weighs more.

    Parameters
    ----------
    groups
        Who lives where; people of unknown group are not counted.
    group, other
        One group against everybody else, or against one other; None compares all groups at once.
    neighbours
        Whom people have around them, beside those of their own zone; weights from 0 to 1. None: nobody.

    Returns
    -------
    float
        0 where all surroundings are as the city is; there is no upper bound that holds for all cities.

    Raises
    ------
    InputError
        When fewer than two groups or zones have people, a group is not there, or the neighbours are of other zones.

    References
    ----------
    Roberto, E. (2015). The Divergence Index: A decomposable measure of segregation and inequality. arXiv:1508.01167.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> apart = groups_from_counts(pd.DataFrame({"rich": [50, 0], "poor": [0, 50]}))
    >>> round(divergence_index(apart), 3)
    0.693
    """
    return divergence_index_in(_checked_pair(environments(groups, neighbours), group, other))


def isolation(groups: Groups, *, group: Any, neighbours: Graph | None = None) -> float:
    r"""Tell which share of the people around an average person of a group are of the same group.

    :math:`\sum_i (n_{ig} / N_g)\, q_{ig}`. It rises with the size of the group: compare it with the group's share of
    all people, which is what it would be if everybody lived evenly.

    Parameters
    ----------
    groups
        Who lives where; people of unknown group are not counted.
    group
        The group.
    neighbours
        Whom people have around them, beside those of their own zone; weights from 0 to 1. None: nobody.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    InputError
        When fewer than two groups or zones have people, the group is not there, or the neighbours are of other zones.

    References
    ----------
    Lieberson, S. (1981). An asymmetrical approach to segregation. Massey, D. S., & Denton, N. A. (1988). The dimensions
    of residential segregation. Social Forces, 67(2), 281-315.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> groups = groups_from_counts(pd.DataFrame({"rich": [80, 20], "poor": [20, 80]}))
    >>> round(isolation(groups, group="poor"), 3)
    0.68
    """
    return interaction(groups, group=group, other=group, neighbours=neighbours)


def interaction(groups: Groups, *, group: Any, other: Any, neighbours: Graph | None = None) -> float:
    r"""Tell which share of the people around an average person of one group are of another (exposure).

    :math:`\sum_i (n_{ig} / N_g)\, q_{ih}`. It has a direction: a small group meets a large one more often than the
    other way round. Over all ``other``, the group itself included, it sums to 1.

    Parameters
    ----------
    groups
        Who lives where; people of unknown group are not counted.
    group
        Whose surroundings.
    other
        Who is met there.
    neighbours
        Whom people have around them, beside those of their own zone; weights from 0 to 1. None: nobody.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    InputError
        When fewer than two groups or zones have people, a group is not there, or the neighbours are of other zones.

    References
    ----------
    Lieberson, S. (1981). An asymmetrical approach to segregation. Massey & Denton (1988).

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> groups = groups_from_counts(pd.DataFrame({"rich": [80, 20], "poor": [20, 80]}))
    >>> round(interaction(groups, group="poor", other="rich"), 3)
    0.32
    """
    data = environments(groups, neighbours)
    return float(mean_exposures(data)[data.place(group, "group"), data.place(other, "other")])


def _checked_pair(data: Environments, group: Any, other: Any) -> Environments:
    if group is None:
        if other is not None:
            raise InputError("other", f"it is {other!r}, but group is None", "Name both groups, or neither.")
        return data
    if group == other:
        raise InputError("other", f"both groups are {group!r}", "Name two groups.")
    found = data.between(group, other)
    if not found.total.all():
        raise InputError("group", f"nobody is outside {group!r}", "Give the other groups too.")
    return found


def dissimilarity_in(data: Environments) -> float:
    """Return the dissimilarity of all groups of the data."""
    whole_city = data.overall
    apart = np.einsum("i,ig->", data.zone, np.abs(data.shares() - whole_city))
    return float(apart / (2 * data.zone.sum() * (whole_city * (1 - whole_city)).sum()))


def _entropy(shares: Floats) -> Floats:
    return np.asarray(-np.einsum("...g->...", xlogy(shares, shares)))


def entropy_index_in(data: Environments) -> float:
    """Return the entropy index of all groups of the data."""
    city = float(_entropy(data.overall))
    return float(1.0 - np.einsum("i,i->", data.zone, _entropy(data.shares())) / (data.zone.sum() * city))


def divergence_index_in(data: Environments) -> float:
    """Return the divergence index of all groups of the data."""
    shares = data.shares()
    surprise = xlogy(shares, shares / data.overall)
    return float(np.einsum("i,ig->", data.zone, surprise) / data.zone.sum())


def mean_exposures(data: Environments) -> Floats:
    """Return the share of each group (column) around an average person of each group (row)."""
    return np.asarray(np.einsum("ig,ih->gh", data.people / data.total, data.shares()))
