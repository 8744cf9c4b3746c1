"""What each field of a policy may be: a value that can never fit is refused when the policy is read.

A permission for goal 18, or for an office that cannot be, would be a rule that somebody believes in and nobody keeps.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from comity.errors import FormatError
from comity.model import protection
from comity.model.decimals import is_decimal, is_probability
from comity.model.law import Law
from comity.model.member import member_id
from comity.model.purpose import is_place

if TYPE_CHECKING:
    from comity.model.policy import Policy

_METHOD: Final = re.compile(r"[a-z][a-z0-9_]*(?:/[0-9A-Za-z.]+)?", re.ASCII)

_ID: Final = re.compile(r"[A-Za-z0-9_@$-]{1,64}")  # as a norm's: SDMX 3.0, common:IDType

Rule = tuple[str, bool, str]  # the field's name, whether it holds, and what would


def rules(policy: "Policy") -> Iterator[Rule]:
    """Every field with a range."""
    sealed, budget, decided = policy.sealed, policy.budget, policy.decided
    yield "valid_until", 0 <= policy.valid_from < policy.valid_until, "a later time than valid_from"
    yield from _permissions(policy)
    yield from _limits(policy)
    yield from _national(policy)
    yield "sealed.noise_floor", sealed.noise_floor >= 0, "a variance of 0 or more"
    yield "sealed.rate", sealed.rate >= 100, "100 or more: own noise is never below its share"
    yield "sealed.colluding", sealed.colluding >= 1, "1 or more"
    yield "sealed.survivors", sealed.survivors >= 0, "0 or more"
    yield "sealed.witnesses", 0 <= sealed.witnesses <= 15, "0 to 15"
    yield "sealed.members", sealed.members >= 0, "0 or more"
    yield "sealed.noiseless", _methods(sealed.noiseless), "methods by name, or name/version"
    yield "decided.share", 0 <= decided.share < 100, "0 to 99 per cent, to be exceeded"
    yield "decided.votes", decided.votes >= 0, "0 or more"
    yield "decided.consultation", decided.consultation >= 0, "0 seconds or more"
    yield "budget.epsilon", is_decimal(budget.epsilon), "a decimal without zeros at its ends"
    yield "budget.delta", is_probability(budget.delta), "a decimal between 0 and 1, without zeros at its end"
    yield "budget.study", budget.study == "" or is_decimal(budget.study), "a decimal without zeros at its ends, or none"
    yield "budget.years", 0 <= budget.years <= 100, "1 to 100 calendar years, or 0 for good"
    yield "budget.units", all(_unit(unit) for unit in budget.units), "privacy units as norms name them"
    yield "four_eyes", policy.officer or not policy.four_eyes, "officer = true: no officer is asked otherwise"


def _permissions(policy: "Policy") -> Iterator[Rule]:
    allow = policy.allow
    yield "allow", all(a.method and a.goals and a.movers for a in allow), "a method, goals and movers in each"
    yield "allow.method", _methods(a.method for a in allow), "a method by name, or name/version"
    yield "allow.goals", _places(goal for a in allow for goal in a.goals), _PLACES
    yield "allow.movers", all(_any(a.movers) or _members(a.movers) for a in allow), 'member ids, or "*" alone'
    yield "allow.sources", all(a.sources and all(a.sources) for a in allow), 'ids of sources, or "*"'
    yield "allow.dimensions", all(_any(a.dimensions) or _ids(a.dimensions) for a in allow), f'{_IDS}, or "*" alone'


def _limits(policy: "Policy") -> Iterator[Rule]:
    never, finest = policy.never, policy.finest
    named = [one.dimension for one in finest]
    limits = all(one.codelists or one.codes or one.most for one in finest)
    yield "never.goals", _places(never.goals), _PLACES
    yield "never.methods", _methods(never.methods), "methods by name, or name/version"
    yield "never.movers", _members(never.movers), "member ids"
    yield "never.sources", all(never.sources), "ids of sources"
    yield "never.dimensions", not never.dimensions or _ids(never.dimensions), _IDS
    yield (
        "never.codes",
        all(_ids((id, *codes)) and codes for id, codes in never.codes.items()),
        f"codes for each: {_IDS}",
    )
    yield "finest", (not named or _ids(named)) and len(set(named)) == len(named), f"each dimension once: {_IDS}"
    yield "finest.codelists", all(_ids(one.codelists) for one in finest if one.codelists), _IDS
    yield "finest.codes", all(_ids(one.codes) for one in finest if one.codes), _IDS
    yield "finest", limits, "code lists, codes or a largest number of codes for each dimension"
    yield "finest.most", all(one.most >= 0 for one in finest), "0 or more"
    yield "cells", policy.cells >= 0, "0 or more"


def _national(policy: "Policy") -> Iterator[Rule]:
    own = policy.national
    listed = all(entry and _ids((*entry, *(code for code in entry.values() if code != "*"))) for entry in own.sensitive)
    noisy = own.way == "noise"
    yield from ((f"national.{name}", holds, wanted) for name, holds, wanted in protection.ranges(own.rules))
    yield "national.sensitive", listed, f"dimensions with a code each, or *: {_IDS}"
    yield "national.noise", (own.noise != "") == noisy, 'a law of noise, with way = "noise" and with no other way'
    yield "national.noise", not noisy or _law(own.noise), "discrete-laplace, discrete-gaussian or skellam, and a number"
    yield "national.delta", is_probability(own.delta), "a decimal between 0 and 1, without zeros at its end"
    yield (
        "sealed.noiseless",
        not (noisy and policy.sealed.noiseless),
        "none, where own tables have noise: a sum without would tell what it hides",
    )


def _law(text: str) -> bool:
    try:
        return Law.parse(text) is not None
    except FormatError:
        return False


_IDS: Final = "ids as SDMX has them: letters, digits and _ @ $ -, nothing else and no space"

_PLACES: Final = "goals 1 to 17, targets such as 16.6 and indicators such as 16.6.2"


def _places(found: Iterable[str]) -> bool:
    return all(is_place(text) for text in found)


def _ids(found: Sequence[str]) -> bool:
    """Whether these are ids that a norm can have, and at least one: no space, and no letter that looks like another."""
    return bool(found) and all(_ID.fullmatch(text) for text in found)


def _unit(found: str) -> bool:
    """Whether it is a name, and not the sign that stands for any."""
    return bool(found.strip()) and found == found.strip() and found != "*"


def _methods(found: Iterable[str]) -> bool:
    return all(_METHOD.fullmatch(text) for text in found)


def _any(found: tuple[str, ...]) -> bool:
    return found == ("*",)


def _members(found: Iterable[str]) -> bool:
    try:
        return all(member_id(text) for text in found)
    except FormatError:
        return False
