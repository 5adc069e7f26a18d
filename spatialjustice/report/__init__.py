"""What the numbers say, to planners: sentences in plain words, finished tables, and the page that holds them."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.report.compare import before_after, who_gains
    from spatialjustice.report.curves_and_bars import Bars, Curve
    from spatialjustice.report.headline import headline
    from spatialjustice.report.inequality import inequality_across, inequality_paragraph
    from spatialjustice.report.latex import latex
    from spatialjustice.report.page import ModePage, planner_page
    from spatialjustice.report.proposals import Proposal, read_proposals
    from spatialjustice.report.sheet.blocks import (
        Choice,
        Dots,
        Line,
        Lines,
        Panel,
        Part,
        Passage,
        Picture,
        Points,
        SheetColumn,
        SheetTable,
    )
    from spatialjustice.report.sheet.chart import chart
    from spatialjustice.report.sheet.grid import Grid, GridCell, GridEntry
    from spatialjustice.report.sheet.page import SheetPage, sheet_page
    from spatialjustice.report.standing import Standing, percentile_rank, standing, worst_served

__all__ = [
    "Bars",
    "Choice",
    "Curve",
    "Dots",
    "Grid",
    "GridCell",
    "GridEntry",
    "Line",
    "Lines",
    "ModePage",
    "Panel",
    "Part",
    "Passage",
    "Picture",
    "Points",
    "Proposal",
    "SheetColumn",
    "SheetPage",
    "SheetTable",
    "Standing",
    "before_after",
    "chart",
    "headline",
    "inequality_across",
    "inequality_paragraph",
    "latex",
    "percentile_rank",
    "planner_page",
    "read_proposals",
    "sheet_page",
    "standing",
    "who_gains",
    "worst_served",
]

lazy_room(
    __name__,
    {
        **dict.fromkeys(["before_after", "who_gains"], ".compare"),
        "headline": ".headline",
        **dict.fromkeys(["inequality_across", "inequality_paragraph"], ".inequality"),
        "latex": ".latex",
        **dict.fromkeys(["ModePage", "planner_page"], ".page"),
        **dict.fromkeys(["Proposal", "read_proposals"], ".proposals"),
        **dict.fromkeys(["Bars", "Curve"], ".curves_and_bars"),
        **dict.fromkeys(
            ["Choice", "Dots", "Line", "Lines", "Panel", "Part", "Passage", "Picture", "Points"], ".sheet.blocks"
        ),
        **dict.fromkeys(["SheetColumn", "SheetTable"], ".sheet.blocks"),
        "chart": ".sheet.chart",
        **dict.fromkeys(["Grid", "GridCell", "GridEntry"], ".sheet.grid"),
        **dict.fromkeys(["SheetPage", "sheet_page"], ".sheet.page"),
        **dict.fromkeys(["Standing", "percentile_rank", "standing", "worst_served"], ".standing"),
    },
)
