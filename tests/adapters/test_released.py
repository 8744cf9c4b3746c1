"""What was decided on is durable, for the office alone, and read for the same people only."""

from dataclasses import replace
from pathlib import Path

import pytest

from comity import canon
from comity.adapters.released import FILE, Memory
from comity.adapters.vault import Question
from comity.errors import FormatError
from comity.stages.protect import released
from tests.stages.protect.test_released import decided

ONE = decided([[3, 30], [30, 40]])


def test_a_table_is_there_after_the_process_that_kept_it_in_the_order_of_keeping(tmp_path: Path) -> None:
    other = replace(ONE, study=canon.digest(b"another"))
    memory = Memory(tmp_path / FILE)
    for one in (ONE, other, ONE):
        memory.put(released.encode(one))
    memory.close()
    found = Memory(tmp_path / FILE).of("N", "6")
    assert [ONE.study, other.study] == [one.study for one in found]
    assert 0o600 == (tmp_path / FILE).stat().st_mode & 0o777


def test_other_people_have_other_tables(tmp_path: Path) -> None:
    memory = Memory(tmp_path / FILE)
    memory.put(released.encode(ONE))
    memory.put(released.encode(replace(ONE, source="survey, corrected")))
    assert [2, 0, 0] == [len(memory.of(*people)) for people in (("N", "6"), ("M", "6"), ("N", "7"))]
    assert {Question(study=ONE.study, period="2020")} == memory.questions()


def test_what_is_no_table_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(FormatError):
        Memory(tmp_path / FILE).put(b"no table")
    assert frozenset() == Memory(tmp_path / FILE).questions()
