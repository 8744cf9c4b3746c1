"""Spend before release: a charge is durable, counts once, and never takes what is not there."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from comity.adapters.database import Database
from comity.adapters.ledger import MIGRATIONS, Ledger, Line
from comity.canon import digest
from comity.errors import BudgetSpent, ConfigError
from comity.model.policy import Budget
from comity.stages.protect.budget import Charged, Cost

BUDGET = Budget(epsilon="1", delta="0.000001")
STUDY = digest(b"study")
IN_2025, IN_2026 = 1_750_000_000, 1_790_000_000


def charge(key: str, epsilon: str, *, delta: str = "0", time: int = IN_2025, source: str = "survey") -> Line:
    charged = Charged(key=key, source=source, time=time, epsilon=epsilon, delta=delta)
    return Line(charged=charged, study=STUDY, period="w6")


def test_a_charge_is_there_after_a_restart(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    assert ledger.charge(charge("a", "0.3"), BUDGET)
    ledger.close()
    assert (charge("a", "0.3"),) == Ledger(tmp_path / "ledger.db").lines()


def test_the_same_charge_twice_is_one(tmp_path: Path) -> None:
    """Also at a later time: a node that was killed asks again."""
    ledger = Ledger(tmp_path / "ledger.db")
    assert [True, False] == [ledger.charge(charge("a", "0.6", time=IN_2025 + i), BUDGET) for i in range(2)]
    assert Decimal("0.6") == ledger.spent("survey", "person", IN_2025, BUDGET).epsilon


@pytest.mark.parametrize(
    "other",
    [charge("a", "0.1"), Line(charged=charge("a", "0.6").charged, study=STUDY, period="w5")],
    ids=["cost", "period"],
)
def test_another_charge_under_the_same_key_is_refused(tmp_path: Path, other: Line) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.charge(charge("a", "0.6"), BUDGET)
    with pytest.raises(BudgetSpent, match="another charge"):
        ledger.charge(other, BUDGET)


def test_what_does_not_fit_is_refused_and_not_written(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.charge(charge("a", "0.7"), BUDGET)
    with pytest.raises(BudgetSpent, match="privacy budget"):
        ledger.charge(charge("b", "0.30000001"), BUDGET)
    assert ledger.charge(charge("c", "0.3"), BUDGET)
    with pytest.raises(BudgetSpent):
        ledger.charge(charge("d", "0", delta="0.0000011"), BUDGET)
    assert ["a", "c"] == [line.charged.key for line in ledger.lines()]


def test_a_year_and_a_source_have_their_own_budget(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    assert ledger.charge(charge("a", "1"), BUDGET)
    assert ledger.charge(charge("b", "1", time=IN_2026), BUDGET)
    assert ledger.charge(charge("c", "1", source="register"), BUDGET)


def test_a_cost_below_zero_is_not_charged(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        Ledger(tmp_path / "ledger.db").charge(charge("a", "-1"), BUDGET)


def test_two_processes_cannot_both_take_the_rest(tmp_path: Path) -> None:
    """Two handles on one file stand for them: each reads inside its own transaction."""
    one, other = Ledger(tmp_path / "ledger.db"), Ledger(tmp_path / "ledger.db")
    assert one.charge(charge("a", "0.6"), BUDGET)
    with pytest.raises(BudgetSpent):
        other.charge(charge("b", "0.6"), BUDGET)


def test_a_window_of_years_is_judged_as_one(tmp_path: Path) -> None:
    """0.6 in 2025 leaves 0.4 for 2026 where the budget has to last for two years."""
    ledger, both = Ledger(tmp_path / "ledger.db"), replace(BUDGET, years=2)
    assert ledger.charge(charge("a", "0.6"), both)
    with pytest.raises(BudgetSpent, match="in 2 years"):
        ledger.charge(charge("b", "0.5", time=IN_2026), both)
    assert ledger.charge(charge("b", "0.4", time=IN_2026), both)


def test_what_another_process_charged_is_read_anew(tmp_path: Path) -> None:
    """Sums are kept in memory between charges; never those of an older ledger."""
    one, other = Ledger(tmp_path / "ledger.db"), Ledger(tmp_path / "ledger.db")
    for ledger, key in [(one, "a"), (other, "b"), (one, "c"), (one, "d"), (other, "e")]:
        assert ledger.charge(charge(key, "0.2"), BUDGET)
    for ledger in (one, other):
        with pytest.raises(BudgetSpent):
            ledger.charge(charge("f", "0.1"), BUDGET)


def test_what_is_put_down_counts_at_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    assert ledger.charge(charge("a", "0.2"), BUDGET)
    ledger.put_down([charge("b", "0.7")])
    with pytest.raises(BudgetSpent):
        ledger.charge(charge("c", "0.2"), BUDGET)
    assert ledger.charge(charge("c", "0.1"), BUDGET)


def test_threads_that_share_a_ledger_do_not_overspend(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")

    def ask(key: int) -> bool:
        try:
            return ledger.charge(charge(str(key), "0.1"), BUDGET)
        except BudgetSpent:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert 10 == sum(pool.map(ask, range(40)))
    assert Decimal(1) == ledger.spent("survey", "person", IN_2025, BUDGET).epsilon


def test_what_a_charge_was_made_of_is_kept(tmp_path: Path) -> None:
    cost = Cost(epsilon="0.3", delta="0", rho="0.001", made="skellam 36 x 2 by 1")
    charged = Charged.of(cost, key="a", source="survey", unit="household", time=IN_2025)
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.charge(Line(charged=charged, study=STUDY, period="w6"), BUDGET)
    ledger.close()
    assert [charged] == [line.charged for line in Ledger(tmp_path / "ledger.db").lines()]


def test_a_ledger_of_the_first_form_is_read_and_counts_for_every_unit(tmp_path: Path) -> None:
    """Its charges say no unit and not what they were made of."""
    old = Database(tmp_path / "ledger.db", MIGRATIONS[:1])
    with old.write() as transaction:
        row = ("a", "survey", STUDY, "w6", "0.6", "0.0000001", IN_2025)
        transaction.execute("INSERT INTO charge VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    old.close()
    ledger, apart = Ledger(tmp_path / "ledger.db"), replace(BUDGET, units=("person", "household"))
    charged = ledger.lines()[0].charged
    assert ("*", "", "") == (charged.unit, charged.rho, charged.made)
    for unit in ("person", "household", "firm"):
        assert Decimal("0.6") == ledger.spent("survey", unit, IN_2025, apart).epsilon
