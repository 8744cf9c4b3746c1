"""What becomes of the log at its host: old backups, changed disks, two writers, lines from strangers."""

import os
import shutil
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from comity import canon
from comity.acts import statement
from comity.acts.charter import Accession
from comity.acts.refs import Head
from comity.acts.statement import Act
from comity.adapters.client import Client
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.errors import ComityError, FormatError, Unreachable
from comity.services.hub import found
from comity.services.hub.run import run
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import Range, leaf_hash
from comity.tlog.note import Note, SignatureLine
from comity.tlog.quorum import Cosigned
from tests.attacks.book import Guard, Stopped, always, attack
from tests.attacks.hosts import line, sequencer
from tests.builders.assembly import START, Assembly, charter_of, party, signer
from tests.builders.ports import free_port
from tests.builders.release import made
from tests.services.hub import test_publish as liars
from tests.tlog.a_log import ORIGIN, signed


def entries(start: int, stop: int, text: str = "entry") -> list[bytes]:
    """Leaves by number; what they say is nothing to a store."""
    return [b"%s %d" % (text.encode(), number) for number in range(start, stop)]


def published(public: Path, store: LogStore) -> str:
    """Write the files of all that is stored, sign their head, and publish it."""
    log = StaticLog.open(public, store)
    size, root = log.grow()
    log.publish(str(signed(Checkpoint(ORIGIN, size, root))))
    return f"{size} leaves under {root.hex()[:8]}"


AT_START = Guard(
    "adapters.static_log.StaticLog._check", "what is published is the root that the stored entries make", always(None)
)


@attack(
    "rollback from an old backup",
    Guard(
        "adapters.static_log.StaticLog._refuse_the_future",
        "no file and no checkpoint is newer than the database",
        always(None),
    ),
    Guard(
        "adapters.static_log.StaticLog._check_partials",
        "every published tile is what the database makes",
        always(None),
    ),
    AT_START,
    says="After a fault the host goes on from an older log.db, and signs other leaves at places that were published.",
    by="verify.failed",
)
def rollback(place: Path) -> str:
    public = place / "public"
    with LogStore.create(place / "log.db") as store:
        store.append(entries(0, 290))
    shutil.copy(place / "log.db", place / "backup.db")
    with LogStore.open(place / "log.db") as store:
        store.append(entries(290, 300))
        before = published(public, store)
    with LogStore.open(place / "backup.db") as store:
        StaticLog.open(public, store)
        store.append(entries(290, 310, "another"))
        return f"two signed views: {before}, and {published(public, store)}"


def uncompared(original: Any) -> Callable[[LogStore], Range]:
    """A store that takes what lies on its disk for what was committed."""
    return lambda self: Range().extend(map(leaf_hash, self._read(0, 1 << 30)))


def replacing(original: Any) -> Callable[..., None]:
    """Files that are written over."""

    def put(self: StaticLog, tile: Any, data: bytes) -> None:
        path = self.public / str(tile)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    return put


@attack(
    "a row of the log is changed on the disk",
    Guard("adapters.log.LogStore._recompute", "the log is opened only if its entries make the root", uncompared),
    Guard("adapters.static_log.StaticLog._put", "no published byte ever changes", replacing),
    AT_START,
    says="Whoever reaches the host's disk replaces a leaf in log.db.",
    by="verify.failed",
)
def changed_row(place: Path) -> str:
    public = place / "public"
    with LogStore.create(place / "log.db") as store:
        store.append(entries(0, 300))
        before = published(public, store)
    with sqlite3.connect(place / "log.db") as database:
        database.execute("UPDATE entries SET leaf = ? WHERE place = 7", (b"another",))
    database.close()
    with LogStore.open(place / "log.db") as store:
        return f"two signed views: {before}, and {published(public, store)}"


