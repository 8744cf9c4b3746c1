"""Which pages an assembly has, and all that each is made from: a page is made anew only if that has changed.

`facts` of a draft are compared and never shown. Whatever a page shows and is not in them would go stale: where it is
cheap they are the page itself, laid out; of pages that grow in number with the log they are what the state says.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final

from comity.acts.refs import Blob
from comity.assembly.facts import AuditFacts, EstimateFacts, MotionFacts
from comity.canon import Digest
from comity.errors import FormatError
from comity.model.member import member_id
from comity.pages.assembly import audit, estimate, hall, lists, member, motion, norms, room
from comity.pages.assembly.index import Index
from comity.pages.assembly.questions import questions
from comity.pages.assembly.room import Room
from comity.pages.assembly.sheet import NORMS, Family, Sheet, leaf_path, list_path

FAMILIES: Final[tuple[Family, ...]] = ("motions", "estimates", "audits")


@dataclass(frozen=True, slots=True)
class Draft:
    """A page that is to be, and what it would be made from: equal facts make equal pages."""

    path: str
    facts: object
    sheet: Callable[[], Sheet]


def drafts(here: Room, index: Index) -> Iterator[Draft]:
    """Every page; that of the assembly, which names the head, is the last."""
    state, asked = here.state, questions(here)
    for leaf, facts in state.motions.items():
        yield _motion(here, index, leaf, facts)
    for leaf, put in state.estimates.items():
        yield _estimate(here, leaf, put)
    for leaf, asking in state.audits.items():
        yield _audit(here, leaf, asking)
    yield Draft(NORMS, _of_norms(here), partial(norms.sheet, here))
    for family in FAMILIES:
        yield from _lists(here, family)
    for id in filter(_is_id, sorted(state.actors)):
        yield _whole(member.sheet(here, index, asked, id))
    yield _whole(hall.sheet(here, asked))


def _whole(sheet: Sheet) -> Draft:
    return Draft(sheet.path, sheet, lambda: sheet)


def _motion(here: Room, index: Index, leaf: int, facts: MotionFacts) -> Draft:
    """While it is open, its roll and rule are those of this moment; afterwards nothing of it moves but what it did."""
    state, charter = here.state, here.charter
    entry = state.in_force.get((facts.matter, facts.thing.digest))
    now = (
        (charter.rules, charter.groups, charter.recused, charter.host, state.actors)
        if facts.outcome == "open"
        else None
    )
    force = room.force(state, entry) if entry is not None else ""
    followed = tuple(index.followed.get(leaf, ()))
    named = (facts.thing.digest, *index.texts.get(leaf, ()))
    made = (facts, now, entry, force, followed, _held(here, named))
    return Draft(leaf_path("motions", leaf), made, partial(motion.sheet, here, facts, followed=followed))


def _estimate(here: Room, leaf: int, facts: EstimateFacts) -> Draft:
    note = facts.answer.note if facts.answer else None
    blobs = (note, *((facts.settled.opened, facts.settled.counter) if facts.settled else ()))
    made = (facts, room.estimate(here.state, facts), _held(here, _digests(blobs)))
    return Draft(leaf_path("estimates", leaf), made, partial(estimate.sheet, here, facts))


def _audit(here: Room, leaf: int, facts: AuditFacts) -> Draft:
    blobs = (facts.text, *(facts.answer.evidence if facts.answer else ()))
    release = here.state.releases.get(facts.release.index)
    named = (*_digests(blobs), *(_digests((release.release,)) if release else ()))
    made = (facts, room.audit(here.state, facts), _held(here, named))
    return Draft(leaf_path("audits", leaf), made, partial(audit.sheet, here, facts))


def _of_norms(here: Room) -> object:
    entries = norms.adopted(here)
    reserved = tuple(said for _, said in sorted(here.state.reservations.items()))
    blobs = (*(entry.thing for entry in entries), *(one.text for said in reserved for one in said))
    force = tuple(room.force(here.state, entry) for entry in entries)
    return (entries, force, reserved, norms.earlier(here), _held(here, _digests(blobs)))


def _lists(here: Room, family: Family) -> Iterator[Draft]:
    """The lists of a family, each with what its rows are made from."""
    state, found = here.state, getattr(here.state, family)
    for number in range(1, lists.last(len(found)) + 1 if found else 1):
        leaves = tuple(islice(found, (number - 1) * lists.ROWS, number * lists.ROWS))
        full = number < lists.last(len(found))
        how = [room.estimate(state, found[leaf]) for leaf in leaves] if family == "estimates" else []
        how += [room.audit(state, found[leaf]) for leaf in leaves] if family == "audits" else []
        made = (tuple(found[leaf] for leaf in leaves), how, full)
        yield Draft(list_path(family, number), made, partial(lists.sheet, here, family, number, leaves, len(found)))


def _held(here: Room, names: Iterable[Digest]) -> tuple[bool, ...]:
    """Which of the bodies that a page shows are at hand."""
    return tuple(here.bodies.has(name) for name in names)


def _digests(blobs: Sequence[Blob | None]) -> tuple[Digest, ...]:
    return tuple(blob.digest for blob in blobs if blob is not None)


def _is_id(id: str) -> bool:
    """Whether an id may name a file."""
    try:
        return bool(member_id(id))
    except FormatError:
        return False
