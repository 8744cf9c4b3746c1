"""What is asked of hub, witness and mirror while they are killed, and what must hold of each."""

import itertools
import random
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx2

from comity import canon
from comity.acts.consent import PolicyPublished
from comity.acts.refs import Blob, Head
from comity.acts.statement import Act, sign
from comity.adapters.client import Client
from comity.adapters.growth import Growth
from comity.adapters.keyring import Keyring
from comity.adapters.log import LogStore
from comity.assembly.witnesses import key_name
from comity.errors import ComityError
from comity.keys import Ed25519Signer
from comity.services import witness
from comity.services.mirror.copy import Copy
from comity.services.node import floor
from comity.tlog import merkle, note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.merkle import leaf_hash
from comity.tlog.note import Note, SignatureLine, Vkey
from comity.tlog.tile import Edge, Tile, bundles, decode_bundle, encode_bundle, hash_tiles
from comity.tlog.witness import Request
from tests.builders.assembly import Assembly
from tests.builders.offices import Offices
from tests.builders.ports import free_port
from tests.kill.loop import Views, stands
from tests.kill.nursery import Nursery, Victim
from tests.services.mirror.long_log import leaves
from tests.services.node.hub import Hub

GONE = (ComityError, httpx2.HTTPError, OSError)  # what a caller sees of a victim that dies


def answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


class HubTrial:
    """Statements posted, bodies put, pending heads cosigned by all four members, published heads read."""

    def __init__(self, folder: Path, nursery: Nursery) -> None:
        offices = Offices(folder, members=4)
        self.home, self._address, self._origin = folder / "hub", offices.address, offices.charter.origin
        self._port = int(offices.address.rpartition(":")[2])
        self._speaker = Keyring(offices.home("m1")).signer("sign")
        self._witnesses = {id: Keyring(offices.home(id)).signer("witness") for id in offices.ids}
        self._number, self._time = itertools.count(), itertools.count(1_900_000_000)
        self.acknowledged: dict[int, bytes] = {}
        self.bodies: set[str] = set()
        self.views = Views()
        self.published = self.heard = 0
        first = self.start(nursery, None, syncs=True)
        while not self.ready():
            pass
        floor.accede(offices.home("m1"))
        first.kill()

    def start(self, nursery: Nursery, told: Path | None, *, syncs: bool) -> Victim:
        self._client = Client(self._address)
        return nursery.start("hub", home=self.home, told=told, syncs=syncs)

    def ready(self) -> bool:
        """Once it answers, what it shows is whole: public files are made again from what is true."""
        if not answers(self._port):
            return False
        for digest in self.bodies:
            shown = _blob(self.home / "public", digest)
            stands(shown.is_file(), f"an accepted body is not shown: {digest}")
            stands(digest == canon.digest(shown.read_bytes()), f"a torn body is shown: {digest}")
        return True

    def load(self) -> None:
        with suppress(*GONE):
            self._say(self._client)
            self._witness(self._client)

    def _say(self, client: Client) -> None:
        text = b"policy %d" % next(self._number)
        body = PolicyPublished(policy=Blob(digest=canon.digest(text), size=len(text)))
        act = Act(actor="m1", origin=self._origin, head=Head(size=0, root=canon.digest(b"")), body=body)
        leaf = sign(act, self._speaker)
        self.acknowledged[client.state(leaf).index] = leaf
        self.heard += 1
        client.put([text])
        self.bodies.add(canon.digest(text))

    def _witness(self, client: Client) -> None:
        for name in ("checkpoint.pending", "checkpoint"):
            raw = client.moving(name)
            if raw is None:
                continue
            shown = Note.parse(raw)
            head = Checkpoint.of(shown)
            self.views.saw(head)
            if name == "checkpoint":
                self.published = max(self.published, head.size)
                continue
            for id, signer in self._witnesses.items():
                client.cosign(str(cosign(shown.text, key_name(self._origin, id), next(self._time), signer)))

    def check(self) -> None:
        """All acknowledged leaves and bodies, one view; read before the hub's own start repairs anything."""
        self._client.close()
        with LogStore.open(self.home / "log.db") as store:
            kept = store.leaves(0, store.size)
        for index, leaf in self.acknowledged.items():
            stands(
                kept[index : index + 1] == [leaf], f"acknowledged leaf {index} is lost: {len(kept)} leaves are there"
            )
        for name in ("checkpoint", "checkpoint.pending"):
            path = self.home / "public" / name
            if path.is_file():
                self.views.saw(Checkpoint.of(Note.parse(path.read_bytes())))
        hashes = [leaf_hash(leaf) for leaf in kept]
        self.views.prefixes(lambda size: merkle.root(hashes[:size]), len(kept))
        promised(self.home / "public", kept, hashes)
        for digest in self.bodies:
            path = _blob(self.home, digest)
            stands(path.is_file(), f"an accepted body is lost: {digest}")
            stands(digest == canon.digest(path.read_bytes()), f"an accepted body is torn: {digest}")


