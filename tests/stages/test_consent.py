"""Consent: yes if and only if nothing speaks against it; adoption is a fact of the log's state and of nothing else."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.acts.refs import Blob, Ref
from comity.assembly.facts import Actor, InForce, MotionFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.methods import registry
from comity.methods.land_cover_area.card import CARD as MAPPING
from comity.methods.table.card import CARD
from comity.model.member import Keys, Party
from comity.model.norm import Norm
from comity.model.policy import Allow, Decided, Finest, National, Never, Policy
from comity.model.reason import Reason
from comity.model.study import NoisePlan, Study
from comity.stages import consent, misfits
from comity.stages.consent import Decision, Facts
from tests import sample
from tests.builders import producer

NORM, POLICY = sample.norm(), sample.policy()
NAMES = {NORM.digest: "TRUST/1.0.0", producer.norm().digest: "STRIP/1.0.0"}
PERIOD, NOW = "2010-2014", 1_500
FACTS = Facts(card=CARD, bound=True, epsilon=Decimal("1.1999"), affordable=True)


def ref(index: int) -> Ref:
    return Ref(index=index, digest=sample.DIGEST)


def in_force(thing: Digest, matter: Any, motion: int) -> InForce:
    return InForce(
        matter=matter, thing=Blob(digest=thing, size=1), name="", motion=ref(motion), tick=9, time=900, starts=900
    )


def motion(index: int, matter: Any, thing: Digest, name: str, *, mover: str = "fiji") -> MotionFacts:
    """An adopted motion that replaces none."""
    return MotionFacts(
        ref=ref(index),
        mover=mover,
        matter=matter,
        thing=Blob(digest=thing, size=1),
        name=name,
        replaces=None,
        closes=0,
        outcome="adopted",
    )


def actor(id: str, role: Any) -> Actor:
    keys = Keys(sign="", officer="", witness="")
    return Actor(
        party=Party(id=id, area="999", role=role, weight=1, keys=keys), keys=keys, revoked=(), since=1, until=None
    )


def state(
    study: Study, *, mover: str = "fiji", norm: str | None = "norm", adopted: str | None = "study", name: str = ""
) -> State:
    """A log in which norm and study are in force under these matters, the study by this mover's motion at leaf 7."""
    moved = motion(7, "study", study.digest, "", mover=mover)
    force = {
        study.norm: norm and in_force(study.norm, norm, 5),
        study.digest: adopted and in_force(study.digest, adopted, 7),
    }
    return State(
        time=900,
        actors={"fiji": actor("fiji", "member"), "undp": actor("undp", "custodian")},
        motions={5: motion(5, "norm", study.norm, name or NAMES.get(study.norm, "")), 7: moved},
        in_force={(thing.matter, digest): thing for digest, thing in force.items() if isinstance(thing, InForce)},
    )


def decide(study: Study | None = None, **changes: Any) -> Decision:
    """The decision on the sample, with something changed."""
    asked = study or sample.study()
    given: dict[str, Any] = {"norm": NORM, "policy": POLICY, "state": state(asked), "facts": FACTS, "period": PERIOD}
    given |= {"now": NOW, **changes}
    norm, policy, log = (given.pop(name) for name in ("norm", "policy", "state"))
    return consent.decide(asked, norm, policy, log, **given)


def codes(decision: Decision) -> list[str]:
    assert decision.consents == (not decision.reasons and not decision.waits)
    return [reason.code for reason in decision.reasons]


def sealed(**changes: int) -> Policy:
    return replace(POLICY, sealed=replace(POLICY.sealed, **changes))


def test_a_study_that_fits_is_answered() -> None:
    assert Decision(reasons=()) == decide()
    assert decide().consents


def test_no_permission_means_no() -> None:
    """Default deny: an empty policy answers nothing."""
    assert ["policy.not-named"] == codes(decide(policy=replace(POLICY, allow=())))


