"""What followed from a consent or a refusal."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from comity.acts.consent import ConsentGiven, ConsentRefused
from comity.acts.statement import Act
from comity.assembly import queries
from comity.assembly.followed.exchanges import ended, part
from comity.assembly.followed.outcome import Find, Known, Outcome
from comity.assembly.followed.releases import released


def _consent(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    consent = log.now.consents.get(index)
    if consent is None:
        return
    used = [x for _, x in sorted(log.now.exchanges.items()) if index in x.opened.members]
    for exchange in used:
        yield Outcome(code="consent.used", params={"exchange": exchange.opened.ref.index, "attempt": exchange.attempt})
        yield from part(exchange, act.actor)
        yield from ended(exchange)
    if index in log.now.nationals:
        yield Outcome(code="consent.answered", params={"leaf": log.now.nationals[index].ref.index})
        yield from released(log.now, log.now.nationals[index].ref.index)
    if consent.revoked is not None:
        yield Outcome(code="consent.revoked", params={"leaf": consent.revoked})
    elif not used and index not in log.now.nationals:
        yield Outcome(code="consent.waits")


def _refusal(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    refusal = log.now.refusals.get(index)
    if refusal is None:
        return
    said = queries.decided(log.now, act.actor, refusal.study, refusal.period)
    later = [one for one in said if one.ref.index > index and one.ref.index in log.now.consents]
    if later:
        yield Outcome(code="refusal.later", params={"leaf": later[0].ref.index})


OUTCOMES: Final[Mapping[type[Any], Find]] = {
    ConsentGiven: _consent,
    ConsentRefused: _refusal,
}
