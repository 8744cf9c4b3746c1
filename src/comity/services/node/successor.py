"""Where the log goes on: a node finds the hub that the members chose, and goes there by itself.

Asked only while a chosen hub has not taken the log over in what this node has read. Decides that its address is
believed for one thing alone: to show a succession that stands right behind this node's own log. It is looked at apart
from the node's work, and all that leads there is read before the node takes a step: a chosen hub that never answers, or
byte by byte, holds nobody up. Then `comity.toml` names it, on disk before anything is said there. What the old hub had
acknowledged, and the log does not hold, this office says anew: it was said, and only its place is gone.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from comity.acts import statement
from comity.acts.key import KeyRegistered, KeyRevoked, Recovery
from comity.acts.statement import Body
from comity.adapters.client import Client, Rejected
from comity.adapters.journal import Journal
from comity.assembly import hosts
from comity.assembly.hosts import Awaited
from comity.assembly.state import State
from comity.errors import ComityError, NotVerified, Unreachable
from comity.keys import PublicKey
from comity.services import config
from comity.services.node.office import Office
from comity.services.node.reader import parse
from comity.tlog import follow
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import leaf_hash
from comity.tlog.note import Note, Vkey
from comity.tlog.receipt import Receipt
from comity.tlog.tile import LARGEST_BUNDLE, served

AGAIN = 2.0  # seconds at least between two looks at the chosen hub's address; a slow look is not repeated sooner
MOST: Final = 2**29  # bytes of leaves that a node is behind at most, to go over by itself
SHOWN = ("checkpoint", "checkpoint.pending")
BY_OFFICER = KeyRegistered | KeyRevoked | Recovery


@dataclass(frozen=True, slots=True)
class Shown:
    """What a chosen hub showed: a head of its log, and the files that lead there from where the node stood."""

    address: str
    note: Note
    files: Mapping[str, bytes]

    def file(self, path: str, *, since: int = 0) -> bytes | None:
        """Bytes of a file from `since` on, as `Client.file` gives them, without a call."""
        data = self.files.get(path)
        return None if data is None else data[since:]


def look(client: Client, chosen: Awaited, since: int) -> Shown | None:
    """Everything that a node which has read `since` leaves needs, or None if the hub shows no log of its own yet.

    Raises:
        Unreachable: nothing answers, or not to the end.
        NotVerified: the head is not signed by the key that was voted on, or leads further than a node goes by itself.
    """
    note = _head(client, chosen)
    if note is None:
        return None
    files, volume = dict[str, bytes](), 0
    for tile in follow.needed(Checkpoint.of(note).size, since):
        data = served(tile, lambda one: client.file(str(one), most=LARGEST_BUNDLE))
        if not data:
            raise Unreachable(
                "a part of the log is missing", where=f"{client.address}/{tile}", way_out="ask again later"
            )
        files[str(tile)] = data
        volume += len(data)
        if volume > MOST:
            raise NotVerified(
                "the chosen hub's log is too far ahead to go there unasked",
                where=f"checkpoint {Checkpoint.of(note).size} of {chosen.host.origin}",
                found=f"more than {MOST >> 20} MiB behind leaf {since}",
                way_out=f"comity node join --hub {client.address}, if that is the hub that the members chose",
            )
    return Shown(client.address, note, files)


def enter(office: Office, shown: Shown) -> str | None:
    """The address at which the log goes on, and this office with it; None if the members chose another meanwhile.

    NotVerified if what was shown is not this log: the office stays where it is. No call is made.
    """
    chosen = _chosen(office)
    if chosen is None or chosen.host.hub.address.rstrip("/") != shown.address:
        return None
    address = chosen.host.hub.address
    client = office.client.beside(address)
    try:
        office.follower.go_over(client, shown.note, shown)
        office.config = replace(office.config, hub=address)
        config.write(office.home, "node", office.config)
    except ComityError as e:
        client.close()
        if isinstance(e, Unreachable):  # not all that leads there was shown
            return None
        raise
    office.client.close()
    office.client = client
    return address


def seek(office: Office) -> str | None:
    """Look and enter, at once: for a command whose hub is gone."""
    chosen = _chosen(office)
    if chosen is None:
        return None
    try:
        with office.glance(chosen.host.hub.address) as client:
            shown = look(client, chosen, office.follower.state.size)
    except Unreachable:
        return None
    return None if shown is None else enter(office, shown)


@dataclass(slots=True)
class Search:
    """A node's looks at the chosen hub, one after the other in a thread of their own, which nothing waits for."""

    _thread: threading.Thread | None = None
    _ended: list[Shown | Exception | None] = field(default_factory=list)
    _due: float = 0.0  # when the next look begins, monotonic
    _wrong: Exception | None = None  # until a look ends otherwise

    def found(self, office: Office) -> Shown | None:
        """What the last look brought, once; begins the next one when its time has come. Never waits.

        Raises:
            ComityError: what was shown is not the hub that was voted on.
        """
        if self._ended:
            self._thread, ended = None, self._ended.pop()
            self._wrong = ended if isinstance(ended, Exception) else None
            if isinstance(ended, Shown):
                return ended
        if self._thread is None and time.monotonic() >= self._due and (chosen := _chosen(office)) is not None:
            words = (office.glance, chosen, office.follower.state.size)
            self._thread = threading.Thread(target=self._look, args=words, name="successor", daemon=True)
            self._thread.start()
        if self._wrong is not None:
            raise self._wrong
        return None

    def _look(self, glance: Callable[[str], Client], chosen: Awaited, since: int) -> None:
        began, ended = time.monotonic(), list[Shown | Exception | None]()
        try:
            with glance(chosen.host.hub.address) as client:
                ended.append(look(client, chosen, since))
        except Unreachable:
            ended.append(None)  # it has not begun
        except Exception as e:
            ended.append(e)  # told by the node's own thread
        now = time.monotonic()
        self._due = now + max(AGAIN, now - began)
        self._ended += ended


