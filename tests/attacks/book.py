"""The book of attacks: who attacks, what he wants, what stops him, and whether he gets it when that is gone.

An attack is a function that carries it out against the real code. It gives what the attacker got, or an error of ours
stops it. A guard is what stops it: a function of ours by its name, and the weaker one that stands in its place while
the guard is removed. So no attack stands in the book that could not succeed.

    EACH      every guard is enough: with any one of them alone the attack is refused, without all of them it succeeds
    TOGETHER  every guard is needed: without any one of them the attack succeeds

Any other error than one of ours is no refusal, and neither is one of ours that the book does not name there: it is a
fault, in the code or in the attack.
"""

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from comity.assembly import fold
from comity.assembly.rules.rule import Rule
from comity.errors import ComityError
from comity.services.node import follow

Play = Callable[[Path], str]  # in an empty folder; what the attacker got, in words
Weaker = Callable[[Any], Any]  # what stands there -> what stands there while the guard is removed
EACH: Final = "each"
TOGETHER: Final = "together"
LOG: Final = ("views", "witnesses", "quorums", "statements", "hubs", "copies", "files", "releases", "seal")
ASSEMBLY: Final = ("motions", "decisions", "offices", "norms", "estimates", "audits", "successions")
PROTECTION: Final = ("patterns", "releases")
NO_GUARDS: Final = frozenset({"comity.adapters.client"})  # it remembers this machine's certificates, read anew for long
CHAPTERS: Final = (
    *(f"log.{one}" for one in LOG),
    *(f"assembly.{one}" for one in ASSEMBLY),
    "home.offices",
    *(f"protection.{one}" for one in PROTECTION),
)


class Stopped(Exception):
    """What the attacker wanted did not come about, without an error: the reason is a word or two."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What stops an attack: the name of a function or constant under `comity`, and what it does, in a few words."""

    name: str
    says: str
    weaker: Weaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One entry.

    `by`: the code of the error, or the word, that refuses it while all guards stand. `alone`: by the name of a guard,
    the code or word by which that one alone refuses it, if it is another.
    """

    name: str
    says: str
    by: str
    alone: Mapping[str, str]
    guards: tuple[Guard, ...]
    needed: Literal["each", "together"]
    play: Play

    def trials(self) -> Iterator["Trial"]:
        """What must be tried so that each guard is known to be one."""
        yield Trial(removed=(), by=self.by)
        if self.needed == TOGETHER:
            yield from (Trial(removed=(guard,), by=None) for guard in self.guards)
            return
        yield Trial(removed=self.guards, by=None)
        if len(self.guards) > 1:
            for kept in self.guards:
                others = tuple(guard for guard in self.guards if guard != kept)
                yield Trial(removed=others, by=self.alone.get(kept.name, self.by))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One play: without which guards, and by what the attack is to be refused then; None if it is to succeed."""

    removed: tuple[Guard, ...]
    by: str | None

    def __str__(self) -> str:
        without = ", ".join(guard.name for guard in self.removed) or "nothing"
        return f"{'succeeds' if self.by is None else 'refused'} without {without}"

    def ends(self, outcome: "Outcome") -> bool:
        """Whether a play ended as it is to end."""
        return outcome == Outcome(refused=True, how=self.by) if self.by is not None else not outcome.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a play ended: by which code or word it was refused, or what the attacker got."""

    refused: bool
    how: str


NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
ATTACKS: Final[dict[str, Attack]] = {}


def attack(
    name: str,
    *guards: Guard,
    says: str,
    by: str,
    alone: Mapping[str, str] = NOTHING,
    needed: Literal["each", "together"] = "each",
) -> Callable[[Play], Play]:
    """Enter the function below into the book."""

    def entered(play: Play) -> Play:
        assert name not in ATTACKS, f"two attacks are called {name}"
        assert guards, f"{name} names no guard"
        assert alone.keys() <= {guard.name for guard in guards}, f"{name} names a word of no guard"
        ATTACKS[name] = Attack(name=name, says=says, by=by, alone=alone, guards=guards, needed=needed, play=play)
        return play

    return entered


def book() -> dict[str, Attack]:
    """All attacks by name, in the order of the chapters."""
    for chapter in CHAPTERS:
        importlib.import_module(f"tests.attacks.{chapter}")
    return ATTACKS


def tried(attack: Attack, trial: Trial, place: Path) -> Outcome:
    """Carry an attack out without some of its guards, in an empty folder."""
    with without(*trial.removed):
        try:
            return Outcome(refused=False, how=attack.play(place))
        except ComityError as e:
            return Outcome(refused=True, how=e.code)
        except Stopped as e:
            return Outcome(refused=True, how=str(e))


@contextmanager
def without(*guards: Guard) -> Iterator[None]:
    """Guards are gone while the block runs, wherever our modules have bound them; nothing is remembered of it."""
    _forget()
    with ExitStack() as undo:
        undo.callback(_forget)
        for guard in guards:
            owner, attribute, original = _found(guard.name)
            weaker = guard.weaker(original)
            for place in [owner, *_bound(attribute, original, owner)]:
                undo.callback(setattr, place, attribute, original)
                setattr(place, attribute, weaker)
            undo.callback(setattr, fold, "RULES", fold.RULES)
            fold.RULES = _ruled(original, weaker)  # type: ignore[misc]
        yield


def always(value: object) -> Weaker:
    """A weaker function that answers the same to everything."""
    return lambda original: lambda *arguments, **named: value


def becomes(value: object) -> Weaker:
    """A weaker constant."""
    return lambda original: value


def _found(name: str) -> tuple[Any, str, Any]:
    """The module or class that holds a guard, its attribute there, and what stands there now."""
    parts = f"comity.{name}".split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            owner: Any = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:-1]:
            owner = getattr(owner, part)
        return owner, parts[-1], vars(owner)[parts[-1]]
    raise LookupError(name)


def _bound(attribute: str, original: Any, owner: Any) -> list[Any]:
    """Other modules of ours that imported a function or constant by its name; none for a name that is imported itself:
    that one is weakened where it is named alone."""
    if getattr(original, "__module__", None) not in (None, getattr(owner, "__name__", None)):
        return []
    names = [name for name in sys.modules if name.startswith(("comity.", "tests."))]
    modules = [module for name in names if (module := sys.modules.get(name)) is not None and module is not owner]
    return [module for module in modules if vars(module).get(attribute) is original]


def _ruled(original: Any, weaker: Any) -> dict[type[Any], Rule]:
    """The fold's table, whose rules are held by value."""
    parts = [field.name for field in fields(Rule)]
    return {
        kind: replace(rule, **{part: weaker for part in parts if getattr(rule, part) is original})
        for kind, rule in fold.RULES.items()
    }


def _forget() -> None:
    """What was found true or false without a guard must not be remembered with it."""
    follow._states.clear()
    for name in [name for name in sys.modules if name.startswith("comity.") and name not in NO_GUARDS]:
        for clear in _memories(name):
            clear()


@cache
def _memories(name: str) -> tuple[Callable[[], None], ...]:
    """How the functions of a module forget. Looked for when all guards are in their places, so none is missed."""
    own = [value for value in vars(sys.modules[name]).values() if getattr(value, "__module__", "") == name]
    return tuple(clear for value in own if callable(clear := getattr(value, "cache_clear", None)))
