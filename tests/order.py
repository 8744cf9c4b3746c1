"""Which files of tests start first where several processes share them: those that take long, the longest first.

A file is given to one process whole, as its tests share what they set up. If the longest came last, one process would
be at it while the others had nothing left. Seconds are in no file: only the order matters, and it need not be exact.
"""

from pathlib import Path
from typing import Final

LONGEST: Final = (
    "services/node/test_run.py",
    "kill/test_node_kill.py",
    "services/node/test_producer.py",
    "line/test_line.py",
    "attacks/test_book.py",
    "kill/test_ledger_kill.py",
    "kill/test_loops.py",
    "house/test_contracts.py",
    "spark/test_spark.py",
    "engines/test_equal.py",
    "postgres/test_equal.py",
    "services/mirror/test_log.py",
    "services/node/test_estimates.py",
    "services/demo/test_story.py",
    "attacks/test_restored.py",
    "attacks/test_five_places.py",
    "cli/test_bad_input.py",
    "cli/test_life.py",
    "cli/test_source.py",
    "services/mirror/test_run.py",
    "services/node/test_policy.py",
    "services/node/test_keys.py",
    "stages/test_answer.py",
    "kill/test_hub_kill.py",
    "kill/test_raster_kill.py",
    "services/node/test_node.py",
    "stages/publish/test_crate.py",
    "stages/seal/test_round.py",
    "cli/test_verify.py",
    "cli/test_protect.py",
    "stages/verify/test_check.py",
    "attacks/test_hostile_sources.py",
)


def turn(path: Path, tests: Path) -> int:
    """When a file's turn comes: its place in the list, or behind all of it."""
    name = path.relative_to(tests).as_posix()
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)
