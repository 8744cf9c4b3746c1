"""What an office says in the assembly by its officer's hand: it accedes, moves, comments, votes, takes back.

Each function reads the log first, by the same rules as the running node, and says nothing if that fails. What may be
said is judged by the log's rules at the hub's door; a command given twice is one statement.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from comity import canon
from comity.acts.charter import Accession, Matter, Withdrawal
from comity.acts.consent import ConsentRevoked, PolicyPublished
from comity.acts.motion import Choice, Comment, CommentAnswered, Motion, MotionWithdrawn, Taken, Vote
from comity.acts.refs import Blob, Ref
from comity.acts.statement import Body
from comity.acts.terms import Terms
from comity.adapters import clock
from comity.assembly import queries
from comity.assembly.facts import InForce, MotionFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ConfigError, NotAdmitted, Unreachable, UsageError
from comity.model.bundle import folder, recognised
from comity.model.member import Party
from comity.model.study import Study
from comity.services.node import successor, version
from comity.services.node.office import Office

POLL: Final = 0.5  # seconds
NEAR: Final = 256  # leaves that may have been logged since a checkpoint was cosigned
CONDITIONS: Final = ("matter", "replaces", "amends", "starts", "review")  # by which one motion is another
PATIENCE: Final = 15.0  # seconds in which something just said by another may still come


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A statement that is in the log: its kind, where it stands, and the digest by which others name it."""

    kind: str
    index: int
    leaf: Digest


def accede(home: Path, *, patience: float = PATIENCE) -> Said:
    """Join, as the party that the charter or an adopted motion names; ConfigError if it names other keys."""
    with Office.open(home, runs=False) as office:
        state = until(office, lambda state: _is_awaited(state, office.member), patience)
        party = _agreed(office, state)
        if party is None or state.charter_digest is None:
            raise _unawaited(state, office.member)
        if party.keys != office.keyring.public():
            raise ConfigError(
                "the charter names other keys for this office",
                where=str(home / "keys"),
                way_out="use the folder whose keys were sent to the convenor",
            )
        return say(office, "accession", Accession(charter=state.charter_digest, party=party))


def _unawaited(state: State, id: str) -> NotAdmitted:
    """Why an office that neither the charter nor an adopted motion names cannot join."""
    if id in state.actors:
        actor = state.actors[id]
        if actor.until is None:
            way_out = "nothing is left to do: comity assembly members"
        else:
            way_out = "to come back, it needs a member's motion: comity motion move member party.json"
        return NotAdmitted("this office has acceded already", where=id, found=f"leaf {actor.since}", way_out=way_out)
    return NotAdmitted(
        "neither the charter nor an adopted motion names this office",
        where=id,
        way_out="send party.json to a member, who moves it: comity motion move member party.json",
    )


def _is_awaited(state: State, id: str) -> bool:
    """Whether the charter names this party and it has not acceded, or the members admitted it."""
    return id in state.candidates or bool(_admissions(state, id))


def _admissions(state: State, id: str) -> list[InForce]:
    return [thing for thing in queries.standing(state, "member") if thing.name == id]


def _agreed(office: Office, state: State) -> Party | None:
    """The party that the charter names, or the one that the members admitted last, by the text that they voted on."""
    if office.member in state.candidates:
        return state.candidates[office.member]
    admitted = _admissions(state, office.member)
    return canon.decode(office.text(admitted[-1].thing.digest), Party, where="party") if admitted else None


def admit(home: Path, id: str, *, weight: int = 1, seconds: int = 0) -> Said:
    """Move that a candidate be a member, with the keys that it has now; it accedes anew once that is adopted."""
    with Office.open(home, runs=False) as office:
        actor = until(office, lambda state: id in state.actors, 0).actors.get(id)
    if actor is None or actor.until is not None or actor.party.role != "candidate":
        raise UsageError(
            "no candidate",
            where=id,
            found="nobody who acceded" if actor is None else f"a {actor.party.role}" + " that left" * bool(actor.until),
            wanted="a candidate that acceded",
            way_out="comity assembly members; who has not acceded is moved by its card: comity motion move member "
            "party.json",
        )
    party = replace(actor.party, role="member", weight=weight, keys=actor.keys)
    return move(home, "member", canon.encode(party), name=id, seconds=seconds)


def leave(home: Path) -> Said:
    """Withdraw from the assembly; what was said stands."""
    with Office.open(home, runs=False) as office:
        state = until(office, lambda state: office.member in state.actors, 0)
        if state.charter_digest is None:
            raise NotAdmitted("no charter was read", where=office.member)
        return say(office, "withdrawal", Withdrawal(charter=state.charter_digest))


