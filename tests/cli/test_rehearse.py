"""`comity rehearse`: from a norm and a study alone to people, a binding, an office and a dry run."""

import csv
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from comity import canon
from comity.cli.main import run
from comity.methods import registry
from comity.model.norm import Measure, Variable
from comity.model.study import Method
from comity.services.node import desk, setup, sources
from tests import sample
from tests.builders import offices, producer


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "norm.json").write_bytes(canon.encode(sample.norm()))
    (tmp_path / "study.json").write_bytes(canon.encode(offices.study()))
    return tmp_path


def rehearse(capsys: pytest.CaptureFixture[str], *more: str, out: str = "made") -> Any:
    words = ["rehearse", "study.json", "--norm", "norm.json", "--out", out, "--persons", "60", "--json", *more]
    assert 0 == run(words)
    return json.loads(capsys.readouterr().out)


def test_a_study_is_rehearsed_without_data_or_hub(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All people are counted; the folder and the office in it say what they are; the same seed is the same table."""
    told = rehearse(capsys)
    assert (60, 60, 0, 0, "will consent") == tuple(
        told[name] for name in ("rows", "counted", "missing", "outside", "answer")
    )
    assert 60 == sum(cell["counted"] for cell in told["cells"])
    assert "nothing" == told["left-this-office"]
    for file in ("SYNTHETIC.txt", "binding.toml", "office/SYNTHETIC.txt", "office/policy.toml"):
        assert "SYNTHETIC" in (place / "made" / file).read_text()
    source = sources.only(place / "made" / "office").source
    assert ("synthetic", True) == (source.id, source.unique)
    again = rehearse(capsys, "--format", "parquet", out="again")
    assert told["cells"] == again["cells"]
    assert told["cells"] != rehearse(capsys, "--seed", "2", out="other")["cells"]


def test_the_office_of_a_rehearsal_takes_every_command(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = rehearse(capsys)
    assert 0 == run(["dry-run", "study.json", "--norm", "norm.json", "--home", "made/office", "--json"])
    assert told["cells"] == json.loads(capsys.readouterr().out)["cells"]
    assert () == desk.egress(place / "made" / "office")


def test_an_offices_own_policy_may_answer(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A new office's policy allows nothing."""
    setup.init(place / "office", id="aa", area="001")
    told = rehearse(capsys, "--policy-of", "office")
    assert ("will refuse", "0") == (told["answer"], told["epsilon-budget"])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--persons", "3"], "not so many persons"),
        (["--period", "1999"], "no such period"),
        (["--policy-of", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_rehearsed_leaves_nothing_behind(
    place: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    assert run(["rehearse", "study.json", "--norm", "norm.json", "--out", "made", *more]) in (2, 3)
    told = capsys.readouterr().err.splitlines()
    assert 1 == len([line for line in told if "comity: " in line and said in line])
    assert not (place / "made").exists()


def test_people_are_made_up_for_methods_on_persons_alone(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = producer.study("2020-2021", {"from": producer.PRODUCTS[0], "to": producer.PRODUCTS[1]})
    (place / "norm.json").write_bytes(canon.encode(producer.norm()))
    (place / "study.json").write_bytes(canon.encode(study))
    assert 2 == run(["rehearse", "study.json", "--norm", "norm.json", "--out", "made"])
    assert "no people can be made up for this study" in capsys.readouterr().err


def test_a_folder_that_exists_is_left_alone(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "made").mkdir()
    (place / "made" / "mine").write_text("mine")
    assert 2 == run(["rehearse", "study.json", "--norm", "norm.json", "--out", "made"])
    assert "the folder exists already" in capsys.readouterr().err
    assert "mine" == (place / "made" / "mine").read_text()


def test_a_mean_is_rehearsed_with_weights_and_a_design(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The mean is the weighted one of the file, and the design effect of a total stands beside its error."""
    card = registry.load("mean", "1").card
    measures = tuple(
        Measure(id=id, name=id, decimals=2 * (id in ("w", "wy", "wyy")), bound=10**12)
        for id in (*card.needs.measures, *(moment.id for moment in card.needs.moments))
    )
    income = Variable(id="INCOME", concept="INCOME", universe="", unit="person", least="0", most="900")
    norm = sample.norm()
    norm = replace(norm, structure=replace(norm.structure, measures=measures), variables=(*norm.variables, income))
    study = replace(
        offices.study(),
        norm=norm.digest,
        method=Method(name="mean", version="1", digest=registry.digest("mean", "1")),
        parameters={"y": "INCOME", "y_decimals": "0", "weight_decimals": "2"},
        layout=norm.structure.layout(("SEX",), tuple(one.id for one in measures)),
        noise=None,
        bound=10**15,
    )
    (place / "norm.json").write_bytes(canon.encode(norm))
    (place / "study.json").write_bytes(canon.encode(study))
    told = rehearse(capsys)
    with (place / "made" / "synthetic.csv").open() as file:
        women = [row for row in csv.DictReader(file) if row["Q2"] == "F"]
    weights = [Decimal(row["weight"]) for row in women]
    total = sum(w * Decimal(row["INCOME"]) for w, row in zip(weights, women, strict=True))
    (mean,) = [one for one in told["figures"] if (one["key"], one["measure"]) == (["F"], "mean")]
    assert f"{total / sum(weights):.4f}" == mean["value"]
    assert Decimal(mean["standard-error"]) > 0
    assert ("will consent", "weight", "strata stratum, stage 1 cluster") == tuple(
        told[name] for name in ("answer", "weight", "design")
    )
    assert {"w", "wy", "wy/w"} == {one["of"] for one in told["design-effects"]}
