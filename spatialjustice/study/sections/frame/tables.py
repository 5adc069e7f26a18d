"""The tables of the frame: what is known in each cell, what goes with what, and the matrix of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice.study.engine.section import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.frame.compute import FrameFound
    from spatialjustice.study.sections.frame.settings import FrameKeys


def tables(results: Results[FrameKeys]) -> Iterator[Table]:
    """Yield the profile, and the relations where they were asked for."""
    found: FrameFound = results["frame"]
    yield Table("frame_profile", found.profile(results.study.languages[0]).reset_index())
    if found.effects is not None and found.matrix is not None:
        yield Table("frame_effects", found.effects.reset_index())
        yield Table("frame_matrix", found.matrix.reset_index())


def overview(results: Results[FrameKeys]) -> list[str]:
    """Return what is known, and what goes with what, as lines of text."""
    found: FrameFound = results["frame"]
    profile = found.profile("en")
    filled = sum(1 for _, measured in profile.attrs["cells"].values() if measured)
    known = f"{profile.attrs['measured']} of {profile.attrs['of']} indicators are known"
    lines = [f"Frame of components and dimensions: {known}, {filled} of 9 cells have at least one."]
    return [*lines, *_clear(found)]


def _clear(found: FrameFound) -> list[Any]:
    if found.effects is None:
        return []
    clear = found.effects[found.effects["grade"].isin(["A", "B", "C"])]
    return [f"  {row['grade']}  {row['sentence']}" for row in clear.to_dict(orient="records")]