def unconditional(original: Any) -> Callable[..., list[int]]:
    """A store that writes over whatever another process has put there."""

    def append(self: LogStore, leaves: Sequence[bytes], seal: Any = None) -> list[int]:
        before = self._range
        grown = before.extend(map(leaf_hash, leaves))
        with self._database.write() as transaction:
            rows = enumerate(leaves, start=before.size)
            transaction.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?)", rows)
            note = seal(grown.size, grown.root()) if seal else ""
            transaction.execute("UPDATE head SET size = ?, root = ?, note = ?", (grown.size, grown.root(), note))
        self._range = grown
        return list(range(before.size, grown.size))

    return append


@contextmanager
def unlocked(self: Any) -> Iterator[None]:
    """A folder that any number of processes work on."""
    yield


@attack(
    "two hub processes on one key",
    Guard("adapters.folder.Folder.lock", "one process works on a state folder", lambda original: unlocked),
    Guard("adapters.log.LogStore.append", "the head moves only from where this process left it", unconditional),
    says="An operator starts the hub a second time on its folder; each acknowledges another leaf at one index.",
    by="state.locked",
)
def two_processes(place: Path) -> str:
    home, ports = place / "hub", [free_port(), free_port()]
    card = found.init(home, listen=f"127.0.0.1:{ports[0]}", address=f"http://127.0.0.1:{ports[0]}")
    charter = replace(charter_of([party(f"m{i}") for i in range(1, 5)]), hub=card)
    head = Head(size=0, root=canon.digest(b""))
    leaf = statement.sign(Act(actor="m1", origin=charter.origin, head=head, body=charter), signer("m1", "sign"))
    found.found(home, leaf)
    with _hub(home, ports[0]) as one:
        settings = home / "comity.toml"
        settings.write_text(settings.read_text().replace(str(ports[0]), str(ports[1])))
        with _hub(home, ports[1]) as two:
            acks = []
            for client, id in ((one, "m1"), (two, "m2")):
                head = Head(size=1, root=canon.Digest(f"sha256:{Range().append(leaf_hash(leaf)).root().hex()}"))
                joins = Accession(charter=canon.digest(canon.encode(charter)), party=party(id))
                act = Act(actor=id, origin=charter.origin, head=head, body=joins)
                acks.append(client.state(statement.sign(act, signer(id, "sign"))))
    if len({ack.index for ack in acks}) == len(acks):
        raise Stopped("two leaves, two places")
    return f"receipts of two leaves at index {acks[0].index}"


@contextmanager
def _hub(home: Path, port: int) -> Iterator[Client]:
    """A hub in a process of its own, without the guards that are removed here; Stopped by the error that it ends with.

    It ends with whoever started it: nobody holds the other end of its pipe then.
    """
    held, holds = os.pipe()
    hears, says = os.pipe()
    if (child := os.fork()) == 0:
        os.close(holds)
        threading.Thread(target=lambda: (os.read(held, 1), os._exit(9)), daemon=True).start()
        try:
            run(home, log=lambda line: None)
        except ComityError as e:
            os.write(says, e.code.encode())
        finally:
            os._exit(0)
    os.close(says)
    try:
        end = time.monotonic() + 60
        while not _answers(port):
            if os.waitpid(child, os.WNOHANG)[0]:
                child = 0
                raise _said(hears)
            assert time.monotonic() < end, "the hub did not begin"
            time.sleep(0.02)
        with Client(f"http://127.0.0.1:{port}") as client:
            try:
                yield client
            except Unreachable:
                while not os.waitpid(child, os.WNOHANG)[0]:
                    assert time.monotonic() < end, "the hub lives, and does not answer"
                    time.sleep(0.02)
                child = 0
                raise _said(hears) from None
    finally:
        if child:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        for end_ in (held, holds, hears):
            os.close(end_)


def _said(hears: int) -> Stopped:
    """The code of the error that a hub ended with."""
    code = os.read(hears, 100).decode()
    assert code, "the hub ended by a fault"
    return Stopped(code)


def _answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


