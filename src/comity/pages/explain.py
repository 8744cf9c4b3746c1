"""A leaf in plain words: who did what, when, by which rule, and what followed; or every reason why nothing did.

Words only: the facts are `assembly.explain`'s. Used by `comity log explain` and by the feeds of `comity log monitor`.
"""

from collections.abc import Mapping
from functools import reduce
from typing import Any

from comity.acts.charter import Rule
from comity.assembly.explain import UNREADABLE, UNTOLD, Explained
from comity.assembly.said.account import Moment, Term
from comity.model import area
from comity.model import moment as moments
from comity.model.member import HUB
from comity.model.reason import Reason
from comity.pages import words


def what(leaf: Explained) -> str:
    """The act in one sentence."""
    if leaf.kind in (UNREADABLE, UNTOLD):
        return words.say(f"leaf.{leaf.kind}", index=leaf.index)
    key = f"leaf.{leaf.kind}.{leaf.variant}" if leaf.variant else f"leaf.{leaf.kind}"
    return words.say(key, actor=actor(leaf), **_texts(leaf.params))


def when(leaf: Explained) -> str:
    """Between which ticks it was said."""
    after, before = leaf.after, leaf.before
    if leaf.kind == "tick" and leaf.effective and after is not None:
        return words.say("when.tick", time=moment(after))
    if before is None and leaf.seen is not None:
        seen = moment(leaf.seen)
        return words.say("when.seen", after=moment(after), seen=seen) if after else words.say("when.known", seen=seen)
    if before is None:
        return words.say("when.after", after=moment(after)) if after else words.say("when.first")
    if after is None:
        return words.say("when.before", before=moment(before))
    if after == before:
        return words.say("when.at", time=moment(after))
    return words.say("when.between", after=moment(after), before=moment(before))


def rule(leaf: Explained) -> str:
    """By which rule the fold judged it; where votes decide, the charter's rule too."""
    if leaf.kind in (UNREADABLE, UNTOLD):
        return words.say(f"rule.{leaf.kind}")
    ballot = leaf.params.get("ballot")
    told = words.say(f"rule.{leaf.kind}")
    return words.say("list.sentences", first=told, second=_ballot(ballot, leaf)) if ballot else told


def follows(leaf: Explained) -> tuple[str, ...]:
    """What followed, a sentence each; or why nothing did."""
    if leaf.reasons:
        return tuple(words.say("follows.reason", reason=words.reason(reason)) for reason in leaf.reasons)
    return tuple(words.say(f"follows.{outcome.code}", **_texts(outcome.params)) for outcome in leaf.follows)


def effect(leaf: Explained) -> str:
    """Whether it has effect."""
    return words.say("effect.yes" if leaf.effective else "effect.none")


def actor(leaf: Explained) -> str:
    """Who says it, with the area it speaks for, unless its id is that."""
    if leaf.actor == HUB:
        return words.say("actor.hub")
    name = area.name(leaf.area) if area.known(leaf.area) else ""
    if name and name.casefold() != leaf.actor.replace("-", " ").casefold():
        return words.say("actor.area", id=leaf.actor, area=name)
    return leaf.actor


def title(leaf: Explained) -> str:
    """One line for a feed, without digests and lists; of a tick that decides, what it decides."""
    told = _brief(leaf).removesuffix(".")
    if leaf.reasons:
        return words.say("title.none", what=told)
    decided = [line.removesuffix(".") for line in follows(leaf)] if leaf.kind == "tick" else []
    return words.say("list.join").join(decided) or told


def _brief(leaf: Explained) -> str:
    """The act as a heading: a shorter sentence, where the catalogue has one."""
    for key in (f"title.{leaf.kind}.{leaf.variant}", f"title.{leaf.kind}"):
        if key in words.EN:
            return words.say(key, actor=actor(leaf), **_texts(leaf.params))
    return what(leaf)


def moment(seconds: int) -> str:
    """A time that a tick told, to the second."""
    return words.say("when.utc", date=moments.plain(seconds))


def _ballot(rule: Rule, leaf: Explained) -> str:
    """The charter's rule for a matter in words."""
    matter = _text(leaf.params["matter"])
    if rule.method == "consensus":
        told = [words.say("ballot.consensus", matter=matter, objections=rule.objections, seconds=rule.seconds)]
    else:
        parts = {"share": rule.share, "quorum": rule.quorum, "seconds": rule.seconds}
        told = [words.say("ballot.majority", matter=matter, **parts)]
        told += [words.say("ballot.members")] if rule.counted == "members" else []
        told += [words.say("ballot.groups", groups=rule.groups)] if rule.groups else []
    if rule.consultation:
        told.append(words.say("ballot.consultation", seconds=rule.consultation))
    return reduce(lambda first, second: words.say("list.sentences", first=first, second=second), told)


def _texts(params: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in params.items() if not isinstance(value, Rule)}


def _text(value: Any) -> str:
    """A name as a sentence holds it; a leaf's index is a number that is not grouped."""
    match value:
        case Moment():
            return moment(value.seconds)
        case Term():
            return words.say(value.key)
        case Reason():
            return words.reason(value)
        case tuple():
            between = words.say("list.join" if any(isinstance(item, Reason) for item in value) else "list.comma")
            return between.join(_text(item) for item in value) or words.say("list.none")
        case _:
            return str(value)
