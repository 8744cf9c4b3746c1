"""How many of the published policies would allow a study, with the denominator: offices whose answer nobody knows.

Decides whose policy counts: the newest that an office in good standing published in the log and whose text is here.
Each is asked by `stages.consent` itself, as if the members had adopted the study. What no reader can know is assumed
in the study's favour and said: that a source is bound, and that nothing of the year's budget is spent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from comity import canon
from comity.acts import statement
from comity.acts.charter import Matter
from comity.acts.consent import PolicyPublished
from comity.acts.refs import Blob, Ref
from comity.assembly.facts import InForce, MotionFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ConfigError, FormatError, Unreachable
from comity.methods.card import Card
from comity.model.norm import Norm
from comity.model.policy import Policy
from comity.model.reason import Reason
from comity.model.study import Study
from comity.pages import words
from comity.research.record import Archive
from comity.stages import consent, lineage
from comity.stages.case import Facts
from comity.stages.consent import Decision
from comity.stages.protect import budget, pricing

ASSUMED: Final = "a source at home is bound to the norm, nothing of its budget is spent, the vote is won"
_UNMOVED: Final = frozenset({"policy.member-not-admitted"})  # nobody is named who would move it
_UNKNOWN: Final = frozenset({"policy.source-not-named", "policy.decision-too-weak"})  # assumed in the study's favour


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """What published policies say.

    offices: in good standing: all whom the study would ask. published: those whose policy could be read here.
    allow: of them, those with no reason against it; officers: of these, those where an officer is asked besides.
    against: office -> its reasons. sponsor: who would move it; None: whoever each policy answers.
    """

    offices: int
    published: int
    allow: tuple[str, ...]
    officers: tuple[str, ...]
    against: Mapping[str, tuple[Reason, ...]]
    sponsor: str | None

    @property
    def unknown(self) -> int:
        """Offices that published no policy that can be read here: nobody knows what they would say."""
        return self.offices - self.published

    def facts(self) -> list[tuple[str, object]]:
        """The same as names and values."""
        reasons: dict[str, int] = {}
        for one in self.against.values():
            for told in dict.fromkeys(words.reason(reason) for reason in one):
                reasons[told] = reasons.get(told, 0) + 1
        asked = f", {len(self.officers)} of them after asking an officer" if self.officers else ""
        said = (
            f"{len(self.allow)} of {self.published} published policies{asked}; {self.unknown} of {self.offices} offices"
        )
        rows: list[tuple[str, object]] = [("would allow it", f"{said} published none: unknown")]
        rows += [("against it", f"{count}: {reason}") for reason, count in sorted(reasons.items())]
        mover = self.sponsor or "a member that the policy answers"
        return [*rows, ("assumed", f"moved by {mover}; {ASSUMED}")] if self.published else rows


def support(
    archive: Archive, study: Study, norm: Norm, card: Card, loss: Decimal | None, sponsor: str | None
) -> Support:
    """Ask every published policy."""
    state = archive.log.state
    roles = ("member", "producer") if card.needs.data == "rasters" else ("member",)
    offices = [id for id, actor in state.actors.items() if actor.active and actor.party.role in roles]
    policies = {id: policy for id, policy in _policies(archive) if id in offices}
    adopted = _adopted(state, study, norm, sponsor)
    facts = Facts(
        card=card, bound=True, epsilon=loss, affordable=True, earlier=lineage.earlier(adopted, norm, archive.held)
    )
    decisions = {
        id: _decision(policy, study, norm, replace(facts, producer=state.actors[id].party.role == "producer"), adopted)
        for id, policy in sorted(policies.items())
    }
    against = {id: reasons for id, one in decisions.items() if (reasons := _against(one, norm, sponsor))}
    allow = tuple(id for id in decisions if id not in against)
    return Support(
        offices=len(offices),
        published=len(policies),
        allow=allow,
        officers=tuple(id for id in allow if policies[id].officer),
        against=against,
        sponsor=sponsor,
    )


def _policies(archive: Archive) -> Iterator[tuple[str, Policy]]:
    """Office and newest published policy; one that is not here, or is none, tells nothing."""
    newest: dict[str, Digest] = {}
    for index, leaf in enumerate(archive.log.leaves):
        if index not in archive.log.state.breached:
            act = statement.read(leaf).act
            if isinstance(act.body, PolicyPublished):
                newest[act.actor] = act.body.policy.digest
    for id, digest in newest.items():
        try:
            yield id, canon.decode(archive.body(digest, f"the policy of {id}"), Policy, where=f"policy of {id}")
        except (FormatError, Unreachable):
            continue


def _decision(policy: Policy, study: Study, norm: Norm, facts: Facts, state: State) -> Decision:
    """What it says to the study; its periods differ in nothing that a policy asks about."""
    cost = pricing.of_study(study)
    try:
        affordable = cost is None or budget.fits(budget.NOTHING, cost, policy.budget)
    except ConfigError:  # a budget that is no number allows nothing
        affordable = False
    told = replace(facts, affordable=affordable)
    return consent.decide(study, norm, policy, state, period=study.periods[0].id, facts=told, now=state.time)


def _against(decision: Decision, norm: Norm, sponsor: str | None) -> tuple[Reason, ...]:
    """Reasons that count: without a sponsor none about who moved it, and none about an older norm that is not here."""
    left = _UNKNOWN if sponsor is not None else _UNKNOWN | _UNMOVED
    counts = (one for one in decision.reasons if one.code not in left)
    return tuple(one for one in counts if one.code != "norm.not-held" or one.params["norm"] == norm.digest)


def _adopted(state: State, study: Study, norm: Norm, sponsor: str | None) -> State:
    """The state as if the members had adopted norm and study, moved by the sponsor."""
    force = dict(state.in_force)
    motions = state.motions
    things: tuple[tuple[Norm | Study, Matter], ...] = ((norm, "norm"), (study, "study"))
    for place, (thing, matter) in enumerate(things):
        if (matter, thing.digest) not in force:
            ref = Ref(index=state.size + place, digest=thing.digest)
            blob = Blob(digest=thing.digest, size=len(canon.encode(thing)))
            name = f"{thing.id}/{thing.version}"
            facts = MotionFacts(
                ref=ref,
                mover=sponsor or "",
                matter=matter,
                thing=blob,
                name=name,
                replaces=_replaced(state, thing) if isinstance(thing, Norm) else None,
                closes=state.time,
            )
            motions = motions.set(ref.index, facts)
            force[matter, thing.digest] = InForce(
                matter=matter, thing=blob, name=name, motion=ref, tick=state.size, time=state.time, starts=state.time
            )
    return replace(state, in_force=force, motions=motions)


def _replaced(state: State, norm: Norm) -> Ref | None:
    """The motion about the norm that this one says it replaces, if that is in force."""
    named = [one.motion for one in state.in_force.values() if (one.matter, one.name) == ("norm", norm.replaces)]
    return named[-1] if named else None
