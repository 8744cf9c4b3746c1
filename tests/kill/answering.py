"""A node between charge and send, over and over: forked when it is about to charge, and killed at any event from there.

The world around it (the log, the other offices, the hub) is the one of `tests.builders.seal`; ledger, vault, journal
and extracts are the node's own, on disk, and what leaves goes down a pipe, so that no death takes it back. An event is
each step before and after an effect, and each write, truncation and sync of a file or database in between.
"""

import ctypes
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from comity import canon
from comity.acts.exchange import Answer
from comity.adapters.blobs import Blobs
from comity.adapters.journal import Journal
from comity.adapters.ledger import Ledger, Line
from comity.adapters.vault import Question, Vault
from comity.canon import Digest
from comity.model.policy import Budget, National
from comity.services.node import say
from comity.stages import answer
from comity.stages.effects import Charge, Commit, Effect, Keep, Say, Send, Wait
from comity.stages.national import TABLE, TABLE_SENT
from comity.stages.protect.budget import Charged
from tests import sample
from tests.builders.seal import PERIOD, Killed, Office, World
from tests.kill.nursery import PR_SET_PDEATHSIG
from tests.kill.power import Recorder

MEMBER = "m3"
BUDGET = Budget(epsilon="9", delta="0.0001")

What = Literal["sum", "table"]
DRAWN: Final[dict[What, str]] = {"sum": "1/vector", "table": TABLE}  # in seal.db
Build = Literal["ours", "charges last", "sends first", "never syncs"]


@dataclass
class Left:
    """What left the node in all its lives: answers, by the digest of their vector, and vectors."""

    answers: list[Answer] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    events: int = 0  # of the last life, if it came to its end
    gone: bool = False  # it said that it leaves the exchange, having lost its memory
    done: bool = False  # nothing is left to do before the hub acts

    def vectors(self) -> set[Digest]:
        return {*(said.body.digest for said in self.answers), *(canon.digest(body) for body in self.bodies)}


@dataclass(frozen=True)
class Books:
    """The node's own files."""

    ledger: Ledger
    vault: Vault
    journal: Journal
    records: Blobs

    @classmethod
    def open(cls, home: Path) -> "Books":
        ledger, vault, journal = Ledger(home / "ledger.db"), Vault(home / "seal.db"), Journal(home / "journal.db")
        return cls(ledger, vault, journal, Blobs(home / "extracts"))

    def close(self) -> None:
        for book in (self.ledger, self.vault, self.journal):
            book.close()


class Charging(World):
    """The world in which one office ends before its first charge."""

    def carry_out(self, office: Office, effect: Effect) -> None:
        if isinstance(effect, Charge) and office.id == MEMBER:
            raise Killed
        super().carry_out(office, effect)


def before_the_charge(what: What) -> World:
    """An office about to charge: for its part of a sum, with the shares of everyone at hand, or for its own table."""
    world = Charging(members=5)
    office = world.office(MEMBER)
    if what == "table":
        office.policy = sample.policy(national=National(publish=True, threshold=5, way="noise", noise="skellam 50"))
    world.run(until=lambda: not office.alive)
    office.counted = None  # of the process that ended
    assert what == "table" or "1/pairs" in office.memory
    return world


def question(world: World) -> Question:
    return Question(study=world.study.digest, period=PERIOD)


def settle(world: World, home: Path) -> None:
    """The node's folder as it is at that moment."""
    home.mkdir()
    books = Books.open(home)
    books.vault.keep(question(world), world.office(MEMBER).memory)
    books.close()


def live(world: World, home: Path, left: Left, told: Path | None, at: int, build: Build) -> int:
    """One life; killed at its event `at` (from 1 on). How many events it had, if it came to its end before."""
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(here)
        _be(world, home, left, there, told, at, build)
    os.close(there)
    with open(here, "rb") as pipe:
        lines = pipe.read().splitlines()
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert killed or os.WEXITSTATUS(status) == 0, "it ended by itself: see what it wrote"
    for line in lines:
        _took(left, json.loads(line))
    left.done = not killed
    return left.events