@pytest.mark.parametrize(
    ("adopted", "norm", "found"),
    [
        (None, "norm", ["study.not-in-force"]),
        ("study", None, ["norm.not-in-force"]),
        (None, None, ["norm.not-in-force", "study.not-in-force"]),
        ("norm", "study", ["norm.not-in-force", "study.not-in-force"]),
        ("study", "norm-recognised", ["norm.not-in-force"]),
    ],
)
def test_adoption_is_asked_of_the_log_alone(adopted: str | None, norm: str | None, found: list[str]) -> None:
    """Take the decision out of the log, or adopt the text under another matter, and the node refuses."""
    study = sample.study()
    assert found == codes(decide(study, state=state(study, adopted=adopted, norm=norm)))


def test_another_study_in_force_is_not_this_one() -> None:
    """One character of the text changed after the vote."""
    study = sample.study()
    changed = replace(study, title=study.title + ".")
    assert "study.not-in-force" in codes(decide(changed, state=state(study)))


def versions(later: Norm) -> tuple[Study, State]:
    """A study under a next version of the norm, and a log in which that replaces the first."""
    study = sample.study(norm=later.digest, layout=later.structure.layout(("ANSWER", "SEX"), ("n",)))
    first = motion(3, "norm", NORM.digest, "TRUST/1.0.0")
    second = replace(motion(5, "norm", later.digest, later.name), replaces=first.ref)
    log = state(study, name=later.name)
    return study, log.having(motions={3: first, 5: second, 7: log.motions[7]})


def test_a_norm_whose_version_hides_what_changed_is_not_answered_under() -> None:
    """One threshold lower, passed off as a patch; or an older text that nobody shows."""
    lower = replace(NORM, protection=replace(NORM.protection, threshold=2))
    for version, earlier, found in (
        ("1.0.1", (NORM,), ["norm.version"]),
        ("2.0.0", (NORM,), []),
        ("2.0.0", (), ["norm.not-held"]),
    ):
        later = replace(lower, version=version, replaces="TRUST/1.0.0")
        study, log = versions(later)
        facts = replace(FACTS, earlier=earlier)
        assert found == codes(decide(study, norm=later, state=log, facts=facts))


@pytest.mark.parametrize(
    ("allow", "mover", "found"),
    [
        ({}, "fiji", []),
        ({}, "undp", ["policy.member-not-admitted"]),  # * is any member; a custodian is none
        ({}, "nobody", ["policy.member-not-admitted"]),
        ({"movers": ("fiji",)}, "fiji", []),
        ({"movers": ("undp",)}, "undp", []),
        ({"movers": ("samoa",)}, "fiji", ["policy.member-not-admitted"]),
        ({"goals": ("16.6",)}, "fiji", []),
        ({"goals": ("1", "16.5", "16.60")}, "fiji", ["policy.not-named"]),
        ({"goals": ("",)}, "fiji", ["policy.not-named"]),
        ({"method": "table/1"}, "fiji", []),
        ({"method": "table/2"}, "fiji", ["policy.not-named"]),
        ({"method": "tiles"}, "fiji", ["policy.not-named"]),
    ],
)
def test_a_permission_fits_in_every_field(allow: dict[str, Any], mover: str, found: list[str]) -> None:
    policy = replace(POLICY, allow=(replace(POLICY.allow[0], **allow),))
    assert found == codes(decide(policy=policy, state=state(sample.study(), mover=mover)))


def test_permissions_do_not_add_up() -> None:
    """Method and goal of one, mover of another: no permission fits."""
    one = Allow(method="table", goals=("16",), movers=("samoa",))
    other = Allow(method="table", goals=("3",), movers=("fiji",))
    assert ["policy.member-not-admitted"] == codes(decide(policy=replace(POLICY, allow=(one, other))))


