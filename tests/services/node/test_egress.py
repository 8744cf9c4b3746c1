"""The journal in clear form: what an entry says, whose leaf it is, and nothing where nobody can read it."""

import base64
import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from comity import canon
from comity.acts.consent import ConsentGiven
from comity.acts.exchange import Answer, Shares, Unmask
from comity.acts.refs import Blob, Ref
from comity.cli.main import run
from comity.errors import UsageError
from comity.model import cube
from comity.model.structure import Axis, Layout, Measure
from comity.services.node import egress, setup
from tests.services.node.test_node import Scene, scene  # noqa: F401

REF = Ref(index=7, digest=canon.digest(b"opened"))


def blob(body: bytes) -> Blob:
    return Blob(digest=canon.digest(body), size=len(body))


def test_an_answer_under_masks_is_told_by_its_length_alone() -> None:
    body = bytes(range(48))
    named = Answer(exchange=REF, consent=None, body=blob(body), epsilon=None, extract=None)
    found = egress.clear("body", body, named)
    assert ("an answer under masks: 6 integers", "none", "") == (found.what, found.form, found.text)


def test_boxes_and_shares_of_keys_have_no_clear_form() -> None:
    """Not even if their bytes happen to be text."""
    for named in (Shares(exchange=REF, manifest=blob(b"other")), Unmask(exchange=REF, shares=blob(b"text"))):
        found = egress.clear("body", b"text", named)
        assert ("none", "") == (found.form, found.text)


def test_the_own_table_is_csv_with_a_row_for_each_cell() -> None:
    layout = Layout(
        dimensions=(Axis(id="SEX", codes=("F", "M")),),
        measures=(Measure(id="HOURS", name="Hours", decimals=1, bound=1000),),
    )
    table = cube.plain(layout, np.array([12, 7]), np.array([12, 7]))
    body = cube.encode(table)
    named = Answer(exchange=None, consent=REF, body=blob(body), epsilon=None, extract=None)
    rows = list(csv.DictReader(io.StringIO(egress.clear("body", body, named).text)))
    assert [("F", "1.2", "A"), ("M", "0.7", "A")] == [(row["SEX"], row["value"], row["status"]) for row in rows]


def test_bytes_that_are_nothing_are_told_by_their_length() -> None:
    for kind in ("statement", "body", "request"):
        found = egress.clear(kind, b"\xff{", None)
        assert ("2 bytes", "none", "") == (found.what, found.form, found.text)


def test_each_entry_names_the_leaf_that_it_is(scene: Scene) -> None:  # noqa: F811
    assert [ConsentGiven] == scene.rounds(2)
    scene.hub.publish(scene.hub.assembly.time + 1)
    scene.rounds(2)
    found = {one.entry.digest: one for one in egress.left(scene.home)}
    consent = found[canon.digest(scene.hub.statements[0])]
    index = scene.hub.assembly.state.digests[consent.entry.digest]
    assert (index, "a statement: consent/given") == (consent.act, consent.clear.what)
    assert "m1" in json.loads(consent.clear.text)["predicate"]["actor"]
    assert consent.said
    heads = [one.clear.text for one in found.values() if one.entry.kind == "head"]
    assert any(text.startswith("GET /checkpoint HTTP/1.1\r\n") for text in heads)


def test_only_what_left_in_these_seconds_is_told(scene: Scene) -> None:  # noqa: F811
    scene.rounds(2)
    times = {one.entry.time for one in egress.left(scene.home)}
    assert times
    assert [] == list(egress.left(scene.home, until=min(times) - 1))
    assert [] == list(egress.left(scene.home, since=max(times) + 1))
    assert times == {one.entry.time for one in egress.left(scene.home, since=min(times), until=max(times))}


def test_an_entry_that_is_not_there_is_an_error(scene: Scene) -> None:  # noqa: F811
    with pytest.raises(UsageError, match="no such entry"):
        list(egress.left(scene.home, number=9999))


def test_of_an_office_that_has_joined_nothing_nothing_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever accredits a node looks before it joins; without a charter there is no log to look into."""
    home = tmp_path / "office"
    setup.init(home, id="m1", area="001")
    assert 0 == run(["node", "journal", "list", "--home", str(home)])
    assert "Nothing left this node in that time." == capsys.readouterr().out.strip()
    assert 0 == run(["node", "journal", "export", str(tmp_path / "out"), "--home", str(home)])
    assert b"" == (tmp_path / "out").read_bytes()
    with pytest.raises(UsageError, match="found 1; wanted none: nothing has left this node"):
        list(egress.left(home, number=1))


def test_the_export_has_every_byte_and_is_for_its_owner_alone(
    scene: Scene,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scene.rounds(2)
    out, home = tmp_path / "egress.jsonl", str(scene.home)
    assert 0 == run(["node", "journal", "export", str(out), "--home", home])
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [one.body for one in egress.left(scene.home)] == [base64.b64decode(line["body"]) for line in lines]
    assert 0o600 == out.stat().st_mode & 0o777
    assert 2 == run(["node", "journal", "export", str(out), "--home", home])
    assert 2 == run(["node", "journal", "list", "--since", "yesterday", "--home", home])
    assert 2 == run(["node", "journal", "show", "9999", "--home", home])
    capsys.readouterr()
    assert 0 == run(["node", "journal", "show", "1", "--home", home])
    assert "clear" not in capsys.readouterr().err
