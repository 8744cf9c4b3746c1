"""Audits at the command line, from what a hub publishes: who is silent, who was late, and records that are none."""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from comity import canon
from comity.acts.exchange import Answer, Extract
from comity.cli.main import run
from comity.errors import UsageError
from comity.model.reason import Reason
from comity.services import operator
from comity.services.hub import found as hubs
from comity.services.node import audits
from tests.builders.audits import Figured, answered
from tests.builders.pages import Page, pages
from tests.model.test_extract import BASIS, RECORD
from tests.services.node.hub import Hub

LAW, BURDEN = Reason(code="audit.law"), Reason(code="audit.burden")


@pytest.fixture
def hub() -> Iterator[Hub]:
    """m1 asks m2, m3 and the hub: answered in time, refused late, silent. m5 asks m4, which has its time still."""
    log = Figured()
    body = log.body(b"Why?")
    first, second, _ = (log.request("m1", asked=asked, text=body) for asked in ("m2", "m3", "hub"))
    log.say("m2", replace(answered(first), evidence=(log.body(b"Because."),)))
    log.wait()
    log.say("m3", answered(second, BURDEN, LAW))
    log.request("m5", asked="m4", text=body)
    log.tick()
    with Hub(log) as served:
        served.publish(log.time)
        yield served


def words(hub: Hub, *command: str) -> list[str]:
    return [*command, "--hub", hub.address, "--charter", canon.digest(canon.encode(hub.assembly.charter))]


