"""A node whose folder was restored from a backup: what it forgot, and what it may not do before it knows the log again.

Everything between backup and loss is gone from its books, and the log has it. Decides that such a node answers nothing
and says nothing by itself until it has read a checkpoint that the quorum cosigned after the restore: no hub can show it
a log from before its own answers then. At that point every exchange that it was on the roster of counts as spent, and
what it said stands as said: an attempt that it had consented to goes on without it, for its secrets are in no backup.
It cosigns nothing smaller than the largest checkpoint that is published.

A folder that was copied back by hand carries no mark. It is found out by the log: an act of this node's that its own
journal does not have can only have been made by a later life of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity import canon
from comity.acts.refs import Ref
from comity.adapters import durable
from comity.adapters.folder import PRIVATE_FILE
from comity.assembly.facts import ConsentFacts
from comity.assembly.state import State
from comity.assembly.witnesses import key_name
from comity.errors import NotVerified
from comity.services.node import charges, sources
from comity.services.node.office import Office
from comity.stages.protect import budget
from comity.tlog.witness import Memory

FILE: Final = "restored.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """When the books end, and when they were put back; POSIX seconds. taken: 0 if nobody knows."""

    taken: int
    restored: int


def mark(home: Path, what: Mark) -> None:
    """Say of a folder that it was restored; it stays said until `settle` takes it back."""
    durable.write(home / FILE, canon.encode(what), mode=PRIVATE_FILE)


def marked(home: Path) -> Mark | None:
    """Whether a folder was restored and has not caught up with the log yet."""
    path = home / FILE
    return canon.decode(path.read_bytes(), Mark, where=str(path)) if path.exists() else None


def is_older(office: Office, state: State) -> bool:
    """Whether the log holds an act of this node's, by its keys of now, that its journal does not know; or an answer
    that its ledger has no charge for, because that file alone was set back.
    """
    actor = state.actors.get(office.member)
    since = -1 if actor is None or actor.recovered is None else actor.recovered
    return charges.forgotten(office, state) or any(
        ref.index > since and not office.journal.knows(ref.digest) for ref in _acts(state, office.member)
    )


def settle(office: Office) -> bool:
    """Whether the node may answer: it was not restored, or has caught up now, durably, in ledger and witness's memory.

    Raises:
        NotVerified: what it cosigned is not the beginning of the log that is shown.
        Unreachable: the hub does not answer; nothing is settled yet.
    """
    found, seen = marked(office.home), office.follower.seen
    if found is None:
        return True
    if seen is None:
        return False
    _remember(office)
    if not seen.times or seen.time <= found.restored:
        return False
    office.ledger.put_down(charges.owed(office, office.follower.state, lambda consent: _source(office, consent)))
    durable.remove(office.home / FILE)
    return True


def _remember(office: Office) -> None:
    """Take the published checkpoint as the one cosigned last, unless a larger one is known."""
    seen, growth, reader = office.follower.seen, office.growth, office.follower.reader
    if seen is None or growth is None:
        return
    checkpoint, last = seen.checkpoint, growth.last(seen.checkpoint.origin)
    if last.memory.size >= checkpoint.size:
        return
    if reader.root(last.memory.size) != last.memory.root:
        raise NotVerified(
            "the log does not grow out of what this node cosigned before it was restored",
            where=f"checkpoint {checkpoint.size} of {checkpoint.origin}",
            wanted=f"the same first {last.memory.size} leaves",
            way_out="nothing is cosigned or answered; ask the other witnesses what they saw",
        )
    own = dict(seen.times).get(key_name(checkpoint.origin, office.member), 0)
    memory = Memory(checkpoint.size, checkpoint.root)
    growth.advance(checkpoint.origin, last.memory, memory, time=max(last.time, own))


def _source(office: Office, consent: ConsentFacts) -> str:
    """The source that a consent was given with; every source if none at home has its binding any more."""
    for entry in sources.read(office.home):
        if consent.binding in [binding.digest for binding in sources.bindings(office.home, entry)]:
            return entry.source.id
    return budget.ANY


def _acts(state: State, member: str) -> Iterator[Ref]:
    """What a member's node said by itself, and what is left to say only once."""
    for index, consent in state.consents.items():
        if consent.member == member:
            yield consent.ref
            if index in state.nationals:
                yield state.nationals[index].ref
    for facts in state.exchanges.values():
        for said in (facts.shares, facts.answers, facts.unmask):
            if member in said:
                yield said[member].ref
