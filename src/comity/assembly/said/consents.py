"""What members say to a study: consents, refusals, what they take back, policies."""

from collections.abc import Mapping
from typing import Any, Final

from comity.acts.consent import ConsentGiven, ConsentRefused, ConsentRevoked, PolicyPublished
from comity.acts.statement import Act
from comity.assembly.said.account import Account, Tell
from comity.assembly.said.names import of_consent, of_study
from comity.assembly.state import State


def _given(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    variant = "both" if body.sealed and body.national else "sealed" if body.sealed else "national"
    attempt = body.sealed.attempt if body.sealed else 0
    return Account(variant, of_study(now, body.study, body.period) | {"attempt": attempt})


def _refused(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    return Account("", of_study(now, body.study, body.period) | {"reasons": tuple(body.reasons)})


def _revoked(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    return Account("", of_consent(now, body.consent))


def _policy(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    return Account("", {"digest": body.policy.digest})


ACCOUNTS: Final[Mapping[type[Any], Tell]] = {
    ConsentGiven: _given,
    ConsentRefused: _refused,
    ConsentRevoked: _revoked,
    PolicyPublished: _policy,
}