def move(
    home: Path,
    matter: Matter,
    thing: bytes,
    *,
    name: str = "",
    seconds: int = 0,
    replaces: int | None = None,
    amends: int | None = None,
    starts: int | None = None,
    review: int | None = None,
    terms: Terms | None = None,
    patience: float = PATIENCE,
    now: Callable[[], int] = clock.now,
) -> Said:
    """Move that a thing (its canonical JSON) be in force, and put its text where all can read it.

    Args:
        name: for people; of a norm or study it is their own id and version.
        seconds: how long the motion is open, if longer than the charter's rule asks.
        replaces: leaf index of the adopted motion whose thing this one takes the place of.
        amends: leaf index of this office's open motion whose draft this one changes.
        starts, review: POSIX seconds from which the thing is in force, and at which it is looked at again.
        terms: of a motion on charter, office, hub or witnesses, what the thing is the canonical JSON of.
    """
    with Office.open(home, runs=False, now=now) as office:
        named = [index for index in (replaces, amends) if index is not None]

        def is_ready(state: State) -> bool:
            here = state.time > 0 and office.member in state.actors
            return here and not any(_may_come(state, index) for index in named)

        state = until(office, is_ready, patience)
        if state.charter is None:
            raise NotAdmitted("no charter was read", where=office.member)
        blob = Blob(digest=canon.digest(thing), size=len(thing))
        body = Motion(
            matter=matter,
            thing=blob,
            name=_name(matter, thing, name),
            replaces=None if replaces is None else motion_of(state, replaces).ref,
            closes=max(state.time, office.now()) + max(seconds, state.charter.rules[matter].seconds) + 1,
            terms=terms,
            amends=None if amends is None else motion_of(state, amends).ref,
            starts=starts,
            review=review,
        )
        if (stands := _moved_already(state, office.member, body)) is not None:  # and perhaps killed before its text
            office.send((thing,))
            return Said(kind="motion", index=stands.index, leaf=stands.digest)
        if matter == "norm":
            version.check(office, state, thing, body.replaces)
        said = say(office, "motion", body)
        office.send((thing,))
        return said


def _moved_already(state: State, mover: str, body: Motion) -> Ref | None:
    """This office's open motion of the very same; UsageError for one about the same thing under other conditions."""
    about = queries.motions_about(state, body.thing.digest)
    mine = [m for m in about if (m.mover, m.outcome) == (mover, "open") and m.ref != body.amends]
    differs = {m.ref: [name for name in CONDITIONS if getattr(m, name) != getattr(body, name)] for m in mine}
    same = [ref for ref, names in differs.items() if not names]
    if differs and not same:
        ref, names = next(iter(differs.items()))
        raise UsageError(
            "this office has an open motion about the same thing",
            where=f"motion {ref.index}",
            found=f"another {', another '.join(names)}",
            wanted="the same, or no such motion",
            way_out=f"comity motion withdraw {ref.index}, or give --amends {ref.index} if the matter is the same",
        )
    return same[0] if same else None


def comment(home: Path, motion: int, text: str, *, language: str = "en", patience: float = PATIENCE) -> Said:
    """Remark on a motion (its leaf index); the text is kept beside the log."""
    data = text.encode()
    if not data:
        raise UsageError("an empty comment", where=f"motion {motion}", wanted="a text")
    with Office.open(home, runs=False) as office:
        facts = motion_of(until(office, lambda state: not _may_come(state, motion), patience), motion)
        blob = Blob(digest=canon.digest(data), size=len(data))
        said = say(office, "comment", Comment(motion=facts.ref, text=blob, language=language))
        office.send((data,))
        return said


def answer(
    home: Path, comment: int, taken: Taken, text: str, *, language: str = "en", patience: float = PATIENCE
) -> Said:
    """Answer a comment (its leaf index) on a motion of this office; the text is kept beside the log."""
    data = text.encode()
    if not data:
        raise UsageError("an empty answer", where=f"comment {comment}", wanted="a text")
    with Office.open(home, runs=False) as office:
        state = until(office, lambda state: not _may_come(state, comment), patience)
        if comment not in state.remarks:
            raise UsageError("no such comment", where=f"leaf {comment}", way_out="comity motion show MOTION")
        (leaf,) = office.follower.reader.leaves(comment, comment + 1)
        ref = Ref(index=comment, digest=canon.digest(leaf))
        blob = Blob(digest=canon.digest(data), size=len(data))
        said = say(office, "comment/answered", CommentAnswered(comment=ref, answer=taken, text=blob, language=language))
        office.send((data,))
        return said


