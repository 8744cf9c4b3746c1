"""Two offices that read equal leaves print equal digests; another act, another digest, in the part that it changes."""

import subprocess
import sys
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import canon
from comity.acts.charter import Charter, Hub, Office, Rule
from comity.acts.consent import SealConsent
from comity.acts.estimate import Sealed
from comity.acts.motion import Choice
from comity.acts.refs import Blob, Ref
from comity.acts.release import Figures
from comity.acts.terms import Amendment, Appointment, Host, Terms
from comity.assembly import digest, facts, fold
from comity.assembly.state import State
from comity.model.member import Keys, Party
from comity.model.reason import Reason
from comity.tlog.merkle import Range
from tests.builders.assembly import Assembly


def test_every_field_of_a_state_has_its_place() -> None:
    """A new fact without one would be compared by nobody."""
    placed = [name for names in digest.PARTS.values() for name in names] + list(digest.BY_ROOT)
    assert sorted(placed) == sorted(field.name for field in fields(State))


SPELT = {
    facts.Actor: "party keys revoked since until witness_ml_dsa box recovered",
    facts.MotionFacts: (
        "ref mover matter thing name replaces closes votes comments "
        "opened outcome tick hindrance amends starts review terms spoke answers "
        "consultation seconds cast called consulted ended held"
    ),
    facts.InForce: "matter thing name motion tick time starts until review",
    facts.ConsentFacts: "ref member study period attempt sealed national binding policy revoked",
    facts.RefusalFacts: "ref member study period attempt reasons",
    facts.Said: "ref body",
    facts.HubSaid: "ref leaf_hash members",
    facts.Left: "ref step reason blames",
    facts.Closed: "ref sum view failed",
    facts.ExchangeFacts: "opened study period attempt deadlines shares shared answers survivors unmask left closed",
    facts.Term: "office member starts until motion",
    facts.ReservationFacts: "ref member norm parts text language",
    facts.EstimateAnswer: "ref answer reasons counter note",
    facts.Settled: "ref outcome opened counter time",
    facts.EstimateFacts: (
        "ref custodian member series period method value deadline opened silence absent answer settled"
    ),
    facts.AuditAnswer: "ref answer reasons evidence time",
    facts.AuditFacts: "ref asks asked release figure text language deadline opened answer",
    facts.SuccessionFacts: "ref motion before log after size",
    facts.Announced: "ref publisher study period time earlier",
    facts.ReleaseFacts: "ref publisher release figures inputs replaces withdrawn",
    facts.Breach: "index reasons",
    Range: "size peaks",
    SealConsent: "attempt rate mask_key envelope_key",
    Party: "id area role weight keys",
    Keys: "sign officer witness",
    Reason: "code params",
    Ref: "index digest",
    Blob: "digest size",
    Figures: "count root heading",
    Charter: (
        "name origin convenor founders hub witnesses rules "
        "challenge_seconds host recused groups offices estimate_seconds silence audit_seconds"
    ),
    Rule: "method share quorum objections seconds counted groups consultation",
    Office: "id seconds terms excludes host",
    Hub: "sign log address",
    Terms: "charter office hub witnesses",
    Amendment: "rules recused groups offices challenge_seconds estimate_seconds silence audit_seconds",
    Appointment: "office member starts until",
    Host: "origin hub host proofs",
    Sealed: "draft box",
}


@pytest.mark.parametrize("record", SPELT, ids=lambda record: record.__name__)
def test_a_record_has_the_fields_of_this_version(record: type[Any]) -> None:
    """Another field makes another digest of an equal log: then the version must be another, too."""
    assert set(SPELT[record].split()) == {field.name for field in fields(record)}, f"not {digest.VERSION} any more"


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
    here, before = fold.start(), digest.of(fold.start())
    for leaf in log.leaves:
        here, reasons = fold.step(here, leaf)
        after = digest.of(here)
        changed = {name for name in digest.PARTS if before.parts[name] != after.parts[name]}
        assert "log" in changed
        assert changed - {"log"}, here.size
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
    none = '"in_force":[],"offices":[],"reservations":[],"successions":[]'
    facts = f'{{"facts":{{{none}}},"part":"in-force","version":"comity-state/2"}}'
    assert canon.digest(facts.encode()) == empty.parts["in-force"]
    told = '{"facts":{"acted":0,"deadlines":[],"ticked":0,"time":0},"part":"time","version":"comity-state/2"}'
    assert canon.digest(told.encode()) == empty.parts["time"]
    parts = ",".join(f'"{name}":"{empty.parts[name]}"' for name in sorted(empty.parts))
    whole = f'{{"parts":{{{parts}}},"size":0,"version":"comity-state/2"}}'
    assert canon.digest(whole.encode()) == empty.digest


@pytest.mark.parametrize("part", [name for name in digest.PARTS if name not in ("log", "time")])
def test_a_part_ignores_what_belongs_to_others(part: str) -> None:
    here = Assembly(4).state
    later = replace(here, time=here.time + 1)
    assert digest.part(here, part) == digest.part(later, part)


def _voted(choices: list[Choice]) -> Assembly:
    log = Assembly(4)
    motion = log.motion("norm", b"{}")
    for member, choice in zip(log.members, choices, strict=True):
        log.vote(motion, choice, member)
    return log


def _other(choice: Choice) -> Choice:
    return "no" if choice == "yes" else "yes"
