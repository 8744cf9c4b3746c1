"""What a charter must hold, article by article: the same for leaf 0 and for what an amendment makes of it.

Decides form and coherence alone. That leaf 0 names founders as witnesses and host is judged in `rules.charter`; that
later ones are members in good standing in `terms`. What the articles mean for a vote is in `tally`.
"""

import re
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Final, get_args

from comity import keys
from comity.acts.charter import MOST_SECONDS, Charter, Hub, Matter, Office, Rule
from comity.errors import FormatError
from comity.model.member import Keys, Party, member_id
from comity.tlog.spelling import is_name, text_of

MOST_WITNESSES: Final = 15  # a note with more than 100 signatures is refused by other readers
MOST_WEIGHT: Final = 10**9  # of one member: sums of all stay numbers that every reader of JSON holds exactly
MATTERS: Final = frozenset(get_args(Matter))
_AREA: Final = re.compile(r"[0-9]{3}")  # M49
_ID: Final = re.compile(r"[a-z0-9-]{2,32}")


def flaws(charter: Charter) -> list[str]:
    """Fields of a charter that contradict themselves or each other, by name; the keys are judged by `good_keys`."""
    ids = [party.id for party in charter.founders]
    wrong = {
        "origin": not is_origin(charter.origin),
        "founders": not _ascends(ids) or any(party_flaws(party) for party in charter.founders),
        "convenor": charter.convenor not in ids,
        "witnesses": not are_witnesses(charter.witnesses),
        "rules": set(charter.rules) != MATTERS or bool(undecided(charter)),
        "challenge_seconds": not 0 <= charter.challenge_seconds <= MOST_SECONDS,
        "recused": not _ascends(charter.recused) or not MATTERS.issuperset(charter.recused),
        "groups": not _are_groups(charter.groups),
        "offices": not _are_offices(charter.offices),
        "estimate_seconds": not 0 < charter.estimate_seconds <= MOST_SECONDS,
        "audit_seconds": not 0 <= charter.audit_seconds <= MOST_SECONDS,
    }
    return [field for field, flawed in wrong.items() if flawed]


def undecided(charter: Charter) -> list[str]:
    """Matters on which votes cannot decide by the rule that the charter gives them."""
    return [matter for matter, rule in sorted(charter.rules.items()) if not _is_ballot(rule, len(charter.groups))]


def good_keys(parties: Sequence[Party], hub: Hub) -> bool:
    """Whether all keys of founders and hub are good, and no two are the same."""
    every = [*chain.from_iterable(texts(party.keys) for party in parties), hub.sign, hub.log]
    return len(set(every)) == len(every) and all(map(is_key, every))


def texts(of: Keys) -> tuple[str, str, str]:
    """The three keys of an actor."""
    return of.sign, of.officer, of.witness


def is_key(text: str, algorithm: keys.Algorithm = keys.ED25519) -> bool:
    """Whether this is a key of the algorithm, and every verifier reads it alike (`keys.register`)."""
    try:
        keys.register(text, algorithm=algorithm)
    except FormatError:
        return False
    return True


def party_flaws(party: Party) -> bool:
    """Whether a party is no party: id, area, weight (1 to 10^9 for a member, else 0), three good keys."""
    try:
        member_id(party.id)
        party.keys.registered(where=party.id)
    except FormatError:
        return True
    is_weight = 1 <= party.weight <= MOST_WEIGHT if party.role == "member" else party.weight == 0
    return not _AREA.fullmatch(party.area) or not is_weight


def is_origin(text: str) -> bool:
    """Whether a log may be called so: it names keys, and stands as a line of a checkpoint."""
    try:
        return is_name(text) and "\n" not in text_of(text, where="origin")
    except FormatError:
        return False


def are_witnesses(witnesses: Sequence[str]) -> bool:
    """1 to 15, sorted, each once; who they are is for others to judge."""
    return 1 <= len(witnesses) <= MOST_WITNESSES and _ascends(witnesses)


def _is_ballot(rule: Rule, groups: int) -> bool:
    """Whether votes can decide by this rule at all, in a charter of so many groups."""
    counts = 0 <= rule.share < 100 and 0 <= rule.quorum <= 100 and 0 <= rule.seconds <= MOST_SECONDS
    consults = rule.consultation == 0 or 0 < rule.consultation < rule.seconds
    grouped = 0 <= rule.groups <= (groups if rule.method == "majority" else 0)
    return counts and consults and grouped and rule.objections >= (1 if rule.method == "consensus" else 0)


def _are_groups(groups: dict[str, tuple[str, ...]]) -> bool:
    """Named groups of M49 areas, each group's ascending, and no area in two."""
    areas = list(chain.from_iterable(groups.values()))
    named = all(_ID.fullmatch(name) and members and _ascends(members) for name, members in groups.items())
    return named and len(set(areas)) == len(areas) and all(_AREA.fullmatch(area) for area in areas)


def _are_offices(offices: tuple[Office, ...]) -> bool:
    """Offices by id, ascending, that can be held, each of which excludes others that exist."""
    ids = [office.id for office in offices]
    return _ascends(ids) and all(_is_office(office, set(ids)) for office in offices)


def _is_office(office: Office, ids: set[str]) -> bool:
    others = _ascends(office.excludes) and set(office.excludes) <= ids - {office.id}
    return bool(_ID.fullmatch(office.id)) and 0 < office.seconds <= MOST_SECONDS and office.terms >= 0 and others


def _ascends(names: Sequence[str]) -> bool:
    """Sorted, each once: one spelling for one set."""
    return all(one < other for one, other in pairwise(names))
