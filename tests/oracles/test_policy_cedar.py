"""Our evaluator of policies against Cedar's, on random policies and questions: the same answer for the same reasons.

Cedar reads a policy that `cedar.written` makes from the policy's values, under a schema that it checks it against. All
codes are compared, so that a no for another reason is found too. Then each rule of ours is broken in turn, and the
comparison must tell.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from comity.acts.charter import NORMS
from comity.model import purpose
from comity.model.reason import Reason
from comity.stages import consent, permission
from comity.stages.case import Case
from tests.oracles import cedar, requests
from tests.oracles.cedar import Request

EACH = 50  # questions to one policy
Rule = Callable[[Case], Iterable[Reason]]


def stream(seed: int, policies: int) -> Iterator[tuple[list[Request], list[Case], list[set[str]]]]:
    """Questions to one policy after the other, as ours and as Cedar's codes."""
    dice = random.Random(seed)
    for _ in range(policies):
        policy = requests.policy(dice)
        asked = [requests.request(dice) for _ in range(EACH)]
        theirs = cedar.Evaluator(policy, requests.GOALS).codes(asked)
        yield asked, [requests.case(one, policy) for one in asked], theirs


def decided(case: Case) -> set[str]:
    """Ours, whole."""
    found = consent.decide(
        case.study, case.norm, case.policy, case.state, period=case.period, facts=case.facts, now=case.now
    )
    assert found.consents == (not found.reasons and not found.waits)
    return {reason.code for reason in found.reasons} or ({cedar.WAITS} if found.waits else set())


def compare(seed: int, policies: int) -> Counter[str]:
    """How often each code was given; fails at the first question of which the two think differently."""
    told: Counter[str] = Counter()
    for asked, cases, theirs in stream(seed, policies):
        for one, case, expected in zip(asked, cases, theirs, strict=True):
            found = decided(case)
            assert expected == found, f"{one}\n{case.policy}"
            told.update(found or {"yes"})
    return told


