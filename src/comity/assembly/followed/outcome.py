"""What followed from an act, as a code with names, and what is known of the log when it is asked: the nouns."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from comity.acts.statement import Act
from comity.assembly.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One thing that followed, as a code that is worded, with the names that the sentence needs."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A log as far as it is known.

    now: its newest state.
    before: the state before the leaf at a place.
    later: acts behind the leaf that is told, which have effect, with their places.
    """

    now: State
    before: Callable[[int], State]
    later: Callable[[], Iterable[tuple[int, Act]]]


# from the act at an index
Find = Callable[[Act, int, Known], Iterator[Outcome]]
