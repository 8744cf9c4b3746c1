"""What acts of the norm process say: motions, comments and their answers, votes, reservations."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from comity.acts.charter import Matter
from comity.acts.motion import Comment, CommentAnswered, Motion, MotionWithdrawn, Reservation, Vote
from comity.acts.statement import Act
from comity.acts.terms import Terms
from comity.assembly.articles import MATTERS
from comity.assembly.said.account import Account, Moment, Tell, Term
from comity.assembly.said.names import ballot, of_motion, study_name
from comity.assembly.state import State


def _motion(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    params: dict[str, Any] = {"matter": Term(f"matter.{body.matter}"), "name": body.name, "closes": Moment(body.closes)}
    params |= {"digest": body.thing.digest} | ballot(now, body.matter)
    if body.matter in ("member", "suspension"):
        return Account(body.matter, params)
    if body.terms is not None:
        return _terms(body.terms, body.matter, params)
    if body.replaces is not None:
        old = now.motions.get(body.replaces.index)
        return Account("amends", params | {"replaces": body.replaces.index, "old": old.name if old else "?"})
    return Account("thing", params)


def _terms(terms: Terms, matter: Matter, params: dict[str, Any]) -> Account:
    """What would change, by the terms of the motion's own matter; it may hold others, and then has no effect."""
    if matter == "office" and (office := terms.office):
        named = {"office": office.office, "member": office.member, "starts": Moment(office.starts)}
        return Account("office", params | named | {"until": Moment(office.until)})
    if matter == "witnesses" and terms.witnesses is not None:
        return Account("witnesses", params | {"members": terms.witnesses})
    if matter == "hub" and (host := terms.hub):
        return Account("hub", params | {"origin": host.origin, "address": host.hub.address, "host": host.host or "-"})
    if matter == "charter" and (change := terms.charter):
        others = [
            field.name for field in fields(change) if field.name != "rules" and getattr(change, field.name) is not None
        ]
        rules = tuple(Term(f"matter.{name}") for name in sorted(change.rules) if name in MATTERS)
        return Account(
            "charter", params | {"rules": rules, "articles": tuple(Term(f"article.{name}") for name in others)}
        )
    return Account("terms", params)


def _about_motion(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    return Account("", of_motion(now, body.motion) | {"language": getattr(body, "language", "")})


def _comment_answered(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    place = now.remarks.get(body.comment.index)
    of = of_motion(now, now.motions[place].ref) if place is not None else {"motion": "?", "name": "?", "matter": "?"}
    return Account(
        "", of | {"comment": body.comment.index, "taken": Term(f"taken.{body.answer}"), "language": body.language}
    )


def _reservation(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    variant = "enters" if body.parts else "lifts"
    return Account(variant, {"norm": study_name(now, body.norm), "parts": tuple(body.parts)})


def _vote(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    actor = here.actors.get(act.actor)
    weight = actor.party.weight if actor else 1
    params = {"choice": Term(f"choice.{body.choice}"), "weight": weight}
    return Account("" if weight == 1 else "weighed", params | of_motion(now, body.motion))


ACCOUNTS: Final[Mapping[type[Any], Tell]] = {
    Motion: _motion,
    MotionWithdrawn: _about_motion,
    Comment: _about_motion,
    CommentAnswered: _comment_answered,
    Vote: _vote,
    Reservation: _reservation,
}