def promised(public: Path, entries: list[bytes], hashes: list[bytes]) -> None:
    """Every file that the published checkpoint promises is there, and holds these entries; by tlog-tiles' definitions.

    A log that has grown beyond its checkpoint may have put a full file in the place of a partial one.
    """
    path = public / "checkpoint"
    if not path.is_file():
        return
    head = Checkpoint.of(Note.parse(path.read_bytes()))
    stands(merkle.root(hashes[: head.size]) == head.root, "the published checkpoint is not this log's")
    for tile in (*bundles(head.size), *hash_tiles(head.size)):
        own, full = public / str(tile), public / str(Tile(tile.level, tile.index))
        width, data = (tile.width, own.read_bytes()) if own.is_file() else (256, full.read_bytes())
        first = tile.index * 256
        if tile.level < 0:
            stands(entries[first : first + tile.width] == list(decode_bundle(data, width)[: tile.width]), str(tile))
            continue
        wide = 256**tile.level
        below = hashes[first * wide : (first + tile.width) * wide]
        made = b"".join(merkle.root(below[i : i + wide]) for i in range(0, len(below), wide))
        stands(made == data[: 32 * tile.width], str(tile))


def _blob(folder: Path, digest: str) -> Path:
    """Where a body lies by its digest."""
    name = digest.removeprefix("sha256:")
    return folder / "blobs" / "sha256" / name[:2] / name


class WitnessTrial:
    """Asked to cosign growth of one log, and again and again of its fork, which shares all but its last leaves."""

    ORIGIN = "example.org/log"

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.home, self._port, self._chance = folder / "witness", free_port(), chance
        self._log = Ed25519Signer(b"\x01" * 32)
        listen = f"127.0.0.1:{self._port}"
        witness.init(self.home, listen=listen, name="example.org/w", logs=[str(Vkey(self.ORIGIN, self._log.public))])
        Growth(self.home / "witness.db").close()
        self._true = [leaf_hash(b"%d" % i) for i in range(2_000)]
        self.size = self.heard = 0  # the largest that was cosigned for, and how often
        self.views = Views()

    def start(self, nursery: Nursery, told: Path | None, *, syncs: bool) -> Victim:
        self._client = httpx2.Client(base_url=f"http://127.0.0.1:{self._port}", trust_env=False)
        return nursery.start("witness", home=self.home, told=told, syncs=syncs)

    def ready(self) -> bool:
        return answers(self._port)

    def load(self) -> None:
        with suppress(*GONE):
            self._ask(self._client)

    def _ask(self, client: httpx2.Client) -> None:
        """Growth of the log from where the witness says it is; or its fork, from there, or from before."""
        far = self.size + 50  # further than it can have got: it answers where it stands
        since = int(client.post("/add-checkpoint", content=self._body(far, far)).text)
        stands(since >= self.size, f"it cosigned {self.size} leaves and remembers {since}")
        fork = since > 0 and self._chance.random() < 0.4
        size = since + self._chance.randint(0, 2)
        if not size:
            return
        old = max(0, since - self._chance.randint(0, 2)) if fork else since
        hashes = (
            [*self._true[: max(0, since - 2)], *(leaf_hash(b"fork %d" % i) for i in range(4))] if fork else self._true
        )
        answer = client.post("/add-checkpoint", content=self._body(old, size, hashes))
        if answer.status_code == 200:
            self.views.saw(Checkpoint(self.ORIGIN, size, merkle.root(hashes[:size])))
            self.size = max(self.size, size)
            self.heard += 1
            assert [SignatureLine.parse(line) for line in answer.text.splitlines()]

    def _body(self, old: int, size: int, hashes: list[bytes] | None = None) -> bytes:
        """A request with the proof that these leaves make."""
        leaves = self._true if hashes is None else hashes
        size = min(size, len(leaves))
        text = str(Checkpoint(self.ORIGIN, size, merkle.root(leaves[:size])))
        proof = merkle.consistency(old, size, leaves) if 0 < old < size else ()
        head = Note(text, (note.sign(text, self.ORIGIN, self._log),))
        return str(Request(min(old, size), proof, head)).encode()

    def check(self) -> None:
        """It remembers at least what it cosigned, and that is the log, not its fork."""
        self._client.close()
        growth = Growth(self.home / "witness.db")
        last = growth.last(self.ORIGIN).memory
        growth.close()
        stands(last.size >= self.size, f"it cosigned {self.size} leaves and remembers {last.size}")
        if last.size:
            self.views.prefixes(lambda size: merkle.root(self._true[:size]), last.size)
            stands(merkle.root(self._true[: last.size]) == last.root, "it remembers the fork")