@pytest.mark.parametrize(("now", "found"), [(999, True), (1_000, False), (1_999, False), (2_000, True)])
def test_a_policy_holds_from_its_first_second_and_not_at_its_last(now: int, found: bool) -> None:
    assert (["policy.expired"] if found else []) == codes(decide(now=now))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"policy": sealed(noise_floor=37)}, ["policy.noise-below-floor"]),
        ({"policy": sealed(colluding=4)}, ["policy.cooperation-too-small"]),
        ({"facts": replace(FACTS, bound=False)}, ["policy.no-source"]),
        ({"facts": replace(FACTS, affordable=False)}, ["budget.spent"]),
        ({"facts": replace(FACTS, card=None)}, ["method.not-held"]),
        ({"norm": None}, ["norm.not-held"]),
        ({"norm": replace(NORM, title="another")}, ["norm.not-held"]),
        ({"facts": replace(FACTS, epsilon=Decimal("1.2001"))}, ["study.not-sound"]),
        ({"facts": replace(FACTS, epsilon=None)}, ["study.not-sound"]),
        ({"period": "2030"}, ["study.not-sound"]),
    ],
)
def test_each_rule_alone_refuses(changes: dict[str, Any], found: list[str]) -> None:
    assert found == codes(decide(**changes))


NOISE = NoisePlan(sigma2=36, cells=1, delta="0.000001", epsilon="1.2")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("noise", {"noise": None}),
        ("noise.epsilon", {"noise": replace(NOISE, epsilon="1.1")}),  # less than its noise costs
        ("noise.epsilon", {"noise": replace(NOISE, epsilon="NaN")}),
        ("noise.delta", {"noise": replace(NOISE, delta="1")}),
        ("noise.cells", {"noise": replace(NOISE, cells=2)}),
        ("parameters", {"parameters": {"weight": "w"}}),
        ("layout", {"layout": replace(sample.study().layout, dimensions=())}),
        ("layout", {"layout": replace(sample.study().layout, measures=())}),
        ("bound", {"bound": 0}),
        ("periods", {"periods": ()}),
        ("related", {"related": False}),
        ("colluding", {"colluding": 0}),
        ("timing", {"timing": replace(sample.study().timing, send=6)}),
    ],
)
def test_a_study_that_contradicts_itself_is_refused_even_when_adopted(field: str, changes: dict[str, Any]) -> None:
    """Members may vote for anything; a node does not run it."""
    study = replace(sample.study(), **changes)
    decision = decide(study, policy=sealed(noise_floor=0, colluding=1))
    evaluated = "policy.not-evaluated" not in codes(decision)
    assert not decision.consents
    assert not evaluated or field in [reason.params.get("field") for reason in decision.reasons]


def test_cells_may_be_ordered_as_the_study_likes() -> None:
    """Any order of the norm's own dimensions is the norm's own cells."""
    layout = NORM.structure.layout(("SEX", "ANSWER"), ("n",))
    assert decide(replace(sample.study(), layout=layout)).consents


def test_all_reasons_are_given_sorted_and_once() -> None:
    """Whatever else is wrong, nothing is held back."""
    study = sample.study()
    decision = decide(
        study,
        norm=None,
        policy=replace(sealed(noise_floor=100, colluding=9), allow=(), valid_until=NOW),
        state=State(),
        facts=Facts(card=None, bound=False, epsilon=Decimal(9), affordable=False),
        period="2030",
    )
    assert [
        "budget.spent",
        "method.not-held",
        "norm.not-held",
        "norm.not-in-force",
        "policy.cooperation-too-small",
        "policy.expired",
        "policy.no-source",
        "policy.noise-below-floor",
        "policy.not-named",
        "study.not-in-force",
        "study.not-sound",
        "study.not-sound",
    ] == codes(decision)
    assert ["noise.epsilon", "periods"] == [reason.params["field"] for reason in decision.reasons[-2:]]


BREAKS: list[dict[str, Any]] = [
    {"norm": None},
    {"state": State()},
    {"now": 5_000},
    {"period": "1999"},
    {"policy": replace(POLICY, allow=())},
    {"policy": sealed(noise_floor=10**6)},
    {"facts": replace(FACTS, bound=False)},
    {"facts": replace(FACTS, affordable=False)},
    {"facts": replace(FACTS, card=None)},
    {"facts": replace(FACTS, declined=True), "policy": replace(POLICY, officer=True)},
]


