"""A node and the versions of a norm: an honest next one is answered under, and no next one is moved that lies."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from comity import canon
from comity.acts.consent import ConsentGiven
from comity.errors import Refused
from comity.model.norm import Norm
from comity.services.node import floor, intake, setup
from tests import sample
from tests.builders.assembly import Assembly
from tests.builders.offices import BINDING, POLICY
from tests.services.node.hub import Hub
from tests.services.node.test_doctor import office
from tests.services.node.test_node import STUDY, Scene

NEXT = replace(sample.norm(), version="1.0.1", replaces="TRUST/1.0.0", title="Trust in courts of law")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """The first version is in force, then the next one, and a study under that."""
    assembly = Assembly(5)
    with Hub(assembly) as hub:
        hub.date = ""
        home = office(tmp_path / "office", hub)
        setup.install(home, POLICY.encode(), where="policy.toml")
        people = tmp_path / "people.csv"
        rows = [f"{uid},6,{uid % 4 + 1},{uid % 2 + 1}" for uid in range(200)]
        people.write_text("\n".join(["uid,wave,q42,sex", *rows, ""]))
        intake.add_source(home, "survey", people)
        intake.bind(home, "survey", BINDING.replace("TRUST/1.0.0", "TRUST/1.0.1"), where="binding.toml")
        assembly.adopt("norm", sample.norm(), name="TRUST/1.0.0")
        first = assembly.state.in_force["norm", sample.norm().digest].motion
        assembly.adopt("norm", NEXT, name="TRUST/1.0.1", replaces=first)
        assembly.adopt("study", replace(STUDY, norm=NEXT.digest), name=f"{STUDY.id}/{STUDY.version}")
        hub.publish(assembly.time)
        yield Scene(home, hub)


def test_a_node_answers_under_an_honest_next_version(scene: Scene) -> None:
    assert [ConsentGiven] == scene.rounds(2)


def test_a_node_says_nothing_while_the_older_text_is_kept_back(scene: Scene) -> None:
    """A hub that hides what changed gets no consent, and no refusal that would stand; when it serves it, a yes."""
    name = canon.hex_of(sample.norm().digest)
    kept = scene.hub.files.pop(f"blobs/sha256/{name[:2]}/{name}")
    assert [] == scene.rounds(2)
    assert ["the hub does not serve this body" in line for line in scene.lines][:1] == [True]
    scene.hub.files[f"blobs/sha256/{name[:2]}/{name}"] = kept
    assert [ConsentGiven] == scene.rounds(2)


def moved(scene: Scene, norm: Norm, replaces: int | None) -> str:
    """The line by which a motion is refused before it is said."""
    with pytest.raises(Refused) as caught:
        floor.move(
            scene.home, "norm", canon.encode(norm), replaces=replaces, now=lambda: scene.hub.assembly.time, patience=0
        )
    assert [] == scene.said
    return str(caught.value)


def test_a_version_that_lies_is_not_moved(scene: Scene) -> None:
    first, second = (
        motion.ref.index for motion in scene.hub.assembly.state.motions.values() if motion.matter == "norm"
    )
    lower = replace(NEXT, protection=replace(NEXT.protection, threshold=2), version="1.1.0", replaces="TRUST/1.0.1")
    assert "the protection: another threshold: that is a major change of TRUST/1.0.1" in moved(scene, lower, second)
    assert "TRUST/1.0.1 was adopted before (motion" in moved(scene, replace(lower, version="2.0.0"), first)
    assert "its motion replaces none" in moved(scene, replace(lower, version="2.0.0"), None)


def test_an_honest_version_is_moved(scene: Scene) -> None:
    second = [m.ref.index for m in scene.hub.assembly.state.motions.values() if m.matter == "norm"][-1]
    lower = replace(NEXT, protection=replace(NEXT.protection, threshold=2), version="2.0.0", replaces="TRUST/1.0.1")
    said = floor.move(
        scene.home, "norm", canon.encode(lower), replaces=second, now=lambda: scene.hub.assembly.time, patience=0
    )
    assert "motion" == said.kind
    assert canon.encode(lower) in scene.hub.bodies
