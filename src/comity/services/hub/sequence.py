"""The one writer of the log: admits statements, makes them durable, and only then acknowledges them.

Decides the order of leaves, and that whatever waits while a commit runs is committed together in the next one; what a
statement means is `assembly.fold`, what is durable is `adapters.log`, which checkpoint is pending or published is
`heads`. The head that a commit makes is signed within it, so that no size has two notes; what is acknowledged carries a
receipt by the log's key (`tlog.receipt`). If the outcome of a commit is unknown, nothing more is taken.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from comity.acts.refs import Head
from comity.acts.statement import Act, Body, sign
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.assembly import fold, witnesses
from comity.assembly.state import State
from comity.errors import ComityError, ConfigError, NotAdmitted, NotVerified
from comity.keys import Signer
from comity.model.member import HUB
from comity.model.reason import Reason
from comity.services.hub.heads import Heads
from comity.tlog import note as notes
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note, SignatureLine, Vkey
from comity.tlog.quorum import Cosigned
from comity.tlog.receipt import Receipt

TOGETHER: Final = 1024  # leaves after which a commit takes no further request
REPLAYED: Final = "act.replayed"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A statement that is in the log for good: its index, its RFC 6962 leaf hash, and the log's receipt for it.

    Statements of one request share a receipt.
    """

    index: int
    leaf: bytes
    receipt: Note


