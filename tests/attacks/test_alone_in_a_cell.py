"""A study that would show one person's number: behind a crowd that adds nothing to it, or by how two sums differ."""

from dataclasses import replace
from pathlib import Path

import pytest

from comity.adapters.vault import Question
from comity.methods import registry
from comity.methods.regression.measures import codes
from comity.model import cube as cubes
from comity.model.cube import STATUS, Cube
from comity.model.policy import National
from comity.model.protection import Rules
from comity.services.node.question import Asked
from comity.stages import answer
from comity.stages.effects import Say
from comity.stages.protect import sdc
from comity.stages.protect.sdc import Measured
from tests import sample
from tests.builders import numbers
from tests.builders.seal import World, counted

THRESHOLD = 10
NORM = numbers.norm({"R": ["A", "B", "C"]}, {"n": 0, "w": 0, "wy": 0, "wyy": 0}, y="0 1000000")
STUDY = numbers.study(NORM, "mean", y="y")  # the weight without decimals: what is below a half is nothing
CROWD = [{"PERSON": f"c{i}", "R": "C", "y": "5", "g": "1"} for i in range(30)]


def shown(folder: Path, weights: list[str]) -> dict[str, str]:
    """Status of each region of a table of incomes, with these persons in A, and twelve in B."""
    here = [{"PERSON": f"a{i}", "R": "A", "y": f"{1000 * i + 7}", "g": w} for i, w in enumerate(weights)]
    there = [{"PERSON": f"b{i}", "R": "B", "y": "5", "g": "1"} for i in range(12)]
    cube = numbers.counted(folder, [*here, *there, *CROWD], NORM, STUDY, columns={"V_R": "R"}, weight="g")
    return dict(zip("ABC", (STATUS[status] for status in protected(cube).status[:3]), strict=True))


def protected(cube: Cube) -> Cube:
    """As the office may show it; persons and weights are counted, and each measure adds up."""
    ids = [measure.id for measure in cube.layout.measures]
    sums = {id: Measured(what=id, counts=id == "n", part=at) for at, id in enumerate(ids)}
    return sdc.protected(cube, Rules(threshold=THRESHOLD), measures=sums).cube


def test_persons_who_weigh_nothing_are_no_crowd(tmp_path: Path) -> None:
    """Twelve persons, eleven of whom the study's decimals round away: the total would be the twelfth's income."""
    assert {"A": "Q", "B": "Q", "C": "A"} == shown(tmp_path, ["0.3"] * 3 + ["1"] + ["0.3"] * 8)
    assert {"A": "A", "B": "A", "C": "A"} == shown(tmp_path, ["1"] * 12)


def test_a_cell_in_which_nobody_weighs_is_no_zero(tmp_path: Path) -> None:
    """That one person without weight stands there is told by the count of persons, if by nothing else."""
    assert {"A": "Q", "B": "Q", "C": "A"} == shown(tmp_path, ["0"])
    assert {"A": "A", "B": "A", "C": "A"} == shown(tmp_path, [])


def test_a_total_that_one_person_makes_is_not_shown(tmp_path: Path) -> None:
    """Of fifteen persons one has the benefit: its total would be what that one gets. A total of nobody is a zero."""
    here = [{"PERSON": f"a{i}", "R": "A", "y": "4711" if i == 3 else "0"} for i in range(15)]
    there = [{"PERSON": f"b{i}", "R": "B", "y": "0"} for i in range(12)]
    rows = [*here, *there, *({name: row[name] for name in ("PERSON", "R", "y")} for row in CROWD)]
    cube = numbers.counted(tmp_path, rows, NORM, STUDY, columns={"V_R": "R"})
    table = protected(cube)
    assert ["Q", "Q", "A"] == [STATUS[status] for status in table.status[:3]]
    assert {0} == set(table.values.reshape(4, 3)[:, 0].tolist())


def test_a_covariate_of_one_person_shows_no_outcome(tmp_path: Path) -> None:
    """A regression on "is the chief of a village": the product with the outcome is the chief's income."""
    terms = codes(1)
    norm = numbers.norm({"TERM": terms}, {"n": 0, "wz": 0}, cells=len(terms), y="0 1000000", chief="0 1")
    study = numbers.study(norm, "regression", y="y", x1="chief")
    rows = [{"PERSON": f"p{i}", "TERM": terms[0], "y": str(1000 + i), "chief": str(int(i == 7))} for i in range(40)]
    table = protected(numbers.counted(tmp_path, rows, norm, study, columns={"V_TERM": "TERM"}))
    assert "x1-y" in terms
    assert "Q" == STATUS[table.status[terms.index("x1-y")]]
    assert 1007 not in table.values.tolist()


@pytest.mark.parametrize("alone", [True, False])
def test_sums_over_everybody_are_consented_to_without_an_own_table(alone: bool) -> None:
    """Of two covariates, or of one that is 6 where all others have 5, the difference of two sums is one person's."""
    world = World(5)
    office = world.office("m1")
    office.policy = sample.policy(national=National(publish=True, threshold=THRESHOLD))
    effects = answer.next(replace(world.home(office), alone=alone), office.dice)
    (said,) = [effect.body for effect in effects if isinstance(effect, Say)]
    assert alone == said.national


@pytest.mark.parametrize(("method", "alone"), [("table", True), ("mean", True), ("regression", False)])
def test_a_method_whose_persons_stand_in_every_cell_has_no_own_table(method: str, alone: bool) -> None:
    study = replace(STUDY, method=registry.reference(method, "1"))
    question = Question(study=STUDY.digest, period="2010-2014")
    assert alone == Asked(question=question, study=study, norm=None, entry=None, binding=None).alone


def test_a_table_does_not_say_how_many_add_nothing_to_a_sum() -> None:
    """Of fifty in a cell forty-nine have a benefit. Both numbers are of many; one less the other is who has none.

    The persons behind a cell are those who add to its sums, and stay at home: no rule looked at what they leave over.
    """
    world = World(5)
    office = world.office("m1")
    office.policy = sample.policy(national=National(publish=True, threshold=THRESHOLD))
    weakened = counted(office, world.study).national
    assert weakened is not None
    assert weakened.contributors.any()
    world.run()
    (said,) = world.state.nationals.values()
    assert {0} == set(cubes.decode(world.store.get(said.body.digest)).contributors.tolist())