def vote(home: Path, motion: int, choice: Choice, *, patience: float = PATIENCE) -> Said:
    """Cast this member's one vote on a motion (its leaf index)."""
    with Office.open(home, runs=False) as office:
        facts = motion_of(until(office, lambda state: not _may_come(state, motion), patience), motion)
        return say(office, "vote", Vote(motion=facts.ref, choice=choice))


def withdraw(home: Path, motion: int) -> Said:
    """Take back a motion of one's own before it closes."""
    with Office.open(home, runs=False) as office:
        facts = motion_of(until(office, lambda state: motion in state.motions, 0), motion)
        return say(office, "motion/withdrawn", MotionWithdrawn(motion=facts.ref))


def revoke(home: Path, study: str, period: str) -> Said:
    """Take back a consent; an exchange already opened loses this member. The study by digest, id or id/version."""
    with Office.open(home, runs=False) as office:
        state = until(office, lambda state: True, 0)
        digest = study_of(state, study)
        own = [c for c in queries.consents(state, digest, period) if c.member == office.member and c.revoked is None]
        if not own:
            raise NotAdmitted("no consent of this office stands", where=f"{period} of {study}")
        return say(office, "consent/revoked", ConsentRevoked(consent=own[-1].ref))


def publish(home: Path) -> Said:
    """Show the assembly the policy by which this office answers; the newest one that an office showed counts."""
    with Office.open(home, runs=False) as office:
        text = canon.encode(office.policy)
        until(office, lambda state: office.member in state.actors, 0)
        said = say(office, "policy/published", PolicyPublished(policy=Blob(digest=canon.digest(text), size=len(text))))
        office.send((text,))
        return said


def until(office: Office, holds: Callable[[State], bool], patience: float) -> State:
    """The state, read anew until something holds in it or patience ends; whether it does is the caller's to ask."""
    end = time.monotonic() + patience
    while True:
        _poll(office)
        if office.follower.seen is None and office.follower.state.size == 0:
            office.follower.pending()
        office.follower.check_clock(office.now())
        if holds(office.follower.state) or time.monotonic() >= end:
            return office.follower.state
        time.sleep(POLL)


def _poll(office: Office) -> None:
    """Look for a new checkpoint; where the hub is gone, at the one that the members chose to follow it."""
    try:
        office.follower.poll()
    except Unreachable:
        if successor.seek(office) is None:
            raise
        office.follower.poll()


def _may_come(state: State, index: int) -> bool:
    """Whether a leaf was not read yet, but may have been logged just now."""
    return state.size <= index < state.size + NEAR


def motion_of(state: State, index: int) -> MotionFacts:
    """A motion by its leaf index; UsageError if there is none."""
    if index not in state.motions:
        known = ", ".join(f"{i} ({m.name})" for i, m in state.motions.items()) or "none"
        raise UsageError("no such motion", where=f"leaf {index}", wanted=known, way_out="comity motion list")
    return state.motions[index]


def study_of(state: State, word: str) -> Digest:
    """A study that was moved, by digest, id or id/version; the one in force where several have the name."""
    moved = [motion for _, motion in sorted(state.motions.items()) if motion.matter == "study"]
    named = [m for m in moved if word in (m.thing.digest, m.name, m.name.partition("/")[0])]
    named.sort(key=lambda motion: (motion.matter, motion.thing.digest) in state.in_force)
    if not named:
        known = ", ".join(motion.name for motion in moved) or "none"
        raise UsageError("no such study", where=word, wanted=known, way_out="comity study list")
    return named[-1].thing.digest


def say(office: Office, kind: str, body: Body, *, purpose: str = "sign") -> Said:
    """Say it by the key of a purpose."""
    spoken = office.say(body, purpose=purpose)
    return Said(kind=kind, index=spoken.index, leaf=canon.digest(spoken.leaf))


def _name(matter: Matter, thing: bytes, name: str) -> str:
    """What people call the thing; a norm or study says it itself, and is refused here if it cannot be read."""
    if matter == "norm":
        return folder.decode(thing, where="norm").name
    if matter == "norm-recognised":
        return recognised.decode(thing, where="recognised norm").name
    if matter == "study":
        study = canon.decode(thing, Study, where="study")
        return f"{study.id}/{study.version}"
    if not name:
        raise UsageError("the motion's thing has no name", where=matter, wanted="a name")
    return name
