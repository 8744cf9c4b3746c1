"""What an act says, as the names that a sentence about it needs: the nouns. Words are `pages.explain`'s."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from comity.acts.statement import Act
from comity.assembly.state import State


@dataclass(frozen=True, slots=True)
class Moment:
    """POSIX seconds, to be written as a time."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the catalogue, by its key."""

    key: str


@dataclass(frozen=True, slots=True)
class Account:
    """Which of the kind's sentences fits, and what it names."""

    variant: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


# of an act behind which the state is the first one, with the names that are known in the second
Tell = Callable[[Act, State, State], Account]


def plain(act: Act, here: State, now: State) -> Account:
    """Of an act that names nothing but itself."""
    return Account()