@attack(
    "published without a quorum",
    Guard(
        "services.hub.heads.cosigned",
        "the hub publishes what its charter's quorum cosigned",
        lambda original: lambda note, quorum: Cosigned(Checkpoint.of(note), ()),
    ),
    says="A fault, or an impatient host, publishes a checkpoint when the first of four witnesses has cosigned it.",
    by="nothing is published",
)
def too_early(place: Path) -> str:
    assembly = Assembly(4)
    with sequencer(place, assembly) as hub:
        hub.ask()
        hub.cosign(str(line(assembly, str(hub.asking), "m1", START)))
        if hub.published is None:
            raise Stopped("nothing is published")
        return "a published checkpoint with one cosignature of four"


@attack(
    "poisoned checkpoint",
    Guard("services.hub.heads.time_of", "the door takes a cosignature only if it holds", always(START)),
    says="A stranger posts a line in a silent witness's name: with it under the checkpoint, every reader refuses it.",
    by="published, and without that line",
)
def poisoned(place: Path) -> str:
    assembly = Assembly(4)
    with sequencer(place, assembly) as hub:
        hub.ask()
        true = line(assembly, str(hub.asking), "m4", START)
        lines = [SignatureLine(true.name, true.id, bytes(len(true.signature)))]
        lines += [line(assembly, str(hub.asking), id, START) for id in ("m1", "m2", "m3")]
        for one in lines:
            try:
                hub.cosign(str(one))
            except ComityError:
                continue
        if hub.published is not None:
            raise Stopped("published, and without that line")
        return "nothing is published any more"


@attack(
    "public lines are posted again",
    Guard(
        "services.hub.heads._is_later",
        "of one key and one head only a line with a later time is new",
        always(True),
    ),
    says="Whenever a new time is asked for, a stranger posts the lines of the published checkpoint: time stops.",
    by="the new time was published",
)
def old_lines(place: Path) -> str:
    assembly = Assembly(4)
    with sequencer(place, assembly) as hub:
        hub.ask()
        text = Note.parse((place / "public" / "checkpoint.pending").read_bytes()).text
        for id in ("m1", "m2", "m3"):
            hub.cosign(str(line(assembly, text, id, START)))
        public = Note.parse((place / "public" / "checkpoint").read_bytes())
        hub.ask()  # the same head once more, for time is waited for
        for given in public.signatures[1:]:
            hub.cosign(str(given))
        for id in ("m1", "m2", "m3"):
            hub.cosign(str(line(assembly, text, id, START + 1000)))
        said = hub.cosigned()
        if said and said[1].time == START + 1000:
            raise Stopped("the new time was published")
        return "the log's clock stands still"


@attack(
    "a release that names no digest",
    Guard("model.release.is_digest", "what names no blob is no record of a release", always(True)),
    says="A member publishes a record in which a file's digest is none: whoever looks for that file is to fall.",
    by="the hub starts again",
)
def no_digest(place: Path) -> str:
    source = made()
    record = liars.truth(source, files=[{"path": "a.csv", "digest": "nonsense", "size": 1}])
    liars.Hub(place / "hub", source).lie(record)
    try:
        liars.Hub(place / "hub", source)
    except FormatError as e:
        return f"the hub does not start any more: {e.what}"
    raise Stopped("the hub starts again")


MANY = 115  # of whom 15 are witnesses, the most that a charter names


@attack(
    "members crowd the checkpoint",
    Guard(
        "services.hub.heads._counted",
        "a checkpoint carries the lines that the charter counts, all others stand beside it",
        lambda original: lambda state: Everyone(),
    ),
    says="Members who are no witnesses cosign too, until the note has more lines than the world's readers take.",
    by="published, with 11 lines",
)
def crowded(place: Path) -> str:
    assembly = Assembly(MANY)
    with sequencer(place, assembly) as hub:
        hub.ask()
        ids = sorted(assembly.members, key=lambda id: id in assembly.charter.witnesses)
        for id in ids:
            if hub.asking is None:
                break
            try:
                hub.cosign(str(line(assembly, str(hub.asking), id, START)))
            except ComityError:
                continue
        note = hub.newest
        if hub.published is not None and note is not None:
            raise Stopped(f"published, with {len(note.signatures)} lines")
        return "nothing is published any more"


class Everyone(set[tuple[str, bytes]]):
    """All keys."""

    def __contains__(self, key: object) -> bool:
        return True
