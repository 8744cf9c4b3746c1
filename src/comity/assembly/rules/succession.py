"""Succession and recovery: a log that goes on at another host, and an actor that goes on with other keys."""

from typing import Any

from comity.acts.charter import Succession
from comity.acts.key import Recovery
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
RULES: dict[type[Any], Rule] = dict.fromkeys((Succession, Recovery), _LATER)
