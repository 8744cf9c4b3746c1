"""The consent family: a member, or a producer of open data, says yes or no to a study in force, once an attempt.

Whether norm, period and method fit is not in the log but in the study's text: each node checks it before it consents.
"""

from dataclasses import replace
from typing import Any, Final

from comity.acts.consent import ConsentGiven, ConsentRefused, ConsentRevoked, PolicyPublished, SealConsent
from comity.assembly import queries
from comity.assembly.facts import ConsentFacts, RefusalFacts
from comity.assembly.history import History
from comity.assembly.rules import hybrid
from comity.assembly.rules.rule import PRODUCERS, Entry, Rule, by_actor, found, no, unspelt
from comity.assembly.state import State
from comity.canon import Digest
from comity.model.reason import Reason

REFUSALS: Final = frozenset({"policy", "norm", "study", "budget", "seal"})  # families of codes: never from data


def against_given(state: State, entry: Entry[ConsentGiven]) -> list[Reason]:
    """A study that is not in force, a second word in this attempt, or keys that cannot serve."""
    body = entry.body
    reasons = _against_asked(state, entry.actor, body.study, body.period) + unspelt(body.binding, body.policy)
    if body.sealed is None and not body.national:
        reasons.append(no("act.malformed", what="consent to nothing"))
    if body.national and _has_national(state, entry.actor, body.study, body.period):
        reasons.append(no("act.repeated", what="national"))
    if body.sealed is not None:
        reasons += _against_sealed(state, entry, body.sealed)
    return reasons


def give(state: State, entry: Entry[ConsentGiven]) -> State:
    """The consent stands until it is revoked."""
    body, index, box_keys = entry.body, entry.ref.index, state.box_keys
    facts = ConsentFacts(
        ref=entry.ref,
        member=entry.actor,
        study=body.study,
        period=body.period,
        attempt=queries.attempt(state, body.study, body.period),
        sealed=body.sealed,
        national=body.national,
        binding=body.binding,
        policy=body.policy,
    )
    if body.sealed is not None:
        for part in _parts(body.sealed):
            box_keys = box_keys.set(part, index)
    state = _heard(state, entry.actor, body.study, body.period, index)
    return state.having(consents=state.consents.set(index, facts), box_keys=box_keys)


def against_refused(state: State, entry: Entry[ConsentRefused]) -> list[Reason]:
    """A study that is not in force, a second word in this attempt, no reason, or one that is none for this."""
    body = entry.body
    reasons = _against_asked(state, entry.actor, body.study, body.period)
    if not body.reasons or any(reason.code.partition(".")[0] not in REFUSALS for reason in body.reasons):
        reasons.append(no("act.malformed", what="reasons"))
    return reasons


def refuse(state: State, entry: Entry[ConsentRefused]) -> State:
    """The refusal stands, with every reason."""
    body, index = entry.body, entry.ref.index
    facts = RefusalFacts(
        ref=entry.ref,
        member=entry.actor,
        study=body.study,
        period=body.period,
        attempt=queries.attempt(state, body.study, body.period),
        reasons=body.reasons,
    )
    state = _heard(state, entry.actor, body.study, body.period, index)
    return state.having(refusals=state.refusals.set(index, facts))


def against_revoked(state: State, entry: Entry[ConsentRevoked]) -> list[Reason]:
    """No consent, another's, or revoked already."""
    consent = found(state.consents, entry.body.consent, state.digests)
    if consent is None:
        return [no("act.unknown-thing", what="consent")]
    reasons = [no("act.signer", member=consent.member)] if consent.member != entry.actor else []
    return reasons if consent.revoked is None else [*reasons, no("act.repeated")]


def revoke(state: State, entry: Entry[ConsentRevoked]) -> State:
    """The consent counts no more, in an exchange already opened neither."""
    consent = replace(state.consents[entry.body.consent.index], revoked=entry.ref.index)
    return state.having(consents=state.consents.set(consent.ref.index, consent))


def nothing_against(state: State, entry: Entry[PolicyPublished]) -> list[Reason]:
    """Whoever has a policy may show it."""
    return []


def show(state: State, entry: Entry[PolicyPublished]) -> State:
    """Only the body is new, and the fold sees to that."""
    return state


def _against_asked(state: State, member: str, study: Digest, period: str) -> list[Reason]:
    """The study must be in force, and the member must not have spoken in this attempt."""
    reasons = [] if queries.adopted(state, study, "study") else [no("study.not-in-force")]
    now = queries.attempt(state, study, period)
    if any(said.attempt == now for said in queries.decided(state, member, study, period)):
        reasons.append(no("act.repeated", attempt=str(now)))
    return reasons


def _has_national(state: State, member: str, study: Digest, period: str) -> bool:
    """Whether a consent to a national table stands, or was answered."""
    return any(
        isinstance(said, ConsentFacts) and said.national and (said.revoked is None or said.ref.index in state.nationals)
        for said in queries.decided(state, member, study, period)
    )


def _against_sealed(state: State, entry: Entry[ConsentGiven], sealed: SealConsent) -> list[Reason]:
    """Another attempt than the next, one that runs or is over, a rate under the share, keys that are not new."""
    study, period = entry.body.study, entry.body.period
    reasons = []
    if state.actors[entry.actor].party.role != "member":
        reasons.append(no("act.signer", what="sealed"))
    if sealed.attempt != queries.attempt(state, study, period):
        reasons.append(no("act.unknown-thing", what="attempt"))
    elif queries.exchange(state, study, period, sealed.attempt) is not None:
        reasons.append(no("act.closed", what="roster"))
    if sealed.rate < 100:
        reasons.append(no("act.malformed", what="rate"))
    keys = _parts(sealed)
    if len(set(keys)) != len(keys) or any(key in state.box_keys for key in keys):
        reasons.append(no("seal.keys", what="repeated"))
    elif not (hybrid.is_sound(sealed.mask_key) and hybrid.is_sound(sealed.envelope_key)):
        reasons.append(no("seal.keys", what="unreadable"))
    return reasons


def _parts(sealed: SealConsent) -> tuple[bytes, ...]:
    """Its two ML-KEM keys and two X25519 keys: half a copied key would do as much harm as a whole one."""
    return (*hybrid.parts(sealed.mask_key), *hybrid.parts(sealed.envelope_key))


def _heard(state: State, member: str, study: Digest, period: str, index: int) -> State:
    """One consent or refusal more, where it is looked for: by study, and by study and member."""
    question, own = (study, period), (study, period, member)
    heard: History[int, str] = state.asked.get(question) or History()
    return state.having(
        asked=state.asked.set(question, heard.set(index, member)),
        said=state.said.set(own, (*state.said.get(own, ()), index)),
    )


RULES: dict[type[Any], Rule] = {
    ConsentGiven: Rule(signer=by_actor, roles=PRODUCERS, against=against_given, effect=give),
    ConsentRefused: Rule(signer=by_actor, roles=PRODUCERS, against=against_refused, effect=refuse),
    ConsentRevoked: Rule(signer=by_actor, roles=PRODUCERS, against=against_revoked, effect=revoke),
    PolicyPublished: Rule(signer=by_actor, roles=PRODUCERS, against=nothing_against, effect=show),
}
