"""Versions of a norm in the log: which came before it, and whether its number says what changed since.

The log holds no norm's text, so the fold cannot judge this; whoever holds the texts can, and does before a motion is
moved and before a node consents to a study. Judged is the version that the motion replaces, and every earlier one with
the same first number, so that two small steps do not hide a large one. A norm that leaves out what it replaces is found
by its id: under one id, every adopted version stands in one chain.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from comity.acts.refs import Ref
from comity.assembly.facts import MotionFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.model.bundle.version import number_faults, version_faults
from comity.model.norm import Norm
from comity.model.reason import Reason

Held = Callable[[Digest], Norm | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why a norm is no honest next version, in plain words; and earlier texts that could not be read."""

    lines: tuple[str, ...] = ()
    missing: tuple[Digest, ...] = ()

    def reasons(self, norm: Norm) -> Iterator[Reason]:
        """As codes of the closed list."""
        if self.lines:
            yield Reason(code="norm.version", params={"norm": norm.name})
        yield from (Reason(code="norm.not-held", params={"norm": digest}) for digest in self.missing)


def in_force(state: State, norm: Norm, held: Held) -> Verdict:
    """The verdict on a norm that was adopted; an empty one where no decision about it is in force."""
    force = state.in_force.get(("norm", norm.digest))
    if force is None:
        return Verdict()
    motion = state.motions[force.motion.index]
    verdict = judge(state, norm, motion.replaces, held, before=motion.ref.index)
    if motion.name == norm.name:
        return verdict
    return Verdict(lines=(f"its motion calls it {motion.name}", *verdict.lines), missing=verdict.missing)


def earlier(state: State, norm: Norm, held: Held) -> tuple[Norm, ...]:
    """The earlier versions by which a norm in force is judged, as far as `held` has their texts."""
    found: dict[Digest, Norm] = {}

    def asked(digest: Digest) -> Norm | None:
        if (text := held(digest)) is not None:
            found[digest] = text
        return text

    in_force(state, norm, asked)
    return tuple(found.values())


def judge(state: State, norm: Norm, replaces: Ref | None, held: Held, *, before: int) -> Verdict:
    """The verdict on a norm whose motion replaces another's, or none.

    Args:
        held: an earlier norm's text by its digest, if it is at hand.
        before: leaf index of the motion; later ones are not its concern.
    """
    lines: list[str] = []
    missing: list[Digest] = []
    if replaces is None and norm.replaces is not None:
        lines.append(f"it says that it replaces {norm.replaces}, and its motion replaces none")
    chain = tuple(_chain(state, replaces))
    for place, motion in enumerate(chain):
        old = held(motion.thing.digest)
        if old is None:
            missing.append(motion.thing.digest)
            break
        if place and old.version.partition(".")[0] != norm.version.partition(".")[0]:
            break
        lines += number_faults(old, norm) if place else version_faults(old, norm)
    known = {norm.digest, *(motion.thing.digest for motion in chain)}
    for index, motion in sorted(state.motions.items()):
        if index < before and _same(motion, norm) and motion.thing.digest not in known:
            lines.append(f"{motion.name} was adopted before (motion {index}), and this one does not come after it")
    return Verdict(lines=tuple(dict.fromkeys(lines)), missing=tuple(missing))


def _chain(state: State, replaces: Ref | None) -> Iterator[MotionFacts]:
    """The motions that a norm's motion comes after, the nearest first. A motion names an earlier one: it ends."""
    while replaces is not None and (motion := state.motions.get(replaces.index)) is not None:
        yield motion
        replaces = motion.replaces


def _same(motion: MotionFacts, norm: Norm) -> bool:
    """Whether a motion brought a norm of this id into force, by the name that its mover gave it."""
    return motion.matter == "norm" and motion.outcome == "adopted" and motion.name.partition("/")[0] == norm.id