@given(broken=st.lists(st.sampled_from(BREAKS), max_size=4), approved=st.sampled_from([(), ("",)]))
def test_one_thing_wrong_is_enough(broken: list[dict[str, Any]], approved: Any) -> None:
    """No combination of faults, and no officer's approval, turns a no into a yes."""
    changes: dict[str, Any] = {"facts": replace(FACTS, approved=approved)}
    for change in broken:
        changes |= change
    assert (not broken) == decide(**changes).consents


def test_an_officer_is_waited_for_and_may_decline() -> None:
    policy = replace(POLICY, officer=True)
    assert Decision(reasons=(), waits=True) == decide(policy=policy)
    assert decide(policy=policy, facts=replace(FACTS, approved=("",))).consents
    assert ["policy.officer"] == codes(decide(policy=policy, facts=replace(FACTS, declined=True)))


@pytest.mark.parametrize(
    ("approved", "declined", "found"),
    [
        ((), False, Decision(reasons=(), waits=True)),
        (("ana",), False, Decision(reasons=(), waits=True)),
        (("ana", "ana"), False, Decision(reasons=(), waits=True)),
        (("ana", "ben"), False, Decision(reasons=())),
        (("ana", "ben"), True, Decision(reasons=(Reason(code="policy.officer"),))),
    ],
)
def test_four_eyes_are_two_different_officers(approved: tuple[str, ...], declined: bool, found: Decision) -> None:
    policy = replace(POLICY, officer=True, four_eyes=True)
    assert found == decide(policy=policy, facts=replace(FACTS, approved=approved, declined=declined))


def test_an_officer_is_not_asked_about_what_policy_refuses() -> None:
    decision = decide(policy=replace(POLICY, officer=True, allow=()))
    assert (["policy.not-named"], False) == (codes(decision), decision.waits)


class Torn(Norm):
    """A norm whose digest cannot be made."""

    @property
    def digest(self) -> Digest:
        raise RuntimeError("torn")


def test_what_cannot_be_evaluated_is_refused() -> None:
    """An error in a rule never lets a study through, and never stops the node."""
    torn = Torn(**{field: getattr(NORM, field) for field in NORM.__dataclass_fields__})
    decision = decide(norm=torn)
    assert ["policy.not-evaluated"] == codes(decision)
    assert {"error": "RuntimeError"} == decision.reasons[0].params


def decision(**changes: Any) -> list[str]:
    """Codes against the sample study, under a policy with something changed."""
    return codes(decide(policy=replace(POLICY, **changes)))


@pytest.mark.parametrize(
    ("listed", "field"),
    [
        ({"goals": ("16.6",)}, "goal"),
        ({"goals": ("16",)}, "goal"),
        ({"goals": ("16.6.2",)}, "goal"),  # a study for 16.6 may be for it
        ({"methods": ("table",)}, "method"),
        ({"methods": ("table/1",)}, "method"),
        ({"movers": ("fiji",)}, "mover"),
        ({"sources": ("survey",)}, "source"),
        ({"dimensions": ("SEX",)}, "dimension"),
        ({"codes": {"SEX": ("F",)}}, "code"),
        ({"goals": ("16.60", "1"), "methods": ("table/2", "tables"), "movers": ("samoa",), "sources": ("census",)}, ""),
        ({"dimensions": ("AGE",), "codes": {"SEX": ("X",), "ANSWER": ("F",)}}, ""),
    ],
)
def test_what_is_never_answered_is_lifted_by_no_permission(listed: dict[str, Any], field: str) -> None:
    found = decide(policy=replace(POLICY, never=Never(**listed)), facts=replace(FACTS, source="survey"))
    assert ([("policy.never", {"field": field})] if field else []) == [(r.code, r.params) for r in found.reasons]


