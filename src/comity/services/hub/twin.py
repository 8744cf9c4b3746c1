"""The hub's twin log (`assembly.twin`): kept beside the log, cosigned by the same witnesses, for Sigsum's programs.

Decides when it grows: by the releases that a published checkpoint covers, so that every node has them in its own state
when it is asked. All of it follows from the log and the hub's keys: a lost `sigsum.db` is made again, with the same
bytes, and one that says anything else is refused. It is published when the charter's quorum has cosigned, and asked for
anew when a witness has changed its key.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from comity.adapters import durable
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.assembly import twin, witnesses
from comity.errors import NotVerified, QuorumShort
from comity.keys import Signer
from comity.services.hub.sequence import Sequencer
from comity.tlog import note, sigsum
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import time_of
from comity.tlog.note import Note, SignatureLine
from comity.tlog.quorum import cosigned

STORE: Final = "sigsum.db"
PATIENCE: Final = 3  # seconds that a pending checkpoint is left alone when the twin has grown


class Twin:
    """Store and static files of the twin; every method may be called from any thread."""

    def __init__(
        self,
        store: LogStore,
        public: Path,
        sequencer: Sequencer,
        *,
        sign: Signer,
        log: Signer,
        now: Callable[[], int],
    ) -> None:
        """Begin with what is published; `open` makes and checks what this takes."""
        self._store, self._public, self._sequencer = store, public, sequencer
        self._static = StaticLog.open(public / sigsum.FOLDER, store)
        self._sign, self._log, self._now = sign, log, now
        self._lock = threading.RLock()
        self._through = 0  # leaves of the log whose releases were taken
        self._judged = 0  # leaves of the log by whose keys the published checkpoint was judged
        self._stands = False  # whether the published checkpoint has the quorum, by those keys
        self._published: Note | None = self._static.published()
        self._pending: Note | None = None
        self._cosignatures: dict[str, SignatureLine] = {}  # key name -> its newest line for the pending note
        self._asked = 0  # when, POSIX seconds

    @classmethod
    def open(
        cls,
        home: Path,
        public: Path,
        sequencer: Sequencer,
        *,
        sign: Signer,
        log: Signer,
        now: Callable[[], int],
    ) -> Self:
        """Open the twin in the hub's folder, or make it, and repair its files. Closed by `close`.

        NotVerified: what is stored or published is not what follows from the log.
        """
        path = home / STORE
        store = LogStore.open(path) if path.exists() else LogStore.create(path)
        try:
            twin.check(sequencer.state, store.leaves(0, store.size))
            _take(store, sequencer, sign)
            return cls(store, public, sequencer, sign=sign, log=log, now=now)
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def once(self) -> None:
        """Take the releases that a published checkpoint covers, and ask for cosignatures if any are missing."""
        with self._lock:
            known = self._sequencer.published
            if known is not None and known.size != self._through:
                _take(self._store, self._sequencer, self._sign)
                self._through = known.size
            if self._wants_cosignatures():
                self._ask()

    def cosign(self, line: str) -> bool:
        """Take a cosignature of the pending checkpoint, if it is one of the quorum's; True if it was."""
        with self._lock:
            if self._pending is None:
                return False
            given = SignatureLine.parse(line)
            quorum = witnesses.quorum(self._sequencer.state)
            vkey = next((w.vkey for w in quorum.witnesses if given.names(w.vkey)), None)
            if vkey is None or time_of(given, vkey, self._pending.text) is None:
                return False
            self._cosignatures[given.name] = given
            self._publish()
            return True

    def _wants_cosignatures(self) -> bool:
        """A release that no published checkpoint covers, or one whose cosigners' keys count no more."""
        if self._store.size == 0:
            return False
        if self._published is None or Checkpoint.of(self._published).size < self._store.size:
            return True
        state = self._sequencer.state
        if self._judged != state.size:
            self._judged, self._stands = state.size, _counts(self._published, self._sequencer)
        return not self._stands

    def _ask(self) -> None:
        """Show a pending checkpoint of the whole twin; one that waits is left alone, or it never had its quorum."""
        waits = Checkpoint.of(self._pending).size if self._pending else -1
        if waits == self._store.size or (waits >= 0 and self._now() - self._asked < PATIENCE):
            return
        size, root = self._static.grow()
        origin = twin.log(self._sequencer.state).name
        text = str(Checkpoint(origin, size, root))
        self._pending = Note(text, (note.sign(text, origin, self._log),))
        self._cosignatures, self._asked = {}, self._now()
        self._static.publish_pending(str(self._pending))

    def _publish(self) -> None:
        """Publish the pending checkpoint if the charter's quorum stands under it, and no line without it."""
        if self._pending is None:
            return
        lines = [line for _, line in sorted(self._cosignatures.items())]
        full = Note(self._pending.text, (*self._pending.signatures, *lines))
        if not _counts(full, self._sequencer):
            return
        self._show()
        self._static.publish(str(full))
        self._published, self._pending, self._judged = full, None, 0
        self._static.publish_pending(None)

    def _show(self) -> None:
        """What a reader wants beside a proof: the policy, and the key that signs the leaves."""
        state = self._sequencer.state
        of = f"{witnesses.charter_of(state).origin} hub"
        durable.write(self._public / sigsum.POLICY, sigsum.policy_text(twin.policy(state)).encode())
        durable.write(self._public / sigsum.KEY, sigsum.key_text(twin.submitter(state), of).encode())


def _take(store: LogStore, sequencer: Sequencer, sign: Signer) -> None:
    """Append the leaves of releases that the published checkpoint covers and the twin has not."""
    known = sequencer.published
    wanted = twin.files(sequencer.state, known.size if known else 0)
    store.append([bytes(sigsum.Leaf.of(digest, sign)) for digest in wanted[store.size :]])


def _counts(full: Note, sequencer: Sequencer) -> bool:
    """Whether the quorum stands under a note, by the witnesses' keys as they are now."""
    try:
        cosigned(full, witnesses.quorum(sequencer.state))
    except (QuorumShort, NotVerified):
        return False
    return True
