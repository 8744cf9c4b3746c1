"""Anyone's copy of a hub's public files. Signs nothing and holds no key.

Decides the order: leaves and tiles, bodies, what lies beside, and the checkpoint last, so that whatever a published
checkpoint promises is here. Who must have cosigned is the operator's to pin: a policy that the source serves would name
whom the source likes. A proven split view is kept as `split-view.evidence`; the copy goes on being what it was.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity import canon
from comity.acts.charter import Charter
from comity.adapters import evidence
from comity.adapters.client import Client
from comity.canon import Digest
from comity.errors import NotVerified, Unreachable
from comity.keys import PublicKey
from comity.model.job import Tell
from comity.services.mirror.beside import Beside
from comity.services.mirror.bodies import Bodies, body_of
from comity.services.mirror.log import CHECKPOINT, LogCopy, SplitView
from comity.services.mirror.twin import Twin
from comity.tlog.beside import joined
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note, Vkey
from comity.tlog.quorum import Policy

PUBLIC: Final = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """What an operator believes a log by, beside its own signature; of what is None nothing is asked.

    charter: the log must begin with it.
    policy: every head that is copied must stand under it, note and side file together.
    """

    charter: Digest | None = None
    policy: Policy | None = None

    def __str__(self) -> str:
        """What is not judged, for the operator; "" if a policy judges it."""
        if self.policy is not None:
            return ""
        if self.charter is not None:
            return "no policy: a head that nobody cosigned is copied and served as well; --policy FILE refuses it"
        return (
            "nothing is pinned: the first log that this source shows is copied, whoever cosigned it; "
            "--policy FILE names whom to believe"
        )


class Copy:
    """The copy in one state folder: what of it is here is known by its files, never by a promise of the source."""

    def __init__(self, home: Path, client: Client, pinned: Pinned | None = None, *, tell: Tell | None = None) -> None:
        """Go on from what is on the disk."""
        self._home, self._client, self._pinned = home, client, pinned or Pinned()
        public = home / PUBLIC
        self._bodies = Bodies(home, public, client, tell=tell)
        self._beside = Beside(public, client)
        self._twin = Twin(public, client)

        def begin() -> LogCopy:
            return LogCopy(
                public,
                client.file,
                where=client.address,
                key=lambda leaf: _key(leaf, self._pinned.charter),
                visit=self._bodies.note,
                judge=self._judge,
                moves=True,
                tell=tell,
            )

        self._log = begin()
        if self._bodies.ahead:
            self._bodies.begin_again()
            self._log = begin()
        self._seen, self._behind = b"", ""

    @property
    def size(self) -> int:
        """Leaves copied."""
        return self._log.size

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The checkpoint that the copy serves."""
        return None if self._log.note is None else Checkpoint.of(self._log.note)

    @property
    def missing(self) -> int:
        """Bodies that leaves name and the source did not show yet, or never will."""
        return self._bodies.missing

    @property
    def damaged(self) -> str:
        """What of the copy's own files did not make its checkpoint, so that they are copied again; "" if all did."""
        return self._log.damaged

    @property
    def behind(self) -> str:
        """That the source shows an older head than the copy has, for the operator; "" if it does not."""
        return self._behind

    def once(self) -> bool:
        """Copy what is new; True if the checkpoint is. Any failure leaves a whole, older copy.

        Raises:
            NotVerified: leaves left out, another log than before, or a file that is not what its name says.
            QuorumShort: a head that does not stand under the pinned policy.
            Unreachable: the source does not answer, or a file is missing.
        """
        raw = self._client.moving(CHECKPOINT)
        if raw is None:
            if self._log.note is None:
                raise Unreachable(
                    "no log is published here",
                    where=f"{self._client.address}/{CHECKPOINT}",
                    way_out="check the address; a hub publishes once its witnesses have cosigned",
                )
            return False
        note = Note.parse(raw)
        if raw != self._seen:
            try:
                self._log.follow(note)
            except SplitView as e:
                evidence.convict(self._home, e.evidence, e.log)
                raise
        self._bodies.fetch()
        if (log := self._log.log) is not None:
            self._beside.fetch(Checkpoint.of(note).size, log)
        self._bodies.save()
        self._seen = raw
        published = self._log.publish(note)
        self._behind = self._older(Checkpoint.of(note))
        self._fetch_twin()
        return published

    def _older(self, shown: Checkpoint) -> str:
        """A source that went back is no split view, but a hub that was restored from a backup begins like that."""
        if (known := self.checkpoint) is None or shown.size >= known.size:
            return ""
        return (
            f"{self._client.address} shows {shown.size} leaves, and {known.size} are copied: the copy stays as it is; "
            "if that lasts, ask whether the source was restored from a backup"
        )

    def _judge(self, note: Note) -> None:
        """Whether a head stands under the pinned policy: nothing of it is copied otherwise, and no copy replaced."""
        if (policy := self._pinned.policy) is not None:
            lines = self._beside.lines(Checkpoint.of(note).size)
            policy.check(joined(note, lines, policy.quorum))

    def _fetch_twin(self) -> None:
        """Behind the log itself, which never waits for its twin."""
        log = self._log.log
        if log is None:
            return
        try:
            self._twin.fetch(log)
        except SplitView as e:
            evidence.convict(self._home, e.evidence, e.log)
            raise


def _key(leaf: bytes, pinned: Digest | None) -> Vkey:
    """The log's key, as leaf 0 names it."""
    body = body_of(leaf)
    if not isinstance(body, Charter):
        raise NotVerified("the log does not begin with a charter", where="leaf 0")
    if pinned is not None and (found := canon.digest(canon.encode(body))) != pinned:
        raise NotVerified("the log begins with another charter", where="leaf 0", found=found, wanted=pinned)
    return Vkey(body.origin, PublicKey(body.hub.log))
