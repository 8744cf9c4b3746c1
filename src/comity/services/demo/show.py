"""What the demonstration tells its reader, whoever draws it: steps, lines, progress. Drawn by `cli.demo`."""

from typing import Protocol


class Show(Protocol):
    """Where the story is told."""

    def step(self, number: int, title: str) -> None:
        """A step begins."""

    def say(self, line: str) -> None:
        """A fact of the step."""

    def loud(self, line: str) -> None:
        """Something that nobody may overlook."""

    def tell(self, done: int, total: int, what: str) -> None:
        """Progress (`model.job.Tell`); shown only where it can be wiped away again."""
