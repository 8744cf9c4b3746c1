"""Long work: how it tells its progress. What is shown of it is the affair of `cli` and `pages`."""

from dataclasses import dataclass
from typing import Protocol


class Tell(Protocol):
    """Called by every long work: so much done, of so much, of what."""

    def __call__(self, done: int, total: int, what: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Silent:
    """Tells nobody."""

    def __call__(self, done: int, total: int, what: str) -> None: ...
