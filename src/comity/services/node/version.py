"""Before a norm is moved: whether its version says what changed since the norm that the motion replaces.

Every node asks the same before it consents (`stages.lineage`), so an office that moved such a norm would only learn
later that nobody answers under it.
"""

from comity.acts.refs import Ref
from comity.assembly.state import State
from comity.errors import Refused, Unreachable
from comity.model.bundle import folder
from comity.services.node import question
from comity.services.node.office import Office
from comity.stages import lineage


def check(office: Office, state: State, thing: bytes, replaces: Ref | None) -> None:
    """Refuse a norm whose version lies, or whose older texts cannot be had."""
    norm = folder.decode(thing, where="norm")
    verdict = lineage.judge(state, norm, replaces, lambda old: question.norm_of(office, old), before=state.size)
    if verdict.lines:
        raise Refused(
            "its version does not say what changed",
            where=norm.name,
            found="; ".join(verdict.lines),
            wanted="a version that says it, and a motion that replaces the one before (--replaces MOTION)",
            way_out="comity norm check NORM --against OLD",
        )
    if verdict.missing:
        raise Unreachable(
            "the text of an earlier version is not there",
            where=norm.name,
            found=verdict.missing[0],
            way_out="ask who moved it to put it again",
        )