@pytest.mark.parametrize(
    ("limit", "found"),
    [
        (Finest(dimension="SEX", most=1), ["policy.geography-too-fine"]),
        (Finest(dimension="SEX", most=2), []),
        (Finest(dimension="SEX", codes=("F",)), ["policy.geography-too-fine"]),
        (Finest(dimension="SEX", codes=("F", "M", "X")), []),
        (Finest(dimension="SEX", codelists=("CL_ANSWER",)), ["policy.geography-too-fine"]),
        (Finest(dimension="SEX", codelists=("CL_SEX",)), []),
        (Finest(dimension="REF_AREA", most=1), []),
    ],
)
def test_a_dimension_is_as_fine_as_the_policy_has_it(limit: Finest, found: list[str]) -> None:
    assert found == decision(finest=(limit,))


@pytest.mark.parametrize(("most", "found"), [(7, ["policy.too-many-cells"]), (8, []), (0, [])])
def test_a_study_has_no_more_cells_than_the_policy_has_it(most: int, found: list[str]) -> None:
    """Four answers by two sexes."""
    assert found == decision(cells=most)


@pytest.mark.parametrize(
    ("allow", "source", "found"),
    [
        ({"sources": ("survey",)}, "survey", []),
        ({"sources": ("survey",)}, "census", ["policy.source-not-named"]),
        ({"sources": ("survey",)}, None, ["policy.source-not-named"]),
        ({"dimensions": ("SEX", "ANSWER", "AGE")}, "survey", []),
        ({"dimensions": ("SEX",)}, "survey", ["policy.dimension-not-named"]),
    ],
)
def test_a_permission_may_be_for_some_sources_and_dimensions(
    allow: dict[str, Any], source: str | None, found: list[str]
) -> None:
    policy = replace(POLICY, allow=(replace(POLICY.allow[0], **allow),))
    assert found == codes(decide(policy=policy, facts=replace(FACTS, source=source)))


@pytest.mark.parametrize(
    ("asked", "votes", "found"),
    [
        (Decided(share=66), ("yes", "yes", "no"), []),
        (Decided(share=66), ("yes", "no"), ["policy.decision-too-weak"]),
        (Decided(share=50), ("yes", "no"), ["policy.decision-too-weak"]),  # to be exceeded
        (Decided(share=50), ("yes", "no", "yes", "abstain"), []),
        (Decided(share=1), (), ["policy.decision-too-weak"]),  # by consensus, and nobody said yes
        (Decided(), (), []),
        (Decided(votes=2), ("yes", "abstain"), []),
        (Decided(votes=3), ("yes", "abstain"), ["policy.decision-too-weak"]),
        (Decided(consultation=60), ("yes",), []),
        (Decided(consultation=61), ("yes",), ["policy.decision-too-weak"]),
    ],
)
def test_the_members_decided_as_clearly_as_the_policy_asks(
    asked: Decided, votes: tuple[str, ...], found: list[str]
) -> None:
    """Of the study and of its norm alike; each is asked about."""
    for about in (5, 7):
        log = state(sample.study())
        cast = {f"m{place}": choice for place, choice in enumerate(votes)}
        sure = {f"m{place}": "yes" for place in range(9)}
        motions = {
            index: replace(motion, consultation=60 if index == about else 999, votes=cast if index == about else sure)
            for index, motion in log.motions.items()
        }
        assert found == codes(decide(policy=replace(POLICY, decided=asked), state=log.having(motions=motions)))


@pytest.mark.parametrize(("asked", "found"), [(1, []), (2, ["policy.too-few-members"])])
def test_enough_members_are_in_good_standing(asked: int, found: list[str]) -> None:
    """Fiji alone is; a custodian is no member."""
    assert found == codes(decide(policy=sealed(members=asked)))


@pytest.mark.parametrize(("most", "found"), [("2.4", []), ("2.39", ["policy.study-too-dear"]), ("", [])])
def test_all_periods_of_a_study_cost_no_more_than_one_study_may(most: str, found: list[str]) -> None:
    """Two periods at 1.2 each."""
    assert found == decision(budget=replace(POLICY.budget, study=most))