def _chosen(office: Office) -> Awaited | None:
    """The hub that the members chose, if this office is not there already."""
    chosen = hosts.awaited(office.follower.state)
    return None if chosen is None or office.client.address == chosen.host.hub.address.rstrip("/") else chosen


def lost(journal: Journal, state: State) -> tuple[Body, ...]:
    """What this office said, the old hub acknowledged, and the log lacks, in the order in which it was said.

    A statement that was never acknowledged is not among them: whoever said it was told so.
    """
    ends = {one.before: one.size for one in state.successions}
    promised = {
        promise.leaf
        for _, promise in journal.promises()
        if promise.index >= ends.get(Receipt.of(Note.parse(promise.note)).origin, state.size)
    }
    found = []
    for entry in journal.entries() if promised else ():
        body = journal.body(entry.number) if entry.kind == "statement" else None
        if body is not None and leaf_hash(body) in promised and entry.digest not in state.digests:
            found.append(statement.read(body).act.body)
    return tuple(found)


def say_again(office: Office, bodies: tuple[Body, ...]) -> list[str]:
    """Say them under the log's new name; a line for each that its rules do not take any more."""
    refused = []
    for body in bodies:
        try:
            office.say(body, purpose="officer" if isinstance(body, BY_OFFICER) else "sign")
        except Rejected as e:
            refused.append(f"said to the old hub, and not taken by the new one: {e}")
    return refused


def _head(client: Client, chosen: Awaited) -> Note | None:
    """A head of the chosen hub's log, cosigned or not; None if it shows none under the name that was voted on."""
    log = Vkey(chosen.host.origin, PublicKey(chosen.host.hub.log))
    for path in SHOWN:
        raw = client.moving(path)
        note = parse(raw, where=f"{client.address}/{path}") if raw is not None else None
        if note is None or Checkpoint.of(note).origin != log.name:
            continue
        if not note.signed_by(log):
            raise NotVerified(
                "the chosen hub's checkpoint is not signed by the key that the members voted on",
                where=f"{client.address}/{path}",
                wanted=str(log),
            )
        return note
    return None
