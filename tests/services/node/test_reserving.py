"""An office enters a reservation by its officer's hand: against parts that the norm has, once, and lifts it again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity import canon
from comity.acts import statement
from comity.cli.main import run
from comity.errors import NotAdmitted, UsageError
from comity.services.node import intake, reserving, setup
from comity.services.node.doctor import doctor
from tests import sample
from tests.builders.assembly import Assembly
from tests.builders.offices import BINDING
from tests.services.node.hub import Hub
from tests.services.node.test_node import POLICY, office

NAME = "deviations"
PARTS = ["variable:Q1", "code:CL_ANSWER.4"]


class Scene:
    """The office of m1, and its hub, which publishes what was posted when it is told to."""

    def __init__(self, home: Path, hub: Hub) -> None:
        self.home, self.hub = home, hub

    def publish(self) -> None:
        """Everything that was posted is in the log, once."""
        for leaf in dict.fromkeys(self.hub.statements):
            if leaf not in self.hub.assembly.leaves:
                self.hub.assembly.append(leaf)
        self.hub.assembly.tick()
        self.hub.publish(self.hub.assembly.time)

    @property
    def said(self) -> list[tuple[str, ...]]:
        """The parts of every reservation in the log."""
        acts = [statement.read(leaf).act for leaf in self.hub.assembly.leaves]
        return [act.body.parts for act in acts if act.kind == "reservation"]  # type: ignore[union-attr]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.date = ""
        home = office(tmp_path / "office", hub)
        setup.install(home, POLICY.encode(), where="policy.toml")
        assembly.adopt("norm", sample.norm(), name="TRUST/1.0.0")
        for body in assembly.bodies.values():
            name = canon.hex_of(canon.digest(body))
            hub.files[f"blobs/sha256/{name[:2]}/{name}"] = body
        hub.publish(assembly.time)
        yield Scene(home, hub)


def test_it_is_said_once_with_its_parts_in_order(scene: Scene) -> None:
    first = reserving.enter(scene.home, "TRUST", PARTS, text="Asked of adults only.")
    scene.publish()
    again = reserving.enter(scene.home, "TRUST/1.0.0", [*reversed(PARTS), PARTS[0]], text="Asked of adults only.")
    assert first == again
    assert [("code:CL_ANSWER.4", "variable:Q1")] == scene.said
    assert b"Asked of adults only." in scene.hub.bodies


def test_what_was_lifted_may_be_entered_again(scene: Scene) -> None:
    for step in (lambda: reserving.enter(scene.home, "TRUST", PARTS), lambda: reserving.lift(scene.home, "TRUST")) * 2:
        step()
        scene.publish()
    assert [tuple(sorted(PARTS)), (), tuple(sorted(PARTS)), ()] == scene.said


@pytest.mark.parametrize("part", ["question:Q7", "code:CL_ANSWER.9", "Q1", "protection:noise"])
def test_a_part_that_the_norm_does_not_have_is_refused(scene: Scene, part: str) -> None:
    with pytest.raises(UsageError, match="no such part"):
        reserving.enter(scene.home, "TRUST", [part])
    assert [] == scene.hub.statements


def test_a_norm_that_is_not_in_force_is_refused(scene: Scene) -> None:
    with pytest.raises(UsageError, match="no such norm is in force"):
        reserving.enter(scene.home, "OTHER", PARTS, patience=0)
    with pytest.raises(NotAdmitted, match="reserves nothing of it"):
        reserving.lift(scene.home, "TRUST")


def test_by_commands(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--home", str(scene.home), "--json"]
    assert 0 == run(["reservation", "enter", "TRUST/1.0.0", *PARTS, "--text", "Adults.", *home])
    entered = json.loads(capsys.readouterr().out)
    scene.publish()
    assert 0 == run(["reservation", "list", *home])
    row = json.loads(capsys.readouterr().out)[0]
    assert ("TRUST/1.0.0", "m1", sorted(PARTS)) == (row["norm"], row["member"], row["parts"])
    assert entered["reservation"] == row["leaf"]
    assert 0 == run(["reservation", "lift", "TRUST", *home])
    capsys.readouterr()
    scene.publish()
    assert 0 == run(["reservation", "list", "--home", str(scene.home)])
    assert "No reservation stands.\n" == capsys.readouterr().out


def test_the_doctor_says_where_a_binding_deviates_and_no_reservation_does(scene: Scene, tmp_path: Path) -> None:
    def line() -> str:
        return next(
            check.line for check in doctor(scene.home, now=lambda: scene.hub.assembly.time) if check.name == NAME
        )

    (tmp_path / "people.csv").write_text("uid,wave,q42,sex\n1,6,1,1\n")
    intake.add_source(scene.home, "survey", tmp_path / "people.csv")
    at = BINDING.index("[[maps]]")
    intake.bind(scene.home, "survey", f'{BINDING[:at]}deviations = ["adults only"]\n\n{BINDING[at:]}', where="b.toml")
    assert line().startswith("a binding deviates from TRUST/1.0.0, and figures do not say so")
    reserving.enter(scene.home, "TRUST", PARTS)
    scene.publish()
    assert line().startswith("no binding deviates")
