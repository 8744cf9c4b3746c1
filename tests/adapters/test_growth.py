"""A witness's memory only grows, in one step with the comparison."""

from pathlib import Path

import pytest

from comity.adapters.database import Database
from comity.adapters.growth import MIGRATIONS, NOTHING, Cosigned, Growth
from comity.errors import ClockOff, NotVerified
from comity.tlog.witness import Memory

LOG = "example.org/log"
FIVE, SEVEN = Memory(5, b"5" * 32), Memory(7, b"7" * 32)


def grown(path: Path) -> Growth:
    growth = Growth(path / "witness.db")
    growth.advance(LOG, NOTHING.memory, FIVE, time=100)
    return growth


def test_what_was_cosigned_is_remembered(tmp_path: Path) -> None:
    grown(tmp_path).close()
    growth = Growth(tmp_path / "witness.db")
    assert Cosigned(memory=FIVE, time=100) == growth.last(LOG)
    assert NOTHING == growth.last("example.org/other")


def test_it_grows_and_may_repeat(tmp_path: Path) -> None:
    growth = grown(tmp_path)
    growth.advance(LOG, FIVE, FIVE, time=101)
    growth.advance(LOG, FIVE, SEVEN, time=102)
    assert Cosigned(memory=SEVEN, time=102) == growth.last(LOG)


def test_a_memory_of_before_notes_were_kept_is_read_on(tmp_path: Path) -> None:
    """It says of none what was shown."""
    path = tmp_path / "witness.db"
    before = Database(path, MIGRATIONS[:1])
    with before.write() as transaction:
        transaction.execute("INSERT INTO cosigned VALUES (?, ?, ?, ?)", (LOG, FIVE.size, FIVE.root, 100))
    before.close()
    growth = Growth(path)
    assert Cosigned(memory=FIVE, time=100, note="") == growth.last(LOG)
    growth.advance(LOG, FIVE, SEVEN, time=102, note="as it was shown")
    assert Cosigned(memory=SEVEN, time=102, note="as it was shown") == growth.last(LOG)


@pytest.mark.parametrize(
    ("since", "memory"),
    [(SEVEN, SEVEN), (NOTHING.memory, SEVEN), (FIVE, Memory(4, b"4" * 32)), (FIVE, Memory(5, b"x" * 32))],
    ids=["from a size never cosigned", "from before", "shrunk", "a second root of one size"],
)
def test_what_is_no_growth_is_not_written(tmp_path: Path, since: Memory, memory: Memory) -> None:
    growth = grown(tmp_path)
    with pytest.raises(NotVerified):
        growth.advance(LOG, since, memory, time=200)
    assert Cosigned(memory=FIVE, time=100) == growth.last(LOG)


def test_time_never_goes_back(tmp_path: Path) -> None:
    growth = grown(tmp_path)
    with pytest.raises(ClockOff):
        growth.advance(LOG, FIVE, SEVEN, time=99)
    assert Cosigned(memory=FIVE, time=100) == growth.last(LOG)
