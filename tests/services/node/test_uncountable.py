"""What no whole number of 64 bits holds is answered with nothing, and costs nothing: sums, and moments of a sample."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from comity.acts.consent import ConsentGiven
from comity.acts.exchange import Answer
from comity.model.study import NoisePlan, Study
from comity.services.node import desk, intake, setup
from comity.stages.protect import noise
from tests.builders import numbers
from tests.builders.assembly import Assembly
from tests.builders.offices import POLICY
from tests.services.node.hub import Hub
from tests.services.node.test_doctor import office
from tests.services.node.test_node import Scene

MOST = 100  # that a person weighs
SUMS = {"n": 0, "w": 0, "wy": 0, "wyy": 0}
WIDE = numbers.norm({"SEX": "FM"}, SUMS | {"vw": 15, "cwy": 0, "vy": 0}, INCOME="0 1000")
BOUNDED = tuple(replace(one, bound=MOST if one.id == "w" else 1) for one in WIDE.structure.measures)
NORM = replace(WIDE, structure=replace(WIDE.structure, measures=BOUNDED))
SAID = "too large for a whole number of 64 bits"
BINDING = f"""\
id = "home"
version = "1"
norm = "{NORM.name}"
weight = "weight"
""" + "".join(
    f'[[maps]]\nvariable = "{variable}"\ncolumn = "{column}"\n'
    for variable, column in {"PERSON": "uid", "WAVE": "wave", "V_SEX": "sex", "INCOME": "income"}.items()
)
MEANS = POLICY.replace('method = "table"', 'method = "mean"').replace('epsilon = "6"', 'epsilon = "90"')
NOISY = MEANS.replace("threshold = 5", 'threshold = 5\nway = "noise"\nnoise = "discrete-laplace 100"')


def of(*, moments: bool) -> Study:
    """A mean, with errors or without, whose noise the budget would bear, and that of the own table."""
    asked = numbers.study(NORM, "mean", y="INCOME")
    measures = asked.layout.measures if moments else asked.layout.measures[:4]
    plan = NoisePlan(sigma2=10**6, cells=1, delta="0.000001", epsilon="1")
    asked = replace(asked, layout=replace(asked.layout, measures=measures), noise=plan)
    return replace(asked, noise=replace(plan, epsilon=f"{noise.loss(asked):f}"))


def measured(folder: Path, hub: Hub, asked: Study, rows: list[str], *, policy: str) -> Path:
    """m1's folder; a study is in force, and a survey bound to its norm: rows of uid, wave, sex, income, weight."""
    hub.date = ""
    home = office(folder / "office", hub)
    setup.install(home, policy.encode(), where="policy.toml")
    people = folder / "people.csv"
    people.write_text("\n".join(["uid,wave,sex,income,weight", *rows, ""]))
    intake.add_source(home, "survey", people)
    intake.bind(home, "survey", BINDING, where="binding.toml")
    hub.assembly.adopt("norm", NORM, name=NORM.name)
    hub.assembly.adopt("study", asked, name=f"{asked.id}/{asked.version}")
    hub.publish(hub.assembly.time)
    return home


def until_counted(scene: Scene) -> None:
    """Rounds of one node, a second apart, until it said a table, or why it has none: counting goes on beside them."""
    node = scene.node()
    try:
        for scene.skew in range(200):
            node.round()
            if len(scene.said) > 1 or scene.lines:
                break
            time.sleep(0.25)
    finally:
        node.office.close()


@pytest.mark.parametrize(
    ("moments", "weight", "paid"),
    [(False, 10**13, 0), (True, MOST, 0), (True, 1, 1)],
    ids=["a person's part", "a variance", "neither"],
)
def test_what_64_bits_do_not_hold_is_not_charged(tmp_path: Path, *, moments: bool, weight: int, paid: int) -> None:
    """10^13 x 1000^2 is beyond 2^63; so is 10^15 times the variance of 100 of 200 persons who weigh 100."""
    asked = of(moments=moments)
    with Hub(Assembly(5)) as hub:
        rows = [f"{uid},6,{'FM'[uid % 2]},500,{weight}" for uid in range(200)]
        home = measured(tmp_path, hub, asked, rows, policy=NOISY)
        scene = Scene(home, hub)
        assert [ConsentGiven] == scene.rounds()
        hub.publish(hub.assembly.time)
        until_counted(scene)
        assert [ConsentGiven, Answer][: 1 + paid] == scene.said
        assert (not paid) == (SAID in "".join(scene.lines))
        assert paid == len(desk.ledger(home))
