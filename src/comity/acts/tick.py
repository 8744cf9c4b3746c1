"""The only clock: a checkpoint of this log with its cosignatures. Worthless without the witnesses' quorum."""

from dataclasses import dataclass

from comity import canon
from comity.canon import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A signed note (C2SP signed-note) whose cosignatures carry the times."""

    checkpoint: str

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The note's text."""
        return (("checkpoint", canon.digest(self.checkpoint.encode())),)
