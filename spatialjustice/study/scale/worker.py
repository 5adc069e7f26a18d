"""``python -m spatialjustice.study.scale.worker``: tasks come in line by line, and what became of each goes out."""

from __future__ import annotations

import json
import os
import sys
from typing import TextIO

from spatialjustice.study.scale.tasks import attempt


def serve(lines: TextIO, answers: TextIO) -> None:
    """Do the task on each line until there is none; what a step prints does not get among the answers."""
    for line in lines:
        answers.write(json.dumps(attempt(json.loads(line))) + "\n")
        answers.flush()


def main() -> None:
    """Keep the answers' way to oneself, and serve."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers, os.fdopen(os.dup(0), encoding="utf-8") as lines:
        os.dup2(2, 1)
        serve(lines, answers)


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        # Whoever asked is gone; what is done is on the disk.
        sys.exit(1)
