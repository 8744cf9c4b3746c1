"""The officers' answers to a study in a period, as files in `approvals/`; the node reads them, the desk writes them.

Decides nothing but that an officer answers once, and that an answer is about one study, period, policy and binding:
where policy or binding changed since, the officers are asked anew. How many must approve is the policy's, and
`stages.consent` counts them; that an officer is who it says is `officers`'.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from comity import canon
from comity.adapters import durable
from comity.adapters.folder import PRIVATE_FILE
from comity.canon import Digest
from comity.errors import ConfigError
from comity.services.node import officers

FOLDER: Final = "approvals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What an officer answered, and to what. officer: by name; "" where the policy asks for one officer of any name."""

    study: Digest
    period: str
    policy: Digest
    binding: Digest
    answer: Literal["approved", "declined"]
    time: int  # POSIX seconds
    officer: str = ""


def give(home: Path, approval: Approval) -> None:
    """Write the answer down; ConfigError if another one of this officer to the same question stands already."""
    path = _path(home, approval.study, approval.period, approval.officer)
    known = find(home, approval.study, approval.period, approval.officer)
    if known and _asked(known) == _asked(approval) and known.answer != approval.answer:
        raise ConfigError(
            "the officer has answered already",
            where=str(path),
            found=known.answer,
            way_out="a consent that was given is revoked in the log, not here",
        )
    durable.write(path, canon.encode(approval), mode=PRIVATE_FILE)


def find(home: Path, study: Digest, period: str, officer: str = "") -> Approval | None:
    """The answer of one officer that stands, if there is one."""
    path = _path(home, study, period, officer)
    return canon.decode(path.read_bytes(), Approval, where=str(path)) if path.exists() else None


def answers(
    home: Path, study: Digest, period: str, policy: Digest, binding: Digest, *, named: bool = False
) -> tuple[Approval, ...]:
    """What officers answered to exactly this; named: those alone who have a name here, as four eyes have."""
    known = sorted(officers.names(home))
    found = [find(home, study, period, officer) for officer in (known if named else ["", *known])]
    return tuple(one for one in found if one and (one.policy, one.binding) == (policy, binding))


def stamp(home: Path) -> int:
    """Changes whenever an answer is given; nanoseconds."""
    folder = home / FOLDER
    return folder.stat().st_mtime_ns if folder.exists() else 0


def _asked(one: Approval) -> tuple[Digest, str, Digest, Digest]:
    return one.study, one.period, one.policy, one.binding


def _path(home: Path, study: Digest, period: str, officer: str) -> Path:
    """Named by digest: a period is any text."""
    question = canon.hex_of(canon.digest(f"{study} {period}".encode()))
    return home / FOLDER / (f"{question}.{officer}.json" if officer else f"{question}.json")
