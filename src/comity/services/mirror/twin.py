"""The twin of a log (`tlog.sigsum`), copied as the log is: every leaf hashed here, the checkpoint last.

Decides that the twin is of the copied log's own key, and that what lies beside it is spelt as its readers want it: when
the log has gone to another hub, the twin begins anew under that hub's key, and takes the old one's place. That its
leaves are the log's releases is what its witnesses checked; a mirror reads no meaning.
"""

import shutil
from pathlib import Path

from comity.adapters import durable
from comity.adapters.client import Client
from comity.errors import NotVerified
from comity.keys import raw_public
from comity.services.mirror.disk import PUBLIC_FILE
from comity.services.mirror.log import LogCopy
from comity.tlog import sigsum
from comity.tlog.note import Note, Vkey


class Twin:
    """The copy of the twin beside the copy of its log."""

    def __init__(self, public: Path, client: Client) -> None:
        self._public, self._client = public, client
        self._copy: LogCopy | None = None
        self._seen = b""
        self._of: Vkey | None = None

    def fetch(self, log: Vkey) -> None:
        """Copy what is new, if the source has a twin.

        Raises:
            SplitView: another twin than before, with the evidence.
            NotVerified: a file is not the twin's, or the log's key did not sign its checkpoint.
            Unreachable: the source does not answer, or a file is missing.
        """
        raw = self._client.moving(sigsum.CHECKPOINT)
        if raw is None or raw == self._seen:
            return
        if self._copy is None or self._of != log:
            self._of = log
            self._make_room(sigsum.log_vkey(log.key))
            self._copy = LogCopy(
                self._public / sigsum.FOLDER,
                lambda path: self._client.file(f"{sigsum.FOLDER}/{path}"),
                where=f"{self._client.address}/{sigsum.FOLDER}",
                key=lambda leaf: sigsum.log_vkey(log.key),
                visit=lambda first, leaves: None,
            )
        note = Note.parse(raw)
        self._copy.follow(note)
        self._put(sigsum.POLICY, f"log {raw_public(log.key).hex()}")
        self._put(sigsum.KEY, "ssh-ed25519 ")
        self._copy.publish(note)
        self._seen = raw

    def _make_room(self, twin: Vkey) -> None:
        """The twin of the hub that was before goes, if one is here."""
        place = self._public / sigsum.FOLDER
        known = place / "checkpoint"
        if known.is_file() and not Note.parse(known.read_bytes()).signed_by(twin):
            shutil.rmtree(place)

    def _put(self, name: str, begins: str) -> None:
        """A file that readers of its proofs want; whom to trust is their own choice."""
        data = self._client.moving(name)
        if data is None:
            return
        if not data.startswith(begins.encode()):
            where = f"{self._client.address}/{name}"
            raise NotVerified("not a file of this twin", where=where, found=repr(data[:80]), wanted=begins)
        durable.write(self._public / name, data, mode=PUBLIC_FILE)
