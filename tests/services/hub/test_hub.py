"""The hub's doors over a real socket: what is taken, what is refused and how it is said."""

import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from comity import canon, dsse
from comity.acts import frames
from comity.acts.charter import Accession
from comity.acts.consent import PolicyPublished
from comity.acts.refs import Blob, Head
from comity.acts.request import Request
from comity.acts.statement import LIMIT, Act, Body, sign
from comity.adapters.client import Client, Rejected
from comity.adapters.keyring import Keyring
from comity.adapters.log import LogStore
from comity.assembly import witnesses
from comity.errors import ConfigError, Locked, NotAdmitted, PortTaken
from comity.services import config
from comity.services.hub import found, run
from comity.services.node import setup
from comity.tlog import receipt
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import Range, leaf_hash
from comity.tlog.note import Note, Vkey
from comity.tlog.receipt import Receipt
from tests.builders.offices import Offices


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offices]:
    """A hub that runs; no node does."""
    with Offices(tmp_path_factory.mktemp("hub"), members=4) as offices:
        yield offices


def leaf(offices: Offices, id: str, body: Body, *, origin: str = "", size: int = 1) -> bytes:
    """A statement of an office, by the head that the charter alone makes."""
    with LogStore.open(offices.folder / "hub" / "log.db") as store:
        root = Range().append(leaf_hash(store.leaf(0))).root()
    head = Head(size=size, root=canon.Digest("sha256:" + root.hex()))
    act = Act(actor=id, origin=origin or offices.charter.origin, head=head, body=body)
    return sign(act, Keyring(offices.home(id)).signer("sign"))


def accession(offices: Offices, id: str) -> Accession:
    """What an office says to join."""
    return Accession(charter=offices.digest, party=setup.party(offices.home(id)))


def test_a_statement_is_acknowledged_by_index_and_leaf_hash(offices: Offices) -> None:
    """After the durable commit: another process finds it in the file."""
    said = leaf(offices, "m1", accession(offices, "m1"))
    with Client(offices.address) as client:
        ack = client.state(said)
    with LogStore.open(offices.folder / "hub" / "log.db") as store:
        assert said == store.leaf(ack.index)
    assert leaf_hash(said).hex() == ack.leaf


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a stranger's", "act.signer"),
        ("for another log", "act.origin"),
        ("by a head that never was", "act.head"),
        ("not canonical", "act.malformed"),
    ],
)
def test_a_statement_against_the_rules_is_refused_with_its_reasons(offices: Offices, name: str, code: str) -> None:
    """The door says why, by codes of the closed list, and the log does not grow."""
    body = accession(offices, "m2")
    said = {
        "a stranger's": lambda: sign(
            Act(actor="m2", origin=offices.charter.origin, head=Head(size=0, root=canon.digest(b"")), body=body),
            Keyring(offices.home("m3")).signer("sign"),
        ),
        "for another log": lambda: leaf(offices, "m2", body, origin="example.org/other"),
        "by a head that never was": lambda: leaf(offices, "m2", body, size=0),
        "not canonical": lambda: leaf(offices, "m2", body) + b" ",
    }[name]()
    with Client(offices.address) as client, pytest.raises(Rejected) as refused:
        client.state(said)
    assert [code] == [reason.code for reason in refused.value.reasons]


def log_key(offices: Offices) -> Vkey:
    """The key that signs checkpoints and receipts."""
    return Vkey.parse(witnesses.log_vkey(offices.charter))


def test_an_acknowledgement_is_a_promise_by_the_logs_key(offices: Offices) -> None:
    """Index and leaf hash, under the signature that stands under checkpoints."""
    said = leaf(offices, "m4", accession(offices, "m4"))
    with Client(offices.address) as client:
        ack = client.state(said)
    promised = receipt.check(Note.parse(ack.receipt), log_key(offices))
    assert Receipt(offices.charter.origin, ack.index, (leaf_hash(said),)) == promised


def test_the_same_statement_twice_is_replayed(offices: Offices) -> None:
    """A statement counts once; whoever lost the answer is told where it stands, with the same receipt."""
    said = leaf(offices, "m3", accession(offices, "m3"))
    with Client(offices.address) as client:
        ack = client.state(said)
        with pytest.raises(Rejected) as refused:
            client.state(said)
    assert ["act.replayed"] == [reason.code for reason in refused.value.reasons]
    assert ack == refused.value.stands


def policy(offices: Offices, id: str, text: bytes) -> bytes:
    """A statement that an office may make as often as it likes, each with another text."""
    return leaf(offices, id, PolicyPublished(policy=Blob(digest=canon.digest(text), size=len(text))))


