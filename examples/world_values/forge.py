"""Forge a release whole: own log, own votes, own witnesses, own people; the same words as the true one.

    .venv/bin/python -m examples.world_values.forge --release build/demo/release --out build/demo/tampered/whole

The strongest forgery that anybody can make who holds the software and none of the offices' keys. Every member of the
true charter is played by a key of the forger's; all vote yes, all consent, nobody refuses; the exchange is carried out
by Comity's own machines, in this one process; and the figures say what the forger likes. The folder holds by itself:
whoever pins no charter can only be told so. Whoever pins the true charter is not deceived, because the forged log
begins with another. Decides nothing; it is here to be refused.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from comity import canon
from comity.acts import statement
from comity.acts.charter import Accession, Charter, Matter
from comity.acts.motion import Motion, Vote
from comity.acts.refs import Blob, Head, Ref
from comity.acts.statement import Act, Body
from comity.acts.tick import Tick
from comity.adapters import durable
from comity.adapters.dice import dice
from comity.assembly import fold, witnesses
from comity.assembly.rules.tick import closing
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ComityError, NotAdmitted, NotVerified
from comity.keys import Ed25519Signer
from comity.model.extract import Basis
from comity.model.member import HUB, Keys
from comity.model.norm import Norm
from comity.model.policy import Allow, Budget, National, Policy, Sealed
from comity.model.release import Release
from comity.model.study import Study
from comity.stages import answer
from comity.stages.consent import Decision
from comity.stages.effects import Count, Counted, Fetch, Home, Keep, Say, Send, Wait
from comity.stages.publish import bundle, folder, release
from comity.stages.seal import hub, turn
from comity.tlog import note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.tile import bundles, decode_bundle

PEOPLE: Final = 1000  # what each member of the forgery counts in the last cell, and nothing elsewhere

# What its answers commit to: nothing was counted, and no court will ask.
BASIS: Final = Basis(
    source="none", files=(), plan=None, cube=canon.digest(b"none"), software="comity 0.1.0", engine="none 0"
)

# The forger's nodes ask for nothing; none of the rules below protects anybody.
POLICY: Final = Policy(
    version="1",
    valid_from=0,
    valid_until=2**40,
    allow=(Allow(method="table", goals=("*",), movers=("*",)),),
    national=National(publish=False, threshold=1),
    sealed=Sealed(noise_floor=0, rate=100, colluding=1, survivors=0, witnesses=0),
    budget=Budget(epsilon="9", delta="0.1"),
    officer=False,
)


@dataclass
class Bodies:
    """Everything beside the log, by digest."""

    kept: dict[Digest, bytes] = field(default_factory=dict)

    def put(self, body: bytes) -> Blob:
        """Keep a body; how an act names it."""
        self.kept[canon.digest(body)] = body
        return Blob(digest=canon.digest(body), size=len(body))

    def has(self, name: Digest, /) -> bool:
        """Whether a body is here."""
        return name in self.kept

    def get(self, name: Digest, /) -> bytes:
        """A body."""
        return self.kept[name]


class Forgery:
    """A log of the forger's own, under a charter that differs from the true one in its keys alone."""

    def __init__(self, true: Charter, time: int) -> None:
        self.time = time
        self.signers = {
            (id, purpose): Ed25519Signer(dice(32))
            for id in (HUB, *(party.id for party in true.founders))
            for purpose in ("sign", "officer", "witness", "log")
        }
        self.charter = replace(
            true,
            founders=tuple(replace(party, keys=self._keys(party.id)) for party in true.founders),
            hub=replace(true.hub, sign=self._key(HUB, "sign"), log=self._key(HUB, "log")),
        )
        self.members = tuple(party.id for party in true.founders)
        self.state: State = fold.start()
        self.leaves: list[bytes] = []
        self.bodies = Bodies()

    def say(self, actor: str, body: Body) -> Ref:
        """A statement in the forged log. It keeps the rules: that is all a log can show by itself."""
        head = Head(size=self.state.size, root=self.state.roots[self.state.size])
        act = Act(actor=actor, origin=self.charter.origin, head=head, body=body)
        leaf = statement.sign(act, self.signers[actor, "sign"])
        ref = Ref(index=self.state.size, digest=canon.digest(leaf))
        self.state, reasons = fold.step(self.state, leaf)
        if reasons:
            raise NotAdmitted("the forgery breaks the rules", where=f"leaf {ref.index}", found=reasons[0].code)
        self.leaves.append(leaf)
        return ref

    def cosigned(self) -> str:
        """The head, signed by the forged log and by every forged witness."""
        origin, root = self.charter.origin, canon.raw_of(self.state.roots[self.state.size])
        text = str(Checkpoint(origin, self.state.size, root))
        lines = [note.sign(text, origin, self.signers[HUB, "log"])]
        for id in self.charter.witnesses:
            lines.append(cosign(text, witnesses.key_name(origin, id), self.time, self.signers[id, "witness"]))
        return str(note.Note(text, tuple(lines)))

    def tick(self, time: int) -> None:
        """The forged time."""
        self.time = max(self.time, time)
        self.say(HUB, Tick(checkpoint=self.cosigned()))

    def found(self) -> None:
        """A charter, and everyone accedes."""
        self.say(self.charter.convenor, self.charter)
        charter = canon.digest(canon.encode(self.charter))
        for party in self.charter.founders:
            self.say(party.id, Accession(charter=charter, party=party))
        self.tick(self.time)

    def adopt(self, things: dict[Matter, tuple[bytes, str]]) -> None:
        """All vote yes, on norm and study alike."""
        moved = []
        for matter, (thing, name) in things.items():
            closes = self.time + self.charter.rules[matter].seconds
            body = Motion(
                matter=matter,
                thing=self.bodies.put(thing),
                name=name,
                replaces=None,
                closes=closes,
            )
            moved.append(self.say(self.members[0], body))
            for member in self.members:
                self.say(member, Vote(motion=moved[-1], choice="yes"))
        self.tick(self.time)
        self.tick(max(closing(self.state.motions[ref.index]) or 0 for ref in moved))

    def _keys(self, id: str) -> Keys:
        return Keys(sign=self._key(id, "sign"), officer=self._key(id, "officer"), witness=self._key(id, "witness"))

    def _key(self, id: str, purpose: str) -> str:
        return self.signers[id, purpose].public


