"""Reservations and figures: what a member's reservation against a norm does to what it answered under that norm.

It counts for an answer if it stood when the answer was said: one that came after changes no figure, and one that was
lifted after changes none either, so that the same follows from every later state. A member's own figures that would
be normal (A) are then marked as of another definition (D); a status that says more stays. A sum over members mixes
their definitions: its figures keep their status, and the release names who reserved what.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from comity.assembly import queries
from comity.assembly.state import State
from comity.canon import Digest
from comity.model.release import Figure, Reserved

NORMAL: Final = "A"  # SDMX CL_OBS_STATUS
DIFFERS: Final = "D"  # the same list: definition differs
OWN: Final = "reserved"  # note beside a member's own figures
INPUTS: Final = "reserved-inputs"  # note beside a sum


def standing(state: State, norm: Digest, answers: Mapping[str, int]) -> tuple[Reserved, ...]:
    """The reservations under which members answered, by member.

    Args:
        answers: member -> leaf index of its answer.
    """
    found = [queries.reservation(state, norm, member, before=leaf) for member, leaf in sorted(answers.items())]
    return tuple(Reserved(member=one.member, leaf=one.ref.index, parts=one.parts) for one in found if one is not None)


def marked(figures: Sequence[Figure], reserved: Sequence[Reserved]) -> tuple[Figure, ...]:
    """A member's own figures, of another definition where it answered under a reservation."""
    if not reserved:
        return tuple(figures)
    return tuple(replace(one, status=DIFFERS) if one.status == NORMAL else one for one in figures)
