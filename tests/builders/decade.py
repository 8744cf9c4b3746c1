"""The log of an assembly of 193 members, as long as wanted: what they would say in ten years, all of it with effect.

Made without a fold, so that a million leaves are made in the time of a million signatures: heads, references and ticks
are kept here. Each round is one motion and what belongs to it: comments, answers, all members' votes, two ticks; every
other motion is a study, which all answer with a consent to a national table or a refusal. That is 33 motions a year in
100,000 leaves. A tick comes at least every `EVERY` leaves; statements name the head of the last one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from comity import canon
from comity.acts.charter import Accession, Charter, Rule
from comity.acts.consent import ConsentGiven, ConsentRefused
from comity.acts.motion import Comment, CommentAnswered, Motion, Vote
from comity.acts.refs import Head, Ref
from comity.acts.statement import Act, Body, sign
from comity.acts.tick import Tick
from comity.assembly import witnesses
from comity.keys import Ed25519Signer
from comity.model.member import HUB
from comity.model.reason import Reason
from comity.tlog import note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.merkle import Range, leaf_hash
from tests.builders.assembly import START, blob, charter_of, party, signer

MEMBERS: Final = 193
FOUNDERS: Final = 160  # keys of more do not fit leaf 0; the others are admitted by motions
UNLESS_ONE_OBJECTS: Final = Rule(method="consensus", share=0, quorum=0, objections=1, seconds=60)
EVERY: Final = 100  # leaves
REMARKS: Final = 6  # comments on a motion
NONE: Final = canon.digest(b"")


@dataclass(slots=True)
class Decade:
    """A log that grows by whole rounds; `leaves` is what was said so far."""

    members: int = MEMBERS
    leaves: list[bytes] = field(default_factory=list)
    charter: Charter = field(init=False)
    ids: tuple[str, ...] = field(init=False)
    time: int = START
    _range: Range = Range()
    _head: Head = field(init=False)
    _rounds: Iterator[None] = field(init=False)

    def __post_init__(self) -> None:
        parties = [party(f"m{i:03}") for i in range(1, self.members + 1)]
        founders, later = parties[:FOUNDERS], parties[FOUNDERS:]
        self.charter = charter_of(founders, rules={"member": UNLESS_ONE_OBJECTS})
        self.ids = tuple(one.id for one in parties)
        self._head = Head(size=0, root=NONE)
        self._say(self.charter.convenor, self.charter)
        pinned = canon.digest(canon.encode(self.charter))
        for one in founders:
            self._say(one.id, Accession(charter=pinned, party=one))
        self._tick(0)
        for mover, one in zip(self.ids, later, strict=False):  # nobody has more open motions than one may
            thing, closes = blob(canon.encode(one)), self.time + 60
            self._say(mover, Motion(matter="member", thing=thing, name=one.id, replaces=None, closes=closes))
        self._tick(10)
        self._tick(100)
        for one in later:
            self._say(one.id, Accession(charter=pinned, party=one))
        self._rounds = self._life()

    def grow(self, size: int) -> list[bytes]:
        """The first `size` leaves; the log goes on from there when more are asked for."""
        while len(self.leaves) < size:
            next(self._rounds)
        return self.leaves[:size]

    def _life(self) -> Iterator[None]:
        """Each act in turn, for ever."""
        round_ = 0
        while True:
            round_ += 1
            mover = self.ids[round_ % self.members]
            matter = "study" if round_ % 2 else "norm"
            thing = blob(b"%s %d" % (matter.encode(), round_))
            closes = self.time + 3600
            body = Motion(matter=matter, thing=thing, name=f"thing/{round_}", replaces=None, closes=closes)  # type: ignore[arg-type]
            motion = self._say(mover, body)
            yield
            self._tick(10)
            yield
            for place in range(REMARKS):
                text = blob(b"remark %d" % place)
                remark = self._say(
                    self.ids[(round_ + place) % self.members], Comment(motion=motion, text=text, language="en")
                )
                yield
                self._say(mover, CommentAnswered(comment=remark, answer="noted", text=text, language="en"))
                yield
            for place, id in enumerate(self.ids):
                self._say(id, Vote(motion=motion, choice=("yes", "yes", "no", "abstain")[(place + round_) % 4]))  # type: ignore[arg-type]
                yield
            self._tick(4000)
            yield
            if matter == "study":
                yield from self._answers(thing.digest)

    def _answers(self, study: canon.Digest) -> Iterator[None]:
        """Four of five consent, one refuses."""
        for place, id in enumerate(self.ids):
            if place % 5:
                self._say(
                    id, ConsentGiven(study=study, period="1", sealed=None, national=True, binding=NONE, policy=NONE)
                )
            else:
                refusal = (Reason(code="policy.noise-below-floor"),)
                self._say(id, ConsentRefused(study=study, period="1", reasons=refusal))
            yield

    def _say(self, actor: str, body: Body) -> Ref:
        if len(self.leaves) - self._head.size >= EVERY and not isinstance(body, Tick):
            self._tick(10)
        act = Act(actor=actor, origin=self.charter.origin, head=self._head, body=body)
        leaf = sign(act, _signer(actor, "sign"))
        self.leaves.append(leaf)
        self._range = self._range.append(leaf_hash(leaf))
        return Ref(index=len(self.leaves) - 1, digest=canon.digest(leaf))

    def checkpoint(self, seconds: int = 0) -> str:
        """The newest checkpoint under all witnesses, so many seconds after the last tick."""
        size, root, origin = len(self.leaves), self._range.root(), self.charter.origin
        text = str(Checkpoint(origin, size, root))
        lines = [note.sign(text, origin, _signer(HUB, "log"))]
        for id in self.charter.witnesses:
            lines.append(cosign(text, witnesses.key_name(origin, id), self.time + seconds, _signer(id, "witness")))
        return str(note.Note(text, tuple(lines)))

    def _tick(self, seconds: int) -> None:
        told = self.checkpoint(seconds)
        self.time += seconds
        self._head = Head(size=len(self.leaves), root=canon.Digest("sha256:" + self._range.root().hex()))
        self._say(HUB, Tick(checkpoint=told))


@cache
def _signer(owner: str, purpose: str) -> Ed25519Signer:
    return signer(owner, purpose)