def posted(offices: Offices, leaves: list[bytes]) -> dict[str, Any]:
    """What the door says to many leaves in one request."""
    headers = {"content-type": "application/octet-stream"}
    content = frames.join(leaves)
    answer = httpx2.post(f"{offices.address}/statements", content=content, headers=headers, trust_env=False)
    assert 200 == answer.status_code
    said: dict[str, Any] = answer.json()
    return said


def test_many_statements_are_answered_each_and_share_a_receipt(offices: Offices) -> None:
    """In their order; one that is refused, or is too large, keeps no other out."""
    good = [policy(offices, "m1", b"batch %d" % i) for i in range(3)]
    bad, large = good[0][:-1] + b" ", b"x" * (LIMIT + 1)
    said = posted(offices, [good[0], bad, good[1], large, good[0], good[2]])
    codes = [[reason["code"] for reason in each.get("reasons", [])] for each in said["statements"]]
    assert [[], ["act.malformed"], [], ["act.too-large"], ["act.replayed"], []] == codes
    places = [each["index"] for each, code in zip(said["statements"], codes, strict=True) if not code]
    promised = receipt.check(Note.parse(said["receipt"]), log_key(offices))
    assert Receipt(offices.charter.origin, places[0], tuple(map(leaf_hash, good))) == promised
    with LogStore.open(offices.folder / "hub" / "log.db") as store:
        assert good == [store.leaf(place) for place in places]
    assert (places[0], leaf_hash(good[0]).hex()) == (said["statements"][4]["index"], said["statements"][4]["leaf"])


def test_a_batch_of_which_nothing_is_taken_has_no_receipt(offices: Offices) -> None:
    said = posted(offices, [b"nonsense", b""])
    assert (None, 2) == (said["receipt"], len(said["statements"]))
    assert {"receipt": None, "statements": []} == posted(offices, [])


def test_more_statements_than_a_commit_takes_are_refused(offices: Offices) -> None:
    """Before any of them is judged."""
    content = frames.join([b""] * 1025)
    headers = {"content-type": "application/octet-stream"}
    answer = httpx2.post(f"{offices.address}/statements", content=content, headers=headers, trust_env=False)
    assert (413, "request.too-large") == (answer.status_code, answer.json()["error"])


def test_statements_that_come_at_once_are_each_acknowledged_at_their_own_place(offices: Offices) -> None:
    """From eight connections; what waits together is committed together."""
    leaves = [policy(offices, "m1", b"at once %d" % i) for i in range(40)]

    def post(mine: list[bytes]) -> list[tuple[int, bytes]]:
        with Client(offices.address) as client:
            return [(client.state(one).index, one) for one in mine]

    with ThreadPoolExecutor(8) as pool:
        told = [each for some in pool.map(post, [leaves[i::8] for i in range(8)]) for each in some]
    with LogStore.open(offices.folder / "hub" / "log.db") as store:
        assert dict(told) == {index: store.leaf(index) for index, _ in told}
    assert len(leaves) == len({index for index, _ in told})


def test_a_request_over_the_limit_is_cut_off(offices: Offices) -> None:
    """413, without reading it to its end."""
    answer = httpx2.post(f"{offices.address}/statements", content=b"x" * (LIMIT + 1), trust_env=False)
    assert (413, "request.too-large") == (answer.status_code, answer.json()["error"])


def test_a_body_that_no_statement_names_is_refused(offices: Offices) -> None:
    """Nothing is kept of a request in which one body is not named."""
    named, other = b"a policy", b"nobody named this"
    said = PolicyPublished(policy=Blob(digest=canon.digest(named), size=len(named)))
    with Client(offices.address) as client:
        client.state(leaf(offices, "m1", said))
        with pytest.raises(NotAdmitted):
            client.put([named, other])
        assert client.blob(canon.digest(named)) is None
        client.put([named])
        assert named == client.blob(canon.digest(named))


@pytest.mark.parametrize(
    "path", ["%00", "a" * 300, "../log.db", "%2e%2e/log.db", "..%2flog.db", "/etc/passwd", "%2fetc%2fpasswd", "blobs"]
)
def test_a_path_that_is_no_public_file_is_not_found(offices: Offices, path: str) -> None:
    """Whatever it tries: no file of the hub's own, and no fault of the hub's."""
    with socket.create_connection(("127.0.0.1", int(offices.address.rpartition(":")[2]))) as raw:
        raw.sendall(f"GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 404 ")


def test_what_is_served_runs_nothing(offices: Offices) -> None:
    """A member's own page lies under the hub's name."""
    answer = httpx2.get(f"{offices.address}/checkpoint.pending", trust_env=False)
    assert "script-src 'none'" in answer.headers["content-security-policy"]
    assert "nosniff" == answer.headers["x-content-type-options"]


