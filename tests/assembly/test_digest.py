"""Two offices that read equal leaves print equal digests; another act, another digest, in the part that it changes."""

import subprocess
import sys
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import canon
from comity.acts.motion import Choice
from comity.assembly import digest, fold
from comity.assembly.state import State
from tests.builders.assembly import Assembly


def test_every_field_of_a_state_has_its_place() -> None:
    """A new fact without one would be compared by nobody."""
    placed = [name for names in digest.PARTS.values() for name in names] + list(digest.BY_ROOT)
    assert sorted(placed) == sorted(field.name for field in fields(State))


@given(st.lists(st.sampled_from(["yes", "no", "abstain"]), min_size=4, max_size=4), st.integers(0, 3))
@settings(max_examples=15)
def test_equal_leaves_give_equal_digests_and_other_votes_another(choices: list[Choice], changed: int) -> None:
    log, other = _voted(choices), _voted([_other(c) if i == changed else c for i, c in enumerate(choices)])
    mine = digest.of(log.state)
    assert mine == digest.of(fold.replay(log.leaves))
    yours = digest.of(other.state)
    assert mine.digest != yours.digest
    assert {"log", "motions"} <= {name for name in digest.PARTS if mine.parts[name] != yours.parts[name]}
    assert mine.parts["members"] == yours.parts["members"]


def test_every_act_with_effect_changes_a_part_beside_the_log() -> None:
    """Leaf by leaf; a leaf against the rules changes the breaches and nothing else."""
    log = Assembly(4)
    log.adopt("norm", b"{}", name="trust/1.0.0")
    log.run(log.adopt("study", b'{"a":1}', name="trust-waves/1.0.0"))
    log.smuggle(b"nonsense")
    state, before = fold.start(), digest.of(fold.start())
    for leaf in log.leaves:
        state, reasons = fold.step(state, leaf)
        after = digest.of(state)
        changed = {name for name in digest.PARTS if before.parts[name] != after.parts[name]}
        assert "log" in changed
        assert changed - {"log"}, state.size
        assert not reasons or changed == {"log", "breaches"}
        before = after


def test_another_process_prints_the_same() -> None:
    """No order of a hash, no address of a thing is in it."""
    log = _voted(["yes", "no", "yes", "abstain"])
    code = (
        "import sys; from comity.assembly import digest, fold; "
        "print(digest.of(fold.replay([bytes.fromhex(x) for x in sys.stdin.read().split()])).digest)"
    )
    sent = " ".join(leaf.hex() for leaf in log.leaves)
    for seed in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-c", code],
            input=sent,
            text=True,
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        )
        assert digest.of(log.state).digest == told.stdout.strip()


def test_the_spelling_is_that_of_its_version() -> None:
    """By hand, so that a change of the spelling cannot pass for the same version."""
    empty = digest.of(fold.start())
    facts = '{"facts":{"in_force":[]},"part":"in-force","version":"comity-state/1"}'
    assert canon.digest(facts.encode()) == empty.parts["in-force"]
    told = '{"facts":{"acted":0,"ticked":0,"time":0},"part":"time","version":"comity-state/1"}'
    assert canon.digest(told.encode()) == empty.parts["time"]
    parts = ",".join(f'"{name}":"{empty.parts[name]}"' for name in sorted(empty.parts))
    whole = f'{{"parts":{{{parts}}},"size":0,"version":"comity-state/1"}}'
    assert canon.digest(whole.encode()) == empty.digest


@pytest.mark.parametrize("part", [name for name in digest.PARTS if name not in ("log", "time")])
def test_a_part_ignores_what_belongs_to_others(part: str) -> None:
    state = Assembly(4).state
    later = replace(state, time=state.time + 1)
    assert digest.part(state, part) == digest.part(later, part)


def _voted(choices: list[Choice]) -> Assembly:
    log = Assembly(4)
    motion = log.motion("norm", b"{}")
    for member, choice in zip(log.members, choices, strict=True):
        log.vote(motion, choice, member)
    return log


def _other(choice: Choice) -> Choice:
    return "no" if choice == "yes" else "yes"
