"""Consent: does national policy let this node answer this study in this period? Default deny.

A pure question to a policy, a study and the log's state. Consents if and only if no reason speaks against it; all
reasons are given, as codes of the closed list. Adoption is asked of the state alone, which `assembly.fold` builds from
the leaves: not of the hub, a file or a message. Charges nothing and signs nothing: see `stages.answer`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from comity.acts.charter import Matter
from comity.assembly import queries
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ComityError
from comity.methods.card import Card, Method
from comity.model.norm import Norm
from comity.model.policy import Allow, Policy, Sentence
from comity.model.reason import Reason, ordered
from comity.model.study import Study, unsound
from comity.stages import lineage

ANY: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Consent, or every reason against it; or nothing yet, because policy wants an officer who has not answered."""

    reasons: tuple[Reason, ...]
    waits: bool = False  # for the officer

    @property
    def consents(self) -> bool:
        """Whether the node may answer."""
        return not self.reasons and not self.waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What this node knows of itself when it is asked.

    card: of the method that the study names, if `methods.registry.held` gave one.
    bound: whether a source is bound to the study's norm.
    epsilon: of one release at the study's plan, as this node computed it (`stages.protect.noise.loss`); None where
        the study has no noise.
    affordable: whether that release fits into the budget (`stages.protect.budget.fits`).
    officer: what the officer answered, if anything.
    producer: whether this node is a producer's: open data, no vote, no seal.
    finishes: whether the method's finish takes the study's layout and parameters (`finishes`).
    products: parameters of a raster study that the layers at home contradict (`stages.layers.products`).
    earlier: versions of the norm that came before it, as far as their texts are at hand (`stages.lineage`).
    """

    card: Card | None
    bound: bool
    epsilon: Decimal | None
    affordable: bool
    officer: Literal["approved", "declined"] | None = None
    producer: bool = False
    finishes: bool = True
    products: tuple[str, ...] = ()
    earlier: tuple[Norm, ...] = ()

    @property
    def rasters(self) -> bool:
        """Whether the study asks for areas, so that there are no persons to protect."""
        return self.card is not None and self.card.needs.data == "rasters"


def decide(
    study: Study, norm: Norm | None, policy: Policy, state: State, *, period: str, facts: Facts, now: int
) -> Decision:
    """The decision. Never raises: what cannot be evaluated is refused.

    Args:
        norm: the study's norm, if its text is at hand.
        now: POSIX seconds by this node's clock.
    """
    try:
        reasons = ordered(
            [
                *_log(study, state),
                *_version(study, norm, state, facts),
                *_policy(study, policy, state, now),
                *_at_home(study, norm, period, facts),
            ]
        )
        if facts.rasters and not policy.national.publish:
            reasons = ordered([*reasons, Reason(code="policy.no-table")])
        if policy.officer and facts.officer == "declined":
            reasons = ordered([*reasons, Reason(code="policy.officer")])
    except Exception as error:  # a rule that fails to run is a rule that was not kept
        return Decision(reasons=(Reason(code="policy.not-evaluated", params={"error": type(error).__name__}),))
    return Decision(reasons=reasons, waits=policy.officer and not reasons and facts.officer != "approved")


def what_if(
    policy: Policy, cases: Iterable[tuple[Study, Norm | None, str, Facts]], state: State, *, now: int
) -> tuple[tuple[Study, str, Decision], ...]:
    """What a policy would have said to each (study, norm, period, facts), had it been asked now."""
    return tuple(
        (study, period, decide(study, norm, policy, state, period=period, facts=facts, now=now))
        for study, norm, period, facts in cases
    )


def mover(study: Digest, state: State) -> str | None:
    """Who moved a study that is in force, if it is."""
    force = queries.adopted(state, study, "study")
    return state.motions[force.motion.index].mover if force else None


def _log(study: Study, state: State) -> Iterator[Reason]:
    """What the log says; whatever else carries one of these digests does not count."""
    asked: tuple[tuple[Matter, Digest], ...] = (("study", study.digest), ("norm", study.norm))
    for matter, digest in asked:
        if queries.adopted(state, digest, matter) is None:
            yield Reason(code=f"{matter}.not-in-force", params={matter: digest})


def _version(study: Study, norm: Norm | None, state: State, facts: Facts) -> Iterator[Reason]:
    """Whether the norm's version says what changed; nothing where the norm itself is not at hand (`_at_home`)."""
    if norm is not None and norm.digest == study.norm:
        held = {earlier.digest: earlier for earlier in facts.earlier}
        yield from lineage.in_force(state, norm, held.get).reasons(norm)


def _policy(study: Study, policy: Policy, state: State, now: int) -> Iterator[Reason]:
    """What the office allows."""
    if not policy.valid_from <= now < policy.valid_until:
        yield Reason(code="policy.expired")
    named = [allow for allow in policy.allow if _names(allow, study)]
    who = mover(study.digest, state)
    if not named:
        yield Reason(code="policy.not-named", params={"goal": study.goal, "method": study.method.name})
    elif who is not None and not any(_answers(allow, who, state) for allow in named):
        yield Reason(code="policy.member-not-admitted", params={"mover": who})  # nobody moved it: study.not-in-force
    sigma2 = study.noise.sigma2 if study.noise else 0
    if sigma2 < policy.sealed.noise_floor:
        floor = str(policy.sealed.noise_floor)
        yield Reason(code="policy.noise-below-floor", params={"floor": floor, "sigma2": str(sigma2)})
    if study.colluding < policy.sealed.colluding:
        asked = str(policy.sealed.colluding)
        yield Reason(code="policy.cooperation-too-small", params={"asked": asked, "colluding": str(study.colluding)})


