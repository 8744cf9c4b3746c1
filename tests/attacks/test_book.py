"""Every attack in the book is refused, and succeeds without its guards; what the page says of it is what is true."""

from pathlib import Path

import pytest

from tests.attacks import book

TRIALS = [(attack, trial) for attack in book.book().values() for trial in attack.trials()]


@pytest.mark.parametrize(("attack", "trial"), TRIALS, ids=[f"{attack.name}: {trial}" for attack, trial in TRIALS])
def test_an_attack_is_stopped_by_its_guards_and_by_nothing_else(
    attack: book.Attack, trial: book.Trial, tmp_path: Path
) -> None:
    outcome = book.tried(attack, trial, tmp_path)
    assert trial.refused == outcome.refused, outcome.how
    assert trial.removed or attack.by == outcome.how
