"""A log read a second time: whose cosignatures count is what the log had decided by then."""

from comity.acts.terms import Terms
from comity.assembly import spoken
from comity.assembly.reciprocity import reciprocity
from tests.builders.assembly import Assembly


def changed() -> Assembly:
    """Four witnesses of five members; two of them and the fifth are named in their place, and two ticks come after."""
    assembly = Assembly(5, witnesses=["m1", "m2", "m3", "m4"])
    assembly.adopt("witnesses", Terms(witnesses=("m1", "m5")))
    assembly.tick(), assembly.tick()
    return assembly


def test_the_tick_that_decided_is_known_with_whom_it_named() -> None:
    assembly = changed()
    (motion,) = assembly.state.motions.values()
    assert {motion.tick: ("m1", "m5")} == spoken.renamed(assembly.state)


def test_a_motion_that_was_rejected_names_nobody() -> None:
    assembly = Assembly(5, witnesses=["m1", "m2", "m3", "m4"])
    assembly.decide(assembly.motion("witnesses", Terms(witnesses=("m1", "m5"))))
    assert {} == spoken.renamed(assembly.state)


def test_a_witness_is_counted_over_the_ticks_while_it_was_one() -> None:
    """A first tick, those until the decision, and two behind it: as many as the log has, by hand."""
    assembly = changed()
    (motion,) = assembly.state.motions.values()
    before = len([index for index in ticks(assembly) if index <= (motion.tick or 0)])
    accounts = {account.id: account.cosigned for account in reciprocity(assembly.state, assembly.leaves).accounts}
    shares = {id: (share.count, share.of) if share else None for id, share in accounts.items()}
    both, old, new = (before + 2, before + 2), (before, before), (2, 2)
    assert {"m1": both, "m2": old, "m3": old, "m4": old, "m5": new} == shares


def ticks(assembly: Assembly) -> list[int]:
    """Leaf indices of ticks, by their kind in the leaf's own bytes."""
    return [said.index for said in spoken.spoken(assembly.state, assembly.leaves) if said.act.kind == "tick"]
