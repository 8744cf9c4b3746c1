"""How long work shows its progress: a bar on a terminal, a line a stage elsewhere. On standard error, beside facts."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from comity.model.job import Tell

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@contextmanager
def telling() -> Iterator[Tell]:
    """Progress while the block runs."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Bar(progress)


class _Lines:
    """One line for each stage when it begins: a log file wants no bar."""

    def __init__(self) -> None:
        self._what = ""

    def __call__(self, done: int, total: int, what: str) -> None:
        if what != self._what:
            self._what = what
            print(f"comity: {what}", file=sys.stderr, flush=True)


class _Bar:
    """One bar for each stage; the one before is full."""

    def __init__(self, progress: "Progress") -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, done: int, total: int, what: str) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._tasks[what], completed=done, total=total)
