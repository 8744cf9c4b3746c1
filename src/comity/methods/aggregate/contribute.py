"""The half of `aggregate/1` that runs at home: a member's own figure in each cell, times its public weight."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from comity.errors import Refused
from comity.methods.aggregate.measures import weights
from comity.methods.card import NUMBER
from comity.model.structure import Layout

if TYPE_CHECKING:
    import ibis


def contribute(bound: "ibis.Table", layout: Layout, parameters: Mapping[str, str]) -> "ibis.Table":
    """Each row is one figure of this member; see `methods.card.Contribute`.

    Args:
        parameters: the study's, and "member": who answers.

    Raises:
        Refused: the study has no weight for this member.
    """
    member, known = parameters.get("member", ""), weights(parameters)
    if member not in known:
        raise Refused(
            "the study has no weight for this member",
            where="parameters: weights",
            found=member or "no member",
            wanted=", ".join(known),
            way_out="ask for a study that weighs it, or leave it to the others",
        )
    weight, value = known[member], bound[NUMBER + "v"]
    return bound.mutate(present=1, a=weight, av=value * weight, avv=value * value * weight)
