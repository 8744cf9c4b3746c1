"""A draft is what `comity study pack` reads; what it says of noise, cost and support is what nodes would find."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import canon
from comity.cli.main import run
from comity.errors import FormatError, Refused, UsageError
from comity.model import study as studies
from comity.model.study import NoisePlan, Period, Timing
from comity.research import Asked, Connection, drafted
from comity.research.ask import DELTA
from comity.stages.protect import noise
from tests import sample
from tests.builders import producer
from tests.research.places import ALLOWS, ASKS_OFFICER, OTHER_GOAL

PERIODS = {"2010-2014": "6", "2017-2022": "7"}


@pytest.fixture(scope="module")
def asked(hub: Connection) -> Asked:
    return hub.ask("TRUST", periods=PERIODS, bound=10_000, epsilon="0.8")


def test_the_file_is_what_study_pack_reads(asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sponsor's own commands, on the two files as they were written."""
    draft, norm = asked.write(tmp_path / "study.toml")
    assert ("study.toml", "norm.json") == (draft.name, norm.name)
    out = tmp_path / "study.json"
    assert 0 == run(["study", "pack", str(draft), "--norm", str(norm), "--out", str(out), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (asked.study.digest, 8) == (told["digest"], told["cells"])
    assert canon.encode(asked.study) == out.read_bytes()


def test_nothing_is_overwritten(asked: Asked, tmp_path: Path) -> None:
    """A notebook that is run again finds its own files, and that is no fault."""
    assert asked.write(tmp_path / "study.toml") == asked.write(tmp_path / "study.toml")
    for name in ("study.toml", "norm.json"):
        place = tmp_path / f"beside {name}"
        place.mkdir()
        (place / name).write_text("mine")
        with pytest.raises(UsageError, match="is there already"):
            asked.write(place / "study.toml")
        assert [name] == [file.name for file in place.iterdir()]


def test_a_wished_epsilon_is_kept_by_the_least_noise(asked: Asked) -> None:
    """One unit of variance less would cost more than was allowed."""
    plan = asked.study.noise
    assert plan is not None
    less = replace(asked.study, noise=replace(plan, sigma2=plan.sigma2 - 1))
    kept, over = noise.loss(asked.study), noise.loss(less)
    assert kept is not None
    assert over is not None
    assert kept <= Decimal("0.8") < over
    assert (kept, 2 * kept) == (asked.costs.epsilon, asked.costs.all_periods)
    assert Decimal(plan.epsilon) == kept


def test_a_draft_may_protect_all_that_a_member_puts_in(hub: Connection) -> None:
    """Then it costs more than for a person, says so, and the file says it too."""
    wish = {"periods": ["2020"], "bound": 10, "sigma2": 10_000, "delta": "0.000001"}
    person, member = (hub.ask("TRUST", **wish, protects=whom) for whom in ("person", "member"))
    assert person.costs.epsilon is not None
    assert member.costs.epsilon is not None
    assert person.costs.epsilon < member.costs.epsilon
    assert "all that one member puts in" in repr(member)
    assert 'protects = "member"' in member.text
    assert member.study.noise is not None
    assert "member" == member.study.noise.protects


def test_the_cost_is_the_demonstrations(hub: Connection) -> None:
    """Variance 36 at delta 1e-9 costs 0.8369: the study of the demonstration states 0.84, rounded up."""
    costs = hub.ask("TRUST", periods=["2020"], bound=10_000, sigma2=36, delta="0.000000001").costs
    assert Decimal("0.8369") == costs.epsilon
    assert costs.alone is not None
    assert costs.epsilon < costs.alone


def test_it_says_what_it_would_reveal(asked: Asked) -> None:
    """8 cells, n and share of each; ten members: three may collude, seven open the sum (docs/proofs/seal.md)."""
    reveals = asked.reveals
    assert (8, 16, ("n", "share"), 7) == (reveals.cells, reveals.figures, reveals.measures, reveals.survivors)
    plan = asked.study.noise
    assert plan is not None
    assert plan.sigma2 == pytest.approx(reveals.least_sd**2)
    assert plan.sigma2 * 10 / (7 - 3) == pytest.approx(reveals.sd**2)
    assert 3 == asked.study.colluding
    seen = dict(reveals.seen)
    assert {"the office itself", "the hub", "everyone"} <= set(seen)
    assert "no table of one" in seen["the hub"]


def test_published_policies_are_asked_and_the_others_are_unknown(asked: Asked) -> None:
    """Three of ten members published one: two allow it, one of them after its officer; the third serves goal 5."""
    support = asked.support
    assert (10, 3, 7) == (support.offices, support.published, support.unknown)
    assert ((ALLOWS, ASKS_OFFICER), (ASKS_OFFICER,)) == (support.allow, support.officers)
    assert {OTHER_GOAL: ["policy.not-named"]} == {id: [r.code for r in rs] for id, rs in support.against.items()}
    assert "2 of 3 published policies" in repr(asked)
    assert "7 of 10 offices published none: unknown" in asked._repr_html_()


def test_too_little_noise_is_refused_by_the_policies_that_ask_for_more(hub: Connection) -> None:
    """Each asks for a variance of 36, and for three colluding members."""
    support = hub.ask("TRUST", periods=["2020"], bound=10, sigma2=35, colluding=2).support
    wanted = ["policy.cooperation-too-small", "policy.noise-below-floor"]
    assert () == support.allow
    assert wanted == sorted(reason.code for reason in support.against[ALLOWS])


def test_a_release_beyond_a_years_budget_is_refused(hub: Connection) -> None:
    """Policies have epsilon 4 at delta 1e-6 a year."""
    support = hub.ask("TRUST", periods=["2020"], bound=10, sigma2=1, delta="0.00001").support
    assert "budget.spent" in [reason.code for reason in support.against[ALLOWS]]


def test_a_sponsor_must_be_a_member(hub: Connection) -> None:
    with pytest.raises(UsageError, match=r"no member in good standing.*found nobody; wanted m0, m1"):
        hub.ask("TRUST", periods=["2020"], bound=10, sigma2=36, sponsor="nobody")
    assert (ALLOWS, ASKS_OFFICER) == hub.ask("TRUST", periods=["2020"], bound=10, sigma2=36, sponsor="m9").support.allow


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({}, "how much noise.*neither.*way out"),
        ({"epsilon": "1", "sigma2": 36}, "how much noise.*both"),
        ({"epsilon": "-1"}, "not a privacy cost"),
        ({"epsilon": "0.0001"}, "no noise of ours is that strict"),
        ({"sigma2": 36, "delta": "2"}, "not a privacy parameter"),
    ],
)
def test_a_wish_without_an_answer_is_one_line(hub: Connection, wish: dict[str, object], words: str) -> None:
    with pytest.raises((UsageError, FormatError), match=words):
        hub.ask("TRUST", periods=["2020"], bound=10, **wish)


