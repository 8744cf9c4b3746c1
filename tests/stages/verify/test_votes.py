"""The members' decision on the norm of a release: what the log alone can say against its version is said."""

from dataclasses import replace
from typing import Any

from comity.model.norm import Norm
from comity.stages.verify import votes
from comity.stages.verify.report import Claim
from tests import sample
from tests.builders.assembly import Assembly

FIRST = sample.norm()
NEXT = replace(FIRST, version="1.0.1", replaces="TRUST/1.0.0", title="Trust")


class Read:
    """A log that is verified already."""

    def __init__(self, assembly: Assembly) -> None:
        self.state = assembly.state
        self.states = {assembly.state.size: assembly.state} | {m.tick: assembly.state for m in self.motions()}

    def motions(self) -> Any:
        return self.state.motions.values()


def claim(assembly: Assembly, norm: Norm) -> Claim:
    log: Any = Read(assembly)
    first, _ = votes.claims(log, sample.DIGEST, norm, assembly.state.size)
    return first


def test_a_first_version_is_in_force_by_its_votes() -> None:
    assembly = Assembly(4)
    assembly.adopt("norm", FIRST, name="TRUST/1.0.0")
    found = claim(assembly, FIRST)
    assert (True, True) == (found.holds, "norm TRUST/1.0.0 in force since leaf" in found.detail)
    assert "norm check" not in found.detail


def test_of_a_next_version_the_reader_is_told_what_was_not_checked() -> None:
    """The older text is no part of a release."""
    assembly = Assembly(4)
    assembly.adopt("norm", FIRST, name="TRUST/1.0.0")
    first = assembly.state.in_force["norm", FIRST.digest].motion
    assembly.adopt("norm", NEXT, name="TRUST/1.0.1", replaces=first)
    found = claim(assembly, NEXT)
    assert (True, True) == (found.holds, "what changed since TRUST/1.0.0 is for `comity norm check" in found.detail)


def test_a_version_that_leaves_out_what_it_replaces_does_not_verify() -> None:
    """No older text is needed to see it: the log has the motion before."""
    assembly = Assembly(4)
    assembly.adopt("norm", FIRST, name="TRUST/1.0.0")
    assembly.adopt("norm", replace(NEXT, replaces=None), name="TRUST/1.0.1")
    found = claim(assembly, replace(NEXT, replaces=None))
    assert (False, True) == (found.holds, "TRUST/1.0.0 was adopted before" in found.detail)


def test_a_norm_that_its_motion_calls_otherwise_does_not_verify() -> None:
    assembly = Assembly(4)
    assembly.adopt("norm", FIRST, name="OTHER/1.0.0")
    found = claim(assembly, FIRST)
    assert (False, True) == (found.holds, "its motion calls it OTHER/1.0.0" in found.detail)
