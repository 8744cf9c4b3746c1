"""What the pages are made from: the state at one head, the leaves and bodies behind it, and what follows by time.

Asks the state, and holds the few answers that several pages show alike: a name of an actor, a time, a duration, how
far an estimate or an audit is. Decides nothing that the fold does not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from comity.acts.charter import Charter
from comity.acts.statement import Act, read
from comity.assembly import audits, queries, witnesses
from comity.assembly.facts import AuditFacts, EstimateFacts, InForce
from comity.assembly.roll import Recount
from comity.assembly.state import State
from comity.canon import Digest
from comity.model import area
from comity.model import moment as moments
from comity.model.member import HUB
from comity.pages import words
from comity.pages.assembly.sheet import Cell, body_path, cell, member_path
from comity.pages.assembly.texts import Bodies

NEWEST: Final = 50  # rows of a list that grows with the log; a page says how many more there are
_UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One state and what it was made of.

    leaf: a leaf by its index.
    counted: a motion that is over, counted anew; asked only of those.
    """

    state: State
    leaf: Callable[[int], bytes]
    bodies: Bodies
    counted: Callable[[int], Recount]

    @property
    def charter(self) -> Charter:
        """The charter as it stands."""
        return witnesses.charter_of(self.state)

    def said(self, index: int) -> Act:
        """The act of a leaf that has effect."""
        return read(self.leaf(index), where=f"leaf {index}").act

    def actor(self, id: str) -> Cell:
        """An actor by its name, with a link to its page if it has one."""
        return cell(self.name(id), member_path(id) if id in self.state.actors else "")

    def body(self, digest: Digest) -> Cell:
        """A public body by its digest, with a link to its file if it is at hand."""
        return Cell(digest, body_path(digest) if self.bodies.has(digest) else "", code=True)

    def name(self, id: str) -> str:
        """An actor's id, and the area that it speaks for; an agency speaks for none."""
        if id == HUB:
            return words.say("actor.hub")
        actor = self.state.actors.get(id)
        party = actor.party if actor else self.state.candidates.get(id)
        known = party is not None and party.role != "custodian" and area.known(party.area)
        of = area.name(party.area) if party is not None and known else ""
        if of and of.casefold() != id.replace("-", " ").casefold():
            return words.say("actor.area", id=id, area=of)
        return id


def time(seconds: int | None) -> str:
    """A time of the log, as its ticks tell it; a sign for none."""
    return words.say("assembly.none") if seconds is None else words.say("when.utc", date=moments.plain(seconds))


def duration(seconds: int) -> str:
    """A length of time in the largest unit that measures it whole."""
    unit, of = next((unit, of) for unit, of in _UNITS if seconds % of == 0 and (seconds or of == 1))
    return words.count(f"assembly.duration.{unit}", seconds // of)


def force(state: State, entry: InForce) -> str:
    """Whether an adopted thing is in force, or when it will be."""
    if entry.starts > state.time:
        return words.say("assembly.force.coming", time=time(entry.starts))
    if entry.until is not None:
        key = "assembly.force.ends" if state.time < entry.until else "assembly.force.ended"
        return words.say(key, time=time(entry.until))
    return words.say("assembly.force.since", time=time(entry.starts))


def estimate(state: State, facts: EstimateFacts) -> str:
    """How far an estimate is, as a code: open, silent, answered, or how it was settled."""
    return facts.settled.outcome if facts.settled is not None else queries.estimate_stage(state, facts)


def audit(state: State, facts: AuditFacts) -> str:
    """How far an audit is, as a code: open, silent, answered, answered-late, refused or refused-late."""
    return audits.standing(facts, state.time).replace(" ", "-")
