"""The hub's side of an exchange, step by step: what it says next, from the log and the bodies that arrived.

Pure: `next` gives turns, the service carries them out (`turn`). An attempt is opened when every member has answered the
study, or the time for consents is over and they suffice; if they do not suffice, nothing is opened and nothing is said.
Each set is fixed when everyone awaited has delivered, or at the deadline of the step. Whatever cannot go on is closed
as failed, with the reason: an exchange never ends in silence. Holds no member's secret and computes no member's noise.
"""

from collections.abc import Mapping

from comity.acts.exchange import ExchangeClosed, ExchangeOpened, ExchangeShared, ExchangeSurvivors
from comity.acts.refs import Blob
from comity.assembly import queries
from comity.assembly.facts import ExchangeFacts, Said
from comity.assembly.state import State
from comity.canon import digest
from comity.errors import SealBroken
from comity.model.reason import Reason
from comity.model.study import Study, fewest, threshold
from comity.stages.seal import manifest, opening, round
from comity.stages.seal.manifest import Manifest
from comity.stages.seal.round import Attempt, Round
from comity.stages.seal.turn import Bodies, Say, Turn, Wait
from comity.stages.seal.view import Unmasked, read_unmasked


def next(state: State, study: Study, period: str, now: int, bodies: Bodies) -> tuple[Turn, ...]:
    """What the hub does now for a study in a period: say one thing, wait, or nothing.

    Args:
        state: of the hub's own log, to its end.
        now: the hub's clock, POSIX seconds; the last tick counts if it is later.
        bodies: everything that was put at the hub.
    """
    at = round.attempt(state, study, period)
    time = max(now, state.time)
    if at.ended:
        return ()
    if at.exchange is None:
        force = queries.adopted(state, at.asked, "study")
        return _open(state, study, period, at, force.time, time) if force else ()
    facts = at.exchange
    if (why := _cannot(state, facts, study)) is not None:
        return _fail(facts, why)
    running = round.read(state, facts.opened.ref.index, study)
    if facts.shared is None:
        return _share(state, running, facts, time, bodies)
    if facts.survivors is None:
        return _survive(state, running, facts, time, bodies)
    return _close(running, facts, time, bodies)


def lacks(state: State, study: Study, period: str, now: int) -> tuple[int, int] | None:
    """Sealed consents that are there, and the fewest that would do, where nothing is opened for want of them.

    None while consents are waited for, and if they suffice.
    """
    at = round.attempt(state, study, period)
    force = queries.adopted(state, at.asked, "study")
    if at.ended or at.exchange is not None or force is None:
        return None
    until = _gathers(state, study, period, at, force.time)
    found = len(queries.roster(state, at.asked, period, at.number))
    over = until is None or max(now, state.time) >= until
    return (found, fewest(study.colluding)) if over and found < fewest(study.colluding) else None


def parcel(state: State, exchange: int, member: str, bodies: Bodies) -> tuple[bytes, ...]:
    """The bodies addressed to a member: for each other member of U2, in order of ids, its manifest, its share box, and,
    if its id is lower, its seed box. Nobody else may have them.

    Raises:
        SealBroken: not in U2, not fixed yet, over already, or a body is missing.
    """
    where, facts = f"boxes of {member} in exchange {exchange}", state.exchanges.get(exchange)
    u2 = round.named(facts.shares, facts.shared) if facts else None
    if facts is None or u2 is None or member not in u2 or facts.closed is not None:
        raise SealBroken("no boxes for this member now", where=where, way_out="ask while the exchange is in step 2")
    sent: list[bytes] = []
    members = tuple(sorted(state.consents[index].member for index in facts.opened.members))
    for sender in (one for one in u2 if one != member):
        body = facts.shares[sender].body
        raw = bodies.get(body.digest)
        line = manifest.line_of(member, raw, exchange=facts.opened.ref, sender=sender, members=members)
        names = [box for box in (line.share_box, line.seed_box) if box is not None]
        sent += [raw, *(bodies.get(box) for box in names)]
    return tuple(sent)


def _open(state: State, study: Study, period: str, at: Attempt, adopted: int, now: int) -> tuple[Turn, ...]:
    """Open the attempt, or wait for more consents; nothing if they do not suffice when the time for them is over."""
    until = _gathers(state, study, period, at, adopted)
    if until is not None and now < until:
        return (Wait(until=until),)
    roster, step = queries.roster(state, at.asked, period, at.number), study.timing.step
    if len(roster) < threshold(len(roster), study.colluding):
        return ()
    return (
        Say(
            body=ExchangeOpened(
                study=at.asked,
                period=period,
                attempt=at.number,
                roster=roster,
                deadlines=(now + step, now + 2 * step, now + 3 * step, now + 4 * step),
            )
        ),
    )


def _gathers(state: State, study: Study, period: str, at: Attempt, adopted: int) -> int | None:
    """Until when consents are waited for (POSIX seconds); None if every member has answered."""
    given = {c.member for c in queries.consents(state, at.asked, period) if c.attempt == at.number}
    refused = {r.member for r in queries.refusals(state, at.asked, period) if r.attempt == at.number}
    since = at.before.deadlines[3] if at.before else adopted
    return None if set(state.members) <= given | refused else since + study.timing.consent


