"""Facts are aligned for people and JSON for programs; times are UTC."""

import json

import pytest

from comity.adapters.client import Rejected
from comity.cli import show
from comity.errors import FormatError
from comity.model.reason import Reason


def test_facts_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    show.facts({"a": 1, "longer": True, "none": None, "many": ["x", "y"], "map": {"k": 2}, "empty": []}, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert ["a       1", "longer  yes", "none    -", "many    x, y", "map     k=2", "empty   none"] == lines


def test_numbers_stand_to_the_right_and_a_blank_is_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"n": 1, "name": "one"}, {"n": None, "name": "two"}, {"n": 300, "name": "three"}]
    show.rows(rows, ("n", "name"), as_json=False, none="")
    assert ["  n  name", "  1  one", "  -  two", "300  three"] == capsys.readouterr().out.splitlines()


def test_no_row_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    show.rows([], ("n",), as_json=False, none="Nothing yet.")
    show.rows([], ("n",), as_json=True, none="Nothing yet.")
    assert "Nothing yet.\n[]\n" == capsys.readouterr().out


def test_json_has_more_than_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show.rows([{"n": 1, "digest": "sha256:0"}], ("n",), as_json=True, none="")
    assert [{"n": 1, "digest": "sha256:0"}] == json.loads(capsys.readouterr().out)


def test_a_time_that_never_came_is_none() -> None:
    assert ("1970-01-02T00:00:00Z", None, None) == (show.time(86_400), show.time(None), show.time(0))


def test_an_error_without_reasons_is_its_line() -> None:
    assert "x: bad; found y" == show.error(FormatError("bad", where="x", found="y"))


def test_a_refusal_says_its_reasons_in_words_then_the_way_out_with_times_as_times() -> None:
    refusal = Rejected((Reason(code="motion.consultation", params={"ends": "1700000000"}),), "hub/statements")
    line = show.error(refusal)
    assert "(ends 2023-11-14T22:13:20Z)" in line
    assert line.endswith("; way out: comment now (`comity motion comment`), and vote when the consultation is over")


def test_facts_of_facts_stand_in_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    show.facts({"unmapped": {"KIND": {"gp": 3, "er": 1}, "SEX": {}}, "rows": {"F": 2}}, as_json=False)
    told = capsys.readouterr().out
    assert "KIND (gp=3, er=1), SEX (none)" in told
    assert "F=2" in told
