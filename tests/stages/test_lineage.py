"""A norm's version in the log: judged against what it replaces, and against what a liar leaves out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from comity.acts.refs import Blob, Ref
from comity.assembly.facts import InForce, MotionFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.model.bundle.parts import Mapped
from comity.model.norm import Norm
from comity.stages import lineage
from tests import sample

FIRST = sample.norm()
ASKED = replace(FIRST, version="1.1.0", replaces="TRUST/1.0.0", title="Trust in courts of law")


def without(norm: Norm, code: str, **changes: Any) -> Norm:
    """The norm without one code of its answers, and where that went."""
    lists = norm.structure.codelists
    answers = replace(lists[0], codes=tuple(one for one in lists[0].codes if one.id != code))
    structure = replace(norm.structure, codelists=(answers, *lists[1:]))
    gone = Mapped(codelist="CL_ANSWER", code=code, becomes=("3",), breaks=True)
    return replace(norm, structure=structure, map_from_previous=(gone,), **changes)


def log(*norms: tuple[Norm, int | None], name: str | None = None) -> State:
    """A log that adopted these norms, each by a motion at its place that replaces the one at another."""
    motions: dict[int, MotionFacts] = {}
    for index, (norm, replaced) in enumerate(norms):
        motions[index] = MotionFacts(
            ref=Ref(index=index, digest=sample.DIGEST),
            mover="fiji",
            matter="norm",
            thing=Blob(digest=norm.digest, size=1),
            name=name or norm.name,
            replaces=None if replaced is None else motions[replaced].ref,
            closes=0,
            outcome="adopted",
        )
    last = motions[len(norms) - 1]
    force = InForce(matter="norm", thing=last.thing, name=last.name, motion=last.ref, tick=9, time=9, starts=9)
    return State(motions=motions, in_force={(force.matter, last.thing.digest): force})


def held(*norms: Norm) -> Callable[[Digest], Norm | None]:
    return {norm.digest: norm for norm in norms}.get


def codes(state: State, norm: Norm, *earlier: Norm) -> list[str]:
    return [reason.code for reason in lineage.in_force(state, norm, held(*earlier)).reasons(norm)]


def test_the_first_version_has_nothing_to_say() -> None:
    assert [] == codes(log((FIRST, None)), FIRST)


def test_an_honest_version_is_taken_and_a_removed_code_passed_off_as_minor_is_not() -> None:
    minor = without(FIRST, "4", version="1.1.0", replaces="TRUST/1.0.0")
    major = replace(minor, version="2.0.0")
    assert [] == codes(log((FIRST, None), (ASKED, 0)), ASKED, FIRST)
    assert ["norm.version"] == codes(log((FIRST, None), (minor, 0)), minor, FIRST)
    assert [] == codes(log((FIRST, None), (major, 0)), major, FIRST)
    verdict = lineage.in_force(log((FIRST, None), (minor, 0)), minor, held(FIRST))
    assert ("code CL_ANSWER.4 is gone: that is a major change of TRUST/1.0.0, and 1.1.0 says minor",) == verdict.lines


def test_a_text_that_is_not_at_hand_is_no_leave() -> None:
    """Nobody can say what changed: the node refuses."""
    assert ["norm.not-held"] == codes(log((FIRST, None), (ASKED, 0)), ASKED)


def test_leaving_out_what_it_replaces_does_not_help() -> None:
    """A motion of its own, so that there would be no older text to compare with."""
    alone = without(FIRST, "4", version="1.1.0", replaces=None)
    alone = replace(alone, map_from_previous=())
    assert ["norm.version"] == codes(log((FIRST, None), (alone, None)), alone, FIRST)
    named = without(FIRST, "4", version="1.1.0", replaces="TRUST/1.0.0")
    assert ["norm.version"] == codes(log((named, None)), named)


def test_two_small_steps_do_not_hide_a_large_one() -> None:
    """The lie was adopted, and an honest patch comes after it."""
    lie = without(FIRST, "4", version="1.1.0", replaces="TRUST/1.0.0")
    patch = replace(lie, version="1.1.1", replaces="TRUST/1.1.0", map_from_previous=(), title="Trust")
    state = log((FIRST, None), (lie, 0), (patch, 1))
    assert ["norm.version"] == codes(state, patch, lie, FIRST)
    assert ["norm.not-held"] == codes(state, patch, lie)
    mended = replace(patch, version="2.0.0")
    assert [] == codes(log((FIRST, None), (lie, 0), (mended, 1)), mended, lie, FIRST)


def test_a_motion_calls_a_norm_by_its_own_name() -> None:
    """Else the chain of one id could be left under another's name."""
    assert ["norm.version"] == codes(log((FIRST, None), name="OTHER/1.0.0"), FIRST)


def test_a_norm_that_comes_later_does_not_speak_against_an_earlier_one() -> None:
    state = log((FIRST, None), (ASKED, None))
    first = InForce(
        matter="norm",
        thing=Blob(digest=FIRST.digest, size=1),
        name=FIRST.name,
        motion=state.motions[0].ref,
        tick=9,
        time=9,
        starts=9,
    )
    assert [] == codes(state.having(in_force={(first.matter, FIRST.digest): first}), FIRST)


@pytest.mark.parametrize("earlier", [(), (FIRST,)])
def test_the_texts_that_are_asked_for_are_those_it_is_judged_by(earlier: tuple[Norm, ...]) -> None:
    state = log((FIRST, None), (ASKED, 0))
    assert earlier == lineage.earlier(state, ASKED, held(*earlier))