def _share(state: State, running: Round, facts: ExchangeFacts, now: int, bodies: Bodies) -> tuple[Turn, ...]:
    """Fix U2: everyone whose manifest and boxes arrived."""
    here = _present(state, running, facts, running.members)
    early = now < facts.deadlines[0]
    if early and not set(here) <= set(facts.shares):
        return (Wait(until=facts.deadlines[0]),)
    listed = arrived(running, facts, here, bodies)
    if early and len(listed) < len(here):
        return (Wait(until=facts.deadlines[0]),)
    if (why := _short(running, listed, now, facts.deadlines[1])) is not None:
        return _fail(facts, why)
    return (Say(body=ExchangeShared(exchange=facts.opened.ref, members=_indices(facts.shares, listed))),)


def _survive(state: State, running: Round, facts: ExchangeFacts, now: int, bodies: Bodies) -> tuple[Turn, ...]:
    """Fix U3: everyone whose vector arrived."""
    here = _present(state, running, facts, running.u2 or ())
    early = now < facts.deadlines[1]
    named = {m: facts.answers[m].body for m in here if m in facts.answers}
    named = {m: body for m, body in named.items() if body.size == 8 * running.length and bodies.has(body.digest)}
    if early and len(named) < len(here):
        return (Wait(until=facts.deadlines[1]),)
    # Whoever names a body may lie about its size.
    whole = {m: body for m, body in named.items() if len(bodies.get(body.digest)) == body.size}
    if early and len(whole) < len(here):
        return (Wait(until=facts.deadlines[1]),)
    if (why := _short(running, whole, now, facts.deadlines[2])) is not None:
        return _fail(facts, why)
    return (Say(body=ExchangeSurvivors(exchange=facts.opened.ref, members=_indices(facts.answers, whole))),)


def _close(running: Round, facts: ExchangeFacts, now: int, bodies: Bodies) -> tuple[Turn, ...]:
    """Open the sum when every list has arrived, or at the deadline for them; or say why not."""
    lists = unmasked(running, facts, bodies)
    awaited = [member for member in running.u3 or () if member not in facts.left]
    if now < facts.deadlines[2] and not set(awaited) <= set(lists):
        return (Wait(until=facts.deadlines[2]),)
    if (why := _short(running, lists, now, facts.deadlines[3])) is not None:
        return _fail(facts, why)
    found = opening.opened(running, facts, manifests(running, facts, bodies), lists, bodies)
    if isinstance(found, Reason):
        return _fail(facts, found)
    body = ExchangeClosed(exchange=facts.opened.ref, sum=_blob(found.sum), view=_blob(found.view), failed=None)
    return (Say(body=body, bodies=(found.sum, found.view)),)


def arrived(running: Round, facts: ExchangeFacts, members: tuple[str, ...], bodies: Bodies) -> Mapping[str, Manifest]:
    """The manifests of those members whose manifest arrived, with all its boxes, and is one of this round."""
    found = {}
    for member in members:
        said = facts.shares.get(member)
        if said is None or not bodies.has(said.body.digest):
            continue
        try:
            raw = bodies.get(said.body.digest)
            listed = manifest.read(raw, exchange=running.ref, sender=member, members=running.members)
        except SealBroken:
            continue
        if all(map(bodies.has, listed.boxes())):
            found[member] = listed
    return found


def manifests(running: Round, facts: ExchangeFacts, bodies: Bodies) -> Mapping[str, Manifest]:
    """The manifests of U2, each of which had arrived when it was fixed."""
    raw = {member: bodies.get(facts.shares[member].body.digest) for member in running.u2 or ()}
    return {
        member: manifest.known(data, exchange=running.ref, sender=member, members=running.members)
        for member, data in raw.items()
    }


def unmasked(running: Round, facts: ExchangeFacts, bodies: Bodies) -> Mapping[str, Unmasked]:
    """The lists of survivors that arrived and are lists of this round."""
    found = {}
    u2, u3 = running.u2 or (), running.u3 or ()
    for member in u3:
        said = facts.unmask.get(member)
        if said is None or not bodies.has(said.body.digest):
            continue
        try:
            raw = bodies.get(said.body.digest)
            found[member] = read_unmasked(raw, exchange=running.ref, sender=member, shared=u2, survivors=u3)
        except SealBroken:
            continue
    return found


def _cannot(state: State, facts: ExchangeFacts, study: Study) -> Reason | None:
    """Whether this attempt is one that no honest member would take part in."""
    reasons = round.opened(state, facts.opened.ref.index, study)
    return reasons[0] if reasons else None


def _present(state: State, running: Round, facts: ExchangeFacts, members: tuple[str, ...]) -> tuple[str, ...]:
    """Members who neither left nor revoked their consent."""
    consents = ((m, state.consents[running.consents[m].ref.index]) for m in members)
    return tuple(m for m, consent in consents if m not in facts.left and consent.revoked is None)


def _short(running: Round, found: Mapping[str, object], now: int, deadline: int) -> Reason | None:
    """Too late, or too few."""
    if now > deadline:
        return Reason(code="seal.late", params={"deadline": str(deadline)})
    if len(found) < running.t:
        return Reason(code="seal.too-few", params={"found": str(len(found)), "wanted": str(running.t)})
    return None


def _fail(facts: ExchangeFacts, reason: Reason) -> tuple[Turn, ...]:
    return (Say(body=ExchangeClosed(exchange=facts.opened.ref, sum=None, view=None, failed=reason)),)


def _indices(said: Mapping[str, Said], members: Mapping[str, object]) -> tuple[int, ...]:
    return tuple(sorted(said[member].ref.index for member in members))


def _blob(body: bytes) -> Blob:
    return Blob(digest=digest(body), size=len(body))
