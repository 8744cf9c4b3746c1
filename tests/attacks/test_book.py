"""Every attack in the book is refused, and succeeds without its guards; what the page says of it is what is true."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from comity.keys import Verifier
from comity.tlog import note, quorum
from tests.attacks import book
from tests.attacks.book import Attack, Guard, Outcome, Play, Trial, always

TRIALS = [(attack, trial) for attack in book.book().values() for trial in attack.trials()]
GUARD, OTHER = (Guard(f"tlog.merkle.{name}", "", always(True)) for name in ("verify_inclusion", "verify_consistency"))


@pytest.mark.parametrize(("attack", "trial"), TRIALS, ids=[f"{attack.name}: {trial}" for attack, trial in TRIALS])
def test_an_attack_is_stopped_by_its_guards_and_by_nothing_else(attack: Attack, trial: Trial, tmp_path: Path) -> None:
    """By the error that the book names, for each guard that stands alone."""
    outcome = book.tried(attack, trial, tmp_path)
    assert trial.ends(outcome), (trial.by, outcome)


PROMISED = """
same size, other root; rewritten past leaf; rollback from an old backup; two hub processes on one key; frozen view to
one member; fork shown to two members; valid cosignatures of another origin; replayed cosignature; one key counted
twice; duplicate key in two groups; k-1 colluding witnesses; bundle differs from tile; partial tile longer than its
name; size zero: a fork as growth from nothing; more than 100 signatures; tick with a false time by a minority of
witnesses; statement replayed in another log; hub smuggles an inadmissible leaf; hub drops a statement that it
acknowledged; release forged whole with its own log; proof bundle for another figure; damaged checkpoint; damaged tile;
damaged bundle; damaged side file; damaged proof; damaged policy; damaged evidence; damaged evidence of a dropped leaf;
damaged receipt; damaged proof bundle; damaged Sigsum proof; damaged bundle of the twin; damaged file of a release;
vote after the deadline by a backdated hub; vote by a suspended member; motion changed after votes; two votes by one
member; vote moved to another motion; weight overflow; comment flood; consensus claimed before the time; stranger's
accession; host's office votes on a hub question; office assigned without a motion; recognised norm swapped under its
address; norm with a removed code passed off as a minor version; reservation forged; estimate shown to another country;
estimate settled against the country's answer; estimate answered by the agency in the country's name; audit answered by
another; commitment opened to another extract; succession without a vote; old hub goes on after succession; recovery
used to vote twice
"""


def test_every_attack_that_log_and_assembly_must_stand_is_in_the_book() -> None:
    """By name, so that none is lost when chapters are written anew."""
    names = " ".join(PROMISED.split()).split("; ")
    assert [] == [name for name in names if name not in book.book()]


def an_attack(
    *guards: Guard, play: Play = lambda place: "", alone: Mapping[str, str] = book.NOTHING, needed: Any = book.EACH
) -> Attack:
    return Attack(name="x", says="", by="y", alone=alone, guards=guards, needed=needed, play=play)


def test_guards_that_are_each_enough_are_tried_one_by_one() -> None:
    found = [(trial.removed, trial.by) for trial in an_attack(GUARD, OTHER, alone={OTHER.name: "z"}).trials()]
    assert [((), "y"), ((GUARD, OTHER), None), ((OTHER,), "y"), ((GUARD,), "z")] == found


def test_guards_that_are_all_needed_are_missed_one_by_one() -> None:
    found = [(trial.removed, trial.by) for trial in an_attack(GUARD, OTHER, needed=book.TOGETHER).trials()]
    assert [((), "y"), ((GUARD,), None), ((OTHER,), None)] == found


def test_an_error_that_the_book_does_not_name_is_no_refusal() -> None:
    """A hub that cannot be reached, say, has refused nothing."""
    trial = Trial(removed=(GUARD,), by="state.locked")
    ends = [("state.locked", True), ("world.unreachable", True), ("state.locked", False)]
    assert [True, False, False] == [trial.ends(Outcome(refused=refused, how=how)) for how, refused in ends]
    assert [False, True] == [Trial(removed=(), by=None).ends(Outcome(refused=r, how="x")) for r in (True, False)]


def test_a_guard_is_gone_wherever_it_was_bound_and_back_afterwards() -> None:
    before = quorum.time_of
    with book.without(Guard("tlog.cosignature.time_of", "", always(7))):
        assert 7 == quorum.time_of(None, None, None)  # type: ignore[arg-type]
    assert before is quorum.time_of


def test_a_guard_comes_back_after_a_fault() -> None:
    before = vars(Verifier)["verifies"]
    with pytest.raises(ZeroDivisionError), book.without(Guard("keys.Verifier.verifies", "", always(True))):
        raise ZeroDivisionError
    assert before is vars(Verifier)["verifies"]


def test_a_name_that_a_module_imported_is_weakened_there_alone() -> None:
    with book.without(Guard("tlog.quorum.time_of", "", always(7))):
        assert 7 == quorum.time_of(None, None, None)  # type: ignore[arg-type]
        from comity.tlog import cosignature

        assert cosignature.time_of is not quorum.time_of


def test_a_guard_that_is_not_there_is_a_fault() -> None:
    """Or a guard that was renamed would be removed without anybody noticing that it still stands."""
    with pytest.raises(KeyError), book.without(Guard("tlog.note.no_such_guard", "", always(True))):
        pass
    assert 100 == note.MOST_SIGNATURES


def test_a_fault_is_no_refusal(tmp_path: Path) -> None:
    """An attack that ends with another error than one of ours was not refused by anybody."""

    def fails(place: Path) -> str:
        raise ZeroDivisionError

    whole = Trial(removed=(), by="y")
    with pytest.raises(ZeroDivisionError):
        book.tried(an_attack(GUARD, play=fails), whole, tmp_path)
    assert Outcome(refused=False, how="") == book.tried(an_attack(GUARD), whole, tmp_path)


ONE = """
import sys
from pathlib import Path
sys.path.insert(0, "make")
import attacks
from tests.attacks.book import Attack, Guard, NOTHING, Stopped, always