def _at_home(study: Study, norm: Norm | None, period: str, facts: Facts) -> Iterator[Reason]:
    """What is at hand, and whether the study holds together."""
    if not facts.bound:
        yield Reason(code="policy.no-source", params={"norm": study.norm})
    if not facts.affordable:
        yield Reason(code="budget.spent")
    if facts.producer and facts.card is not None and not facts.rasters:
        yield Reason(code="study.not-open")
    for name in facts.products:
        yield Reason(code="study.other-product", params={name: study.parameters.get(name, "")})
    fields: list[str] = []
    if norm is None or norm.digest != study.norm:
        yield Reason(code="norm.not-held", params={"norm": study.norm})
    else:
        fields += unsound(study, norm)
    if facts.card is None:
        yield Reason(code="method.not-held", params={"method": f"{study.method.name}/{study.method.version}"})
    else:
        fields += misfits(study, facts.card)
    if not facts.finishes:
        fields.append("parameters")
    if period not in {entry.id for entry in study.periods}:
        fields.append("periods")
    if study.noise and (facts.epsilon is None or Decimal(study.noise.epsilon) < facts.epsilon):
        fields.append("noise.epsilon")  # it promises more privacy than its noise gives
    yield from (Reason(code="study.not-sound", params={"field": field}) for field in sorted(set(fields)))


def unfinished(study: Study, method: Method) -> str:
    """Why no table of this study can be finished, in the method's words; empty where it can.

    Tried on zeros, of one code of the first dimension. A study of areas that its method cannot finish would be computed
    for hours, answered, and never released.
    """
    first, *others = study.layout.dimensions
    layout = replace(study.layout, dimensions=(replace(first, codes=first.codes[:1]), *others))
    try:
        method.finish(layout, (0,) * layout.length, Decimal(0), study.parameters)
    except ComityError as e:
        return str(e)
    return ""


def misfits(study: Study, card: Card) -> Iterator[str]:
    """Fields of a study that its method cannot work with."""
    measures = study.layout.measures
    if (card.name, card.version) != (study.method.name, study.method.version):
        yield "method"
    if not set(study.parameters) <= set(card.needs.parameters):
        yield "parameters"
    if tuple(m.id for m in measures) != card.needs.measures or any(m.bound > card.needs.part for m in measures):
        yield "layout"
    if study.layout.cells > card.bounds.cells:
        yield "layout"
    if study.noise is None if card.needs.noise else study.noise is not None and card.needs.data == "rasters":
        yield "noise"
    if study.noise and study.noise.cells < card.bounds.touched:
        yield "noise.cells"


def _names(allow: Allow, study: Study) -> bool:
    """Whether a permission names this method and goal."""
    method = allow.method in (study.method.name, f"{study.method.name}/{study.method.version}")
    return method and any(study.goal == goal or study.goal.startswith(f"{goal}.") for goal in allow.goals)


def _answers(allow: Allow, who: str, state: State) -> bool:
    """Whether a permission answers this mover; `*` is any member, and nobody else."""
    actor = state.actors.get(who)
    return who in allow.movers or (ANY in allow.movers and actor is not None and actor.party.role == "member")


def explain(policy: Policy) -> tuple[Sentence, ...]:
    """What a policy says, in sentences that `pages.words` words; everything it does not say is refused."""
    sealed, budget = policy.sealed, policy.budget
    said: list[tuple[str, dict[str, str]]] = [
        ("explain.valid", {"from": str(policy.valid_from), "until": str(policy.valid_until)})
    ]
    for allow in policy.allow:
        words = {"method": allow.method, "goals": ", ".join(allow.goals)}
        if ANY in allow.movers:
            said.append(("explain.allow-any", words))
        else:
            said.append(("explain.allow", {**words, "movers": ", ".join(allow.movers)}))
    said.append(("explain.deny", {}))
    if policy.national.publish:
        said.append(("explain.publish", {"threshold": str(policy.national.threshold)}))
    else:
        said.append(("explain.keep", {}))
    floor = {"noise_floor": str(sealed.noise_floor)}
    said.append(("explain.noise", floor) if sealed.noise_floor else ("explain.noise-any", {}))
    said += [("explain.rate", {"rate": str(sealed.rate)}), ("explain.colluding", {"colluding": str(sealed.colluding)})]
    if sealed.survivors:
        said.append(("explain.survivors", {"survivors": str(sealed.survivors)}))
    if sealed.witnesses:
        said.append(("explain.witnesses", {"witnesses": str(sealed.witnesses)}))
    said.append(("explain.budget", {"epsilon": budget.epsilon, "delta": budget.delta}))
    said.append(("explain.officer", {}) if policy.officer else ("explain.alone", {}))
    return tuple(Sentence(code=code, params=params) for code, params in said)
