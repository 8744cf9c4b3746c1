"""The same question is answered with the same data: what a node does when they are exchanged after it consented."""

from pathlib import Path

import pytest

from comity.acts.consent import ConsentGiven
from comity.acts.exchange import Answer
from comity.acts.refs import Ref
from comity.adapters.vault import Question
from comity.canon import digest
from comity.errors import SourceError
from comity.model.reason import Reason
from comity.services.node import intake, sources, vintages
from tests import sample
from tests.builders.assembly import Assembly
from tests.services.node.test_node import STUDY, Scene, scene

__all__ = ["scene"]
QUESTION = Question(study=STUDY.digest, period=STUDY.periods[0].id)
OLD, NEW = digest(b"old data"), digest(b"new data")


def people(scene: Scene) -> Path:
    return scene.home.parent / "people.csv"


def check(scene: Scene) -> None:
    intake.check_source(scene.home, "survey", sample.norm())


def logged(scene: Scene) -> list[type]:
    """What the node says after the hub has shown it what it said before."""
    scene.hub.publish(scene.hub.assembly.time)
    return scene.rounds()


def test_vintage_swapped_after_consent(scene: Scene) -> None:
    """Checked anew or not, other data are never counted under the consent; the earlier ones are, once they are back."""
    check(scene)
    before = people(scene).read_bytes()
    assert [ConsentGiven] == scene.rounds()
    people(scene).write_bytes(before.replace(b"0,6,1,1", b"0,6,2,1", 1))
    assert [ConsentGiven] == logged(scene)
    assert "not the data whose privacy unit was checked" in scene.lines[-1]
    check(scene)
    assert [ConsentGiven] == logged(scene)
    assert "not the data that the office consented with" in scene.lines[-1]
    assert "comity consent revoke" in scene.lines[-1]
    people(scene).write_bytes(before)
    check(scene)
    assert [ConsentGiven, Answer] == logged(scene)


def test_a_source_that_nobody_checked_is_held_to_what_was_counted_first(scene: Scene) -> None:
    assert [ConsentGiven] == scene.rounds()
    kept = vintages.find(scene.home, QUESTION)
    assert kept is not None
    assert kept.vintage is None
    assert [ConsentGiven, Answer] == logged(scene)
    kept = vintages.find(scene.home, QUESTION)
    assert kept is not None
    assert digest(people(scene).read_bytes()) == kept.vintage


def test_a_source_remembers_what_it_held_newest_last(scene: Scene) -> None:
    """In `sources.toml`, once each, with the rows of the check; the file is added anew without forgetting them."""
    first = people(scene).read_bytes()
    check(scene)
    people(scene).write_bytes(first + b"999,6,1,1\n")
    check(scene)
    found = sources.named(scene.home, "survey").vintages
    assert [(digest(first), 200, True), (digest(first + b"999,6,1,1\n"), 201, True)] == [
        (one.digest, one.rows, one.unique) for one in found
    ]
    people(scene).write_bytes(first)
    intake.add_source(scene.home, "survey", people(scene))
    assert found == sources.named(scene.home, "survey").vintages
    check(scene)
    assert [one.digest for one in reversed(found)] == [
        one.digest for one in sources.named(scene.home, "survey").vintages
    ]


@pytest.fixture
def assembly() -> Assembly:
    made = Assembly(5)
    made.adopt("norm", sample.norm(), name="TRUST/1.0.0")
    made.adopt("study", STUDY, name=f"{STUDY.id}/{STUDY.version}")
    return made


def consents(home: Path, assembly: Assembly, vintage: str) -> None:
    """m1 is about to consent, with this data at home; then it has."""
    vintages.consented(home, assembly.state, "m1", QUESTION, source="survey", vintage=digest(vintage.encode()))


def agreed(assembly: Assembly) -> Ref:
    """m1 consents, and so do the others."""
    mine, *_ = [assembly.consent(id, STUDY.digest, period=QUESTION.period) for id in ("m1", "m2", "m3", "m4", "m5")]
    return mine


def fails(assembly: Assembly) -> None:
    """The attempt under way is opened, and nothing comes of it."""
    assembly.close(assembly.open(STUDY.digest, period=QUESTION.period), failed=Reason(code="seal.too-few"))


def test_one_consent_said_twice_keeps_its_first_data(tmp_path: Path, assembly: Assembly) -> None:
    """A node says again what the log does not show yet."""
    consents(tmp_path, assembly, "old data")
    consents(tmp_path, assembly, "new data")
    vintages.insist(tmp_path, QUESTION, source="survey", vintage=OLD)
    with pytest.raises(SourceError, match="not the data that the office consented with"):
        vintages.insist(tmp_path, QUESTION, source="survey", vintage=NEW)
    with pytest.raises(SourceError):
        vintages.insist(tmp_path, QUESTION, source="register", vintage=OLD)


def test_a_further_attempt_is_asked_for_the_same_data(tmp_path: Path, assembly: Assembly) -> None:
    """Two sums over data that differ by a person, of attempts that follow each other, would tell of that person."""
    consents(tmp_path, assembly, "old data")
    agreed(assembly)
    fails(assembly)
    consents(tmp_path, assembly, "new data")
    with pytest.raises(SourceError):
        vintages.insist(tmp_path, QUESTION, source="survey", vintage=NEW)


def test_a_consent_that_was_taken_back_lets_other_data_answer(tmp_path: Path, assembly: Assembly) -> None:
    consents(tmp_path, assembly, "old data")
    given = agreed(assembly)
    fails(assembly)
    assembly.revoke(given)
    consents(tmp_path, assembly, "new data")
    vintages.insist(tmp_path, QUESTION, source="survey", vintage=NEW)
    with pytest.raises(SourceError):
        vintages.insist(tmp_path, QUESTION, source="survey", vintage=OLD)
