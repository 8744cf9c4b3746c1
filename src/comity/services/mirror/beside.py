"""Public files that no leaf names: cosignatures beside the checkpoint, readers' policies, the first page.

Decides what of them is copied: what is spelt as its standard says, and a policy only if it names this log's key. None
of it is believed by anyone for lying here: a cosignature proves itself, a policy is its reader's own choice.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from comity.adapters import durable
from comity.adapters.client import Client
from comity.errors import BadInput, FormatError, NotVerified
from comity.services.mirror.disk import PUBLIC_FILE
from comity.stages.publish import folder
from comity.tlog import beside as side
from comity.tlog.note import SignatureLine, Vkey
from comity.tlog.quorum import Policy

POLICIES: Final = ("policy", "policy.ml-dsa-44")


class Beside:
    """Files beside the log of one copy."""

    def __init__(self, public: Path, client: Client) -> None:
        self._public, self._client = public, client

    def fetch(self, size: int, log: Vkey) -> None:
        """Those of a checkpoint of this size; NotVerified for one that is not what its name says."""
        name = side.path(size)
        if (data := self._client.file(name)) is not None:
            self._put(name, data, _lines)
        for name in POLICIES:
            if (data := self._client.moving(name)) is not None:
                self._put(name, data, lambda found: _names(found, log))
        if (page := self._client.moving(folder.PAGE)) is not None:
            self._put(folder.PAGE, page, lambda found: None)

    def lines(self, size: int) -> tuple[SignatureLine, ...]:
        """The side file of a checkpoint of this size as the source shows it; none if there is no file."""
        name = side.path(size)
        data = self._client.file(name)
        try:
            return side.parse(data) if data is not None else ()
        except FormatError as e:
            raise self._bad(name, e) from None

    def _put(self, name: str, data: bytes, check: Callable[[bytes], None]) -> None:
        path = self._public / name
        if path.is_file() and path.read_bytes() == data:
            return
        try:
            check(data)
        except BadInput as e:
            raise self._bad(name, e) from None
        durable.write(path, data, mode=PUBLIC_FILE)

    def _bad(self, name: str, e: BadInput) -> NotVerified:
        where = f"{self._client.address}/{name}"
        return NotVerified("not a file of this log", where=where, found=str(e), way_out="ask another mirror")


def _lines(data: bytes) -> None:
    """Signature lines, a line each."""
    for line in data.decode(errors="replace").removesuffix("\n").split("\n"):
        SignatureLine.parse(line)


def _names(data: bytes, log: Vkey) -> None:
    """A policy for this log."""
    policy = Policy.parse(data)
    if log not in [known.vkey for known in policy.logs]:
        raise BadInput("a policy for another log", where="policy", wanted=str(log))