@pytest.mark.long
@pytest.mark.parametrize("part", range(40))
def test_cedar_decides_the_same_on_a_hundred_thousand_questions(part: int) -> None:
    """2,500 in each part; every code of a policy is given in each."""
    told = compare(100 + part, 2_500 // EACH)
    assert not {code for code, _ in cedar.forbids(requests.policy(random.Random(1)))} - set(told)
    assert not set(cedar.LOST.values()) - set(told)
    assert told["yes"] > 25
    assert told[cedar.WAITS] > 0


# Mutants: rules of ours, broken. All that Cedar is compared with is asked, but for what needs no policy (soundness).

ASKED: tuple[Rule, ...] = tuple(rule for rule in consent.RULES if rule.__name__ not in ("_version", "_sound"))


@pytest.fixture(scope="module")
def known() -> list[tuple[Case, set[str]]]:
    """Questions with Cedar's answers."""
    return [pair for _, cases, theirs in stream(7, 20) for pair in zip(cases, theirs, strict=True)]


def test_cedar_decides_the_same_for_the_same_reasons(known: list[tuple[Case, set[str]]]) -> None:
    """A thousand questions."""
    yes = 0
    for case, expected in known:
        assert expected == decided(case), case
        yes += not expected
    assert yes > 10


def test_what_needs_policy_alone_is_what_is_compared(known: list[tuple[Case, set[str]]]) -> None:
    """Unbroken, the rules that are broken below say what Cedar says."""
    assert not told(known, ASKED)


def codes(rules: Iterable[Rule], case: Case) -> set[str]:
    return {reason.code for rule in rules for reason in rule(case)}


def told(known: Iterable[tuple[Case, set[str]]], rules: Iterable[Rule]) -> bool:
    """Whether these rules answer some question otherwise than Cedar."""
    asked = tuple(rules)
    return any(expected - {cedar.WAITS} != codes(asked, case) for case, expected in known)


@pytest.mark.parametrize("rule", ASKED, ids=lambda rule: rule.__name__.strip("_"))
def test_a_rule_that_is_left_out_is_missed(known: list[tuple[Case, set[str]]], rule: Rule) -> None:
    assert told(known, (one for one in ASKED if one is not rule))


@pytest.mark.parametrize("rule", ASKED, ids=lambda rule: rule.__name__.strip("_"))
def test_a_rule_that_is_turned_round_is_noticed(known: list[tuple[Case, set[str]]], rule: Rule) -> None:
    """It is silent where it should speak, and speaks where it should not."""
    given = sorted({reason.code for case, _ in known for reason in rule(case)})

    def turned(case: Case) -> Iterable[Reason]:
        return () if any(rule(case)) else (Reason(code=given[0]),)

    assert told(known, (turned if one is rule else one for one in ASKED))


def policy(**changes: Callable[[Any], Any]) -> Callable[[Case], Case]:
    """A case whose policy has fields changed, "sealed__colluding" for one of a part."""

    def change(case: Case) -> Case:
        found = case.policy
        for name, by in changes.items():
            part, _, field = name.partition("__")
            value = getattr(found, part)
            changed = replace(value, **{field: by(getattr(value, field))}) if field else by(value)
            found = replace(found, **{part: changed})
        return replace(case, policy=found)

    return change


def each(**changes: Any) -> Callable[[Any], Any]:
    return lambda many: tuple(replace(one, **changes) for one in many)


OFF_BY_ONE = {
    "valid from a second later": policy(valid_from=lambda n: n + 1),
    "valid a second longer": policy(valid_until=lambda n: n + 1),
    "one code more": policy(finest=lambda many: tuple(replace(one, most=one.most + 1) for one in many)),
    "one cell more": policy(cells=lambda n: n and n + 1),
    "one vote less": policy(decided__votes=lambda n: max(0, n - 1)),
    "a second less of consultation": policy(decided__consultation=lambda n: max(0, n - 1)),
    "half is more than half": policy(decided__share=lambda n: n and n - 1),
    "a little less noise": policy(sealed__noise_floor=lambda n: max(0, n - 1)),
    "one colluding less": policy(sealed__colluding=lambda n: n - 1),
    "one member less": policy(sealed__members=lambda n: max(0, n - 1)),
    "a little more budget": policy(budget__study=lambda cost: cost and "2.4"),
    "any source": policy(allow=each(sources=("*",))),
    "any dimension": policy(allow=each(dimensions=("*",))),
    "any mover": policy(allow=each(movers=("*", "undp"))),
    "any code list": policy(finest=each(codelists=())),
    "any code": policy(finest=each(codes=())),
    "any method without noise": policy(sealed__noiseless=lambda _: ("table", "mean")),
    "no method without noise": policy(sealed__noiseless=lambda _: ()),
    "never no goal": policy(never__goals=lambda _: ()),
    "never no method": policy(never__methods=lambda _: ()),
    "never no mover": policy(never__movers=lambda _: ()),
    "never no source": policy(never__sources=lambda _: ()),
    "never no dimension": policy(never__dimensions=lambda _: ()),
    "never no code": policy(never__codes=lambda _: {}),
    "no officer": policy(officer=lambda _: False, four_eyes=lambda _: False),
}


@pytest.mark.parametrize("mutant", OFF_BY_ONE)
def test_a_limit_that_is_off_is_noticed(known: list[tuple[Case, set[str]]], mutant: str) -> None:
    change = OFF_BY_ONE[mutant]
    assert told(((change(case), expected) for case, expected in known), ASKED)


BROKEN: dict[str, tuple[Any, str, Any]] = {
    "16.6 holds 16.60": (purpose, "holds", lambda wide, narrow: narrow.startswith(wide)),
    "a goal holds itself alone": (purpose, "holds", lambda wide, narrow: narrow == wide),
    "a wide study escapes": (permission, "_overlap", lambda forbidden, goal: purpose.holds(forbidden, goal)),
    "a method of any version": (permission, "_is_method", lambda m, named: m.name in [n.split("/")[0] for n in named]),
    "a method of no version": (permission, "_is_method", lambda m, named: f"{m.name}/{m.version}" in named),
    "* is everyone": (permission, "_answers", lambda allow, who, state: who in allow.movers or "*" in allow.movers),
    "* is nobody": (permission, "_answers", lambda allow, who, state: who in allow.movers),
    "every decision is clear": (permission, "_clear", lambda motion, case: True),
    "no decision is clear": (permission, "_clear", lambda motion, case: False),
    "every dimension is coarse": (permission, "_coarse", lambda axis, limit, norm: True),
    "norms need no decision": (permission, "NORMS", ()),
    "nobody moved it": (permission, "mover", lambda study, state: None),
}


@pytest.mark.parametrize("mutant", BROKEN)
def test_a_part_that_is_broken_is_noticed(
    known: list[tuple[Case, set[str]]], mutant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, name, other = BROKEN[mutant]
    monkeypatch.setattr(where, name, other)
    assert told(known, ASKED)


def test_every_matter_of_a_norm_is_asked_about() -> None:
    assert NORMS == permission.NORMS
