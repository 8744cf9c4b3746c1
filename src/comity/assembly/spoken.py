"""A log read a second time: the acts that had effect, one by one, and of each tick who cosigned it, and when.

Which leaves have effect is the fold's word (`State.breached`), and with it that each signature holds. What the acts
mean is left to those who read them here: `recount`, `reciprocity`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from comity.acts.charter import Accession, Charter, Succession
from comity.acts.key import KeyRegistered, KeyRevoked, Recovery
from comity.acts.motion import Motion
from comity.acts.statement import Act, Body, read
from comity.acts.terms import Host, Terms
from comity.acts.tick import Tick
from comity.assembly.state import State
from comity.assembly.witnesses import key_name
from comity.errors import FormatError
from comity.keys import PublicKey
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import time_of
from comity.tlog.note import COSIGNATURE, Note, Vkey


@dataclass(frozen=True, slots=True)
class Spoken:
    """An act with effect, and the leaf that says it."""

    index: int
    act: Act

    @property
    def actor(self) -> str:
        """A member's id, or `hub`."""
        return self.act.actor

    @property
    def body(self) -> Body:
        """What is said."""
        return self.act.body


def spoken(state: State, leaves: Sequence[bytes], *, since: int = 0) -> Iterator[Spoken]:
    """Acts with effect, in order; FormatError unless these are all leaves of the state from `since` on."""
    if since + len(leaves) != state.size:
        raise FormatError("another log", where="leaves", found=str(len(leaves)), wanted=f"{state.size - since} leaves")
    for index, leaf in enumerate(leaves, start=since):
        if index not in state.breached:
            yield Spoken(index, read(leaf, where=f"leaf {index}").act)


def renamed(state: State) -> Mapping[int, tuple[str, ...]]:
    """The ticks (leaf indices) that put other witnesses in place, and whom: the last adopted, if one decided two."""
    adopted = [motion for _, motion in sorted(state.motions.items()) if motion.outcome == "adopted"]
    return {m.tick: m.terms.witnesses for m in adopted if m.terms and m.terms.witnesses and m.tick is not None}


@dataclass(frozen=True, slots=True)
class Seen:
    """A tick: the size of its checkpoint, and at what time each of the charter's witnesses cosigned it."""

    size: int
    times: Mapping[str, int]  # POSIX seconds
    tick: Tick

    @property
    def time(self) -> int:
        """The median, the lower of two in the middle."""
        return sorted(self.times.values())[(len(self.times) - 1) // 2]


class Cosigners:
    """The keys by which the charter's witnesses cosign, as the acts heard so far left them.

    Who the witnesses are is said by the charter, and then by whoever finds that a motion named others: `name`.
    """

    def __init__(self) -> None:
        self._origin = ""
        self._witnesses: tuple[str, ...] = ()
        self._keys: dict[str, str] = {}
        self._chosen: dict[int, str] = {}  # leaf index of a motion about the hub -> the origin that it names

    def hear(self, said: Spoken) -> None:
        """Take note of the keys that an act names, and of the log's name, which their names begin with."""
        match said.body:
            case Charter() as charter:
                self._origin = charter.origin
                self.name(charter.witnesses)
                self._keys |= {party.id: party.keys.witness for party in charter.founders}
            case Accession(party=party):
                self._keys[party.id] = party.keys.witness
            case KeyRegistered(purpose="witness", key=key):
                self._keys[said.actor] = key
            case KeyRevoked(purpose="witness"):
                self._keys.pop(said.actor, None)
            case Recovery(keys=keys):
                self._keys[said.actor] = keys.witness
            case Motion(terms=Terms(hub=Host(origin=origin))):
                self._chosen[said.index] = origin
            case Succession(motion=motion):
                self._origin = self._chosen[motion.index]

    def name(self, witnesses: tuple[str, ...]) -> None:
        """From the next act on, these members' cosignatures count."""
        self._witnesses = witnesses

    def stand_under(self, tick: Tick, members: tuple[str, ...]) -> bool:
        """Whether so many of these members cosigned a tick's checkpoint that they might be the witnesses: (W+f)/2.

        A line that names one of them and does not hold spoils all.
        """
        note = Note.parse(tick.checkpoint)
        vkeys = [_vkey(self._origin, id, self._keys[id]) for id in members if id in self._keys]
        made = [[time_of(line, vkey, note.text) for line in note.signatures if line.names(vkey)] for vkey in vkeys]
        holds = all(time is not None for times in made for time in times)
        return holds and 2 * sum(map(bool, made)) > len(members) + (len(members) - 1) // 3

    def seen(self, tick: Tick) -> Seen:
        """Who cosigned a tick that had effect. A witness that cosigned twice did so at its earlier time."""
        note = Note.parse(tick.checkpoint)
        vkeys = {id: _vkey(self._origin, id, self._keys[id]) for id in self._witnesses if id in self._keys}
        found = {
            member: [int.from_bytes(line.signature[:8], "big") for line in note.signatures if line.names(vkey)]
            for member, vkey in vkeys.items()
        }
        return Seen(Checkpoint.of(note).size, {member: min(times) for member, times in found.items() if times}, tick)


@lru_cache(maxsize=256)
def _vkey(origin: str, member: str, key: str) -> Vkey:
    return Vkey(key_name(origin, member), PublicKey(key), COSIGNATURE)
