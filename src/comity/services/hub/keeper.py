"""Bodies beside the log: which the hub takes, which it shows to everyone, and which only to the member they are for.

A body is taken if a logged statement names it, or a manifest or release that one names. Bodies of an open exchange are
held privately and only while their step is open; a late one is refused. When an exchange is closed, what its view
names becomes public and all else is forgotten: share boxes and a drop-out's vector never become files (SEAL, What is
published). A box of an estimate is held privately too, but durably, until the estimate was settled and the charter's
challenge time is over, or a year longer if nobody settles it: its addressee alone gets it, whatever else names it. A
box is what a leaf names so and what says so itself: whoever names a text of everyone, or a body of an exchange, as a
box hides, keeps and fetches nothing.
"""

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from typing import Final

from comity import canon, dsse
from comity.acts.refs import Head
from comity.acts.request import Request
from comity.adapters.blobs import Blobs
from comity.adapters.held import Held
from comity.assembly import queries
from comity.assembly.facts import EstimateFacts, ExchangeFacts, ReleaseFacts
from comity.assembly.state import State
from comity.canon import Digest, digest
from comity.errors import FormatError, NotAdmitted, NotVerified
from comity.keys import Verifier
from comity.stages.estimate import is_box
from comity.stages.publish import record
from comity.stages.seal import manifest
from comity.stages.seal.hub import parcel
from comity.stages.seal.view import View

UNSETTLED: Final = 366 * 86_400  # seconds that boxes wait for a settlement beyond deadline and challenge time


