"""What would change it, for whom, and at whose cost: where sites should open, which can close, what fairness costs."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.remedies.effects import plan_effect
    from spatialjustice.remedies.links.missing_links import add_links
    from spatialjustice.remedies.links.raised_frequency import raise_frequency
    from spatialjustice.remedies.plans.alternatives import best_plans
    from spatialjustice.remedies.plans.choices import marginal_sites, price_of_choice
    from spatialjustice.remedies.plans.comparison import compare_plans
    from spatialjustice.remedies.plans.frontier import trade_off
    from spatialjustice.remedies.plans.stability import plan_stability
    from spatialjustice.remedies.sites.candidates import candidates
    from spatialjustice.remedies.sites.capacity import split_capacity
    from spatialjustice.remedies.sites.closures import close_sites, relocate_sites
    from spatialjustice.remedies.sites.covering import fewest_sites
    from spatialjustice.remedies.sites.opening import open_sites

_PUBLIC = {
    ".sites.candidates": ["candidates"],
    ".sites.capacity": ["split_capacity"],
    ".sites.closures": ["close_sites", "relocate_sites"],
    ".sites.covering": ["fewest_sites"],
    ".effects": ["plan_effect"],
    ".links.missing_links": ["add_links"],
    ".links.raised_frequency": ["raise_frequency"],
    ".plans.alternatives": ["best_plans"],
    ".plans.choices": ["marginal_sites", "price_of_choice"],
    ".plans.comparison": ["compare_plans"],
    ".plans.frontier": ["trade_off"],
    ".plans.stability": ["plan_stability"],
    ".sites.opening": ["open_sites"],
}

__all__ = [
    "add_links",
    "best_plans",
    "candidates",
    "close_sites",
    "compare_plans",
    "fewest_sites",
    "marginal_sites",
    "open_sites",
    "plan_effect",
    "plan_stability",
    "price_of_choice",
    "raise_frequency",
    "relocate_sites",
    "split_capacity",
    "trade_off",
]

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
