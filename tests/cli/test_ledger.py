"""`comity ledger` as an officer reads it: what was spent on what, what is left, what a study would cost, copies."""

import json
from pathlib import Path

import pytest

from comity import canon
from comity.cli.main import run
from comity.stages.protect.budget import Cost
from tests import sample
from tests.builders import offices
from tests.services.node.test_books import charge, home  # noqa: F401

PAID = Cost(epsilon="0.5", delta="0", rho="0.001", made="discrete-gaussian 500 x 1 by 1")


def told(capsys: pytest.CaptureFixture[str], *words: str, exit: int = 0) -> str:
    assert exit == run(["ledger", *words])
    both = capsys.readouterr()
    return both.out + both.err


def test_charges_and_accounts_stand_below_each_other(home: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    charge(home, "a", PAID)
    lines = told(capsys, "show", "--home", str(home)).splitlines()
    assert "survey  person" in lines[1]
    assert "discrete-gaussian 500 x 1 by 1" in lines[1]
    assert ["source", "unit", "since", "adding-up", "zcdp", "pld", "counts", "of", "left", "delta"] == lines[3].split()
    assert lines[4].split()[3] == "0.5"


def test_an_empty_ledger_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    assert "Nothing was charged yet." in told(capsys, "show", "--home", str(home))


def test_programs_read_the_same(home: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    charge(home, "a", PAID)
    found = json.loads(told(capsys, "show", "--home", str(home), "--json"))
    assert [("0.5", "0.001")] == [(one["epsilon"], one["rho"]) for one in found["charges"]]
    (account,) = found["accounts"]
    assert ("6", "0.001", "0.5") == (account["of"], account["delta"], account["adding-up"])


def test_a_study_in_a_file_is_priced_with_both_epsilons(
    home: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "norm.json").write_bytes(canon.encode(sample.norm()))
    (tmp_path / "study.json").write_bytes(canon.encode(offices.study()))
    asked = (str(tmp_path / "study.json"), "--norm", str(tmp_path / "norm.json"), "--home", str(home))
    found = json.loads(told(capsys, "cost", *asked, "--json"))
    assert ("1.2", "person", "survey") == (found["epsilon-i"], found["protects"], found["source"])
    assert found["epsilon-ii"]
    assert [("today", True), ("one period", True)] == [(one["after"], one["fits"]) for one in found["steps"]]
    assert "one period" in told(capsys, "cost", *asked)


def test_a_copy_is_made_and_checked_and_a_loss_is_exit_1(
    home: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    charge(home, "a", PAID)
    copy = str(tmp_path / "charges.csv")
    assert "charges  1" in told(capsys, "export", "--out", copy, "--home", str(home))
    assert "standing  1" in told(capsys, "check", copy, "--home", str(home))
    for path in home.glob("ledger.db*"):
        path.unlink()
    assert "do not stand in the ledger" in told(capsys, "check", copy, "--home", str(home), exit=1)
