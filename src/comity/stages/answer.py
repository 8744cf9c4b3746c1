"""The member's whole side as one state machine without I/O: consent, shares, answer, unmask, and its own table.

`next` is a pure function of a `Home` (what the log says, what this node remembers, what time it is) and dice. It
decides what must be on disk before what may leave: fresh secrets before the consent that names their keys, the charge
before the noise, the vector before its digest, the digest in the log before the vector (say, then send). What cannot be
counted is not charged: the count comes first, and shows nothing. A node may be killed between any two effects: started
again from what it kept, it does the same thing or nothing. Types of the effects: `effects`; what is remembered of an
exchange, and how it is left: `seat`. The own table: `national`. Arithmetic of the seal: `seal.member`; what is checked
of the log: `seal.round`.

What a step no longer needs is deleted in the transaction that ends it. Whoever is not in the roster, U2 or U3 once it
is fixed, is past a deadline (by its own clock or the last tick, whichever is later) or has left, deletes everything.
Memory that does not hold what the log says this member did is lost, and a node that lost its memory leaves: it never
makes a second vector.
"""

import numpy as np
from numpy.typing import NDArray

from comity import canon
from comity.acts import frames
from comity.acts.consent import ConsentGiven, ConsentRefused, SealConsent
from comity.acts.exchange import Answer, ExchangeRefused, Shares, Unmask
from comity.acts.refs import Blob
from comity.assembly import queries
from comity.assembly.facts import ExchangeFacts, Said
from comity.canon import digest
from comity.errors import SealBroken
from comity.model.member import HUB
from comity.model.reason import Reason
from comity.stages import extracts, national
from comity.stages.dice import Dice
from comity.stages.effects import (
    Charge,
    Count,
    Counted,
    Effect,
    Fetch,
    Home,
    Keep,
    Say,
    Send,
    Wait,
)
from comity.stages.protect import noise, pricing
from comity.stages.seal import member, round
from comity.stages.seal.member import Broken, Pair, Secrets
from comity.stages.seal.round import Attempt, Round
from comity.stages.seat import GONE, LEFT, Seat, is_mine

APART = 300  # seconds that this node's clock and the hub's may be apart
_BOXES = 1 << 24  # bytes of one box or manifest at most, as this node itself wrote them


def next(home: Home, dice: Dice) -> tuple[Effect, ...]:
    """What this node does now: effects in order, `Wait` alone, or nothing."""
    at = round.attempt(home.state, home.study, home.period)
    forgotten = _stale(home, at)
    # The seal first: what is due to be forgotten must not wait until the table could be said.
    effects = [
        *([Keep(drop=forgotten)] if forgotten else []),
        *_sealed(home, at, dice),
        *national.table(home, at, dice),
    ]
    acts = [effect for effect in effects if not isinstance(effect, Wait)]
    if acts:
        counts = [at for at, effect in enumerate(acts) if isinstance(effect, Count)]
        charging = any(isinstance(effect, Charge) for effect in acts)  # for what is counted already
        return tuple(effect for at, effect in enumerate(acts) if at not in counts[0 if charging else 1 :])
    waits = [effect.until for effect in effects if isinstance(effect, Wait)]
    return (Wait(until=min(waits)),) if waits else ()


def _stale(home: Home, at: Attempt) -> tuple[str, ...]:
    """Whatever attempts left behind that are over."""
    current = "" if at.ended else f"{at.number}/"
    return tuple(name for name in sorted(home.memory) if "/" in name and not (current and name.startswith(current)))


# The sealed line


def _sealed(home: Home, at: Attempt, dice: Dice) -> tuple[Effect, ...]:
    """Consent to the next attempt, or go on with the one under way."""
    if at.ended:
        return ()
    if at.exchange is None:
        return _consent(home, at, dice)
    prefix = f"{at.number}/"
    memory = {name.removeprefix(prefix): value for name, value in home.memory.items() if name.startswith(prefix)}
    roster = [home.state.consents[index] for index in at.exchange.opened.members if index in home.state.consents]
    mine = [consent for consent in roster if consent.member == home.member]
    if len(mine) != 1:
        return (Keep(drop=tuple(prefix + name for name in memory)),) if memory else ()
    seat = Seat(home=home, at=at, facts=at.exchange, consent=mine[0], memory=memory)
    if GONE in memory:
        return ()
    if mine[0].revoked is not None or home.member in at.exchange.left:
        return seat.forget()
    if LEFT in memory:
        return (Say(body=canon.decode(memory[LEFT], ExchangeRefused, where="seal.db")),)
    return _opened(seat, dice)


