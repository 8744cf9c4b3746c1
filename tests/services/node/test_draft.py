"""A study as files: what an office would answer, and what that would show, without a hub or a vote."""

from decimal import Decimal
from pathlib import Path

import pytest

from comity.errors import SourceError, UsageError, WorldError
from comity.services.node import desk, draft, intake, setup
from tests import sample
from tests.builders import offices
from tests.builders.offices import BINDING, POLICY, counts


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An office with a file, a binding and a policy; nothing pinned."""
    setup.init(tmp_path / "m1", id="m1", area="001", policy=POLICY)
    offices._people(tmp_path / "people.csv", 0)
    intake.add_source(tmp_path / "m1", "survey", tmp_path / "people.csv")
    intake.bind(tmp_path / "m1", "survey", BINDING, where="binding.toml")
    return tmp_path / "m1"


def test_a_study_is_answered_by_policy_alone(home: Path) -> None:
    """That nobody has voted yet is no reason; what the policy does not allow is."""
    (asking,) = draft.asked(home, offices.study(), sample.norm())
    assert ("will consent", ()) == (asking.status, asking.reasons)
    weak = sample.study(colluding=1, noise=sample.NoisePlan(sigma2=4, cells=1, delta="0.000001", epsilon="6"))
    for asking in draft.asked(home, weak, sample.norm()):
        assert ("will refuse", ["policy.noise-below-floor"]) == (asking.status, [r.code for r in asking.reasons])


def test_a_dry_run_shows_the_table_as_counted_and_as_published(home: Path) -> None:
    """Counted by hand: answer k has k persons of each sex, and one man more; below five is suppressed, and with four
    women go the five men beside them: it is that, or their total of nine."""
    found = draft.dry_run(home, offices.study(), sample.norm())
    wanted = counts(0)
    assert wanted == {cell.key: cell.counted for cell in found.cells}
    assert dict.fromkeys(wanted) == {cell.key: cell.shown for cell in found.cells}
    assert (sum(wanted.values()), 2) == (found.coverage.counted, found.coverage.missing)
    assert ("0", "6") == (found.spent, found.budget)
    assert () == desk.ledger(home)


def test_a_dry_run_finishes_the_own_table_and_says_what_it_would_cost(home: Path) -> None:
    """Figures by the study's method, as of any table; the year's budget before and after; no weight, so no design."""
    found = draft.dry_run(home, offices.study(), sample.norm())
    wanted = counts(0)
    assert {key: str(n) for key, n in wanted.items()} == {
        one.key: one.value for one in found.figures if one.measure == "n"
    }
    assert {f"{found.sum_noise:.1f}"} == {one.noise for one in found.figures if one.measure == "n"}
    before, after = found.left
    assert Decimal(6) == before
    assert after is not None
    assert Decimal(6) - Decimal(found.epsilon) <= after < 6  # rho may say less, never more
    assert ((), "", "") == (found.effects, found.weight, found.design)


@pytest.mark.parametrize("what", ["check", "inspect", "dry-run"])
def test_whatever_reads_rows_has_the_memory_that_the_office_gives_it(home: Path, what: str) -> None:
    """A megabyte, in which nothing can be counted."""
    says = {
        "check": lambda: intake.check_source(home, "survey", sample.norm()),
        "inspect": lambda: intake.inspect_source(home, "survey", sample.norm()),
        "dry-run": lambda: draft.dry_run(home, offices.study(), sample.norm()),
    }
    says[what]()
    settings = home / "comity.toml"
    settings.write_text(settings.read_text().replace('memory = ""', 'memory = "1MB"'))
    with pytest.raises(WorldError, match="survey: out of memory"):
        says[what]()


def test_the_norm_must_be_the_studys(home: Path) -> None:
    other = sample.norms.read({**sample.FILES, "norm.toml": sample.NORM_TOML.replace("courts", "police").encode()})
    with pytest.raises(UsageError, match="another norm"):
        draft.asked(home, offices.study(), other)


def test_a_period_must_be_the_studys_and_may_be_left_out_of_one(home: Path) -> None:
    with pytest.raises(UsageError, match="no such period"):
        draft.dry_run(home, offices.study(), sample.norm(), "1999")
    with pytest.raises(UsageError, match="no such period; found none; wanted 2010-2014, 2005-2009"):
        draft.dry_run(home, sample.study(), sample.norm())


def test_without_a_source_nothing_is_counted(tmp_path: Path) -> None:
    setup.init(tmp_path / "m2", id="m2", area="001", policy=POLICY)
    (asking,) = draft.asked(tmp_path / "m2", offices.study(), sample.norm())
    assert ["policy.no-source"] == [reason.code for reason in asking.reasons]
    with pytest.raises(SourceError, match=r"no source at home.*comity source bind"):
        draft.dry_run(tmp_path / "m2", offices.study(), sample.norm())
