"""The officer's answer to a study in a period, as a file in `approvals/`; the node reads it, the desk writes it.

Decides nothing but that an answer is given once and is about one study, period, policy and binding: where policy or
binding changed since, the officer is asked anew.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from comity import canon
from comity.adapters import durable
from comity.adapters.folder import PRIVATE_FILE
from comity.canon import Digest
from comity.errors import ConfigError

FOLDER: Final = "approvals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What the officer answered, and to what."""

    study: Digest
    period: str
    policy: Digest
    binding: Digest
    answer: Literal["approved", "declined"]
    time: int  # POSIX seconds


def give(home: Path, approval: Approval) -> None:
    """Write the answer down; ConfigError if another one to the same question stands already."""
    path = _path(home, approval.study, approval.period)
    known = answer(home, approval.study, approval.period, approval.policy, approval.binding)
    if known is not None and known != approval.answer:
        raise ConfigError(
            "the officer has answered already",
            where=str(path),
            found=known,
            way_out="a consent that was given is revoked in the log, not here",
        )
    durable.write(path, canon.encode(approval), mode=PRIVATE_FILE)


def find(home: Path, study: Digest, period: str) -> Approval | None:
    """The answer that stands, if there is one."""
    path = _path(home, study, period)
    if not path.exists():
        return None
    return canon.decode(path.read_bytes(), Approval, where=str(path))


def answer(
    home: Path, study: Digest, period: str, policy: Digest, binding: Digest
) -> Literal["approved", "declined"] | None:
    """What the officer answered to exactly this, if anything."""
    known = find(home, study, period)
    return known.answer if known and (known.policy, known.binding) == (policy, binding) else None


def stamp(home: Path) -> int:
    """Changes whenever an answer is given; nanoseconds."""
    folder = home / FOLDER
    return folder.stat().st_mtime_ns if folder.exists() else 0


def _path(home: Path, study: Digest, period: str) -> Path:
    """Named by digest: a period is any text."""
    return home / FOLDER / f"{canon.hex_of(canon.digest(f'{study} {period}'.encode()))}.json"
