"""What a motion says in the leaf itself: what speaks against its terms, and what the assembly is once they are adopted.

Judged by the same code when a motion is moved and when it is decided, as what was possible may not be any more. When a
motion is decided, and whether the votes adopt it, is the affair of `rules.tick`.
"""

from comity import canon
from comity.acts.motion import Motion
from comity.assembly.state import MotionFacts, State
from comity.model.reason import Reason

FIELDS = {
    "charter": "charter",
    "office": "office",
    "hub": "hub",
    "witnesses": "witnesses",
}  # matter -> field of `Terms`


def against(state: State, motion: Motion | MotionFacts) -> list[Reason]:
    """Every reason against what a motion holds; a motion on another matter holds no terms."""
    terms, field = motion.terms, FIELDS.get(motion.matter)
    if terms is None:
        return [] if field is None else [_no("missing")]
    given = [name for name in FIELDS.values() if getattr(terms, name) is not None]
    if given != [field] or motion.thing.digest != canon.digest(canon.encode(terms)):
        return [_no("terms")]
    return []


def apply(state: State, motion: MotionFacts, tick: int) -> State | None:
    """The state with what adopted terms change; None if they cannot be any more, so that the motion is rejected.

    Of the matters charter, office and witnesses nothing stands in `in_force`: what was adopted is in `state.charter`
    and `state.offices`, and the same may be adopted again later. Of the hub nothing changes here: the adopted motion is
    put into `in_force` like that about a norm, and `rules.succession` asks for it.

    Args:
        tick: leaf index of the tick that decides; `state.time` is its time.
    """
    return None if against(state, motion) else state


def _no(what: str) -> Reason:
    return Reason(code="motion.terms", params={"what": what})
