"""What a word on the command line stands for in a log: a leaf, a motion, a study. UsageError if there is none."""

from typing import TYPE_CHECKING

from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.services.reading import Log


def leaf_of(log: "Log", index: int) -> bytes:
    """A leaf by its index."""
    if not 0 <= index < len(log.leaves):
        raise UsageError("no such leaf", where="INDEX", found=str(index), wanted=f"0 to {len(log.leaves) - 1}")
    return log.leaves[index]