def _consent(home: Home, at: Attempt, dice: Dice) -> tuple[Effect, ...]:
    """Say what was decided; a yes names keys of secrets that are on disk before."""
    study, period, decision = at.asked, home.period, home.decision
    before = queries.decided(home.state, home.member, study, period)
    if decision is None or not national.speaks(home) or any(b.attempt == at.number for b in before):
        return ()
    if decision.reasons:
        return (Say(body=ConsentRefused(study=study, period=period, reasons=decision.reasons)),)
    if not decision.consents:
        return ()
    if home.rasters:
        return national.alone(home, at)
    if home.member not in home.state.members:
        return ()  # whatever was decided: a producer has no part in a seal
    names = [f"{at.number}/{name}" for name in ("root", "own", "env")]
    known = [home.memory[name] for name in names if name in home.memory]
    secrets = Secrets(*known) if len(known) == len(names) else member.draw(dice)
    fresh = dict(zip(names, (secrets.root, secrets.own, secrets.env), strict=True))
    mask, envelope = member.keys(secrets, study, period, at.number, home.member)
    body = ConsentGiven(
        study=study,
        period=period,
        sealed=SealConsent(attempt=at.number, rate=home.policy.sealed.rate, mask_key=mask, envelope_key=envelope),
        national=home.alone and home.policy.national.publish and national.consent(home, at) is None,
        binding=home.binding,
        policy=home.policy.digest,
    )
    kept = [] if len(known) == len(names) else [Keep(put=fresh)]
    return (*kept, Say(body=body))


def _opened(seat: Seat, dice: Dice) -> tuple[Effect, ...]:
    """Step 0: is this an exchange to take part in?"""
    facts, home = seat.facts, seat.home
    if seat.past(facts.deadlines[3]):
        return seat.forget()
    if reasons := round.opened(home.state, facts.opened.ref.index, home.study):
        return seat.leave("opened", reasons[0], *_blamed(reasons[0], facts))
    step = home.study.timing.step
    if seat.me not in facts.shares and facts.deadlines[0] > max(home.now, home.state.time) + step + APART:
        # Secrets live as long as the exchange: a hub must not put it off to a day on which more nodes are robbed.
        return seat.leave("opened", Reason(code="seal.late", params={"wanted": f"a first step of {step} seconds"}), HUB)
    return _shares(seat, round.read(home.state, facts.opened.ref.index, home.study), dice)


def _shares(seat: Seat, round_: Round, dice: Dice) -> tuple[Effect, ...]:
    """Step 1: deal shares, say the manifest's digest, send manifest and boxes."""
    facts, memory, deadline = seat.facts, seat.memory, seat.facts.deadlines[0]
    said, start = facts.shares.get(seat.me), deadline - seat.home.study.timing.step + seat.home.study.timing.send
    if said is None:
        if seat.past(deadline) or facts.shared is not None:
            return seat.forget()
        secrets = seat.secrets()
        if secrets is None:
            return seat.lost("shares")
        if seat.home.now < start:
            return (Wait(until=start),)
        if "manifest" in memory:
            return (Say(body=Shares(exchange=round_.ref, manifest=_blob(memory["manifest"]))),)
        dealt = member.deal(round_, seat.me, secrets, dice)
        kept = seat.keep(
            {"manifest": dealt.manifest, "boxes": frames.join(dealt.boxes), "kept": dealt.kept.root + dealt.kept.own}
        )
        return (kept, Say(body=Shares(exchange=round_.ref, manifest=_blob(dealt.manifest))))
    if _blob(memory.get("manifest", b"")) != said.body:
        return seat.lost("shares")
    if "boxes" in memory:
        if seat.past(deadline):
            return seat.forget()
        boxes = frames.split(memory["boxes"], limit=_BOXES, where="seal.db")
        return (Send(named_by=said.ref, bodies=(memory["manifest"], *boxes)), seat.keep({}, "boxes"))
    return _shared(seat, round_, dice)


