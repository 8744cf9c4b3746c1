"""The one writer of the log: admits a statement, makes it durable, and only then acknowledges it.

Decides the order of leaves; what a statement means is `assembly.fold`, what is durable is `adapters.log`, which
checkpoint is pending or published is `heads`. The hub signs a checkpoint of every size it asks cosignatures for.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comity.acts.refs import Head
from comity.acts.statement import Act, Body, sign
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.assembly import fold, witnesses
from comity.assembly.state import State
from comity.errors import NotAdmitted
from comity.keys import Signer
from comity.model.member import HUB
from comity.model.reason import Reason
from comity.services.hub.heads import Heads
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import leaf_hash
from comity.tlog.note import Note, SignatureLine, Vkey
from comity.tlog.quorum import Cosigned


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A statement that is in the log for good: its index and its RFC 6962 leaf hash."""

    index: int
    leaf: bytes


class Sequencer:
    """State, store and static files of one log; every method may be called from any thread."""

    def __init__(
        self,
        store: LogStore,
        static: StaticLog,
        *,
        sign: Signer,
        log: Signer,
        now: Callable[[], int],
        outside: Sequence[Vkey] = (),
    ) -> None:
        self._store, self._static, self._sign, self._now = store, static, sign, now
        self._lock = threading.RLock()
        published = static.published()
        size = Checkpoint.of(published).size if published else 0
        self._state = fold.replay(store.leaves(0, size))
        self._heads = Heads(static, log, self._state, outside=outside)
        for leaf in store.leaves(size, store.size):
            self._state, _ = fold.step(self._state, leaf)
        self.changed = threading.Event()  # set whenever a leaf, body or cosignature came

    @property
    def state(self) -> State:
        """What the log means now, published or not."""
        return self._state

    @property
    def published(self) -> Checkpoint | None:
        """The newest checkpoint that stands under the quorum."""
        note = self._heads.published
        return Checkpoint.of(note) if note else None

    @property
    def asking(self) -> Checkpoint | None:
        """The checkpoint that waits for cosignatures."""
        note = self._heads.pending
        return Checkpoint.of(note) if note else None

    @property
    def newest(self) -> Note | None:
        """The newest head that the log signed: the one that waits, or else the published one."""
        return self._heads.pending or self._heads.published

    def accept(self, leaf: bytes) -> Acknowledged:
        """Admit, append durably, acknowledge; NotAdmitted with every reason otherwise."""
        with self._lock:
            if reasons := fold.admit(self._state, leaf):
                raise Rejected(reasons)
            index = self._store.append([leaf])[0]
            self._state, _ = fold.step(self._state, leaf)
            self.changed.set()
            return Acknowledged(index, leaf_hash(leaf))

    def say(self, body: Body) -> Acknowledged:
        """The hub's own statement."""
        with self._lock:
            size = self._state.size
            head = Head(size=size, root=self._state.roots[size])
            return self.accept(sign(Act(actor=HUB, origin=self.origin, head=head, body=body), self._sign))

    def leaf(self, index: int) -> bytes:
        """The bytes of a leaf."""
        return self._store.leaf(index)

    @property
    def origin(self) -> str:
        """The log's name."""
        return witnesses.charter_of(self._state).origin

    def ask(self) -> None:
        """Show a pending checkpoint of the whole log, unless a younger one still waits for its quorum."""
        with self._lock:
            self._heads.ask(self._static.grow, self._state, self._now())

    def cosign(self, line: str) -> bool:
        """Take a cosignature; True if it holds and its key is an actor's or an outside witness's."""
        given = SignatureLine.parse(line)
        with self._lock:
            if not self._heads.take(given):
                return False
            self.changed.set()
            return True

    def settle(self) -> None:
        """Write down cosignatures that came behind their quorum."""
        with self._lock:
            self._heads.settle()

    def cosigned(self) -> tuple[str, Cosigned] | None:
        """The published checkpoint's note and what its cosignatures say, if a tick may say it now."""
        with self._lock:
            return self._heads.cosigned(self._state)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Proof that the log of `new` leaves, whose files are written, begins with that of `old`."""
        with self._lock:
            return self._static.consistency(old, new)


class Rejected(NotAdmitted):
    """The log's rules speak against a statement."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        self.reasons = reasons
        super().__init__("the log's rules speak against this statement", found=", ".join(r.code for r in reasons))
