"""`comity assembly conformance`: the counts of a real log, one row for each norm and member, and what is not here."""

import json

import pytest

from comity import canon
from comity.cli.main import run
from tests import sample
from tests.builders.assembly import Assembly
from tests.services.node.hub import Hub


@pytest.fixture
def assembly() -> Assembly:
    made = Assembly(4)
    norm = made.adopt("norm", sample.norm(), name="TRUST/1.0.0")
    study = made.adopt("study", sample.study(norm=norm), name="A/1.0.0")
    made.run(study)
    made.reserve("m3", norm, "variable:Q1")
    made.tick()
    return made


def serve(hub: Hub, *, texts: bool) -> list[str]:
    """Publish the log; the options by which it is read."""
    hub.publish(hub.assembly.time)
    for path in [path for path in hub.files if path.startswith("blobs/") and not texts]:
        del hub.files[path]
    return ["--hub", hub.address, "--charter", canon.digest(canon.encode(hub.assembly.charter))]


def test_each_member_has_a_row_for_each_norm(assembly: Assembly, capsys: pytest.CaptureFixture[str]) -> None:
    with Hub(assembly) as hub:
        where = serve(hub, texts=True)
        assert 0 == run(["assembly", "conformance", *where, "--json"])
        told = json.loads(capsys.readouterr().out)
        assert 0 == run(["assembly", "conformance", "m3", *where])
        shown = capsys.readouterr().out
        assert 2 == run(["assembly", "conformance", "m9", *where])
    assert ["m1", "m2", "m3", "m4"] == [row["member"] for row in told["applied"]]
    assert {(1, 1, 0, 0, 1, "TRUST/1.0.0")} == {
        (row["asked"], row["consented"], row["refused"], row["silent"], row["answered"], row["last-answer-under"])
        for row in told["applied"]
    }
    assert [[], [], ["variable:Q1"], []] == [row["reserved"] for row in told["applied"]]
    assert "variable:Q1" in shown
    assert "m4" not in shown


def test_a_study_without_its_text_is_named(assembly: Assembly, capsys: pytest.CaptureFixture[str]) -> None:
    with Hub(assembly) as hub:
        assert 0 == run(["assembly", "conformance", *serve(hub, texts=False)])
    told = capsys.readouterr()
    assert "not counted, for its text is not here: study sha256:" in told.err
