"""What the officer reads of the ledger: windows, what a study would cost, and copies that are compared with it."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from comity.adapters import clock
from comity.adapters.ledger import Ledger, Line
from comity.canon import digest
from comity.errors import FormatError, NotVerified, UsageError
from comity.model.policy import Budget
from comity.services.node import books, desk, intake, outlook, setup
from comity.stages.protect import pricing
from comity.stages.protect.budget import Charged, Cost
from tests import sample
from tests.builders import offices

AMPLE = Budget(epsilon="1000", delta="0.5")
STUDY, NORM = offices.study(), sample.norm()
DAY = 86_400


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An office whose source is bound, and whose policy gives epsilon 6 at delta 0.001."""
    home = tmp_path / "office"
    setup.init(home, id="m1", area="001", policy=offices.POLICY)
    offices._people(tmp_path / "people.csv", 0)
    intake.add_source(home, "survey", tmp_path / "people.csv")
    intake.bind(home, "survey", offices.BINDING, where="binding.toml")
    return home


def charge(home: Path, key: str, cost: Cost, *, unit: str = "person", ago: int = 0) -> None:
    charged = Charged.of(cost, key=key, source="survey", unit=unit, time=clock.now() - ago)
    ledger = Ledger(home / "ledger.db")
    ledger.charge(Line(charged=charged, study=digest(b"study"), period=f'w "{key}", 6'), AMPLE)
    ledger.close()


def test_what_is_spent_and_left_is_told_by_each_accounting(home: Path) -> None:
    """Adding up by hand; the others say less, and the less of the two that count is what counts."""
    cost = pricing.of_study(STUDY)
    assert cost is not None
    for key in "abc":
        charge(home, key, cost)
    (one,) = books.windows(home)
    least = one.reckoned.least
    assert 3 * Decimal(cost.epsilon) == one.reckoned.adding
    assert one.pld is not None
    assert least is not None
    assert one.pld < least < 3 * Decimal(cost.epsilon)
    assert Decimal(6) - least == one.left


def test_units_that_the_policy_names_have_a_line_each(home: Path) -> None:
    named = offices.POLICY.replace("[budget]", '[budget]\nunits = ["person", "household"]\nyears = 0')
    setup.install(home, named.encode(), where="policy.toml")
    plain = Cost(epsilon="0.5", delta="0")
    charge(home, "a", plain)
    charge(home, "b", plain, unit="household", ago=3000 * DAY)
    charge(home, "c", plain, unit="firm")
    found = {one.unit: one.reckoned.adding for one in books.windows(home, pld=False)}
    assert {"person": Decimal(1), "household": Decimal(1), "*": Decimal("1.5")} == found
    assert "survey, household: 1.0 of epsilon 6 spent" in outlook.budget(home)


def test_a_study_is_priced_by_what_it_would_add(home: Path) -> None:
    charge(home, "before", Cost(epsilon="2", delta="0"))
    asked = replace(STUDY, periods=(*STUDY.periods, replace(STUDY.periods[0], id="later")))
    found = books.priced_draft(home, asked, NORM)
    assert STUDY.noise is not None
    assert (STUDY.noise.epsilon, "person", None) == (
        found.cost.epsilon if found.cost else "",
        found.protects,
        found.table,
    )
    added = [one.accounts.reckoned.adding for one in found.steps]
    assert ["today", "one period", "2 periods"] == [one.after for one in found.steps]
    assert [Decimal(2), Decimal(2) + Decimal("1.2"), Decimal(2) + Decimal("2.4")] == added
    assert [True] * 3 == [one.fits for one in found.steps]
    assert 1 == len(desk.ledger(home))


def test_a_study_that_the_budget_does_not_bear_is_told_so(home: Path) -> None:
    charge(home, "before", Cost(epsilon="5.9", delta="0"))
    assert [True, False] == [one.fits for one in books.priced_draft(home, STUDY, NORM).steps]


def test_an_own_table_with_noise_is_priced_too(home: Path) -> None:
    """A person in one cell, noise of scale 2: epsilon 1/2 and the study's 1.2 add up."""
    noisy = offices.POLICY.replace("threshold = 5", 'threshold = 5\nway = "noise"\nnoise = "discrete-laplace 2"')
    setup.install(home, noisy.encode(), where="policy.toml")
    found = books.priced_draft(home, STUDY, NORM)
    assert found.table is not None
    assert Decimal("0.5") == pytest.approx(Decimal(found.table.epsilon), abs=Decimal("0.0001"))
    assert Decimal("1.2") + Decimal(found.table.epsilon) == found.steps[1].accounts.reckoned.adding


@pytest.mark.parametrize("name", ["charges.csv", "charges.jsonl"])
def test_a_copy_holds_every_charge_and_is_read_back(home: Path, tmp_path: Path, name: str) -> None:
    cost = pricing.of_study(STUDY)
    assert cost is not None
    charge(home, "a", cost)
    charge(home, "b, with a comma", Cost(epsilon="0.1", delta="0"))
    assert 2 == books.export(home, tmp_path / name)
    assert desk.ledger(home) == books.read(tmp_path / name)
    assert 0o600 == (tmp_path / name).stat().st_mode & 0o777
    charge(home, "c", cost)
    assert (2, 1) == books.check(home, tmp_path / name)
    with pytest.raises(UsageError, match="is there already"):
        books.export(home, tmp_path / name)


@pytest.mark.parametrize("name", ["charges.csv", "charges.jsonl"])
def test_a_ledger_that_was_set_back_or_changed_is_found_out_by_a_copy(home: Path, tmp_path: Path, name: str) -> None:
    charge(home, "a", Cost(epsilon="0.25", delta="0"))
    books.export(home, tmp_path / name)
    whole = (tmp_path / name).read_text()
    (tmp_path / name).write_text(whole.replace("0.25", "0.75"))
    with pytest.raises(NotVerified, match="do not stand"):
        books.check(home, tmp_path / name)
    (tmp_path / name).write_text(whole)
    for path in home.glob("ledger.db*"):
        path.unlink()
    with pytest.raises(NotVerified, match="found a"):
        books.check(home, tmp_path / name)


@pytest.mark.parametrize("text", ["", "key,source\na,b\n", "\xff", '{"charged":1}\n'])
@pytest.mark.parametrize("name", ["other.csv", "other.jsonl"])
def test_what_is_no_export_is_told_in_one_line(home: Path, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="latin-1")
    if (name, text) == ("other.jsonl", ""):
        assert () == books.read(tmp_path / name)  # the export of a ledger without a charge
        return
    with pytest.raises(FormatError):
        books.check(home, tmp_path / name)