def _shared(seat: Seat, round_: Round, dice: Dice) -> tuple[Effect, ...]:
    """Step 1, the hub's part: is U2 right, and did everything that it sent me arrive whole?"""
    facts, memory, home = seat.facts, seat.memory, seat.home
    if facts.shared is None:
        return seat.forget() if seat.past(facts.deadlines[1]) else (Wait(until=facts.deadlines[1]),)
    if round_.u2 is not None and seat.me not in round_.u2:
        return seat.forget()
    if reasons := round.shared(home.state, round_, seat.me):
        return seat.leave("shared", reasons[0], HUB)
    said = facts.answers.get(seat.me)
    if said is None and (seat.past(facts.deadlines[1]) or facts.survivors is not None):
        return seat.forget()
    if said is not None and not is_mine(memory.get("answered"), said):
        return seat.lost("answer")
    if "answered" in memory:
        return _answered(seat, round_, said)
    if "pairs" in memory:
        return _answer(seat, round_, dice)
    secrets = seat.secrets()
    if secrets is None or "kept" not in memory:
        return seat.lost("shared")
    if home.boxes is None:
        return (Fetch(exchange=round_.ref),)
    logged = {sender: one.body for sender, one in facts.shares.items()}
    received = member.receive(round_, seat.me, secrets, logged, home.boxes)
    if isinstance(received, Broken):
        return seat.leave("shared", received.reason, *received.blames)
    own = Pair(memory["kept"][:32], memory["kept"][32:])
    pairs = (received.pairs.get(id, own) for id in round_.u2 or ())
    put = {"pairs": b"".join(pair.root + pair.own for pair in pairs), "seeds": b"".join(received.seeds.values())}
    return (seat.keep(put, "env", "kept"),)


def _answer(seat: Seat, round_: Round, dice: Dice) -> tuple[Effect, ...]:
    """Step 2: count, charge, then draw noise and mask; record and vector are on disk before their digests are said."""
    home, memory, plan = seat.home, seat.memory, seat.home.study.noise
    if home.binding != seat.consent.binding:  # what would be counted now is not what was consented with
        return seat.leave("answer", Reason(code="policy.no-source"))
    if home.counted is None:
        return (Count(table=plan is None),)
    if plan is not None and "charged" not in memory:
        if home.spent:
            return seat.leave("answer", Reason(code="budget.spent"))
        key = f"{seat.at.asked} {home.period} {seat.at.opened + 1}"
        cost = pricing.of_plan(home.study, plan)
        charge = Charge(
            key=key,
            study=seat.at.asked,
            period=home.period,
            epsilon=cost.epsilon,
            delta=cost.delta,
            rho=cost.rho,
            made=cost.made,
        )
        return (charge, seat.keep({"charged": key.encode()}))
    root, own, seeds = (memory.get(name) for name in ("root", "own", "seeds"))
    if root is None or own is None or seeds is None:
        return seat.lost("answer")
    lower = [id for id in round_.u2 or () if id < seat.me]
    by_sender = {id: seeds[32 * i : 32 * i + 32] for i, id in enumerate(lower)}
    vector = member.answer(round_, seat.me, Secrets(root, own, b""), by_sender, _values(home, home.counted), dice)
    commit, extract = extracts.committed(home, seat.at.asked, home.counted.basis, dice)
    put = {"vector": vector, "answered": digest(vector).encode(), "extract": extract}
    remembered = national.remembered(home.counted) if plan is None else ()
    return (*remembered, commit, seat.keep(put, "root", "own", "seeds", "charged"))


