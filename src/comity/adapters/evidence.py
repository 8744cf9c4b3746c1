"""Evidence of a split view as a file in a state folder: `split-view.evidence`, a further one with a number.

Decides that one proof a log's key is enough, for it convicts that key for good, and that no file that lies there is
ever replaced.
"""

from itertools import count
from pathlib import Path
from typing import Final

from comity.adapters import durable
from comity.errors import ComityError
from comity.tlog.evidence import Evidence
from comity.tlog.note import Vkey

SPLIT: Final = "split-view"
EVIDENCE_FILE: Final = 0o644  # it is for everyone


def keep(folder: Path, evidence: Evidence, log: Vkey, *, origin: str | None = None) -> Path:
    """Keep the proof against a log, unless one lies there; the file of either. WorldError if it cannot be written.

    Args:
        origin: the log's, where its key is not called by it.
    """
    for number in count(1):
        path = folder / (f"{SPLIT}.evidence" if number == 1 else f"{SPLIT}-{number}.evidence")
        if not path.exists():
            durable.write(path, str(evidence).encode(), mode=EVIDENCE_FILE)
            return path
        if _convicts(path, log, origin):
            return path
    raise AssertionError("a count has no end")


def _convicts(path: Path, log: Vkey, origin: str | None) -> bool:
    """Whether a file proves a split view of this log."""
    try:
        Evidence.parse(path.read_bytes()).verify(log, origin=origin)
    except ComityError:
        return False
    return True
