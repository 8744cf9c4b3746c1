"""The family of audits: who may ask whom about which figure, and who answers."""

from typing import Any

from comity.acts.audit import AuditAnswered, AuditRequested
from comity.assembly.rules.rule import Entry, Rule, by_actor, no
from comity.assembly.state import State
from comity.model.reason import Reason


def against(state: State, entry: Entry[Any]) -> list[Reason]:
    """Not said here yet."""
    return [no("act.kind")]


def effect(state: State, entry: Entry[Any]) -> State:
    """None."""
    return state


_LATER = Rule(signer=by_actor, roles=None, against=against, effect=effect)
RULES: dict[type[Any], Rule] = dict.fromkeys((AuditRequested, AuditAnswered), _LATER)
