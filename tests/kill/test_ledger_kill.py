"""Kill -9 between charge and send, at every event, the power cut at every other death.

Never an uncharged release: whatever left, or stands drawn on the disk, is charged. Never a second draw of the same
answer: of one key there is one vector, in all lives. A charge without an answer stays. The last tests weaken the build,
and the same loop must find it out.
"""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from comity.canon import Digest, digest
from tests.builders.seal import World
from tests.kill.answering import DRAWN, Books, Build, Left, What, before_the_charge, live, question, settle
from tests.kill.loop import Lost, stands
from tests.kill.power import Before, lose

SHORT, LONG = 200, 10_000
EVENTS = 136  # of a life that nobody ends, or a few more
COUNTS = [
    pytest.param(SHORT, marks=pytest.mark.timeout(300)),
    pytest.param(LONG, marks=[pytest.mark.long, pytest.mark.timeout(7200)]),
]


@pytest.fixture(scope="module")
def world() -> World:
    """As it is when the office is about to charge; every life is forked from it, and none changes it."""
    return before_the_charge("sum")


def kills(world: World, folder: Path, count: int, build: Build = "ours", what: What = "sum") -> tuple[set[int], int]:
    """So many deaths, in as many folders as it takes; the events of first deaths, and how many answers were sent."""
    chance, firsts, ended, deaths, number = random.Random(build), set[int](), 0, 0, 0
    settle(world, folder / "settled")
    while deaths < count:
        place, left, drawn = folder / f"{number}", Left(), set[Digest]()
        shutil.copytree(folder / "settled", place / "home")
        reach = EVENTS // 2 if build == "sends first" else EVENTS  # where that one is weak, or everywhere
        at = 1 + number * 37 % reach  # every event in its turn, as 37 and 136 have no common divisor
        number += 1
        firsts.add(at)
        while not left.done:
            cut = deaths % 2 == 1
            before, told = Before.of(place / "home", place / "links") if cut else None, place / "told"
            told.unlink(missing_ok=True)
            live(world, place / "home", left, told, at, build)
            deaths += not left.done
            if before is not None and not left.done:
                lose(before, told, chance)
            _check(world, place, left, drawn, DRAWN[what])
            at = 1 + chance.randrange(EVENTS // 2)
            if deaths >= count:
                break
        ended += left.done
        if left.done:
            stands(left.gone or (1 == len(left.vectors()) and bool(left.bodies)), "the answer did not arrive")
            stands(not left.gone or build != "ours", "it lost its memory")
        shutil.rmtree(place)
    return firsts, ended


def _check(world: World, place: Path, left: Left, drawn: set[Digest], name: str) -> None:
    """By a copy: to open a database is to repair it."""
    copy, asked = place / "copy", question(world)
    shutil.copytree(place / "home", copy)
    charged = rows(copy / "ledger.db", "SELECT key FROM charge")
    memory = dict(rows(copy / "seal.db", "SELECT name, value FROM memory WHERE study = ?", asked.study))
    shutil.rmtree(copy)
    if name in memory:
        drawn.add(digest(memory[name]))
    stands(len(charged) <= 1, "charged twice")
    stands(bool(charged) or not (left.vectors() or drawn), "drawn, or sent, and not charged")
    stands(len(left.vectors() | drawn) <= 1, "two draws of one answer")
    stands("1/vector" not in memory or "1/root" not in memory, "a vector beside the secrets of another one")


def rows(path: Path, sql: str, *asked: str) -> list[tuple[Any, ...]]:
    """What a database holds, by SQLite alone; nothing waits for the disk."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA synchronous=OFF")
        return database.execute(sql, asked).fetchall()


@pytest.mark.parametrize("count", COUNTS)
def test_what_left_was_charged_and_was_drawn_once(world: World, tmp_path: Path, count: int) -> None:
    """The long one comes to each event dozens of times."""
    firsts, ended = kills(world, tmp_path, count)
    assert ended > count / 50
    assert count == SHORT or set(range(1, EVENTS + 1)) == firsts


def test_an_own_table_with_noise_was_charged_and_was_drawn_once(tmp_path: Path) -> None:
    """The office's own line, by the same loop."""
    _, ended = kills(before_the_charge("table"), tmp_path, SHORT // 2, what="table")
    assert ended > SHORT / 100


def test_a_life_that_nobody_ends_has_so_many_events(world: World, tmp_path: Path) -> None:
    """All of them are killed at."""
    settle(world, tmp_path / "home")
    found = live(world, tmp_path / "home", Left(), None, 0, "ours")
    assert EVENTS - 20 < found <= EVENTS


@pytest.mark.parametrize("build", ["charges last", "sends first", "never syncs"])
def test_a_weaker_build_is_found_out(world: World, tmp_path: Path, build: Build) -> None:
    """One that charges after it sent, one that sends before it keeps, and one that never syncs."""
    with pytest.raises(Lost):
        kills(world, tmp_path, 2 * SHORT, build)


def test_a_charge_without_an_answer_stays_charged(world: World, tmp_path: Path) -> None:
    """Killed when the charge was durable and nothing was drawn; the exchange then goes on without the node."""
    left, home = Left(), tmp_path / "home"
    settle(world, home)
    for at in range(1, EVENTS):
        live(world, home, left, None, at, "ours")
        books = Books.open(home)
        try:
            if books.ledger.lines():
                assert 1 == len(books.ledger.lines())
                assert set() == left.vectors()
                return
        finally:
            books.close()
    raise AssertionError("never charged")
