"""What a section is given while a study is computed: settings, files, seed, ledger, and what others have made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.provenance import SourceRecord, sources_of
from spatialjustice.study.engine.kept import packing
from spatialjustice.study.engine.plan import ordered
from spatialjustice.study.engine.section import S_co

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from spatialjustice._core.disk.kept_steps import KeptSteps
    from spatialjustice.network import TravelCosts
    from spatialjustice.study.engine.section import Section
    from spatialjustice.study.engine.ways import Answers, WaysAsked


def _no_progress(_: str) -> None:
    """Show no progress."""


class Work(Generic[S_co]):
    """A study while it is computed.

    Parameters
    ----------
    study
        Its settings.
    files
        Where its files are, by the names they have in it.
    kept
        The steps of an earlier run of it that was stopped.
    seed
        Seed of everything random.
    now
        Told what is being done, for the progress bar: for each part of a section.
    expect
        Told how many parts the section has, once that is known better than its ``rounds``.
    answers
        Who answers what sections ask of the ways of all zones, before they are computed; None where they ask the
        streets themselves.
    """

    def __init__(
        self,
        study: S_co,
        files: Mapping[str, Path],
        *,
        kept: KeptSteps | None = None,
        seed: int = 0,
        now: Callable[[str], None] = _no_progress,
        expect: Callable[[int], None] = lambda _: None,
        answers: Answers | None = None,
    ) -> None:
        self.study = study
        self.files = files
        self.seed = seed
        self.ledger = Ledger()
        self.now = now
        self.expect = expect
        self.made: dict[str, Any] = {}
        self._kept = kept
        self._doing: Section | None = None
        self._step = ""
        self._answers = answers
        self._answered: Mapping[str, TravelCosts] = {}

    @property
    def plan(self) -> list[Section]:
        """The sections that the study asks for, in the order in which they are computed."""
        return [section for section in ordered(self.study.sections) if section.wanted(self.study)]

    def __getitem__(self, name: str) -> Any:
        return self.made[name]

    def get(self, name: str) -> Any:
        """Return what a section made; None where the study does not ask for it."""
        return self.made.get(name)

    def gathered(self, kind: str) -> list[Any]:
        """Return everything of a kind that sections offer, in the order of the registry."""
        return [
            thing
            for section in self.study.sections
            if section.name in self.made and kind in section.offers
            for thing in section.offers[kind](self)
        ]

    def compute(self, section: Section) -> Any:
        """Do the work of a section, or take what an unfinished run has kept of it; return what it made."""
        self._doing, self._step = section, section.name
        asked = list(section.asks(self)) if self._answers else []
        self._answered = self._answers(section.name, asked) if self._answers and asked else {}
        kept = section.kept
        made = self.step(kept, lambda: section.compute(self)) if kept else section.compute(self)
        self.made[section.name] = made
        if section.changes:
            self.made[section.changes] = made
        return made

    def costs(self, asked: WaysAsked) -> TravelCosts:
        """Return the answer to a question of the section at work: one given before, else that of the streets."""
        answer = self._answered.get(asked.name)
        return asked.answer() if answer is None else answer

    def step(self, name: str, work: Callable[[], Any]) -> Any:
        """Return the result of a long step, kept or computed, and what it wrote into the ledger.

        Any result of plain values, tables, arrays and the dataclasses of the section can be kept; others are not.
        """
        outer, self._step = self._step, name
        try:
            return self._keep(name, work)
        finally:
            self._step = outer

    def part(self, key: str, work: Callable[[], Any]) -> Any:
        """Return the result of a part of the step that is being done, kept or computed.

        A step that is killed in the middle goes on after the parts that it had done. ``key`` tells a part from the
        others of the step, and what it is to those who are told that it is damaged.
        """
        return self._keep(self._step, work, part=key)

    def _keep(self, name: str, work: Callable[[], Any], *, part: str = "") -> Any:
        if self._kept is None:
            return work()
        known = self._doing.made_of() if self._doing else ()
        before = len(self.ledger.entries)

        def pack(made: Any) -> Any:
            return packing.pack({"made": made, "ledger": list(self.ledger.entries[before:])}, known)

        def unpack(packed: Any) -> Any:
            found = packing.unpack(packed, known)
            for entry in found["ledger"]:
                self.ledger.add(entry)
            return found["made"]

        return self._kept.step(name, work, pack, unpack, part)

    def findings(self) -> list[Finding]:
        """Return what all sections found, each once, in the order in which they were computed."""
        found = [
            finding
            for section in self.plan
            if section.name in self.made
            for finding in (
                findings_of(self.made[section.name]) if section.findings is None else section.findings(self)
            )
        ]
        return list(dict.fromkeys(found))

    def sources(self) -> list[SourceRecord]:
        """Return what everything was made of, each source once."""
        found = [
            record
            for section in self.plan
            if section.name in self.made
            for record in (sources_of(self.made[section.name]) if section.sources is None else section.sources(self))
        ]
        return list(dict.fromkeys(found))
