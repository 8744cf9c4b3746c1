"""What a motion says in the leaf itself: what speaks against its terms, and what the assembly is once they are adopted.

Judged by the same code when a motion is moved and when it is decided, as what was possible may not be any more. When a
motion is decided, and whether the votes adopt it, is the affair of `rules.tick`; how the log goes to another hub, of
`rules.succession`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeVar

from comity import canon
from comity.acts.charter import Charter, Matter
from comity.acts.motion import Motion
from comity.acts.terms import Amendment, Host, Terms
from comity.assembly import articles, offices, possession
from comity.assembly.facts import MotionFacts
from comity.assembly.state import State
from comity.model.address import is_address
from comity.model.reason import Reason

V = TypeVar("V")
FIELDS: Final[Mapping[Matter, str]] = {  # matter -> the field of `Terms` that a motion on it holds
    "charter": "charter",
    "office": "office",
    "hub": "hub",
    "witnesses": "witnesses",
}


def against(state: State, motion: Motion | MotionFacts) -> list[Reason]:
    """Every reason against what a motion holds; a motion on another matter holds no terms."""
    terms, field = motion.terms, FIELDS.get(motion.matter)
    if terms is None or field is None:
        return [] if terms is None and field is None else [_no("terms")]
    given = [name for name in FIELDS.values() if getattr(terms, name) is not None]
    data = canon.encode(terms)
    if given != [field] or (motion.thing.digest, motion.thing.size) != (canon.digest(data), len(data)):
        return [_no("terms")]
    return _against_terms(state, terms)


def apply(state: State, motion: MotionFacts, tick: int) -> State | None:
    """The state with what adopted terms change; None if they cannot be any more, so that the motion is rejected.

    Of the matters charter, office and witnesses nothing stands in `in_force`: what was adopted is in `state.charter`
    and `state.offices`, and the same may be adopted again later. Of the hub nothing changes here: the adopted motion is
    put into `in_force` like that about a norm, and `rules.succession` asks for it.

    Args:
        tick: leaf index of the tick that decides; `state.time` is its time.
    """
    if state.charter is None or motion.terms is None or against(state, motion):
        return None
    terms = motion.terms
    if terms.charter is not None:
        return replace(state, charter=amended(state.charter, terms.charter))
    if terms.office is not None:
        waited = state.deadlines.adding(terms.office.starts).adding(terms.office.until).after(state.time)
        return replace(state, offices=offices.appoint(state, terms.office, motion.ref), deadlines=waited)
    if terms.witnesses is not None:
        return replace(state, charter=replace(state.charter, witnesses=terms.witnesses))
    return state


def amended(charter: Charter, change: Amendment) -> Charter:
    """The charter with an amendment: what that does not name stays."""
    return replace(
        charter,
        rules={**charter.rules, **change.rules},
        recused=_or(change.recused, charter.recused),
        groups=_or(change.groups, charter.groups),
        offices=_or(change.offices, charter.offices),
        challenge_seconds=_or(change.challenge_seconds, charter.challenge_seconds),
        estimate_seconds=_or(change.estimate_seconds, charter.estimate_seconds),
        silence=_or(change.silence, charter.silence),
        audit_seconds=_or(change.audit_seconds, charter.audit_seconds),
    )


def _against_terms(state: State, terms: Terms) -> list[Reason]:
    """What the one field of the terms has against it."""
    if state.charter is None:
        return [_no("charter")]
    if terms.charter is not None:
        return _against_amendment(state.charter, terms.charter)
    if terms.office is not None:
        return offices.against(state, terms.office)
    if terms.witnesses is not None:
        return _against_witnesses(state, state.charter, terms.witnesses)
    return _against_host(state, state.charter, terms.hub) if terms.hub is not None else []


def _against_amendment(charter: Charter, change: Amendment) -> list[Reason]:
    """A charter that could not be leaf 0, or the one that stands."""
    after = amended(charter, change)
    if after == charter:
        return [_no("nothing")]
    return [_no(field) for field in articles.flaws(after)]


def _against_witnesses(state: State, charter: Charter, wanted: tuple[str, ...]) -> list[Reason]:
    """Those who are witnesses already, or a set that is none: 1 to 15 members in good standing with a witness key."""
    if wanted == charter.witnesses:
        return [_no("nothing")]
    able = {id for id, member in state.members.items() if "witness" not in member.revoked}
    return [] if articles.are_witnesses(wanted) and set(wanted) <= able else [_no("witnesses")]


def _against_host(state: State, charter: Charter, wanted: Host) -> list[Reason]:
    """Keys or a name that a log had before, keys that the hub does not show to hold, or a host that is no member.

    The old keys are known to the old hub, and an old name would let its checkpoints pass for the new log's.
    """
    used = {charter.origin, *(one.before for one in state.successions), *(one.after for one in state.successions)}
    keys = (wanted.hub.sign, wanted.hub.log)
    wrong = {
        "origin": wanted.origin in used or not articles.is_origin(wanted.origin),
        "keys": keys[0] == keys[1]
        or any(key in state.owners or not articles.is_key(key) for key in keys)
        or not possession.hosts(wanted),
        "address": not is_address(wanted.hub.address),
        "host": wanted.host != "" and wanted.host not in state.members,
    }
    return [_no(field) for field, flawed in wrong.items() if flawed]


def _or(named: V | None, stands: V) -> V:
    """What an amendment names; what stands where it names nothing."""
    return stands if named is None else named


def _no(what: str) -> Reason:
    return Reason(code="motion.terms", params={"what": what})
