"""A policy that fails half-way: whatever breaks while a node decides, and wherever, it does not consent."""

from collections.abc import Callable
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest

from comity.assembly.tally import in_time
from comity.errors import FormatError
from comity.model.policy import Decided, Finest, Never, Policy
from comity.model.reason import Reason
from comity.stages import consent
from comity.stages.case import Facts
from comity.stages.consent import Decision
from tests import sample
from tests.builders import faults
from tests.stages.test_consent import FACTS, NORM, NOW, PERIOD, state
from tests.stages.test_sentences import FULL

STUDY = sample.study()
# Every rule has something to do, and nothing speaks against the study.
POLICY = replace(
    sample.policy(officer=True, four_eyes=True, cells=8, decided=Decided(votes=1, share=50)),
    allow=(
        replace(sample.policy().allow[0], method="tiles"),
        replace(sample.policy().allow[0], sources=("survey",), dimensions=("SEX", "ANSWER")),
    ),
    never=FULL.never,
    finest=(Finest(dimension="SEX", codelists=("CL_SEX",), codes=("F", "M"), most=2),),
    sealed=replace(sample.policy().sealed, members=1, noiseless=("mean",)),
    budget=replace(sample.policy().budget, study="2.4"),
)
SPARE = ("version", "national")  # of a policy: a name, and what is asked of studies of areas alone
KNOWN = replace(FACTS, source="survey", approved=("ana", "ben"))
ERRORS: tuple[Callable[[], Exception], ...] = (
    lambda: RuntimeError("torn"),
    lambda: KeyError("torn"),
    lambda: AttributeError("torn"),
    lambda: FormatError("torn"),
)


def log() -> Any:
    found = state(STUDY)
    voted = {index: replace(one, votes={"fiji": "yes"}) for index, one in found.motions.items()}
    assert all(in_time(one) for one in voted.values())
    return found.having(motions=voted)


LOG = log()


def decide(policy: Policy = POLICY, facts: Facts = KNOWN) -> Decision:
    return consent.decide(STUDY, NORM, policy, LOG, period=PERIOD, facts=facts, now=NOW)


def test_the_sample_is_answered() -> None:
    """Else no fault could make a difference."""
    assert decide().consents


def unharmed(errors: tuple[Callable[[], Exception], ...], step: int, within: str) -> list[int]:
    """Lines at which an error is told as a refusal; none at which it still ends in a yes."""
    count = faults.lines(decide, within=within)
    found = [(at, faults.broken(decide, at, error, within=within)) for error in errors for at in range(0, count, step)]
    assert len(found) > 100
    assert [] == [at for at, one in found if isinstance(one, Decision) and not one.reasons and not one.waits]
    return [at for at, one in found if isinstance(one, Decision)]


def test_an_error_at_any_line_of_the_evaluator_never_consents() -> None:
    """It is a refusal, and the log can say so; but where the function was not begun or the refusal itself breaks."""
    assert unharmed(ERRORS[:1], 1, "/src/comity/stages/")


@pytest.mark.long
@pytest.mark.parametrize("error", range(1, len(ERRORS)))
def test_another_error_at_any_line_of_the_evaluator_never_consents(error: int) -> None:
    assert unharmed(ERRORS[error : error + 1], 1, "/src/comity/stages/")


@pytest.mark.long
def test_an_error_below_the_evaluator_never_consents() -> None:
    """In what it calls: nouns, canonical forms, the log's state. One line of forty-one."""
    assert unharmed(ERRORS[:1], 41, faults.CODE)


class Broken:
    """A fact that cannot be had: whatever is asked of it raises."""

    def __getattribute__(self, name: str) -> Any:
        raise OSError("no such fact")

    def __bool__(self) -> bool:
        raise OSError("no such fact")

    __iter__ = __eq__ = __hash__ = __lt__ = __len__ = __contains__ = __bool__  # type: ignore[assignment]


@pytest.mark.parametrize("field", [field.name for field in fields(Facts)])
def test_a_fact_that_cannot_be_had_never_consents(field: str) -> None:
    assert (Reason(code="policy.not-evaluated"),) == decide(facts=replace(KNOWN, **{field: Broken()})).reasons


@pytest.mark.parametrize("field", [field.name for field in fields(Policy) if field.name not in SPARE])
def test_a_part_of_a_policy_that_cannot_be_had_never_consents(field: str) -> None:
    assert (Reason(code="policy.not-evaluated"),) == decide(policy=replace(POLICY, **{field: Broken()})).reasons


@pytest.mark.parametrize("part", ["study", "norm", "state", "period", "now"])
def test_a_question_that_cannot_be_had_never_consents(part: str) -> None:
    given: dict[str, Any] = {"study": STUDY, "norm": NORM, "state": LOG, "period": PERIOD, "now": NOW}
    given[part] = Broken()
    study, norm, known = (given.pop(name) for name in ("study", "norm", "state"))
    found = consent.decide(study, norm, POLICY, known, facts=KNOWN, **given)
    assert (Reason(code="policy.not-evaluated"),) == found.reasons


@pytest.mark.parametrize("epsilon", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity")])
def test_a_cost_that_is_no_number_never_consents(epsilon: Decimal) -> None:
    assert not decide(facts=replace(KNOWN, epsilon=epsilon)).consents


def test_an_empty_never_list_is_what_it_says() -> None:
    assert decide(policy=replace(POLICY, never=Never())).consents