class MirrorTrial:
    """Copies a log that grows under its eyes."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "mirror"
        self.assembly = Assembly(4)
        self.hub = Hub(self.assembly)
        self._all = leaves(self.assembly, 20_000)
        self._hashes = [leaf_hash(leaf) for leaf in self._all]
        self._edge = Edge()
        self._size, self.copied, self.heard = 300, 0, 0
        self._grow()
        with Client(self.hub.address) as client:
            Copy(self.home, client).once()
        self._born = threading.Event()

    def _grow(self) -> None:
        before = self._edge.size
        self._size = min(self._size + 60 + self._size % 301, len(self._all))
        self._edge, full = self._edge.extend(self._hashes[before : self._size])
        self.hub.files |= {str(tile): data for tile, data in (*full, *self._edge.partial())}
        for tile in bundles(self._size, before):
            self.hub.files[str(tile)] = encode_bundle(self._all[tile.index * 256 : tile.index * 256 + tile.width])
        origin = self.assembly.charter.origin
        text = str(Checkpoint(origin, self._size, merkle.root(self._hashes[: self._size])))
        shown = Note(text, (note.sign(text, origin, self.assembly.signers["hub", "log"]),))
        self.hub.files["checkpoint"] = str(shown).encode()

    def start(self, nursery: Nursery, told: Path | None, *, syncs: bool) -> Victim:
        self._born.clear()
        self.hub.before = lambda path: self._born.set()
        self._grow()
        if not (self.home / "VERSION").is_file():
            (self.home / "VERSION").write_text("comity-state/1 mirror\n")
        return nursery.start("mirror", home=self.home, told=told, syncs=syncs, source=self.hub.address)

    def ready(self) -> bool:
        return self._born.is_set()

    def load(self) -> None:
        """A larger log, as soon as it shows the last one."""
        time.sleep(0.005)
        if self._head() == self._size:
            self.heard += 1
            self._grow()

    def _head(self) -> int:
        path = self.home / "public" / "checkpoint"
        return Checkpoint.of(Note.parse(path.read_bytes())).size if path.is_file() else 0

    def check(self) -> None:
        """The checkpoint never goes back, and all that it promises is there, under its root."""
        size, public = self._head(), self.home / "public"
        stands(size >= self.copied, f"a copy of {self.copied} leaves went back to {size}")
        self.copied = size
        promised(public, self._all, self._hashes)

    def end(self) -> None:
        self.hub.__exit__(None, None, None)
