"""How far a run is: every part of its work is counted, statistics and pages too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from tqdm.auto import tqdm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from spatialjustice.study.engine.section import Section, StudySettings


class Progress:
    """A bar that counts sections, the parts of them that they tell beforehand, and what is written.

    Parameters
    ----------
    plan
        The sections that will be computed.
    study
        The settings, from which each section tells its parts.
    writing
        How many things will be written afterwards.
    """

    def __init__(self, plan: Sequence[Section], study: StudySettings, *, writing: int) -> None:
        self._parts = {section.name: section.rounds(study) for section in plan}
        self._name = ""
        self._done, self._total = 0, sum(1 + parts for parts in self._parts.values()) + writing
        self._bar = tqdm(total=self._total, unit="step", leave=False)

    def __enter__(self) -> Self:
        """Show the bar."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        self._bar.close()

    def begin(self, section: Section) -> None:
        """Begin a section: whatever comes before it is done, also where a stopped run had done it."""
        names = list(self._parts)
        self._name = section.name
        self._show(section.doing or section.name, sum(1 + self._parts[one] for one in names[: names.index(self._name)]))

    def expect(self, parts: int) -> None:
        """Correct how many parts the section has that is being computed, now that it is known."""
        self._total += parts - self._parts[self._name]
        self._bar.total = self._total
        self._parts[self._name] = parts
        self._bar.refresh()

    def write(self) -> None:
        """Begin to write: all sections are done."""
        self._show("maps", sum(1 + parts for parts in self._parts.values()))

    def now(self, doing: str) -> None:
        """Say what is being done, as one more part; nothing is all done while something is."""
        self._show(doing, min(self._done + 1, self._total - 1))

    def _show(self, doing: str, done: int) -> None:
        self._bar.set_description(doing, refresh=False)
        self._bar.update(max(0, done - self._done))
        self._done = max(done, self._done)
        self._bar.refresh()
