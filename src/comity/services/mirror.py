"""Anyone's copy of a hub's public files, served as they are. Signs nothing and holds no key.

Decides what is copied: every leaf, read and hashed here, with the tiles that follow from them; the bodies and releases
that leaves name, each by its digest; the cosigned checkpoint, last. A hub that shows another log than before is not
copied. Who cosigned is for the reader to judge: a mirror has no say in it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.routing import Route

from comity import canon
from comity.acts import statement
from comity.acts.charter import Charter
from comity.acts.exchange import ExchangeClosed
from comity.acts.release import ReleasePublished
from comity.adapters import durable
from comity.adapters.blobs import Blobs
from comity.adapters.client import Client
from comity.adapters.folder import Folder
from comity.canon import Digest
from comity.errors import ComityError, FormatError, NotVerified, Unreachable
from comity.keys import PublicKey
from comity.model.release import Release
from comity.services import config, serve
from comity.services.static import Static
from comity.stages.publish import folder
from comity.stages.seal.view import View
from comity.tlog import follow
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.follow import Followed
from comity.tlog.merkle import leaf_hash
from comity.tlog.note import Note, Vkey
from comity.tlog.spelling import b64
from comity.tlog.tile import WIDTH, Edge, Tile, bundles, decode_bundle, encode_bundle

PUBLIC: Final = "public"
PUBLIC_FILE: Final = 0o644
REST: Final = 2.0  # seconds between two looks at the source


def init(home: Path, *, listen: str, source: str) -> None:
    """A new mirror of a hub, or of another mirror."""
    config.address(listen, where="listen")
    with Folder.new(home, "mirror"):
        config.write(home, "mirror", config.Mirror(listen=listen, source=source))
        config.mirror(home)


def run(home: Path, *, log: Callable[[str], None]) -> None:
    """Copy and serve until SIGINT or SIGTERM."""
    state, settings = Folder.open(home, "mirror"), config.mirror(home)
    with ExitStack() as open_:
        open_.enter_context(state.lock())
        bound = open_.enter_context(serve.bind(settings.listen, where="mirror.listen"))
        client = open_.enter_context(Client(settings.source))
        copy = Copy(home / PUBLIC, client)
        log(f"mirror of {settings.source}: {copy.size} leaves, listening at {settings.listen}")
        app = Starlette(routes=[Route("/{path:path}", Static(home / PUBLIC).answer, methods=["GET"])])
        serve.until_told(app, bound, lambda stop: _work(copy, stop, log))


def _work(copy: "Copy", stop: threading.Event, log: Callable[[str], None]) -> None:
    said = ""
    while not stop.is_set():
        try:
            copy.once()
            said = ""
        except ComityError as e:
            if str(e) != said:
                said = str(e)
                log(f"{e.code}: {e}")
        stop.wait(REST)


class Copy:
    """The copy so far: the leaves as read from disk, and what of their bodies is still missing."""

    def __init__(self, public: Path, client: Client) -> None:
        self._public, self._client = public, client
        self._blobs = Blobs(public / "blobs", mode=PUBLIC_FILE)
        self._log: Vkey | None = None
        self._leaves: list[bytes] = []
        self._edge, self._followed = Edge(), Followed()
        self._missing: set[Digest] = set()  # bodies that the source may still publish
        self._records: list[ReleasePublished | ExchangeClosed] = []  # whose bodies name further ones
        self._load()

    @property
    def size(self) -> int:
        """Leaves copied."""
        return len(self._leaves)

    def once(self) -> bool:
        """Copy what is new; True if the checkpoint is. Any failure leaves a whole, older copy.

        Raises:
            NotVerified: leaves left out, another log than before, or a body that is not what its digest says.
            Unreachable: the source does not answer.
        """
        raw = self._client.moving("checkpoint")
        if raw is None:
            return False
        note = Note.parse(raw)
        checkpoint = Checkpoint.of(note)
        if checkpoint.size > self.size:
            self._read(note, checkpoint)
        self._check(note, self._log)
        if checkpoint.size == self.size and checkpoint.root != self._followed.range.root():
            raise NotVerified(
                "the log is another one than was copied before",
                where=f"checkpoint {checkpoint.size} of {checkpoint.origin}",
                found=b64(checkpoint.root),
                wanted=b64(self._followed.range.root()),
                way_out="keep both checkpoints and ask the log's witnesses: one of the two views is false",
            )
        self._bodies()
        path = self._public / "checkpoint"
        if checkpoint.size < self.size or (path.is_file() and path.read_bytes() == raw):
            return False
        durable.write(path, raw, mode=PUBLIC_FILE)
        return True

    def _read(self, note: Note, checkpoint: Checkpoint) -> None:
        """New leaves, shown to make the checkpoint's root, and the files that follow from them."""
        tiles = follow.needed(checkpoint.size, self.size)
        data = [(tile, self._file(str(tile))) for tile in tiles]
        leaves = follow.new_leaves(checkpoint.size, self.size, data)
        followed = follow.advance(self._followed, checkpoint, leaves)
        self._check(note, self._log or _log_of(leaves[0]))  # before anything of it is taken for the log's
        self._take(leaves, followed)
        before = self.size - len(leaves)
        for tile in bundles(self.size, before):
            start = tile.index * WIDTH
            self._put(tile, encode_bundle(self._leaves[start : start + tile.width]))
        self._edge, full = self._edge.extend([leaf_hash(leaf) for leaf in leaves])
        for tile, body in (*full, *self._edge.partial()):
            self._put(tile, body)

    def _take(self, leaves: tuple[bytes, ...], followed: Followed) -> None:
        if not self._leaves:
            self._log = _log_of(leaves[0])
        self._leaves += leaves
        self._followed = followed
        for body in filter(None, map(_body, leaves)):
            self._missing.update(blob.digest for blob in statement.blobs(body))
            if isinstance(body, ReleasePublished | ExchangeClosed):
                self._records.append(body)

    def _check(self, note: Note, log: Vkey | None) -> None:
        """NotVerified unless the log of leaf 0 signed it."""
        if log is None or not note.signed_by(log):
            raise NotVerified("the checkpoint is not signed by the log that leaf 0 names", where="checkpoint")

    def _bodies(self) -> None:
        """Bodies that are public by now; those that they name in turn; releases as folders."""
        while fetched := [name for name in self._missing if self._fetch(name)]:
            self._missing -= set(fetched)
            for record in self._records:
                self._missing |= {name for name in self._second(record) if not self._blobs.has(name)}
        for record in self._records:
            if isinstance(record, ReleasePublished):
                self._release(record)
        if (page := self._client.file(folder.PAGE)) is not None:
            durable.write(self._public / folder.PAGE, page, mode=PUBLIC_FILE)

    def _fetch(self, name: Digest) -> bool:
        """Whether a body is here now; one that is never published, or not yet, is asked for again."""
        if self._blobs.has(name):
            return True
        body = self._client.blob(name)
        if body is None:
            return False
        self._blobs.put(body, digest=name)
        return True

    def _second(self, body: ReleasePublished | ExchangeClosed) -> Iterator[Digest]:
        """Bodies that a body of this statement names: files of a release, the view of a sum."""
        if isinstance(body, ReleasePublished) and (record := self._record(body)) is not None:
            yield from (file.digest for file in record.files)
        if isinstance(body, ExchangeClosed) and body.view and (seen := self._blobs.get(body.view.digest)) is not None:
            with suppress(FormatError):  # a hub's false view is copied like all else: it is evidence
                yield from canon.decode(seen, View, where="view").named()

    def _release(self, body: ReleasePublished) -> None:
        """A release's folder, once all its files are here; the record last."""
        place = self._public / "releases" / canon.hex_of(body.release.digest)
        record = self._record(body)
        if record is None or (place / folder.RELEASE).is_file():
            return
        files = {file.path: self._blobs.get(file.digest) for file in record.files}
        if all(data is not None for data in files.values()):
            for path, data in files.items():
                durable.write(place / path, data or b"", mode=PUBLIC_FILE)
            durable.write(place / folder.RELEASE, self._blobs.get(body.release.digest) or b"", mode=PUBLIC_FILE)

    def _record(self, body: ReleasePublished) -> Release | None:
        """The record that a leaf names, if it is here; whoever publishes may have named anything."""
        data = self._blobs.get(body.release.digest)
        with suppress(FormatError):
            return None if data is None else canon.decode(data, Release, where=folder.RELEASE)
        return None

    def _put(self, tile: Tile, data: bytes) -> None:
        durable.write(self._public / str(tile), data, mode=PUBLIC_FILE)

    def _file(self, path: str) -> bytes:
        data = self._client.file(path)
        if data is None:
            raise Unreachable("a part of the log is missing", where=f"{self._client.address}/{path}")
        return data

    def _load(self) -> None:
        """Go on from what is on disk, if it makes its own checkpoint's root; else the copy is begun again."""
        path = self._public / "checkpoint"
        if not path.is_file():
            return
        note = Note.parse(path.read_bytes())
        checkpoint = Checkpoint.of(note)
        leaves: list[bytes] = []
        for tile in bundles(checkpoint.size):
            leaves += decode_bundle((self._public / str(tile)).read_bytes(), tile.width)
        self._take(tuple(leaves), follow.advance(Followed(), checkpoint, leaves))
        self._edge, _ = self._edge.extend([leaf_hash(leaf) for leaf in leaves])


def _log_of(leaf: bytes) -> Vkey:
    """The log's key, as leaf 0 names it."""
    body = _body(leaf)
    if not isinstance(body, Charter):
        raise NotVerified("the log does not begin with a charter", where="leaf 0")
    return Vkey(body.origin, PublicKey(body.hub.log))


def _body(leaf: bytes) -> statement.Body | None:
    """What a leaf says; None for one that nobody can read."""
    try:
        return statement.read(leaf).act.body
    except FormatError:
        return None
