"""Reservations: a member applies a norm in force but for some of its parts, and says so."""

from typing import Any

from comity.acts.motion import Reservation
from comity.assembly.rules.rule import Entry, Rule, by_actor, no
from comity.assembly.state import State
from comity.model.reason import Reason


def against(state: State, entry: Entry[Any]) -> list[Reason]:
    """Not said here yet."""
    return [no("act.kind")]


def effect(state: State, entry: Entry[Any]) -> State:
    """None."""
    return state


RULES: dict[type[Any], Rule] = {Reservation: Rule(signer=by_actor, roles=None, against=against, effect=effect)}
