"""The exchange behind a joint release: consents and roster, the sets U2 and U3, and the sum out of the vectors."""

from collections.abc import Sequence
from dataclasses import dataclass

from comity import canon
from comity.assembly import queries
from comity.assembly.facts import ExchangeFacts
from comity.assembly.state import State
from comity.errors import ComityError, NotVerified
from comity.model.reason import Reason
from comity.model.study import Study
from comity.stages import combine
from comity.stages.publish import folder
from comity.stages.seal import round
from comity.stages.seal.round import Round
from comity.stages.verify import opening
from comity.stages.verify.log import Log
from comity.stages.verify.reading import Folder
from comity.stages.verify.report import Claim, no, yes


@dataclass(frozen=True, slots=True)
class Summed:
    """What the exchange gave: its claims, and the opened entries, or None if there are none to go on with."""

    claims: tuple[Claim, ...]
    sums: tuple[int, ...] | None


def check(log: Log, facts: ExchangeFacts, study: Study, files: Folder) -> Summed:
    """Every step of the exchange, from the log and the view, as all stood when it was closed, whoever left since."""
    state = log.states[facts.closed.ref.index + 1] if facts.closed else log.state
    try:
        round_ = round.read(state, facts.opened.ref.index, study)
    except ComityError as e:
        return Summed((no("consents", str(e)),), None)
    claims = [_consents(log, state, facts, round_), _sets(state, round_)]
    try:
        if missing := opening.gone(facts, files):
            raise NotVerified(f"{opening.GONE}: {missing[0]} is missing, {len(missing)} in all", where="")
        body = opening.total(round_, facts, files)
        claims.append(_sum(round_, facts, body, files))
    except ComityError as e:
        claims.append(no("sum", str(e)))
        return Summed(tuple(claims), _stated(facts, study, files))
    return Summed(tuple(claims), combine.opened(body, study))


def _consents(log: Log, state: State, facts: ExchangeFacts, round_: Round) -> Claim:
    """The roster is all members in good standing whose consent for this attempt stands."""
    if reasons := round.opened(state, facts.opened.ref.index, round_.study):
        return no("consents", f"leaf {facts.opened.ref.index} opens the exchange wrongly: {_told(reasons)}")
    refused = len({r.member for r in queries.refusals(state, facts.study, facts.period)})
    members = len(log.states[facts.opened.ref.index].members)
    return yes(
        "consents",
        f"all {round_.n} consents for {facts.period}, attempt {facts.attempt}, are the roster of leaf "
        f"{facts.opened.ref.index}; {members} members in good standing, {refused} refused",
    )


def _sets(state: State, round_: Round) -> Claim:
    """U2 and U3 are sets of members that spoke in time, each inside the one before, and large enough."""
    u2, u3 = round_.u2 or (), round_.u3 or ()
    reasons = [*round.shared(state, round_, next(iter(u2), ""))]
    reasons += round.survivors(state, round_, next(iter(u3), ""))
    if reasons:
        return no("sets", _told(reasons))
    dropped = [member for member in u2 if member not in u3]
    out = f" (dropped out: {', '.join(dropped)})" if dropped else ""
    return yes("sets", f"{len(u2)} of {round_.n} shared, {len(u3)} answered{out}; threshold {round_.t}")


def _sum(round_: Round, facts: ExchangeFacts, body: bytes, files: Folder) -> Claim:
    """The recomputed sum is the one that the log names, and lies inside what honest members can have sent."""
    closed = facts.closed
    if closed is None or closed.sum is None or canon.digest(body) != closed.sum.digest:
        stated = closed.sum.digest if closed and closed.sum else "none"
        return no(
            "sum", f"the vectors do not give the sum that the log names; found {canon.digest(body)}; wanted {stated}"
        )
    if folder.view(closed.sum.digest) not in files:
        return no("sum", f"{folder.view(closed.sum.digest)}: file missing; it follows from the vectors all the same")
    cells = combine.opened(body, round_.study)
    if any(abs(cell) > round_.limit for cell in cells):
        return no("sum", f"a cell lies outside what {round_.n} members can have sent; wanted at most {round_.limit}")
    dropped = len(round_.u2 or ()) - len(round_.u3 or ())
    masks = f"with {len(round_.u3 or ())} self masks and {dropped * len(round_.u3 or ())} of drop-outs taken off"
    return yes(
        "sum", f"{len(round_.u3 or ())} published vectors, {masks}, give the sum that leaf {closed.ref.index} names"
    )


def _stated(facts: ExchangeFacts, study: Study, files: Folder) -> tuple[int, ...] | None:
    """The sum as the hub stated it, if its body is there: figures can be printed from it, and are not verified."""
    if facts.closed is None or facts.closed.sum is None or folder.view(facts.closed.sum.digest) not in files:
        return None
    try:
        return combine.opened(files.view(facts.closed.sum.digest), study)
    except ComityError:
        return None


def _told(reasons: Sequence[Reason]) -> str:
    return ", ".join(f"{r.code} {dict(r.params)}" if r.params else r.code for r in reasons)