def test_frames_that_are_cut_short_are_bad_input(offices: Offices) -> None:
    """400, one line."""
    answer = httpx2.put(f"{offices.address}/bodies", content=frames.join([b"abc"])[:-1], trust_env=False)
    assert (400, "format.bad") == (answer.status_code, answer.json()["error"])


@pytest.mark.parametrize("signer", ["m1", "m2"])
def test_boxes_are_given_only_to_whom_they_are_for(offices: Offices, signer: str) -> None:
    """A request under another's key is refused, and one for an exchange that is not open."""
    head = Head(size=0, root=canon.digest(b""))
    request = Request(actor="m1", exchange=1, head=head, origin=offices.charter.origin)
    signed = dsse.seal(canon.encode(request), dsse.REQUEST, Keyring(offices.home(signer)).signer("sign"))
    answer = httpx2.post(f"{offices.address}/boxes", content=signed, trust_env=False)
    assert (409, "act.not-admitted") == (answer.status_code, answer.json()["error"])


@pytest.mark.parametrize("path", ["../log.db", "%2e%2e/log.db", "..%2fkeys/sign", "blobs/../../keys/log"])
def test_no_path_leads_out_of_the_public_files(offices: Offices, path: str) -> None:
    """Keys and databases lie beside the public folder."""
    answer = httpx2.get(f"{offices.address}/{path}", trust_env=False)
    assert 404 == answer.status_code


def test_the_pending_checkpoint_is_of_every_leaf(offices: Offices) -> None:
    """Without cosignatures nothing is published; what waits for them is the root of the log."""
    with Client(offices.address) as client:
        assert client.moving("checkpoint") is None
        pending = client.moving("checkpoint.pending")
    assert pending is not None
    checkpoint = Checkpoint.of(Note.parse(pending))
    with LogStore.open(offices.folder / "hub" / "log.db") as store:
        made = Range().extend(map(leaf_hash, store.leaves(0, checkpoint.size)))
    assert made.root() == checkpoint.root


def test_a_cosignature_that_does_not_hold_is_not_taken(offices: Offices) -> None:
    """409, and the checkpoint stays pending."""
    line = "— example.org/offices/m1 " + "AAAA" * 26
    answer = httpx2.post(f"{offices.address}/cosignatures", content=line.encode(), trust_env=False)
    assert answer.status_code in (400, 409)


def test_a_second_hub_on_one_folder_is_refused(offices: Offices) -> None:
    """One sequencer a log."""
    with pytest.raises(Locked):
        run.run(offices.folder / "hub", log=lambda line: None)


def test_a_port_that_is_taken_is_said_in_one_line(offices: Offices, tmp_path: Path) -> None:
    """Which address, and the way out."""
    listen = offices.address.removeprefix("http://")
    found.init(tmp_path / "hub", listen=listen, address=offices.address)
    with pytest.raises(PortTaken, match=listen):
        run.run(tmp_path / "hub", log=lambda line: None)


def test_a_charter_for_another_hub_begins_no_log(offices: Offices, tmp_path: Path) -> None:
    """The log's key is the one that the charter names."""
    found.init(tmp_path / "hub", listen="127.0.0.1:1", address="http://127.0.0.1:1")
    with pytest.raises(ConfigError, match="another hub"):
        found.found(tmp_path / "hub", setup.convene(offices.home("m1"), offices.charter))
    assert not (tmp_path / "hub" / "log.db").exists()


def test_a_log_is_begun_once(offices: Offices) -> None:
    """A founded hub is not founded again."""
    with pytest.raises(ConfigError, match="already"):
        found.found(offices.folder / "hub", setup.convene(offices.home("m1"), offices.charter))


def test_a_lost_log_is_not_a_new_one(tmp_path: Path) -> None:
    """A hub without log.db does not begin one by itself."""
    found.init(tmp_path / "hub", listen=f"127.0.0.1:{9}", address="http://127.0.0.1:9")
    config.write(tmp_path / "hub", "hub", config.Hub(listen="127.0.0.1:0"))
    with pytest.raises(ConfigError, match="there is no log"):
        run.run(tmp_path / "hub", log=lambda line: None)


def test_a_hub_that_does_not_know_whether_it_committed_ends(tmp_path: Path) -> None:
    """Its database is pulled away under it: it answers 503, acknowledges nothing, and stops by itself."""
    with Offices(tmp_path, members=4) as offices:
        joins, hub = leaf(offices, "m1", accession(offices, "m1")), offices.processes["hub"]
        with sqlite3.connect(tmp_path / "hub" / "log.db") as db:
            db.execute("ALTER TABLE head RENAME TO gone")
        db.close()
        answer = httpx2.post(f"{offices.address}/statements", content=joins, trust_env=False)
        assert (503, "world") == (answer.status_code, answer.json()["error"])
        assert 0 != hub.wait(30)
        assert "the outcome of an append is unknown" in offices.output("hub")
