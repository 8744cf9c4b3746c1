"""How processes share the tests (pytest-xdist, --dist=loadfile): what one of them does whole, and what starts first.

A process gets a file whole, as its tests share what they set up. Stories, in which an assembly of real processes keeps
to seconds of a clock, all go to one process: two of them at a time would take each other's time. Their seconds of
waiting are the others' to compute in, so there is one process more than cores, and all others make way for that one.
Folders whose files share a server are one process's as well. Of all else what takes long starts first: if it came last,
one process would be at it while the others had nothing left. The order need not be exact.
"""

import os
from functools import cache
from pathlib import PurePosixPath
from typing import Final

from xdist.scheduler import LoadFileScheduling

STORIES: Final = (
    "services/node/test_run.py",
    "services/node/test_producer.py",
    "line/test_line.py",
    "kill/test_node_kill.py",
    "services/node/test_estimates.py",
    "services/node/test_keys.py",
    "docs/test_estimates_page.py",
)
SERVED: Final = ("postgres", "spark")  # folders whose files share a server
LONGEST: Final = (
    "attacks/test_book.py",
    "kill/test_ledger_kill.py",
    "cli/test_bad_input.py",
    "stages/test_answer.py",
    "assembly/test_bounds.py",
    "services/mirror/test_run.py",
    "kill/test_loops.py",
    "kill/test_hub_kill.py",
    "services/mirror/test_log.py",
    "services/demo/test_story.py",
    "attacks/test_five_places.py",
    "house/test_rules.py",
    "cli/test_life.py",
    "methods/test_contribute.py",
    "corpus/test_rasters.py",
    "corpus/test_surveys.py",
    "adapters/test_tables.py",
    "house/test_contracts.py",
    "cli/test_protect.py",
    "cli/test_verify.py",
    "engines/test_equal.py",
    "kill/test_raster_kill.py",
    "stages/seal/test_round.py",
)


def together(name: str) -> str:
    """What one process does whole: of a file below tests/, all stories, its folder, or the file."""
    room = PurePosixPath(name).parts[0]
    return "stories" if name in STORIES else room if room in SERVED else name


def turn(name: str) -> int:
    """When a file's turn comes: stories, folders that share a server, what takes long, all else."""
    if name in STORIES:
        return STORIES.index(name)
    if together(name) in SERVED:
        return len(STORIES) + SERVED.index(together(name))
    known = len(STORIES) + len(SERVED)
    return known + (LONGEST.index(name) if name in LONGEST else len(LONGEST))


@cache
def make_way() -> None:
    """From its first test that is no story on, a process leaves a core to those who need it now; asked once."""
    os.nice(5)


class Sharing(LoadFileScheduling):  # type: ignore[misc]
    """Hands out what belongs together, in the order in which the tests were put."""

    def schedule(self) -> None:
        self.config.option.loadscopereorder = False  # else files of many tests came first, however short
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid.split("::", 1)[0].removeprefix("tests/"))
