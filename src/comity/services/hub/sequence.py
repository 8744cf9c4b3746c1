"""The one writer of the log: admits a statement, makes it durable, and only then acknowledges it.

Decides the order of leaves and which checkpoint is pending or published; what a statement means is `assembly.fold`,
what is durable is `adapters.log`. The hub signs a checkpoint of every size it asks cosignatures for, once, and
publishes it when the charter's quorum has cosigned.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from comity.acts.refs import Head
from comity.acts.statement import Act, Body, sign
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.assembly import fold, witnesses
from comity.assembly.state import State
from comity.errors import NotAdmitted, QuorumShort
from comity.keys import Signer
from comity.model.member import HUB
from comity.model.reason import Reason
from comity.tlog import note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import time_of
from comity.tlog.merkle import leaf_hash
from comity.tlog.note import Note, SignatureLine
from comity.tlog.quorum import Cosigned, cosigned

PATIENCE: Final = 3  # seconds


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A statement that is in the log for good: its index and its RFC 6962 leaf hash."""

    index: int
    leaf: bytes


class Sequencer:
    """State, store and static files of one log; every method may be called from any thread."""

    def __init__(
        self, store: LogStore, static: StaticLog, *, sign: Signer, log: Signer, now: Callable[[], int]
    ) -> None:
        self._store, self._static, self._sign, self._log, self._now = store, static, sign, log, now
        self._lock = threading.RLock()
        self._state = fold.replay(store.leaves(0, store.size))
        self._pending: Note | None = None
        self._cosignatures: dict[str, SignatureLine] = {}  # key name -> its newest line for the pending note
        self._asked = 0  # when, POSIX seconds
        self._published: Note | None = static.published()
        self.changed = threading.Event()  # set whenever a leaf, body or cosignature came

    @property
    def state(self) -> State:
        """What the log means now, published or not."""
        return self._state

    @property
    def published(self) -> Checkpoint | None:
        """The newest checkpoint that stands under the quorum."""
        return Checkpoint.of(self._published) if self._published else None

    @property
    def asking(self) -> Checkpoint | None:
        """The checkpoint that waits for cosignatures."""
        return Checkpoint.of(self._pending) if self._pending else None

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
        """Publish a pending checkpoint of the whole log; tiles first, so that whoever cosigns can read every leaf.

        One that waits is left alone for a while: replacing it at each new leaf would never let it reach its quorum.
        """
        with self._lock:
            if self._pending and self._now() - self._asked < PATIENCE:
                return
            size, root = self._static.grow()
            text = str(Checkpoint(self.origin, size, root))
            self._pending = Note(text, (note.sign(text, self.origin, self._log),))
            self._cosignatures, self._asked = {}, self._now()
            self._static.publish_pending(str(self._pending))

    def cosign(self, line: str) -> bool:
        """Take a cosignature of the pending checkpoint; True if it holds and its key is an actor's.

        Publishes the checkpoint when the quorum is reached.
        """
        with self._lock:
            if self._pending is None:
                return False
            given = SignatureLine.parse(line)
            vkey = next((v for v in witnesses.vkeys(self._state) if given.names(v)), None)
            if vkey is None or time_of(given, vkey, self._pending.text) is None:
                return False
            self._cosignatures[given.name] = given
            self._publish()
            self.changed.set()
            return True

    def cosigned(self) -> tuple[str, Cosigned] | None:
        """The published checkpoint's note and what its cosignatures say, if there is one."""
        with self._lock:
            if self._published is None:
                return None
            return str(self._published), cosigned(self._published, witnesses.quorum(self._state))

    def _publish(self) -> None:
        """Publish the pending checkpoint if the charter's quorum stands under it; the rest goes into a side file."""
        if self._pending is None:
            return
        quorum = witnesses.quorum(self._state)
        counted = {witness.vkey.name for witness in quorum.witnesses}
        lines = [line for name, line in sorted(self._cosignatures.items()) if name in counted]
        full = Note(self._pending.text, (*self._pending.signatures, *lines))
        try:
            cosigned(full, quorum)
        except QuorumShort:
            return
        others = [line for name, line in sorted(self._cosignatures.items()) if name not in counted]
        self._static.beside(Checkpoint.of(full).size, others)
        self._static.publish(str(full))
        self._published, self._pending = full, None
        self._static.publish_pending(None)


class Rejected(NotAdmitted):
    """The log's rules speak against a statement."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        self.reasons = reasons
        super().__init__("the log's rules speak against this statement", found=", ".join(r.code for r in reasons))
