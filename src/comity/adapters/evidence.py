"""Evidence as a file of a folder: `split-view.evidence`, `dropped.evidence`; a further one with a number.

Decides under which name evidence is kept, that the same is kept once, and that no file that lies there is ever
replaced. What it proves is `tlog.evidence` and `tlog.receipt`; whom it stops is the affair of whoever keeps it.
"""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Final

from comity.adapters import durable
from comity.errors import ComityError
from comity.tlog.evidence import Evidence
from comity.tlog.note import Vkey

SPLIT: Final = "split-view"
DROPPED: Final = "dropped"
SUFFIX: Final = ".evidence"
EVIDENCE_FILE: Final = 0o644  # it is for everyone


def kept(folder: Path, kind: str) -> list[Path]:
    """Files of one kind of evidence in a folder, the first one first."""
    return sorted(folder.glob(f"{kind}*"), key=lambda path: (len(path.name), path.name))


def put(folder: Path, kind: str, data: bytes, *, serves: Callable[[Path], bool] = lambda path: False) -> Path:
    """Keep evidence, unless the same lies there; the file of either. WorldError if it cannot be written.

    Args:
        serves: whether a file that lies there does as well.
    """
    for path in kept(folder, kind):
        if path.read_bytes() == data or serves(path):
            return path
    names = (f"{kind}{'' if number == 1 else f'-{number}'}{SUFFIX}" for number in count(1))
    free = next(path for path in map(folder.joinpath, names) if not path.exists())
    durable.write(free, data, mode=EVIDENCE_FILE)
    return free


def convict(folder: Path, evidence: Evidence, log: Vkey, *, origin: str | None = None) -> Path:
    """Keep the proof of a split view, unless one against this log lies there: one convicts its key for good.

    Args:
        origin: the log's, where its key is not called by it.
    """

    def serves(path: Path) -> bool:
        try:
            Evidence.parse(path.read_bytes()).verify(log, origin=origin)
        except ComityError:
            return False
        return True

    return put(folder, SPLIT, str(evidence).encode(), serves=serves)
