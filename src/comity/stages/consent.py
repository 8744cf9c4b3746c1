"""Consent: does national policy let this node answer this study in this period? Default deny.

A pure question to a policy, a study and the log's state. Consents if and only if no reason speaks against it; all
reasons are given, as codes of the closed list. Adoption is asked of the state alone, which `assembly.fold` builds from
the leaves: not of the hub, a file or a message. The rules of policy are `permission`. Charges nothing and signs
nothing: see `stages.answer`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from comity.acts.charter import Matter
from comity.assembly import queries
from comity.assembly.state import State
from comity.canon import Digest
from comity.model.norm import Norm
from comity.model.policy import Policy
from comity.model.reason import Reason, ordered
from comity.model.study import Study, unsound
from comity.stages import lineage, permission
from comity.stages.case import Case, Facts
from comity.stages.misfits import misfits


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Consent, or every reason against it; or nothing yet, because policy wants an officer who has not answered."""

    reasons: tuple[Reason, ...]
    waits: bool = False  # for the officer

    @property
    def consents(self) -> bool:
        """Whether the node may answer."""
        return not self.reasons and not self.waits


def decide(
    study: Study, norm: Norm | None, policy: Policy, state: State, *, period: str, facts: Facts, now: int
) -> Decision:
    """The decision. Never raises: what cannot be evaluated is refused.

    Args:
        norm: the study's norm, if its text is at hand.
        now: POSIX seconds by this node's clock.
    """
    try:
        case = Case(study=study, norm=norm, policy=policy, state=state, period=period, facts=facts, now=now)
        reasons = ordered([reason for rule in RULES for reason in rule(case)])
        waits = not reasons and len(set(facts.approved)) < policy.officers
    except Exception as error:  # a rule that fails to run is a rule that was not kept
        return Decision(reasons=(Reason(code="policy.not-evaluated", params={"error": type(error).__name__}),))
    return Decision(reasons=reasons, waits=waits)


def _log(case: Case) -> Iterator[Reason]:
    """What the log says; whatever else carries one of these digests does not count."""
    asked: tuple[tuple[Matter, Digest], ...] = (("study", case.study.digest), ("norm", case.study.norm))
    for matter, digest in asked:
        if queries.adopted(case.state, digest, matter) is None:
            yield Reason(code=f"{matter}.not-in-force", params={matter: digest})


def _version(case: Case) -> Iterator[Reason]:
    """Whether the norm's version says what changed; nothing where the norm itself is not at hand (`_sound`)."""
    norm = case.norm
    if norm is not None and norm.digest == case.study.norm:
        held = {earlier.digest: earlier for earlier in case.facts.earlier}
        yield from lineage.in_force(case.state, norm, held.get).reasons(norm)


def _source(case: Case) -> Iterator[Reason]:
    """What is at home to answer with."""
    facts = case.facts
    if not facts.bound:
        yield Reason(code="policy.no-source", params={"norm": case.study.norm})
    if not facts.affordable:
        yield Reason(code="budget.spent")
    if not facts.reserved:
        yield Reason(code="norm.not-reserved")
    if facts.producer and facts.card is not None and not facts.rasters:
        yield Reason(code="study.not-open")
    for name in facts.products:
        yield Reason(code="study.other-product", params={name: case.study.parameters.get(name, "")})
    if facts.rasters and not case.policy.national.publish:
        yield Reason(code="policy.no-table")


def _sound(case: Case) -> Iterator[Reason]:
    """Whether norm and method are at hand, and the study holds together with them."""
    study, norm, facts = case.study, case.norm, case.facts
    fields: list[str] = []
    if norm is None or norm.digest != study.norm:
        yield Reason(code="norm.not-held", params={"norm": study.norm})
    else:
        fields += unsound(study, norm)
    if facts.card is None:
        yield Reason(code="method.not-held", params={"method": f"{study.method.name}/{study.method.version}"})
    else:
        fields += misfits(study, facts.card, norm if norm is not None and norm.digest == study.norm else None)
    if not facts.finishes:
        fields.append("parameters")
    if case.period not in {entry.id for entry in study.periods}:
        fields.append("periods")
    if study.noise and (facts.epsilon is None or Decimal(study.noise.epsilon) < facts.epsilon):
        fields.append("noise.epsilon")  # it promises more privacy than its noise gives
    yield from (Reason(code="study.not-sound", params={"field": field}) for field in sorted(set(fields)))


def _officer(case: Case) -> Iterator[Reason]:
    """One officer's no is enough, however many said yes."""
    if case.policy.officers and case.facts.declined:
        yield Reason(code="policy.officer")


RULES: Final = (_log, _version, *permission.RULES, _source, _sound, _officer)
