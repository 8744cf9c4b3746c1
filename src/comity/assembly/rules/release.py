"""The release family: who announces, publishes and takes back what. Whether figures follow is checked by `verify`."""

from dataclasses import replace
from typing import Any

from comity.acts.charter import MOST_SECONDS
from comity.acts.release import ReleaseAnnounced, ReleasePublished, ReleaseWithdrawn
from comity.assembly import queries
from comity.assembly.facts import Announced, ReleaseFacts
from comity.assembly.rules.rule import PRODUCERS, Entry, Rule, by_publisher, found, no, unspelt
from comity.assembly.state import State
from comity.model.member import HUB
from comity.model.reason import Reason


def against_announced(state: State, entry: Entry[ReleaseAnnounced]) -> list[Reason]:
    """A study that is not in force, or a time that is past, or more than a hundred years ahead."""
    reasons = [] if queries.adopted(state, entry.body.study, "study") else [no("study.not-in-force")]
    if entry.body.time <= state.time:
        reasons.append(no("act.closed", what="time"))
    elif entry.body.time > state.time + MOST_SECONDS:
        reasons.append(no("act.malformed", what="time"))
    if list(entry.body.earlier) != sorted(set(entry.body.earlier)):
        reasons.append(no("act.malformed", what="earlier"))
    return reasons


def announce(state: State, entry: Entry[ReleaseAnnounced]) -> State:
    """A line of the calendar."""
    body = entry.body
    line = Announced(
        ref=entry.ref,
        publisher=entry.actor,
        study=body.study,
        period=body.period,
        time=body.time,
        earlier=body.earlier,
    )
    return state.having(calendar=state.calendar.set(entry.ref.index, line))


def against_published(state: State, entry: Entry[ReleasePublished]) -> list[Reason]:
    """Inputs that are not the publisher's to release; a revision without a reason, or of another's release; no figure.

    The hub's joint release may name the members' published tables beside its own sum: it counts them.
    """
    body = entry.body
    reasons = unspelt(body.figures.root, body.figures.heading)
    if body.figures.count < 1:
        reasons.append(no("act.malformed", what="figures"))
    if not body.inputs or list(body.inputs) != sorted(set(body.inputs)):
        reasons.append(no("act.malformed", what="inputs"))
    if any(index not in state.outputs for index in body.inputs):
        reasons.append(no("act.unknown-thing", what="inputs"))
    elif not _may_release(entry.actor, [state.outputs[index] for index in body.inputs]):
        reasons.append(no("act.signer", what="inputs"))
    if (body.replaces is None) != (body.reason is None):
        reasons.append(no("act.malformed", what="reason"))
    if body.replaces is not None:
        reasons += _against_release(found(state.releases, body.replaces, state.digests), entry.actor)
    return reasons


def publish(state: State, entry: Entry[ReleasePublished]) -> State:
    """The release exists; what it replaces stays, and is pointed at."""
    body = entry.body
    facts = ReleaseFacts(
        ref=entry.ref,
        publisher=entry.actor,
        release=body.release,
        figures=body.figures,
        inputs=body.inputs,
        replaces=body.replaces,
    )
    return state.having(releases=state.releases.set(entry.ref.index, facts))


def against_withdrawn(state: State, entry: Entry[ReleaseWithdrawn]) -> list[Reason]:
    """Another's release, or taken back already."""
    return _against_release(found(state.releases, entry.body.release, state.digests), entry.actor)


def withdraw(state: State, entry: Entry[ReleaseWithdrawn]) -> State:
    """The release is taken back; its digest stays."""
    release = replace(state.releases[entry.body.release.index], withdrawn=entry.ref.index)
    return state.having(releases=state.releases.set(release.ref.index, release))


def _may_release(actor: str, owners: list[str]) -> bool:
    """A member only from what is its own; the hub from a sum of its own, whatever else it names."""
    return actor in owners if actor == HUB else all(owner == actor for owner in owners)


def _against_release(release: ReleaseFacts | None, actor: str) -> list[Reason]:
    """It must be the actor's own, and stand."""
    if release is None:
        return [no("act.unknown-thing", what="release")]
    reasons = [no("act.signer", publisher=release.publisher)] if release.publisher != actor else []
    return reasons if release.withdrawn is None else [*reasons, no("act.closed", what="release")]


RULES: dict[type[Any], Rule] = {
    ReleaseAnnounced: Rule(signer=by_publisher, roles=PRODUCERS, against=against_announced, effect=announce),
    ReleasePublished: Rule(signer=by_publisher, roles=PRODUCERS, against=against_published, effect=publish),
    ReleaseWithdrawn: Rule(signer=by_publisher, roles=PRODUCERS, against=against_withdrawn, effect=withdraw),
}