def test_a_method_goes_without_noise_only_where_the_policy_names_it() -> None:
    bare = replace(sample.study(), noise=None)
    free = replace(FACTS, card=replace(CARD, needs=replace(CARD.needs, noise=False)), epsilon=None)
    for named, found in (
        ((), ["policy.no-noise", "policy.noise-below-floor"]),
        (("table/2",), ["policy.no-noise", "policy.noise-below-floor"]),
        (("table",), []),
        (("table/1",), []),
    ):
        assert found == codes(decide(bare, policy=sealed(noiseless=named), facts=free))


def test_a_deviation_that_no_reservation_tells_is_refused() -> None:
    assert ["norm.not-reserved"] == codes(decide(facts=replace(FACTS, reserved=False)))


# Studies of areas


AREAS = producer.study("2020-2021", {"from": producer.PRODUCTS[0], "to": producer.PRODUCTS[1]})
MAPS = Facts(card=MAPPING, bound=True, epsilon=None, affordable=True)
OPEN = replace(
    POLICY,
    allow=(Allow(method="land_cover_area", goals=("15",), movers=("*",)),),
    sealed=replace(POLICY.sealed, noise_floor=0, colluding=1),
    national=National(publish=True, threshold=1),
)


def areas(study: Study = AREAS, **changes: Any) -> Decision:
    """The decision on a study of areas, with something changed."""
    given = {"norm": producer.norm(), "policy": OPEN, "facts": MAPS, "period": "2020-2021"}
    return decide(study, **{**given, **changes})


def test_areas_need_no_noise_where_the_policy_asks_for_none() -> None:
    assert areas().consents
    asked = replace(OPEN, sealed=replace(OPEN.sealed, noise_floor=1))
    assert ["policy.noise-below-floor"] == codes(areas(policy=asked))


def test_areas_with_noise_contradict_their_method() -> None:
    plan = NoisePlan(sigma2=4, cells=1, delta="0.001", epsilon="9")
    assert "study.not-sound" in codes(areas(replace(AREAS, noise=plan), facts=replace(MAPS, epsilon=Decimal(1))))


def test_persons_without_noise_are_refused_as_ever() -> None:
    """A policy without a floor changes nothing: the method asks for noise."""
    bare = replace(sample.study(), noise=None)
    loose = replace(POLICY, sealed=replace(POLICY.sealed, noise_floor=0))
    decision = decide(bare, policy=loose, facts=replace(FACTS, epsilon=None))
    assert [("policy.no-noise", {"method": "table"}), ("study.not-sound", {"field": "noise"})] == [
        (r.code, r.params) for r in decision.reasons
    ]


def test_a_producer_answers_with_open_data_alone() -> None:
    assert ["study.not-open"] == codes(decide(facts=replace(FACTS, producer=True)))
    assert areas(facts=replace(MAPS, producer=True)).consents


def test_maps_of_another_product_are_refused_by_the_parameter() -> None:
    decision = areas(facts=replace(MAPS, products=("to",)))
    assert [("study.other-product", {"to": producer.PRODUCTS[1]})] == [(r.code, r.params) for r in decision.reasons]


def test_a_policy_that_publishes_nothing_has_nothing_to_answer_with() -> None:
    """Of persons a sum would be left."""
    silent = replace(OPEN, national=National(publish=False, threshold=1))
    assert ["policy.no-table"] == codes(areas(policy=silent))
    assert decide(policy=replace(POLICY, national=National(publish=False, threshold=10))).consents


def test_a_study_that_no_finish_takes_is_refused_before_it_is_computed() -> None:
    """Two dates, and one product named."""
    method = registry.load("land_cover_area", "1")
    assert "" == misfits.unfinished(AREAS, method)
    assert "wanted from, to" in misfits.unfinished(replace(AREAS, parameters={"from": producer.PRODUCTS[0]}), method)
    assert ["study.not-sound"] == codes(areas(facts=replace(MAPS, finishes=False)))
