"""A whole exchange on a real log: offices and a hub that run the real machines, without disks or network.

Every statement goes through the fold of `builders.assembly`; every effect is carried out in order, as a node would.
Time is a number that the test moves. Dice are a stream of SHA-256 from a text, so that a failing test fails again and
two texts give two runs.

    world = World(members=5)
    world.run()
    world.sum()                       # what the hub opened
    world.office("m2").alive = False  # a drop-out, from now on
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from comity import canon
from comity.acts.refs import Ref
from comity.assembly.facts import ExchangeFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.model import cube
from comity.model.extract import Basis, File
from comity.model.member import HUB
from comity.model.policy import National, Policy
from comity.model.reason import Reason
from comity.model.structure import Axis, Layout, Measure
from comity.model.study import Method, NoisePlan, Period, Study, Timing
from comity.stages import answer
from comity.stages.effects import Charge, Commit, Count, Counted, Effect, Fetch, Home, Keep, Remember, Say, Send, Wait
from comity.stages.protect import released, sdc
from comity.stages.protect.released import Released
from comity.stages.seal import hub, round
from comity.stages.seal.turn import Say as HubSay
from tests import sample
from tests.builders.assembly import Assembly

STEP, SEND, CONSENT = 100, 30, 60
PERIOD = "2010-2014"


class Stream:
    """Dice that a test can throw again: SHA-256 of a text and a counter."""

    def __init__(self, text: str) -> None:
        self.text, self.count = text, 0

    def __call__(self, n: int) -> bytes:
        found = b""
        while len(found) < n:
            found += sha256(f"{self.text} {self.count}".encode()).digest()
            self.count += 1
        return found[:n]


class Store:
    """Bodies by digest."""

    def __init__(self) -> None:
        self.bodies: dict[Digest, bytes] = {}

    def put(self, body: bytes) -> None:
        self.bodies[canon.digest(body)] = body

    def has(self, digest: Digest) -> bool:
        return digest in self.bodies

    def get(self, digest: Digest) -> bytes:
        return self.bodies[digest]


class Killed(Exception):
    """The process ended here."""


@dataclass(frozen=True)
class Yes:
    """A decision; without reasons it is a yes."""

    reasons: tuple[Reason, ...] = ()

    @property
    def consents(self) -> bool:
        return not self.reasons


BASIS = Basis(
    source="survey",
    files=(File(id="survey", digest=canon.digest(b"a file of people")),),
    plan=None,
    cube=canon.digest(b"a table"),
    software="comity 0.1.0",
    engine="duckdb 1.0.0",
)


@dataclass
class Office:
    """One node: its disk (memory, ledger), its data, and what it ever sent."""

    id: str
    values: NDArray[np.int64]
    dice: Stream
    memory: dict[str, bytes] = field(default_factory=dict)
    ledger: dict[str, tuple[str, str]] = field(default_factory=dict)
    budget: int = 9  # charges that it can bear
    decision: Any = Yes()
    policy: Policy = field(default_factory=lambda: sample.policy(national=National(publish=False, threshold=10)))
    binding: Digest = field(default_factory=lambda: canon.digest(b"binding"))
    remembered: list[bytes] = field(default_factory=list)  # of its own tables, on its disk
    alive: bool = True
    sent: list[tuple[Ref, tuple[bytes, ...]]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    kill_at: int | None = None  # the effect before which the process ends, counted over its whole life
    boxes: tuple[bytes, ...] | None = None
    counted: Counted | None = None
    withheld: NDArray[np.int64] | None = None
    spent: bool = False
    records: list[bytes] = field(default_factory=list)  # of extracts, on its disk

    def restart(self) -> None:
        """A new process on the same disk."""
        self.kill_at, self.alive = None, True


def layout(cells: int) -> Layout:
    """One dimension of that many codes, one count."""
    codes = tuple(f"C{i}" for i in range(cells))
    return Layout(dimensions=(Axis(id="A", codes=codes),), measures=(Measure(id="n", name="n", decimals=0, bound=1),))


def study_of(*, cells: int = 6, colluding: int = 1, noise: bool = True, **changes: Any) -> Study:
    """A study of one count in some cells."""
    fields: dict[str, Any] = {
        "id": "S",
        "version": "1.0.0",
        "title": "A study of the tests",
        "goal": "16",
        "related": False,
        "rehearsal": True,
        "norm": canon.digest(b"norm"),
        "method": Method(name="table", version="1", digest=canon.digest(b"method")),
        "parameters": {},
        "layout": layout(cells),
        "bound": 10_000,
        "colluding": colluding,
        "noise": NoisePlan(sigma2=36, cells=1, delta="0.0000000001", epsilon="0.889") if noise else None,
        "periods": (Period(id=PERIOD, value="6"),),
        "timing": Timing(consent=CONSENT, step=STEP, send=SEND),
    }
    return Study(**{**fields, **changes})


class World:
    """An assembly, its offices and its hub. `tamper` may change each effect of an office and each turn of the hub."""

    def __init__(
        self, members: int = 5, *, study: Study | None = None, run: str = "run", assembly: Assembly | None = None
    ) -> None:
        self.study = study or study_of()
        self.assembly = assembly or Assembly(members=members)
        if ("study", self.study.digest) not in self.assembly.state.in_force:
            self.assembly.adopt("study", self.study)
        self.now = self.assembly.state.time
        self.store = Store()
        self.offices = {
            id: Office(id, values_of(id, self.study), Stream(f"{run} {id}")) for id in self.assembly.members
        }
        self.views: dict[str, State] = {}  # an office that is shown another log
        self.parcels: Callable[[str, tuple[bytes, ...]], tuple[bytes, ...]] = lambda member, parcel: parcel

    def office(self, id: str) -> Office:
        return self.offices[id]

    @property
    def state(self) -> State:
        return self.assembly.state

    @property
    def facts(self) -> ExchangeFacts:
        """The newest exchange."""
        return self.state.exchanges[max(self.state.exchanges)]

    def home(self, office: Office) -> Home:
        return Home(
            member=office.id,
            state=self.views.get(office.id, self.state),
            now=self.now,
            memory=dict(office.memory),
            study=self.study,
            period=PERIOD,
            decision=office.decision,
            policy=office.policy,
            binding=office.binding,
            counted=office.counted,
            boxes=office.boxes,
            spent=office.spent,
        )

    # Time

    def run(self, *, until: Callable[[], bool] | None = None, seconds: int = 6 * STEP + CONSENT) -> None:
        """Let time pass, in steps of ten seconds, until the exchange is closed (or `until`)."""
        over = until or (lambda: bool(self.state.exchanges) and self.facts.closed is not None)
        for _ in range(0, seconds, 10):
            if over():
                return
            self.turn()
            self.now += 10

    def turn(self) -> None:
        """Everyone acts once, at this time."""
        self.hub()
        for office in self.offices.values():
            if office.alive:
                self.act(office)
        self.hub()

    def act(self, office: Office) -> None:
        """One office goes on as far as it can now, or is killed. What it fetched serves this time only."""
        office.boxes, office.counted, office.spent = None, None, False
        for _ in range(40):
            effects = answer.next(self.home(office), office.dice)
            if not [effect for effect in effects if not isinstance(effect, Wait)]:
                return
            try:
                for effect in effects:
                    self.carry_out(office, effect)
            except Killed:
                office.alive = False
                return
            except Spent:
                continue
        raise AssertionError(f"{office.id} goes round in circles: {office.effects[-6:]}")

    def carry_out(self, office: Office, effect: Effect) -> None:
        """One effect, durable when this returns."""
        if office.kill_at is not None and len(office.effects) >= office.kill_at:
            raise Killed
        office.effects.append(effect)
        match effect:
            case Keep():
                for name in effect.drop:
                    office.memory.pop(name, None)
                office.memory.update(effect.put)
            case Charge():
                fits = effect.key in office.ledger or len(office.ledger) < office.budget
                office.spent = not fits
                if not fits:
                    raise Spent
                office.ledger[effect.key] = (effect.epsilon, effect.delta)
            case Say():
                self.assembly.say(office.id, effect.body)
            case Send():
                office.sent.append((effect.named_by, effect.bodies))
                for body in effect.bodies:
                    self.store.put(body)
            case Fetch():
                parcel = hub.parcel(self.state, effect.exchange.index, office.id, self.store)
                office.boxes = self.parcels(office.id, parcel)
            case Count():
                office.counted = counted(office, self.study)
            case Remember():
                office.remembered.append(effect.released)
            case Commit():
                office.records.append(effect.record)
            case Wait():
                pass

    def hub(self) -> None:
        """The hub says everything that it can say now."""
        for _ in range(20):
            turns = hub.next(self.state, self.study, PERIOD, self.now, self.store)
            said = [turn for turn in turns if isinstance(turn, HubSay)]
            if not said:
                return
            for turn in said:
                for body in turn.bodies:
                    self.store.put(body)
                self.assembly.say(HUB, turn.body)
        raise AssertionError("the hub goes round in circles")

    def tick(self) -> None:
        """The log learns the time."""
        self.assembly.tick(self.now)

    # What came out

    def round(self) -> round.Round:
        return round.read(self.state, max(self.state.exchanges), self.study)

    def sum(self) -> list[int]:
        """The opened sum."""
        closed = self.facts.closed
        assert closed is not None
        assert closed.sum is not None, closed.failed
        return [int(x) for x in np.frombuffer(self.store.get(closed.sum.digest), "<i8")]

    def failed(self) -> Reason:
        """Why there is no sum."""
        closed = self.facts.closed
        assert closed is not None
        assert closed.failed is not None
        return closed.failed

    def noise_free(self, *members: str) -> list[int]:
        """The sum of these members' values."""
        return [int(x) for x in sum(self.offices[id].values for id in members)]  # type: ignore[union-attr]

    def in_sum(self, id: str) -> bool:
        """Whether U3 names a member."""
        return id in (self.round().u3 or ())

    def vectors(self, id: str) -> set[bytes]:
        """Every vector that an office ever sent."""
        size = 8 * self.round().length
        return {body for _, bodies in self.offices[id].sent for body in bodies if len(body) == size}