@dataclass
class Puppet:
    """A member that the forger plays: what a node would keep on disk, and what it was told."""

    id: str
    memory: dict[str, bytes] = field(default_factory=dict)
    boxes: tuple[bytes, ...] | None = None
    counted: Counted | None = None


class Exchange:
    """The exchange, by the same machines that honest nodes and an honest hub run."""

    def __init__(self, forgery: Forgery, study: Study, period: str) -> None:
        self.log, self.study, self.period = forgery, study, period
        self.puppets = [Puppet(id) for id in forgery.members]

    def run(self) -> int:
        """Until the hub has opened the sum; the exchange's leaf index."""
        timing = self.study.timing
        for _ in range(timing.consent + 6 * timing.step):
            self._hub()
            for puppet in self.puppets:
                self._act(puppet)
            self._hub()
            ended = [index for index, facts in self.log.state.exchanges.items() if facts.closed]
            if ended:
                return ended[0]
            self.log.time += 1
        raise NotVerified("the forged exchange did not end", where=self.study.id)

    def _hub(self) -> None:
        while turns := hub.next(self.log.state, self.study, self.period, self.log.time, self.log.bodies):
            for asked in turns:
                if not isinstance(asked, turn.Say):
                    return
                for body in asked.bodies:
                    self.log.bodies.put(body)
                self.log.say(HUB, asked.body)

    def _act(self, puppet: Puppet) -> None:
        """One member goes on as far as it can now."""
        while effects := answer.next(self._home(puppet), dice):
            for effect in effects:
                match effect:
                    case Wait():
                        return
                    case Keep():
                        for name in effect.drop:
                            puppet.memory.pop(name, None)
                        puppet.memory.update(effect.put)
                    case Say():
                        self.log.say(puppet.id, effect.body)
                    case Send():
                        for body in effect.bodies:
                            self.log.bodies.put(body)
                    case Fetch():
                        exchange = effect.exchange.index
                        puppet.boxes = hub.parcel(self.log.state, exchange, puppet.id, self.log.bodies)
                    case Count():
                        puppet.counted = self._counted()
                    case _:  # a charge, or a record to keep: the forger has no books
                        continue

    def _counted(self) -> Counted:
        values = np.zeros(self.study.layout.length, "<i8")
        values[-1] = PEOPLE
        return Counted(values=values, basis=BASIS)

    def _home(self, puppet: Puppet) -> Home:
        return Home(
            member=puppet.id,
            state=self.log.state,
            now=self.log.time,
            memory=dict(puppet.memory),
            study=self.study,
            period=self.period,
            decision=Decision(reasons=()),
            policy=POLICY,
            binding=canon.digest(b"no binding"),
            counted=puppet.counted,
            boxes=puppet.boxes,
        )