def play(place):
    if sys.argv[2] == "refused":
        from comity.tlog import merkle
        if not merkle.verify_inclusion(b"", 0, 0, b"", ()):
            raise Stopped("y")
    return "all"

guard = Guard("tlog.merkle.verify_inclusion", "", always(True))
one = Attack(name="x", says="", by="y", alone=NOTHING, guards=(guard,), needed="each", play=play)
attacks.PAGE = Path(sys.argv[1])
attacks.book.book = lambda: {"x": one}
sys.exit(attacks.main())
"""


@pytest.mark.parametrize(("ends", "exit", "written"), [("refused", 0, True), ("got all", 1, False)])
def test_the_page_is_written_only_if_every_attack_is_refused_and_bites(
    root: Path, tmp_path: Path, ends: str, exit: int, written: bool
) -> None:
    """Or a page would say of an attack that it is refused, while it is not."""
    page = tmp_path / "attacks.md"
    command = [sys.executable, "-c", ONE, str(page), ends]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (exit, written) == (done.returncode, page.exists()), done.stdout + done.stderr
    assert ("NOT REFUSED: all" in done.stdout) is not written


def test_the_page_of_attacks_is_the_newest(root: Path) -> None:
    """After an attack or a guard changed, `make attacks` writes the page again."""
    command = "import sys; sys.path.insert(0, 'make'); import attacks; print(attacks.page(), end='')"
    printed = subprocess.run([sys.executable, "-c", command], cwd=root, capture_output=True, text=True, check=False)
    assert printed.returncode == 0, printed.stderr
    assert printed.stdout == (root / "docs" / "attacks.md").read_text(), "way out: make attacks"