def _took(left: Left, said: dict[str, Any]) -> None:
    left.events, left.gone = said.get("events", 0), left.gone or "gone" in said
    if "statement" in said:
        left.answers.append(canon.decode(bytes.fromhex(said["statement"]), Answer, where="the wire"))
    if "body" in said:
        left.bodies.append(bytes.fromhex(said["body"]))


def _be(world: World, home: Path, left: Left, wire: int, told: Path | None, at: int, build: Build) -> None:
    """The child: dies by its own hand at an event, or ends."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(9)
    try:
        mortal = Mortal(home, told or home.with_name("untold"), at, syncs=build != "never syncs")
        _work(world, home, left, wire, mortal.event, build)
        os.write(wire, json.dumps({"events": mortal.events}).encode() + b"\n")
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


class Mortal(Recorder):
    """Counts events, and ends at one of them: nothing is closed, flushed or rolled back."""

    def __init__(self, home: Path, out: Path, at: int, *, syncs: bool) -> None:
        self.events, self._at = 0, at
        super().__init__(home, out, syncs=syncs)

    def event(self) -> None:
        self.events += 1
        if self.events == self._at:
            os.kill(os.getpid(), signal.SIGKILL)

    def _sqlite(self, what: str, path: Path, at: int, data: bytes) -> None:
        self.event()
        super()._sqlite(what, path, at, data)
        self.event()

    def _fsync(self, handle: Any) -> None:
        self.event()
        super()._fsync(handle)
        self.event()


class Wire:
    """The hub, as far as the node puts bodies there."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def put(self, bodies: tuple[bytes, ...]) -> None:
        for body in bodies:
            os.write(self._handle, json.dumps({"body": body.hex()}).encode() + b"\n")

    def say(self, body: bytes, *, gone: bool) -> None:
        said = {"gone": True} if gone else {"statement": body.hex()}
        os.write(self._handle, json.dumps(said).encode() + b"\n")


def _work(world: World, home: Path, left: Left, handle: int, event: Callable[[], None], build: Build) -> None:
    """What `services.node.work` does with the effects of one question, until the hub has to act."""
    office, wire, books = world.office(MEMBER), Wire(handle), Books.open(home)
    office.dice = os.urandom  # type: ignore[assignment]
    office.ledger = {}
    for said in left.answers[:1]:
        world.assembly.say(MEMBER, said)
    owed: list[Charge] = []
    for _ in range(20):
        office.memory = dict(books.vault.memory(question(world)))
        if TABLE_SENT in office.memory:
            break
        effects = answer.next(world.home(office), office.dice)
        if not effects or isinstance(effects[0], Wait):
            world.now += 10
            if left_alone(world):
                break
            continue
        for effect in effects:
            event()
            if build == "sends first" and isinstance(effect, Keep) and DRAWN["sum"] in effect.put:
                wire.put((effect.put[DRAWN["sum"]],))
                event()
            if build == "charges last" and isinstance(effect, Charge):
                owed.append(effect)
            else:
                _carry_out(world, books, wire, effect)
            event()
    for charge in owed:
        _carry_out(world, books, wire, charge)
    books.close()


def left_alone(world: World) -> bool:
    """Whether nothing more can come of it before the hub acts."""
    exchanges = world.state.exchanges
    return not exchanges or world.now > exchanges[max(exchanges)].deadlines[1]


def _carry_out(world: World, books: Books, wire: Wire, effect: Effect) -> None:
    office = world.office(MEMBER)
    match effect:
        case Charge():
            cost = {"epsilon": effect.epsilon, "delta": effect.delta, "rho": effect.rho, "made": effect.made}
            charged = Charged(key=effect.key, source="survey", unit="person", time=world.now, **cost)
            books.ledger.charge(Line(charged=charged, study=effect.study, period=effect.period), BUDGET)
        case Keep():
            books.vault.keep(question(world), effect.put, effect.drop)
        case Commit():
            books.records.put(effect.record)
        case Say():
            said = canon.encode(effect.body)
            books.journal.record("statement", said, now=world.now)
            wire.say(said, gone=not isinstance(effect.body, Answer))
            world.carry_out(office, effect)
        case Send():
            say.send(effect.bodies, books.journal, wire, world.now)  # type: ignore[arg-type]
        case _:
            world.carry_out(office, effect)