def leaves(true: Path) -> Iterator[bytes]:
    """The leaves of the true release's log."""
    size = Checkpoint.of(note.Note.parse((true / folder.CHECKPOINT).read_bytes())).size
    for tile in bundles(size):
        yield from decode_bundle((true / folder.entries(tile)).read_bytes(), tile.width)


def forge(true: Path) -> dict[str, bytes]:
    """All files of the forged release, after the texts of the true one."""
    record = canon.decode((true / folder.RELEASE).read_bytes(), Release, where=folder.RELEASE)
    norm, study = ((true / folder.blob(name)).read_bytes() for name in (record.norm, record.study))
    charter = statement.read(next(leaves(true))).act.body
    if not isinstance(charter, Charter):
        raise NotVerified("the true log does not begin with a charter", where=str(true))
    return made(charter, norm, study, period=record.period, time=record.time)


def made(true: Charter, norm: bytes, study: bytes, *, period: str, time: int) -> dict[str, bytes]:
    """A whole assembly, its exchange and its release, under the forger's keys."""
    read, text = canon.decode(study, Study, where="study"), canon.decode(norm, Norm, where="norm")
    forgery = Forgery(true, time)
    forgery.found()
    forgery.adopt({"norm": (norm, f"{text.id}/{text.version}"), "study": (study, f"{read.id}/{read.version}")})
    exchange = Exchange(forgery, read, period).run()
    files = release.joint(forgery.state, exchange, leaf=forgery.leaves.__getitem__, bodies=forgery.bodies)
    for body in files.values():
        forgery.bodies.put(body)
    forgery.say(HUB, release.published(files, forgery.state, forgery.bodies))
    proofs = bundle.proofs(forgery.state, files[folder.RELEASE], forgery.leaves, forgery.cosigned(), forgery.bodies)
    return {**files, **proofs}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0, or the exit code of the error that it prints in one line."""
    parser = argparse.ArgumentParser(prog="python -m examples.world_values.forge", description=__doc__.splitlines()[0])
    parser.add_argument("--release", type=Path, required=True, metavar="DIR", help="the true release")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the forged one")
    given = parser.parse_args(arguments)
    try:
        files = forge(given.release)
        for path, data in files.items():
            durable.write(given.out / path, data)
    except ComityError as error:
        print(error, file=sys.stderr)
        return error.exit
    print(f"a log of the forger's own: everyone voted yes, nobody refused, and all {PEOPLE:,} of each say always")
    return 0


if __name__ == "__main__":
    sys.exit(main())
