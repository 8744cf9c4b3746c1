"""Who is in the demonstration, and who plays what: reads `roles.toml` and checks that it can be played."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from comity.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The cast of one demonstration; ids of members throughout."""

    members: tuple[str, ...]
    refuses: str
    silent: str
    drops_out: str
    convenor: str
    moves: str
    comments: str
    witnesses: tuple[str, ...]
    alone: tuple[str, ...]  # a process each
    together: tuple[tuple[str, ...], ...]  # a process a list

    def role(self, member: str) -> str:
        """What a member does when it is asked: refuses, silent, drops-out, or answers."""
        parts = {self.refuses: "refuses", self.silent: "silent", self.drops_out: "drops-out"}
        return parts.get(member, "answers")

    def process(self, member: str) -> str:
        """The process that hosts a member's node: its own, or one of those that host several."""
        hosts = (f"shared-{number}" for number, hosted in enumerate(self.together, 1) if member in hosted)
        return next(hosts, member)


def read(path: Path, size: int) -> Roster:
    """The cast of `size` members.

    Raises:
        ConfigError: no such roster, a part for a stranger, two parts for one, a witness that will be gone, or a member
            that no process hosts, or that two do.
    """
    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))["rosters"][str(size)]
        roster = Roster(
            members=tuple(text.pop("members")),
            witnesses=tuple(text.pop("witnesses")),
            alone=tuple(text.pop("alone")),
            together=tuple(tuple(hosted) for hosted in text.pop("together")),
            drops_out=text.pop("drops-out"),
            **text,
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ConfigError(f"no roster of {size} that can be read", where=str(path), found=str(error)) from error
    hosted = [*roster.alone, *(member for process in roster.together for member in process)]
    parts = (roster.refuses, roster.silent, roster.drops_out, *roster.witnesses)
    fits = (
        sorted(hosted) == sorted(roster.members)
        and len(set(roster.members)) == size
        and len(set(parts)) == len(parts)
        and set(parts) <= set(roster.members)
        and {roster.convenor, roster.moves, roster.comments} <= set(roster.witnesses)
    )
    if not fits:
        raise ConfigError(
            f"the roster of {size} cannot be played",
            where=str(path),
            wanted="each member in one process, no part shared, convenor and movers among the witnesses",
        )
    return roster