def test_areas_take_no_noise(hub: Connection) -> None:
    """Nobody is counted: a wish for an epsilon is a misunderstanding, and said at once."""
    wish = {"periods": ["2020-2021"], "bound": 10**15, "id": "strip"}
    products = dict(zip(("from", "to"), producer.PRODUCTS, strict=True))
    asked = hub.ask(producer.norm(), "land_cover_area/1", parameters=products, **wish)
    assert (None, None) == (asked.study.noise, asked.costs.epsilon)
    with pytest.raises(UsageError, match="no noise is planned; found epsilon; wanted neither"):
        hub.ask(producer.norm(), "land_cover_area/1", parameters=products, epsilon="0.5", **wish)


def test_what_every_node_would_refuse_is_refused_here(hub: Connection) -> None:
    with pytest.raises(FormatError, match="bound"):
        hub.ask("TRUST", periods=["2020"], bound=0, sigma2=36)
    with pytest.raises(FormatError, match="AGE"):
        hub.ask("TRUST", periods=["2020"], bound=10, sigma2=36, dimensions=["AGE"])
    with pytest.raises(Refused, match="no such method"):
        hub.ask("TRUST", "magic/1", periods=["2020"], bound=10, sigma2=36)
    with pytest.raises(UsageError, match="no such name among the norms"):
        hub.ask("OTHER", periods=["2020"], bound=10, sigma2=36)


def test_a_norm_that_nobody_moved_can_be_drafted_with(hub: Connection) -> None:
    """It need only be at hand; the members would vote on both."""
    norm = replace(sample.norm(), id="TRUST2")
    asked = hub.ask(norm, periods=["2020"], bound=10, sigma2=36)
    assert ("TRUST2/1.0.0", (ALLOWS, ASKS_OFFICER)) == (asked.draft.norm, asked.support.allow)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=30)


@settings(max_examples=60)
@given(TEXT, TEXT, st.dictionaries(TEXT, TEXT, max_size=3), st.booleans())
def test_any_text_comes_back_out_of_the_toml(title: str, goal: str, parameters: dict[str, str], noisy: bool) -> None:
    """Quotes, line ends, control characters: what is written is what was drafted."""
    draft = studies.Draft(
        id="A",
        version="1.0.0",
        title=title,
        goal=goal,
        related=True,
        rehearsal=False,
        norm="N/1.0.0",
        method="table/1",
        parameters=parameters,
        dimensions=("A", "B"),
        measures=("n",),
        bound=1,
        colluding=1,
        noise=NoisePlan(sigma2=4, cells=1, delta=DELTA, epsilon="2") if noisy else None,
        periods=(Period(id="2020", value=title),),
        timing=Timing(consent=3, step=2, send=1),
    )
    assert draft == studies.read(drafted.toml(draft, ("told",)), where="x")
