"""The rules of a national policy, one function each: every reason that the policy itself gives against a study.

Each rule is asked on its own and none knows of another, so that a rule which is left out is missed by nobody but the
tests that ask for it (`RULES` is compared with an evaluator of another make). What else must hold is `consent`.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Final

from comity.acts.charter import NORMS, Matter
from comity.assembly.facts import MotionFacts
from comity.assembly.state import State
from comity.assembly.tally import in_time
from comity.canon import Digest
from comity.model import purpose
from comity.model.norm import Norm
from comity.model.policy import ANY, Allow, Finest
from comity.model.reason import Reason
from comity.model.structure import Axis
from comity.model.study import Method
from comity.stages.case import Case


def mover(study: Digest, state: State) -> str | None:
    """Who moved a study that the members brought into force, be it replaced by now; None if they never did."""
    motion = _adopted(state, study, ("study",))
    return motion.mover if motion else None


def valid(case: Case) -> Iterator[Reason]:
    """The policy holds from its first second, and at its last no more."""
    if not case.policy.valid_from <= case.now < case.policy.valid_until:
        yield Reason(code="policy.expired")


def permitted(case: Case) -> Iterator[Reason]:
    """Some permission fits in every field; the reason is the field by which the last one was lost."""
    study, who = case.study, mover(case.study.digest, case.state)
    named = [allow for allow in case.policy.allow if _names(allow, study.goal, study.method)]
    moved = [allow for allow in named if who is None or _answers(allow, who, case.state)]
    sourced = [allow for allow in moved if ANY in allow.sources or case.facts.source in allow.sources]
    axes = {axis.id for axis in study.layout.dimensions}
    fitting = [allow for allow in sourced if ANY in allow.dimensions or axes <= set(allow.dimensions)]
    unknown = case.facts.source is None and not case.facts.bound  # policy.no-source says so
    if not named:
        yield Reason(code="policy.not-named", params={"goal": study.goal, "method": study.method.name})
    elif not moved:  # nobody moved it: study.not-in-force
        yield Reason(code="policy.member-not-admitted", params={"mover": who or ""})
    elif not sourced and not unknown:
        yield Reason(code="policy.source-not-named")
    elif sourced and not fitting:
        others = axes - {id for allow in sourced for id in allow.dimensions}
        yield Reason(code="policy.dimension-not-named", params={"dimensions": ", ".join(sorted(others or axes))})


def never(case: Case) -> Iterator[Reason]:
    """What no permission lifts: a goal of which anything lies inside a forbidden one, or that holds one."""
    study, listed, axes = case.study, case.policy.never, case.study.layout.dimensions
    hits = {
        "goal": any(_overlap(place, study.goal) for place in listed.goals),
        "method": _is_method(study.method, listed.methods),
        "mover": mover(study.digest, case.state) in listed.movers,
        "source": case.facts.source in listed.sources,
        "dimension": any(axis.id in listed.dimensions for axis in axes),
        "code": any(set(axis.codes) & set(listed.codes.get(axis.id, ())) for axis in axes),
    }
    yield from (Reason(code="policy.never", params={"field": field}) for field, hit in hits.items() if hit)


def finest(case: Case) -> Iterator[Reason]:
    """No dimension is finer than the policy has it."""
    limits = {limit.dimension: limit for limit in case.policy.finest}
    for axis in case.study.layout.dimensions:
        if axis.id in limits and not _coarse(axis, limits[axis.id], case.norm):
            yield Reason(code="policy.geography-too-fine", params={"dimension": axis.id})


def cells(case: Case) -> Iterator[Reason]:
    """A study has no more cells than the policy has it."""
    most, found = case.policy.cells, case.study.layout.cells
    if most and found > most:
        yield Reason(code="policy.too-many-cells", params={"cells": str(found), "most": str(most)})


def decided(case: Case) -> Iterator[Reason]:
    """The members decided on study and norm as clearly as the policy asks; of nothing adopted, `consent` says so."""
    asked: tuple[tuple[str, Digest, tuple[Matter, ...]], ...] = (
        ("study", case.study.digest, ("study",)),
        ("norm", case.study.norm, NORMS),
    )
    for about, digest, matters in asked:
        motion = _adopted(case.state, digest, matters)
        if motion and not _clear(motion, case):
            yield Reason(code="policy.decision-too-weak", params={"about": about})


def noise(case: Case) -> Iterator[Reason]:
    """The noise of a joint sum is as large as the policy asks, and there is some wherever persons are counted."""
    plan, floor = case.study.noise, case.policy.sealed.noise_floor
    free = plan is None and not case.facts.rasters and _is_method(case.study.method, case.policy.sealed.noiseless)
    sigma2 = plan.sigma2 if plan else 0
    if sigma2 < floor and not free:
        yield Reason(code="policy.noise-below-floor", params={"floor": str(floor), "sigma2": str(sigma2)})
    if plan is None and not case.facts.rasters and not free:
        yield Reason(code="policy.no-noise", params={"method": case.study.method.name})


def colluding(case: Case) -> Iterator[Reason]:
    """The study holds out against as many members as the policy asks."""
    asked, offered = case.policy.sealed.colluding, case.study.colluding
    if offered < asked:
        params = {"asked": str(asked), "colluding": str(offered)}
        yield Reason(code="policy.cooperation-too-small", params=params)


def members(case: Case) -> Iterator[Reason]:
    """Enough members are in good standing; a study of areas is answered alone."""
    asked, found = case.policy.sealed.members, len(case.state.members)
    if found < asked and not case.facts.rasters:
        yield Reason(code="policy.too-few-members", params={"asked": str(asked), "members": str(found)})


def cost(case: Case) -> Iterator[Reason]:
    """All periods of the study together cost no more than the policy gives one study; the year's is the ledger's."""
    plan, most = case.study.noise, case.policy.budget.study
    if plan and most and Decimal(plan.epsilon) * len(case.study.periods) > Decimal(most):
        params = {"epsilon": plan.epsilon, "most": most, "periods": str(len(case.study.periods))}
        yield Reason(code="policy.study-too-dear", params=params)


RULES: Final[tuple[Callable[[Case], Iterator[Reason]], ...]] = (
    valid,
    permitted,
    never,
    finest,
    cells,
    decided,
    noise,
    colluding,
    members,
    cost,
)


def _adopted(state: State, thing: Digest, matters: Iterable[Matter]) -> MotionFacts | None:
    """The motion on one of these matters that brought a thing into force."""
    force = next((found for matter in matters if (found := state.in_force.get((matter, thing)))), None)
    return state.motions[force.motion.index] if force else None


def _names(allow: Allow, goal: str, method: Method) -> bool:
    """Whether a permission names this method and goal."""
    return _is_method(method, (allow.method,)) and any(purpose.holds(wide, goal) for wide in allow.goals)


def _is_method(method: Method, named: tuple[str, ...]) -> bool:
    """Whether a method is among those named, by its name or by name and version."""
    return method.name in named or f"{method.name}/{method.version}" in named


def _answers(allow: Allow, who: str, state: State) -> bool:
    """Whether a permission answers this mover; `*` is any member, and nobody else."""
    actor = state.actors.get(who)
    return who in allow.movers or (ANY in allow.movers and actor is not None and actor.party.role == "member")


def _overlap(forbidden: str, goal: str) -> bool:
    """Whether a study for a goal may serve a forbidden one: a study for 16 may be for 16.6."""
    return purpose.holds(forbidden, goal) or purpose.holds(goal, forbidden)


def _coarse(axis: Axis, limit: Finest, norm: Norm | None) -> bool:
    """Whether a dimension keeps its limit; where its code list is not known, it does not."""
    lists = {one.id: one.codelist for one in norm.structure.dimensions} if norm else {}
    return (
        (not limit.codelists or lists.get(axis.id) in limit.codelists)
        and (not limit.codes or set(axis.codes) <= set(limit.codes))
        and (not limit.most or len(axis.codes) <= limit.most)
    )


def _clear(motion: MotionFacts, case: Case) -> bool:
    """Whether a motion was decided as the policy asks, by the votes that counted when it was."""
    asked, votes = case.policy.decided, tuple(in_time(motion).values())
    yes, no = votes.count("yes"), votes.count("no")
    share = not asked.share or 100 * yes > asked.share * (yes + no)
    return share and len(votes) >= asked.votes and motion.consultation >= asked.consultation