def counted(office: Office, study: Study) -> Counted:
    """What an office counts: the table as its own rules let it be shown, and what is to be remembered of it."""
    own = office.policy.national
    decided = _decided(study.layout, office.values, own)
    kept = Released(
        study=study.digest,
        period=PERIOD,
        source="survey",
        norm="N",
        value="6",
        way=office.policy.national.way,
        kept=decided.kept,
    )
    return Counted(
        values=office.values,
        national=decided.cube,
        withheld=office.withheld,
        released=released.encode(kept),
        way=own.way,
        basis=BASIS,
    )


def _decided(layout: Layout, values: NDArray[np.int64], own: National) -> sdc.Protected:
    """What may be shown of a table by these rules: looked for once, as it takes longer than all else an office does."""
    asked = (repr(layout), values.tobytes(), repr(own))
    if asked not in _SHOWN:
        table = cube.plain(layout, values, values.astype("<i4"))
        by_rule = own.way != "noise"
        _SHOWN[asked] = sdc.protected(table, sdc.rules(own, None), measures={}) if by_rule else sdc.plain(table)
    return _SHOWN[asked]


_SHOWN: dict[tuple[str, bytes, str], sdc.Protected] = {}  # by layout, values and rules


class Spent(Exception):
    """The ledger refused."""


def values_of(id: str, study: Study) -> NDArray[np.int64]:
    """Counts that follow from the member's id."""
    seed = sha256(id.encode()).digest()
    return np.array([seed[i % 32] * 3 for i in range(study.layout.length)], "<i8")


__all__ = ["PERIOD", "SEND", "STEP", "Killed", "Office", "Store", "Stream", "World", "Yes", "study_of"]
