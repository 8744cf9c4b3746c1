"""Why not: the closed list of reasons that a statement may carry.

A reason is a code with parameters, worded by `pages.words`; there is no free text in it. Reasons come from policy,
budget, protocol and the log's own rules, never from data: a refusal must not tell what a country's table holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

CODES: Final[Mapping[str, str]] = {
    # national policy (consent/refused)
    "policy.not-named": "the national policy names no such method, norm or study",
    "policy.noise-below-floor": "the study's noise variance is below the policy's floor",
    "policy.cooperation-too-small": "the study tolerates fewer colluding members than the policy asks",
    "policy.geography-too-fine": "the study asks for a finer geography than the policy allows",
    "policy.never": "the policy refuses this whatever else it allows",
    "policy.source-not-named": "the policy does not let the source bound to this norm answer such a study",
    "policy.dimension-not-named": "the study has a dimension that the policy does not allow",
    "policy.too-many-cells": "the study has more cells than the policy allows",
    "policy.decision-too-weak": "the members decided on the study or its norm less clearly than the policy asks",
    "policy.no-noise": "the study counts persons without noise, and the policy does not allow its method to",
    "policy.too-few-members": "fewer members are in good standing than the policy asks",
    "policy.study-too-dear": "all periods of the study cost more than the policy gives one study",
    "policy.no-source": "no source at home is bound to this norm",
    "policy.expired": "the policy is not valid at this time",
    "policy.member-not-admitted": "the policy does not answer the mover of this study",
    "policy.no-table": "the policy publishes no table of the office's own, and the study asks for nothing else",
    "policy.officer": "the officer in charge declined",
    "policy.not-evaluated": "the national policy could not be evaluated, and no rule means no",
    "norm.not-in-force": "the study's norm is not in force by the members' decision",
    "norm.not-reserved": "the office's binding deviates from the norm, and no reservation of the office says so",
    "norm.not-held": "the text of the study's norm is not at hand",
    "method.not-held": "the node holds no method of this name, version and digest",
    "study.not-in-force": "the study is not in force by the members' decision",
    "study.not-sound": "the study contradicts its norm, its method or its own figures",
    "study.not-open": "the study asks for persons, and a producer answers with open data alone",
    "study.other-product": "no layer at home is of the product, or is the boundary set, that the study names",
    "budget.spent": "the privacy budget of the source does not allow this release",
    # what a country has against an estimate (estimate/answered)
    "objection.data-error": "the estimate rests on data that are wrong",
    "objection.source-not-official": "the estimate rests on a source that is not official",
    "objection.definition": "the estimate follows another definition",
    "objection.coverage": "the estimate covers other people, or another territory",
    "objection.denominator": "the estimate divides by another denominator",
    "objection.adjustment": "the estimate is adjusted in a way that was not agreed on",
    "objection.newer-data": "newer data exist",
    "objection.method-not-adopted": "the method of the estimate was not adopted",
    "objection.legal": "the law of the country speaks against it",
    # why an audit is refused (audit/answered)
    "audit.law": "the national law forbids to show what is asked",
    "audit.confidential": "an answer would disclose persons or enterprises",
    "audit.not-kept": "what is asked is not kept any more",
    "audit.answered-before": "the same was answered in another audit",
    "audit.burden": "the office cannot do the work now",
    # protocol (exchange/refused, exchange/closed)
    "seal.not-first": "a statement of the hub is not the first of its kind",
    "seal.late": "a statement came after its deadline",
    "seal.roster": "the roster is not all members in good standing that consented",
    "seal.too-few": "fewer members than the threshold",
    "seal.keys": "a key is unreadable, repeated or not the one consented with",
    "seal.box": "a box did not arrive, does not match its manifest or does not open",
    "seal.share": "a share or seed does not fit its hash",
    "seal.not-named": "the member itself is missing from the set it belongs to",
    "seal.not-subset": "a set names a member that the earlier set does not",
    "seal.roster-rule": "two survivor sets differ by too few members",
    "seal.rebuilt": "a rebuilt secret does not fit what was committed to",
    "seal.spoiled": "the opened sum lies outside what the members can have sent",
    "seal.memory-lost": "this node no longer holds the secrets of this attempt",
    # the log's rules (breaches, refused statements)
    "act.kind": "this kind may not be said here",
    "act.malformed": "the statement is not in its canonical form, or contradicts itself",
    "act.too-large": "the statement is larger than 16 KiB",
    "act.origin": "the statement was made for another log",
    "act.head": "the statement names a head that this log never had, or had too long ago",
    "act.signer": "the signer is not who may say this",
    "act.signature": "the signature does not hold",
    "act.replayed": "the same statement is in the log already",
    "act.subject": "the subject is not what the body is about",
    "act.repeated": "the actor has said this already",
    "act.unknown-thing": "what the statement refers to is not in the log",
    "act.closed": "what the statement refers to is closed already",
    "act.not-standing": "the actor is not in good standing",
    "charter.first": "the charter is leaf 0 and only leaf 0",
    "charter.keys": "the keys are not those that the charter or a motion names",
    "motion.too-short": "the motion closes earlier than the charter's rule allows",
    "motion.consultation": "the motion is in consultation, and not voted on yet",
    "motion.consulted": "the consultation of the motion is over",
    "motion.too-far": "the motion names a time more than a hundred years ahead",
    "motion.too-many": "the actor has as many open motions as one may have",
    "motion.too-many-comments": "the actor has commented on this motion as often as one may",
    "motion.terms": "the motion does not hold what it is about, or something that no charter can hold",
    "vote.recused": "the office of the hub's host has no vote on this matter",
    "office.unknown": "the charter has no such office, or its rule for the office does not allow this term",
    "office.conflict": "the member may not nominate for this office beside another, or as the hub's host",
    "norm.version": "the norm's version does not say what changed",
    "estimate.settlement": "the settlement is none that the country's answer allows",
    "estimate.early": "the country still has time to answer",
    "estimate.too-short": "the country has less time to answer than the charter gives it",
    "estimate.too-long": "the country would be given more than a year beyond the charter's time to answer",
    "estimate.too-many": "the custodian has as many unsettled estimates as one may have",
    "estimate.box": "the actor that the box is for has registered no key to seal it to",
    "audit.too-many": "the actor has as many open requests to this one as one may have",
    "succession.motion": "no adopted motion names this hub",
    "succession.final": "the final checkpoint is not that of the log up to here, under the quorum",
    "tick.quorum": "the tick's checkpoint lacks the witnesses' quorum",
    "tick.backwards": "the tick's time or size lies before an earlier tick",
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Reason:
    """One reason, by code of the closed list, with its parameters as text.

    >>> Reason(code="act.signer").code
    'act.signer'
    """

    code: str
    params: dict[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"{self.code} is no reason of the closed list")


def ordered(reasons: list[Reason]) -> tuple[Reason, ...]:
    """Sorted and without repetition, as every refusal carries them."""
    if not reasons:
        return ()
    unique = {(r.code, tuple(sorted(r.params.items()))): r for r in reasons}
    return tuple(unique[key] for key in sorted(unique))