def _answered(seat: Seat, round_: Round, said: Said | None) -> tuple[Effect, ...]:
    """Step 2: say the vector's digest, then send it."""
    memory, deadline = seat.memory, seat.facts.deadlines[1]
    if said is None:
        start = seat.facts.deadlines[0] + seat.home.study.timing.send
        if seat.home.now < start:
            return (Wait(until=start),)
        if "vector" not in memory or "extract" not in memory:
            return seat.lost("answer")
        loss = noise.loss(round_.study, member.own_variance(round_, seat.me)) if round_.study.noise else None
        body = Answer(
            exchange=round_.ref,
            consent=None,
            body=_blob(memory["vector"]),
            epsilon=None if loss is None else f"{loss:f}",
            extract=extracts.kept(memory["extract"]),
        )
        return (Say(body=body),)
    if "vector" in memory:
        if seat.past(deadline):
            return seat.forget()
        return (Send(named_by=said.ref, bodies=(memory["vector"],)), seat.keep({}, "vector", "extract"))
    return _survivors(seat, round_)


def _survivors(seat: Seat, round_: Round) -> tuple[Effect, ...]:
    """Step 2, the hub's part: is U3 right, and enough for this member's policy?"""
    facts, memory, home = seat.facts, seat.memory, seat.home
    if facts.survivors is None:
        return seat.forget() if seat.past(facts.deadlines[2]) else (Wait(until=facts.deadlines[2]),)
    if round_.u3 is not None and seat.me not in round_.u3:
        return seat.forget()
    least = home.policy.sealed.survivors
    if reasons := round.survivors(home.state, round_, seat.me, least=least, kin=home.kin):
        return seat.leave("survivors", reasons[0], HUB)
    said = facts.unmask.get(seat.me)
    if said is None and seat.past(facts.deadlines[2]):
        return seat.forget()
    if said is not None and not is_mine(memory.get("listed"), said):
        return seat.lost("unmask")
    return _unmask(seat, round_, said)


def _unmask(seat: Seat, round_: Round, said: Said | None) -> tuple[Effect, ...]:
    """Step 3: one share of each member of U2; those of the other kind are gone before the list's digest is said."""
    memory, facts = seat.memory, seat.facts
    if "listed" not in memory:
        if len(memory.get("pairs", b"")) != 64 * len(round_.u2 or ()):
            return seat.lost("unmask")
        halves = [memory["pairs"][at : at + 32] for at in range(0, len(memory["pairs"]), 32)]
        pairs = {id: Pair(halves[2 * i], halves[2 * i + 1]) for i, id in enumerate(round_.u2 or ())}
        listed = member.unmask(round_, seat.me, pairs)
        return (seat.keep({"list": listed, "listed": digest(listed).encode()}, "pairs"),)
    if said is None:
        start = facts.deadlines[1] + seat.home.study.timing.send
        if seat.home.now < start:
            return (Wait(until=start),)
        if "list" not in memory:
            return seat.lost("unmask")
        return (Say(body=Unmask(exchange=round_.ref, shares=_blob(memory["list"]))),)
    if "list" in memory:
        if seat.past(facts.deadlines[2]):
            return seat.forget()
        return (Send(named_by=said.ref, bodies=(memory["list"],)), seat.keep({}, "list"))
    return (Wait(until=facts.deadlines[3]),)


def _values(home: Home, counted: Counted) -> NDArray[np.int64]:
    """What goes under the seal: all measures; without noise also a 1 for each cell that the member's rules withhold."""
    if home.study.noise is not None:
        return counted.values
    if counted.withheld is None or counted.withheld.shape != (home.study.layout.cells,):
        raise SealBroken("a study without noise", where=home.study.id, wanted="the cells that own rules withhold")
    open_ = np.tile(counted.withheld == 0, len(home.study.layout.measures))
    return np.concatenate([np.where(open_, counted.values, 0), (counted.withheld != 0).astype("<i8")])


def _blamed(reason: Reason, facts: ExchangeFacts) -> tuple[str, ...]:
    """Whose part an attempt that cannot be taken part in is: a member whose keys are none, or the hub."""
    return (reason.params["member"],) if "member" in reason.params else (HUB,)


def _blob(body: bytes) -> Blob:
    return Blob(digest=digest(body), size=len(body))