def told(hub: Hub, capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    assert run([*words(hub, *command), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_list_says_who_was_silent_and_who_was_late(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    rows = told(hub, capsys, "audit", "list")
    found = [(row["asks"], row["asked"], row["standing"]) for row in rows]
    late = ("m1", "m3", "refused late")
    assert [("m1", "m2", "answered"), late, ("m1", "hub", "silent"), ("m5", "m4", "open")] == found
    assert ["audit.burden", "audit.law"] == rows[1]["codes"]


def test_one_request_is_shown_with_its_question_and_evidence(
    hub: Hub, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first = str(min(hub.assembly.state.audits))
    assert run(words(hub, "audit", "show", first, "--out", str(tmp_path / "out"))) == 0
    because = f"evidence-{sha256(b'Because.').hexdigest()}"
    assert {"question.txt", because} == {path.name for path in (tmp_path / "out").iterdir()}
    lines = capsys.readouterr().out.splitlines()
    assert "standing     answered" in lines
    assert lines[-2:] == ["m1 asks (en):", "  Why?"]
    assert {b"Why?", b"Because."} == {path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert run(words(hub, "audit", "show", first, "--out", str(tmp_path / "out"))) == 2
    assert "is there already" in capsys.readouterr().err
    assert run(words(hub, "audit", "show", "0")) == 2
    assert "usage: REQUEST: no such request" in capsys.readouterr().err


def test_evidence_that_is_not_kept_any_more_is_named_and_the_rest_is_written(
    hub: Hub, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    digits, out = sha256(b"Because.").hexdigest(), tmp_path / "out"
    del hub.files[f"blobs/sha256/{digits[:2]}/{digits}"]
    found = told(hub, capsys, "audit", "show", str(min(hub.assembly.state.audits)), "--out", str(out))
    assert (["question.txt"], [f"evidence-{digits}"]) == (found["written"], found["not-kept"])
    assert [out / "question.txt"] == list(out.iterdir())


def test_the_record_of_an_extract_is_no_evidence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says which file; whoever calls the service is refused, too, and nothing is asked or sent."""
    (tmp_path / "record.json").write_bytes(canon.encode(RECORD))
    assert run(["audit", "answer", "7", str(tmp_path / "record.json"), "--home", str(tmp_path / "none")]) == 2
    assert "record.json: a record of an extract, with its salt" in capsys.readouterr().err
    home = tmp_path / "hub"
    hubs.init(home, listen="127.0.0.1:1", address="http://127.0.0.1:1")
    for say in (audits.answer, lambda home, audit, evidence: operator.answer(home, audit, evidence=evidence)):
        with pytest.raises(UsageError, match="request 7: a record of an extract"):
            say(home, 7, (canon.encode(RECORD),))


def test_a_figure_has_one_place_wherever_it_is_named(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """People count from one: the list, the command that explains the leaf, and the page of the request."""
    log = hub.assembly
    assert isinstance(log, Figured)
    index = log.request("m4", figure=1).index
    log.tick()
    hub.publish(log.time)
    (row,) = (row for row in told(hub, capsys, "audit", "list") if row["request"] == index)
    assert run(words(hub, "log", "explain", str(index))) == 0
    page = Page(pages(log)[f"assembly/audits/{index}.html"]).text
    assert 2 == row["figure"]
    assert f"about figure 2 of the release at leaf {log.joint.index}" in capsys.readouterr().out
    assert f"Audit {index}: figure 2 of the release at leaf {log.joint.index}" in page
    assert "Which figure, by its place 2 " in page


def test_reciprocity_counts_what_became_of_requests(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(hub, capsys, "assembly", "reciprocity")
    by_id = {one["id"]: one for one in found["accounts"]}
    ends = ("answered", "refused", "silent", "open", "late")
    assert (1, 0, 0, 0, 0) == tuple(by_id["m2"]["audits"][end] for end in ends)
    assert (0, 0, 1, 0, 1) == tuple(by_id["m3"]["audits"][end] for end in ends)
    assert (0, 0, 1, 0, 0) == tuple(found["hub"]["audits"][end] for end in ends)
    assert (0, 0, 0, 1, 0) == tuple(by_id["m4"]["audits"][end] for end in ends)
    assert {"count": 3, "of": 4} == by_id["m1"]["audits-moved"]
    assert run(words(hub, "assembly", "reciprocity")) == 0
    assert "m3       1         0        0       1     0     1  audit.burden=1, audit.law=1  0 of 4" in (
        capsys.readouterr().out.splitlines()
    )


@pytest.mark.parametrize("data", [b"", b"{}", b"nonsense", canon.encode(RECORD) + b" "])
def test_a_file_that_is_no_record_is_bad_input(
    hub: Hub, capsys: pytest.CaptureFixture[str], tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "record.json").write_bytes(data)
    assert run(words(hub, "audit", "check", str(tmp_path / "record.json"))) == 3
    assert "format.bad" in capsys.readouterr().err


def test_a_record_that_another_member_lends_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """m2 answers with the commitment to m1's record, and shows that: it names m1."""
    log = Figured()
    consent = log.consent("m2", log.study, period="3", national=True, sealed=None)
    binding = log.state.consents[consent.index].binding
    lent = replace(RECORD, member="m1", study=log.study, period="3", binding=binding)
    extract = Extract(commitment=lent.commitment, binding=binding, software=BASIS.software)
    log.say("m2", Answer(exchange=None, consent=consent, body=log.body(b"a table"), extract=extract))
    log.tick()
    (tmp_path / "record.json").write_bytes(canon.encode(lent))
    with Hub(log) as hub:
        hub.publish(log.time)
        assert run([*words(hub, "audit", "check", str(tmp_path / "record.json")), "--json"]) == 1
        printed = capsys.readouterr()
        assert counted_by(hub, tmp_path) == 1
        assert "another thing than the answer" in capsys.readouterr().err
    assert ["member"] == json.loads(printed.out)["differs-in"]
    assert "another thing than the answer" in printed.err


def test_a_record_is_no_evidence_for_everyone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Its salt would let anyone test guesses of the table; nothing is said, and no hub is asked."""
    (tmp_path / "note.txt").write_text("Counted twice.")
    (tmp_path / "record.json").write_bytes(canon.encode(RECORD))
    files = [str(tmp_path / name) for name in ("note.txt", "record.json")]
    assert run(["audit", "answer", "7", *files, "--home", str(tmp_path / "office")]) == 2
    assert f"{files[1]}: a record of an extract" in capsys.readouterr().err


def counted_by(hub: Hub, place: Path) -> int:
    """What `audit rerun` exits with, by a record and files in this place; the binding is none: nothing is counted."""
    (place / "people.csv").write_text("SEX\n")
    (place / "home.toml").write_text("")
    files = ["--source", str(place / "people.csv"), "--binding", str(place / "home.toml")]
    return run(words(hub, "audit", "rerun", str(place / "record.json"), *files))


def test_nothing_is_counted_by_a_record_that_nobody_committed_to(
    hub: Hub, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Or an office writes a record of the file that it likes to show, and the court finds the two to be the same."""
    (tmp_path / "record.json").write_bytes(canon.encode(RECORD))
    assert counted_by(hub, tmp_path) == 1
    assert "no answer in this log committed to this record" in capsys.readouterr().err
