"""The members' decision: norm and study were in force when the exchange was opened, by votes that are counted here."""

from comity.acts.charter import Matter
from comity.assembly import queries
from comity.assembly.facts import MotionFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.model.norm import Norm
from comity.stages import lineage
from comity.stages.verify.log import Log
from comity.stages.verify.report import Claim, no, yes


def claims(log: Log, study: Digest, norm: Norm, before: int) -> list[Claim]:
    """Whether study and norm were in force at a leaf, and by which votes."""
    state = log.states[before]
    force = _adopted(log, state, norm.digest, "norm")
    return [_version(state, norm, force) if force.holds else force, _adopted(log, state, study, "study")]


def _version(state: State, norm: Norm, force: Claim) -> Claim:
    """The claim that the norm was in force, held against its version as far as a log without texts goes."""
    verdict = lineage.in_force(state, norm, lambda older: None)
    if verdict.lines:
        return no("votes", f"norm {norm.name}: {'; '.join(verdict.lines)}")
    if verdict.missing:
        return yes("votes", f"{force.detail}; what changed since {norm.replaces} is for `comity norm check --against`")
    return force


def _adopted(log: Log, state: State, thing: Digest, matter: Matter) -> Claim:
    found = queries.adopted(state, thing, matter)
    if found is None:
        tried = [f"motion {m.ref.index} {m.outcome}" for m in queries.motions_about(state, thing)]
        detail = f"the {matter} {thing} was not in force at leaf {state.size}: {', '.join(tried) or 'no motion'}"
        return no("votes", detail)
    motion = state.motions[found.motion.index]
    return yes("votes", f"{found.matter} {found.name} in force since leaf {found.tick}: {_count(log, motion)}")


def _count(log: Log, motion: MotionFacts) -> str:
    """The votes as they stood when the motion was decided, counted among the members of that moment."""
    state = log.states[motion.tick] if motion.tick is not None else log.state
    tally = queries.tally(state, state.motions[motion.ref.index])
    rule = state.charter.rules.get(motion.matter) if state.charter else None
    how = rule.method if rule else "no rule"
    return (
        f"motion {motion.ref.index}, {tally.yes} yes, {tally.no} no, {tally.abstain} abstained of {tally.total} ({how})"
    )
