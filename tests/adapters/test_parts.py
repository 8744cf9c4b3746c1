"""The journal of finished parts: whole lines, in any order, for one plan."""

from collections.abc import Callable
from pathlib import Path

import pytest

from comity import canon
from comity.adapters import parts
from comity.errors import FormatError, Locked
from comity.model.blocks import Block, Part

PLAN = canon.digest(b"a plan")
OTHER = canon.digest(b"another plan")


def made(number: int) -> Part:
    return Part(block=Block(row=number * 64, column=0, rows=64, columns=64), values={"0": str(2**90 + number)})


def filled(folder: Path, count: int = 3) -> Path:
    with parts.journal(folder, PLAN) as kept:
        for number in range(count):
            kept.append(made(number))
    return parts.place(folder, PLAN)


def test_what_was_appended_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    filled(tmp_path)
    with parts.journal(tmp_path, PLAN) as kept:
        assert {made(i).block: made(i) for i in range(3)} == kept.done


def test_two_plans_have_two_journals(tmp_path: Path) -> None:
    filled(tmp_path)
    with parts.journal(tmp_path, OTHER) as kept:
        assert 0 == len(kept)


@pytest.mark.parametrize(
    "tear",
    [lambda line: line[:1], lambda line: line[:70], lambda line: line[:-1], lambda line: line[:-9] + bytes(8) + b"\n"],
)
def test_a_torn_last_line_is_dropped_and_the_next_part_stands_in_its_place(
    tmp_path: Path, tear: Callable[[bytes], bytes]
) -> None:
    """A kill, or a power cut that left zeros."""
    path = filled(tmp_path)
    *head, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(head) + tear(last))
    with parts.journal(tmp_path, PLAN) as kept:
        assert {made(0).block, made(1).block} == set(kept.done)
        kept.append(made(2))
    assert b"".join([*head, last]) == path.read_bytes()


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_line_that_was_changed_is_an_error_and_names_the_line(tmp_path: Path, line: int) -> None:
    path = filled(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b"6", b"7")
    path.write_bytes(b"".join(lines))
    with pytest.raises(FormatError, match=f"line {line + 1}: .*remove the file"), parts.journal(tmp_path, PLAN):
        pass


def test_one_process_at_a_time_works_on_a_plan(tmp_path: Path) -> None:
    with (
        parts.journal(tmp_path, PLAN),
        pytest.raises(Locked, match="another process computes the same blocks"),
        parts.journal(tmp_path, PLAN),
    ):
        pass


def test_a_dropped_journal_starts_anew(tmp_path: Path) -> None:
    filled(tmp_path)
    parts.drop(tmp_path, PLAN)
    with parts.journal(tmp_path, PLAN) as kept:
        assert 0 == len(kept)