class Rejected(NotAdmitted):
    """The log's rules speak against a statement. `stands`: where it is, if all they say is that it is there already."""

    def __init__(self, reasons: tuple[Reason, ...], stands: Acknowledged | None = None) -> None:
        self.reasons, self.stands = reasons, stands
        super().__init__("the log's rules speak against this statement", found=", ".join(r.code for r in reasons))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a leaf stands once the commit is over: its index and leaf hash. `refused`: why it is not taken again."""

    index: int
    leaf: bytes
    refused: tuple[Reason, ...] = ()


@dataclass(slots=True)
class _Request:
    """Leaves that come together: what was found of each, which holds when `done` and not `failed`."""

    leaves: Sequence[bytes]
    found: list[_Place | tuple[Reason, ...]] = field(default_factory=list)
    failed: BaseException | None = None
    done: bool = False


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
        """Go on where the log stands.

        Raises:
            ConfigError: the key in this folder is not the log's.
            NotVerified: a head that is stored, pending or published is not signed by the log's key, or the published
                one does not stand under the quorum.
        """
        self._store, self._static, self._sign, self._log, self._now = store, static, sign, log, now
        self._lock = threading.RLock()
        self._waiting: deque[_Request] = deque()
        published = static.published()
        size = Checkpoint.of(published).size if published else 0
        self._state = fold.replay(store.leaves(0, size))
        self._heads = Heads(static, self._state, outside=outside)
        if published and self._heads.cosigned(self._state) is None:
            raise NotVerified(
                "a checkpoint was published without the charter's quorum",
                where="public/checkpoint",
                found=f"{len(published.signatures)} lines",
                wanted="its quorum, by the keys that its own leaves left",
            )
        for leaf in store.leaves(size, store.size):
            self._state, _ = fold.step(self._state, leaf)
        self._check_heads()
        self.changed = threading.Event()  # set whenever a leaf, body or cosignature came

    @property
    def state(self) -> State:
        """What the log means now, published or not."""
        return self._state

    @property
    def covered(self) -> State | None:
        """What the log means up to the published checkpoint: what everyone can read; None before there is one."""
        return self._heads.covered

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

    @property
    def stopped(self) -> ComityError | None:
        """Why nothing more is taken or signed: another process moved the head, or a commit has no known outcome."""
        return self._store.stopped

    def accept(self, leaf: bytes) -> Acknowledged:
        """Admit, append durably, acknowledge; Rejected with every reason otherwise."""
        (answer,) = self.accept_all([leaf])
        if isinstance(answer, Rejected):
            raise answer
        return answer

    def accept_all(self, leaves: Sequence[bytes]) -> list[Acknowledged | Rejected]:
        """What became of each leaf, in order: one durable commit for all that are admitted.

        Raises:
            ComityError: nothing of the request is in the log, or (where `stopped` says so) nobody knows.
        """
        request = _Request(leaves)
        self._waiting.append(request)
        with self._lock:
            while not request.done:
                self._commit(self._next())
        return self._answers(request)

    def say(self, body: Body) -> Acknowledged:
        """The hub's own statement."""
        with self._lock:
            size = self._state.size
            head = Head(size=size, root=self._state.roots[size])
            request = _Request([sign(Act(actor=HUB, origin=self.origin, head=head, body=body), self._sign)])
            self._commit([request])
        (answer,) = self._answers(request)
        if isinstance(answer, Rejected):
            raise answer
        return answer

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
            if self.stopped:
                raise self.stopped
            self._heads.ask(self._grown, self._state, self._now())

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

    def _next(self) -> list[_Request]:
        """The requests that the next commit takes: those that waited longest, but not many more leaves than TOGETHER.

        For whoever holds the lock, and knows that its own request waits.
        """
        taken = [self._waiting.popleft()]
        leaves = len(taken[0].leaves)
        while self._waiting and leaves + len(self._waiting[0].leaves) <= TOGETHER:
            taken.append(self._waiting.popleft())
            leaves += len(taken[-1].leaves)
        return taken

    def _commit(self, requests: Sequence[_Request]) -> None:
        """Judge every leaf by the state that those before it make, then commit all that hold, or none."""
        state, leaves = self._state, list[bytes]()
        try:
            for request in requests:
                for leaf in request.leaves:
                    judged = fold.judge(state, leaf)
                    request.found.append(_found(state, judged))
                    if not judged.reasons:
                        state = fold.after(state, judged)
                        leaves.append(leaf)
            if leaves:
                self._store.append(leaves, partial(self._seal, state))
        except BaseException as e:  # whoever waits for the answer says it
            for request in requests:
                request.failed = e
        else:
            self._state = state
            self.changed.set()
        for request in requests:
            request.done = True

    def _answers(self, request: _Request) -> list[Acknowledged | Rejected]:
        """What became of each leaf; one receipt for all that were taken, and stand one behind the other."""
        if request.failed is not None:
            raise request.failed
        taken = [found for found in request.found if isinstance(found, _Place) and not found.refused]
        receipt = self._receipt(taken) if taken else None
        answers: list[Acknowledged | Rejected] = []
        for found in request.found:
            if not isinstance(found, _Place):
                answers.append(Rejected(found))
            elif found.refused or receipt is None:
                stands = Acknowledged(found.index, found.leaf, self._receipt([found]))
                answers.append(Rejected(found.refused, stands))
            else:
                answers.append(Acknowledged(found.index, found.leaf, receipt))
        return answers

    def _receipt(self, places: Sequence[_Place]) -> Note:
        """The log's promise of what a commit has made durable."""
        return Receipt(self.origin, places[0].index, tuple(place.leaf for place in places)).signed(self._log)

    def _seal(self, state: State, size: int, root: bytes) -> str:
        """The signed note of a head, if it is the one that the state's own leaves make."""
        if (state.size, state.roots[state.size]) != (size, f"sha256:{root.hex()}"):
            found, wanted = f"{size} leaves under {root.hex()}", f"{state.size} under {state.roots[state.size]}"
            raise NotVerified("the head is not that of the leaves that were judged", found=found, wanted=wanted)
        text = str(Checkpoint(self.origin, size, root))
        return str(Note(text, (notes.sign(text, self.origin, self._log),)))

    def _grown(self) -> Note:
        """The signed note of the head, behind the files of all that it promises."""
        size, root = self._static.grow()
        note = Note.parse(self._store.note())
        if Checkpoint.of(note) != Checkpoint(self.origin, size, root):
            raise NotVerified("the signed head is not that of the files", where="log.db", found=note.text)
        return note

    def _check_heads(self) -> None:
        """Every head that this folder holds is signed by the charter's key, which is here, and no other is there."""
        log = Vkey.parse(witnesses.log_vkey(self._state))
        if self._log.public != log.key:
            raise ConfigError(
                "the log's key in this folder is not the one that the charter names",
                where="keys",
                found=self._log.public,
                wanted=log.key,
                way_out="restore the folder's keys from their backup",
            )
        stored = Note.parse(self._store.sign(partial(self._seal, self._state)))
        if Checkpoint.of(stored) != Checkpoint(log.name, *self._store.head()):
            raise NotVerified("the signed head is not that of the entries", where="log.db", found=stored.text)
        for note in (stored, self._static.published(), self._static.pending()):
            if note and (Checkpoint.of(note).origin != log.name or not note.signed_by(log)):
                raise NotVerified(
                    "a head is not signed by the log's key", where="log.db or public/", found=note.text, wanted=str(log)
                )


def _found(state: State, judged: fold.Judged) -> _Place | tuple[Reason, ...]:
    """What the log has to say of a leaf that was judged at its end."""
    if [reason.code for reason in judged.reasons] == [REPLAYED]:
        return _Place(state.digests[judged.digest], judged.hash, judged.reasons)
    return judged.reasons or _Place(state.size, judged.hash)
