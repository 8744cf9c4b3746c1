"""Who is in the demonstration: reads `members.json`, which the splitter wrote beside the people.

Decides nothing: who refuses, is silent or drops out is fixed in the example's own file, drawn by lot.
"""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One demonstration node."""

    id: str
    area: str
    name: str
    rows: int
    role: str  # answers, refuses, silent or drops-out
    witness: bool
    process: str  # members of one process share its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """All members, and who does what."""

    data: str  # wvs or synthetic
    fallback: bool
    label: str
    nodes: str
    claims: str
    convenor: str
    moves: str
    comments: str
    members: tuple[Member, ...]

    def playing(self, role: str) -> Member:
        """The first member with a role."""
        return next(member for member in self.members if member.role == role)

    @property
    def processes(self) -> dict[str, tuple[Member, ...]]:
        """Members by the process that hosts them."""
        hosts: dict[str, tuple[Member, ...]] = {}
        for member in self.members:
            hosts[member.process] = (*hosts.get(member.process, ()), member)
        return hosts

    @property
    def synthetic(self) -> bool:
        """Whether the people were made up."""
        return self.data == "synthetic"


def read(path: Path) -> Cast:
    """The cast as the splitter wrote it."""
    text = json.loads(path.read_text("utf-8"))
    return Cast(
        **{name: text[name] for name in ("data", "fallback", "label", "nodes", "claims")},
        **{name: text[name] for name in ("convenor", "moves", "comments")},
        members=tuple(Member(**one) for one in text["members"]),
    )
