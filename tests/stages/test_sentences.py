"""What a policy says in sentences: every rule has one, and every sentence can be filled."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.norm import Code, Codelist, Dimension
from comity.model.policy import SENTENCES, Allow, Budget, Decided, Finest, National, Never, Policy, Sealed
from comity.model.protection import Dominance, Rules
from comity.model.structure import Axis, Layout
from comity.stages import sentences
from comity.stages.protect import primary, tables
from tests import sample

POLICY = sample.policy()
NORM = sample.norm()
FULL = replace(
    POLICY,
    officer=True,
    allow=(
        Allow(method="table", goals=("1", "16"), movers=("fiji", "samoa"), sources=("survey",), dimensions=("SEX",)),
    ),
    national=National(
        publish=False,
        threshold=3,
        dominance=(Dominance(n=1, k=70),),
        p=15,
        sensitive=({"SEX": "F", "REF_AREA": "*"},),
        zeros=True,
    ),
    sealed=Sealed(
        noise_floor=0, rate=150, colluding=1, survivors=5, witnesses=7, members=9, noiseless=("aggregate", "mean/1")
    ),
    budget=Budget(epsilon="2.5", delta="0.0001", study="0.5", years=2, units=("person", "household")),
    cells=1000,
    never=Never(
        goals=("3.7",),
        methods=("tiles",),
        movers=("tonga",),
        sources=("census",),
        dimensions=("RELIGION",),
        codes={"REF_AREA": ("001",)},
    ),
    finest=(Finest(dimension="REF_AREA", codelists=("CL_REGION",), codes=("R1", "R2"), most=26),),
    decided=Decided(share=66, votes=4, consultation=3600),
)
WAYS: dict[str, dict[str, Any]] = {"rounding": {"base": 5}, "cell-key": {}, "noise": {"noise": "discrete-laplace 2"}}
OTHER_WAYS = [
    replace(FULL, national=replace(FULL.national, publish=True, way=way, **also)) for way, also in WAYS.items()
]
PAIRS = replace(POLICY, national=replace(POLICY.national, coalition=2))
GOOD = replace(POLICY, budget=replace(POLICY.budget, years=0))
POLICIES = (POLICY, FULL, PAIRS, GOOD, replace(FULL, four_eyes=True), *OTHER_WAYS)


def test_every_sentence_of_an_explanation_is_in_the_catalogue_and_can_be_filled() -> None:
    said = [sentence for policy in POLICIES for sentence in sentences.explain(policy)]
    assert {sentence.code for sentence in said} == set(SENTENCES)
    for sentence in said:
        text = SENTENCES[sentence.code].format(**sentence.params)
        assert "{" not in text
        assert all(value in text for value in sentence.params.values())


def test_an_explanation_says_that_all_else_is_refused() -> None:
    assert "explain.deny" in [sentence.code for sentence in sentences.explain(replace(POLICY, allow=()))]


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        *(("never", {field.name: {} if field.name == "codes" else ()}) for field in fields(Never)),
        *(("decided", {field.name: 0}) for field in fields(Decided)),
        *(("sealed", {name: 1}) for name in ("noise_floor", "rate", "survivors", "witnesses", "members")),
        ("sealed", {"colluding": 2}),
        ("sealed", {"noiseless": ()}),
        ("budget", {"study": ""}),
        ("budget", {"epsilon": "1"}),
        ("budget", {"delta": "0.1"}),
        *(("budget", {"years": years}) for years in (0, 1, 3)),
        ("budget", {"units": ()}),
        ("budget", {"units": ("person",)}),
        ("national", {"publish": True}),
        ("national", {"threshold": 4}),
        ("national", {"dominance": ()}),
        ("national", {"p": 10}),
        ("national", {"sensitive": ()}),
        ("national", {"zeros": False}),
        ("national", {"width": 20}),
        ("national", {"coalition": 2}),
        ("national", {"way": "rounding"}),
    ],
)
def test_whatever_a_policy_says_is_heard(part: str, changes: dict[str, Any]) -> None:
    """No rule is silent: another value is another sentence, or one more or less."""
    changed = replace(FULL, **{part: replace(getattr(FULL, part), **changes)})
    assert sentences.explain(changed) != sentences.explain(FULL)


@pytest.mark.parametrize(
    ("way", "changes"),
    [
        ("rounding", {"base": 3}),
        ("cell-key", {"bound": 6}),
        ("cell-key", {"variance": "3"}),
        ("noise", {"noise": "skellam 9"}),
        ("noise", {"delta": "0.001"}),
    ],
)
def test_whatever_belongs_to_a_way_is_heard(way: str, changes: dict[str, Any]) -> None:
    own = replace(FULL.national, way=way, **WAYS[way])
    said, other = (sentences.explain(replace(FULL, national=one)) for one in (own, replace(own, **changes)))
    assert said != other


@pytest.mark.parametrize("policy", OTHER_WAYS, ids=list(WAYS))
def test_what_is_not_suppressed_is_not_said_to_be(policy: Policy) -> None:
    """By any other way a cell of few persons is sensitive, and shown as that way has it."""
    codes = [sentence.code for sentence in sentences.explain(policy)]
    assert "explain.publish-sensitive" in codes
    assert "explain.publish" not in codes


@pytest.mark.parametrize(
    ("entry", "idle"),
    [
        ({"SEX": "F"}, False),
        ({"SEX": "*", "ANSWER": "1"}, False),
        ({"SEX": "_T"}, False),
        ({"REGION": "*"}, False),  # every table stands at the top of what it lacks
        ({"SEX": "FEMALE"}, True),
        ({"SEX": "F", "ANSWER": "7"}, True),
        ({"SXE": "F"}, True),
    ],
)
def test_an_entry_that_names_no_cell_of_any_study_is_told(entry: dict[str, str], idle: bool) -> None:
    policy = replace(POLICY, national=replace(POLICY.national, sensitive=(entry,)))
    spelt = " ".join(f"{id}={code}" for id, code in sorted(entry.items()))
    asked = [(sample.study().layout, NORM)]
    assert ((spelt,) if idle else ()) == sentences.idle(policy, asked)
    assert (spelt,) == sentences.idle(policy, [])


NAMED = st.dictionaries(
    st.sampled_from(["SEX", "AREA", "AGE"]), st.sampled_from(["F", "N1", "N", "S", "ALL", "*", "_T"])
)
GROUPS = {"N1": "N", "N2": "N", "N": "ALL", "S1": "S", "S": "ALL"}


@given(entry=NAMED, codes=st.lists(st.sampled_from(["N1", "N2", "S1"]), min_size=1, unique=True))
def test_an_entry_names_a_cell_where_the_rule_finds_one(entry: dict[str, str], codes: list[str]) -> None:
    """Of a study's table with all its margins, of which some stand in groups of groups."""
    named = tuple(Code(id=one, name=one, parent=GROUPS.get(one)) for one in ("N1", "N2", "S1", "N", "S", "ALL"))
    structure = replace(
        NORM.structure,
        codelists=(*NORM.structure.codelists, Codelist(id="CL_AREA", agency="X", version="1.0", codes=named)),
        dimensions=(*NORM.structure.dimensions, Dimension(id="AREA", name="area", codelist="CL_AREA")),
    )
    axes = [("SEX", ("F", "M")), ("AREA", tuple(codes))]
    layout = Layout(dimensions=tuple(Axis(id=id, codes=of) for id, of in axes), measures=())
    policy = replace(POLICY, national=replace(POLICY.national, sensitive=(entry,)))
    number = np.full(2 * len(codes), 9)
    table = tables.extended(axes, number, number, counts=True, parents={"AREA": GROUPS})
    assert len(primary.unmatched((table,), Rules(sensitive=(entry,)))) == len(
        sentences.idle(policy, [(layout, replace(NORM, structure=structure))])
    )


def test_a_source_that_the_office_does_not_have_is_told_wherever_a_policy_names_it() -> None:
    named = replace(
        POLICY,
        allow=tuple(Allow(method="mean", goals=("1",), movers=("*",), sources=(id,)) for id in ("*", "lfs", "slic")),
        never=Never(sources=("census", "taxes", "slic")),
    )
    assert ("slic", "taxes") == sentences.no_source(named, ["lfs", "census"])


def test_a_method_that_nobody_here_has_is_told_wherever_a_policy_names_it() -> None:
    """`never` of a misspelt method forbids nothing, and says so to nobody else."""
    named = replace(
        POLICY,
        allow=tuple(Allow(method=name, goals=("1",), movers=("*",)) for name in ("mean", "means", "mean/2")),
        never=Never(methods=("regresion", "regression/1")),
        sealed=replace(POLICY.sealed, noiseless=("means", "ratio")),
    )
    shelf = ("mean/1", "ratio/1", "regression/1")
    assert ("means", "mean/2", "regresion") == sentences.no_method(named, shelf)