class Keeper:
    """The hub's bodies (`seal.turn.Bodies`)."""

    def __init__(self, state: Callable[[], State], held: Held, files: Blobs, public: Blobs) -> None:
        self._state, self._held, self._true, self._public = state, held, files, public
        self._lock = threading.RLock()
        self._files: dict[int, frozenset[Digest]] = {}  # leaf of a release -> the files that its record names
        self._boxes: dict[Digest, frozenset[Digest]] = {}  # manifest -> the boxes it names
        self._here: set[Digest] = set()  # bodies that were found here; the work looks for thousands, again and again
        self._boxed: dict[Digest, int] = {}  # boxes that are to be forgotten one day -> leaf of their estimate
        self._seen = 0  # how many boxes of the state were looked at
        self._forgot = -1  # time of the state in which boxes of estimates were last looked through
        self._absent: set[Digest] = set()  # records and manifests that one call has looked for in vain

    def has(self, name: Digest, /) -> bool:
        """Whether a body is here, private or public."""
        if name not in self._here and self._held.has(name):
            self._here.add(name)
        return name in self._here

    def get(self, name: Digest, /) -> bytes:
        """A body; NotVerified if it is not here."""
        data = self._held.get(name)
        if data is None:
            raise NotVerified("a body is not here", where=name)
        return data

    def publish(self, bodies: Iterable[bytes]) -> None:
        """Keep bodies as files, and show them to everyone."""
        listed = list(bodies)
        self._true.put_all(listed)
        for body in listed:
            self._show(digest(body))

    def show(self) -> None:
        """Show again all that is public: after a crash, or where the public folder was lost.

        A view that is not here, or is none, shows nothing; the work says so when it sorts that exchange's bodies.
        """
        self._absent.clear()
        state = self._state()
        names = {name for name in state.bodies if self._is_public(name)}
        for release in state.releases.values():
            names |= self._named_by_release(release)
        for facts in state.exchanges.values():
            with suppress(FormatError, NotVerified):
                names |= self._viewed(facts)
        for name in names:
            if self._true.has(name):
                self._show(name)

    def keep(self, parts: tuple[bytes, ...]) -> int:
        """Take bodies, all or none; NotAdmitted for one that nothing names, or whose step is over.

        What is here already is taken again without a word: whoever was killed behind its call makes it once more, and
        whoever sends one body a thousand times sends one.
        """
        with self._lock:
            self._absent.clear()
            private, public, boxed = [], [], []
            for part in dict.fromkeys(parts):
                name = digest(part)
                if self._public.has(name):
                    continue
                if name in self._state().boxes and is_box(part):
                    self._check_box(name, part)
                    boxed.append(part)
                elif self._is_public(name):
                    public.append(part)
                elif self._is_awaited(name, part):
                    private.append(part)
                elif not self.has(name):
                    raise NotAdmitted("no statement names this body, or its step is over", where=name)
            self.publish(public)
            self._true.put_all(boxed)
            self._held.put(private)
            return len(parts)

    def boxes(self, data: bytes) -> tuple[bytes, ...]:
        """The boxes addressed to the signer of a request, in the order of `seal.hub.parcel`."""
        request = dsse.parse(data, dsse.REQUEST, where="request")
        asked = canon.decode(request.payload, Request, where="request")
        state = self._state()
        actor, facts = state.actors.get(asked.actor), state.exchanges.get(asked.exchange)
        if state.charter is None or asked.origin != state.charter.origin or not _is_head(state, asked.head):
            raise NotAdmitted("the request was made for another log", where=asked.origin)
        if actor is None or "sign" in actor.revoked or not dsse.signed_by(request, Verifier(actor.keys.sign)):
            raise NotAdmitted("the request is not signed by the actor it names", where=asked.actor)
        if (estimate := state.estimates.get(asked.exchange)) is not None:
            return tuple(self.get(name) for name in _addressed(state, estimate, asked.actor) if self._has_box(name))
        if facts is None or facts.closed is not None:
            raise NotAdmitted("no such exchange is open", where=f"leaf {asked.exchange}")
        with self._lock:
            return parcel(state, asked.exchange, asked.actor, self)

    def forget(self) -> None:
        """Forget boxes of estimates whose time is over. Harmless to repeat."""
        state = self._state()
        if state.time == self._forgot:
            return
        with self._lock:
            for name in islice(state.boxes, self._seen, None):
                self._boxed[name] = state.boxes[name][2]
            self._seen = len(state.boxes)
            over = [name for name, index in self._boxed.items() if _is_over(state, state.estimates[index])]
            for name in over:
                if self._has_box(name) and not self._public.has(name):
                    self._here.discard(name)
                    self._true.drop(name)
                del self._boxed[name]
        self._forgot = state.time

    def close(self, exchange: int) -> None:
        """After `exchange/closed`: publish what the view names, forget everything else. Harmless to repeat."""
        facts = self._state().exchanges[exchange]
        if facts.closed is None:
            raise NotAdmitted("the exchange is open", where=f"leaf {exchange}")
        with self._lock:
            self._absent.clear()
            viewed = self._viewed(facts)
            self.publish(self.get(name) for name in viewed)
            gone = [name for name in self._bodies_of(facts) if not self._has_box(name)]
            self._here.difference_update(gone)
            self._held.drop(gone, but=viewed)

    def _show(self, name: Digest) -> None:
        """Show a body to everyone; never a box, whatever else names it."""
        if not self._has_box(name):
            self._true.show(name, self._public)

    def _has_box(self, name: Digest) -> bool:
        """Whether a body is here that a leaf names as a box, and that is one."""
        body = self._true.get(name) if name in self._state().boxes else None
        return body is not None and is_box(body)

    def _check_box(self, name: Digest, body: bytes) -> None:
        """NotAdmitted for a box of another size than its leaf says, or of an estimate that is over."""
        size, _, index = self._state().boxes[name]
        if len(body) != size or _is_over(self._state(), self._state().estimates[index]):
            raise NotAdmitted("no statement names this body, or its step is over", where=name)

    def _viewed(self, facts: ExchangeFacts) -> frozenset[Digest]:
        """Bodies of an exchange that are public once it is closed with a sum."""
        if facts.closed is None or facts.closed.view is None:
            return frozenset()
        return frozenset(canon.decode(self.get(facts.closed.view.digest), View, where="view").named())

    def _is_public(self, name: Digest) -> bool:
        """Whether everyone may see a body that somebody puts: things moved, comments, national answers, releases."""
        state = self._state()
        if name in state.bodies:
            return not any(name in set(queries.stated(facts)) for facts in state.exchanges.values())
        return any(name in self._named_by_release(facts) for facts in state.releases.values())

    def _is_awaited(self, name: Digest, body: bytes) -> bool:
        """Whether a body belongs to the step that an open exchange is in."""
        for facts in self._state().exchanges.values():
            if facts.closed is not None:
                continue
            if facts.shared is None:
                manifests = [said.body.digest for said in facts.shares.values()]
                if name in manifests:
                    self._boxes[name] = frozenset(manifest.named(body))
                    return True
                if any(name in self._named_by_manifest(listed) for listed in manifests):
                    return True
            if facts.survivors is None and name in [said.body.digest for said in facts.answers.values()]:
                return True
            if name in [said.body.digest for said in facts.unmask.values()]:
                return True
        return False

    def _named_by_manifest(self, name: Digest) -> frozenset[Digest]:
        if name not in self._boxes and name not in self._absent:
            body = self._held.get(name)
            if body is None:
                self._absent.add(name)
            else:
                self._boxes[name] = frozenset(manifest.named(body))
        return self._boxes.get(name, frozenset())

    def _named_by_release(self, facts: ReleaseFacts) -> frozenset[Digest]:
        """Files of a release; none of one whose record is false or no record: it opens the door to nothing."""
        index, name = facts.ref.index, facts.release.digest
        if index in self._files or name in self._absent:
            return self._files.get(index, frozenset())
        body = self._true.get(name)
        if body is None:
            self._absent.add(name)
        else:
            try:
                named = record.read(self._state(), facts, body).files
            except (FormatError, NotVerified):
                named = ()
            self._files[index] = frozenset(file.digest for file in named)
        return self._files.get(index, frozenset())

    def _bodies_of(self, facts: ExchangeFacts) -> list[Digest]:
        """Every body of an exchange that was held."""
        names = list(queries.stated(facts))
        for said in facts.shares.values():
            names += self._named_by_manifest(said.body.digest)
        return names


def _addressed(state: State, facts: EstimateFacts, actor: str) -> list[Digest]:
    """Boxes of an estimate that are for this actor."""
    named = [facts.value, *([facts.answer.counter] if facts.answer and facts.answer.counter else [])]
    return [one.box.digest for one in named if state.boxes[one.box.digest][1] == actor]


def _is_over(state: State, facts: EstimateFacts) -> bool:
    """Whether an estimate was settled, and the time to challenge that is over; or its custodian forgot to settle it."""
    challenge = state.charter.challenge_seconds if state.charter else 0
    if facts.settled is not None:
        return state.time > facts.settled.time + challenge
    return not queries.may_answer(state, facts) and state.time > facts.deadline + challenge + UNSETTLED


def _is_head(state: State, head: Head) -> bool:
    return state.roots.get(head.size) == head.root
