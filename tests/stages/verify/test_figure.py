"""One figure out of one file: it holds by itself and under the reader's own policy, and nothing else fits in it."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import canon
from comity.acts import statement
from comity.acts.refs import Head
from comity.acts.statement import Act, sign
from comity.assembly import witnesses
from comity.keys import public_text
from comity.stages.publish import kept
from comity.stages.verify import figure
from comity.stages.verify.figure import SHOWN, UNPINNED, Found
from comity.tlog import merkle
from comity.tlog.note import Note
from comity.tlog.proof import Proof
from comity.tlog.quorum import Policy
from tests.builders import figures
from tests.builders.assembly import charter_of, party, signer
from tests.builders.release import Made, made, own
from tests.stages.verify.test_hub import copy

PLACE = 3


@pytest.fixture(scope="module")
def source() -> Made:
    return made()


@pytest.fixture(scope="module")
def data(source: Made) -> bytes:
    return figures.of(source, PLACE)


@pytest.fixture(scope="module")
def policy(source: Made) -> Policy:
    return witnesses.policy(source.assembly.state)


def failing(found: Found) -> dict[str, str]:
    return {claim.name: claim.detail for claim in found.claims if not claim.holds}


def changed(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The file with other extra data, canonically spelt."""
    proof = Proof.parse(data)
    extra = json.loads(proof.extra)
    change(extra)
    return str(replace(proof, extra=canon.encode(extra))).encode()


def test_a_true_figure_holds_under_the_readers_own_policy(data: bytes, policy: Policy, source: Made) -> None:
    found = figure.verify(data, policy=policy)
    assert ({}, SHOWN) == (failing(found), found.last)
    assert found.kept is not None
    record = figures.record(source)
    assert record.figures[PLACE] == found.kept.entry.figure
    assert ("some", "Male") == found.kept.entry.names  # codes 2 and M of the sample's norm
    assert (record.period, "_X", "hub") == (
        found.kept.heading.period,
        found.kept.heading.area,
        found.kept.heading.publisher,
    )
    assert canon.digest(source.files["release.json"]) == found.release


def test_without_a_policy_the_last_line_says_so(data: bytes, policy: Policy) -> None:
    found = figure.verify(data)
    assert ({}, UNPINNED, policy) == (failing(found), found.last, found.policy)


def test_every_figure_of_a_release_can_be_kept(source: Made) -> None:
    for place, one in enumerate(figures.record(source).figures):
        found = figure.verify(figures.of(source, place))
        assert {} == failing(found)
        assert found.kept is not None
        assert (one, place) == (found.kept.entry.figure, found.kept.place)


def test_it_was_seen_when_the_witnesses_say(data: bytes, source: Made) -> None:
    """All cosigned at one time, twenty seconds after the world's last."""
    found = figure.verify(data)
    assert source.world.now + 20 == found.seen
    when = datetime.fromtimestamp(source.world.now + 20, UTC).strftime("%Y-%m-%d %H:%M:%S")
    assert when in found.claims[0].detail


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_flipped_bit_anywhere_is_refused(data: bytes, policy: Policy, draw: st.DataObject) -> None:
    at, bit = draw.draw(st.integers(0, len(data) - 1)), draw.draw(st.integers(0, 7))
    flipped = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
    assert not figure.verify(flipped).holds
    assert not figure.verify(flipped, policy=policy).holds


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_part_cut_off_doubled_or_added_is_refused(data: bytes, draw: st.DataObject) -> None:
    start = draw.draw(st.integers(0, len(data) - 1))
    stop = draw.draw(st.integers(start + 1, len(data)))
    assert not figure.verify(data[:start] + data[stop:]).holds
    assert not figure.verify(data[:stop] + data[start:stop] + data[stop:]).holds


@given(st.binary(max_size=300))
def test_what_is_no_such_file_is_a_claim_that_fails_and_no_error(data: bytes) -> None:
    assert ["file"] == list(failing(figure.verify(data)))


def test_a_file_beyond_any_figure_is_not_read(data: bytes) -> None:
    assert "too large" in failing(figure.verify(data + b"\n" * kept.LARGEST))["file"]


def other(extra: dict[str, Any], **values: Any) -> None:
    extra["entry"]["figure"] |= values


CHANGES: Mapping[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "another value": (lambda extra: other(extra, value="9999"), "figure"),
    "another unit": (lambda extra: other(extra, measure="share"), "figure"),
    "a smaller error": (lambda extra: other(extra, sampling="0.1"), "figure"),
    "another status": (lambda extra: other(extra, status="E"), "figure"),
    "codes named otherwise": (lambda extra: extra["entry"].update(names=["some", "Female"]), "figure"),
    "another place": (lambda extra: extra.update(place=PLACE + 1), "figure"),
    "another study's title": (lambda extra: extra["heading"]["study"].update(title="Trust in parties"), "figure"),
    "another period": (lambda extra: extra["heading"].update(period="2005-2009"), "figure"),
    "another area": (lambda extra: extra["heading"].update(area="578"), "figure"),
    "another publisher": (lambda extra: extra["heading"].update(publisher="m1"), "leaf"),
    "another kind": (lambda extra: extra["heading"].update(kind="national"), "leaf"),
    "no path": (lambda extra: extra.update(path=""), "figure"),
    "another key of the leaf": (lambda extra: extra.update(key=signer("m1", "sign").public), "signature"),
    "a key of the log's own": (lambda extra: extra.update(key=signer("hub", "log").public), "signature"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_said_otherwise_is_refused(data: bytes, policy: Policy, change: str) -> None:
    alter, name = CHANGES[change]
    assert name in failing(figure.verify(changed(data, alter), policy=policy))


def test_another_figures_path_is_refused(source: Made, data: bytes) -> None:
    _, neighbour = kept.read(figures.of(source, PLACE + 1))
    path = base64.b64encode(neighbour.path).decode()
    assert (
        "not figure 4 of 16" in failing(figure.verify(changed(data, lambda extra: extra.update(path=path))))["figure"]
    )


def test_the_leaf_of_another_release_is_refused(data: bytes) -> None:
    """Of another run of the same study, in a log of the same name: its own figures, and its own checkpoint."""
    elsewhere = Proof.parse(figures.of(made("another run"), PLACE))
    leaf = json.loads(elsewhere.extra)["leaf"]
    swapped = changed(data, lambda extra: extra.update(leaf=leaf))
    assert {"quorum", "figure"} <= set(failing(figure.verify(swapped)))
    proof = Proof.parse(swapped)
    with_log = replace(elsewhere, extra=proof.extra)
    assert ["figure"] == list(failing(figure.verify(str(with_log).encode())))


def test_damage_to_what_nothing_signs_is_seen(data: bytes) -> None:
    """The one flip of 46,480 that once went through: a quorum of 6 for one of 7."""
    damaged = changed(data, lambda extra: extra["trust"].update(least=6))
    assert "not the policy of its digest" in failing(figure.verify(damaged))["file"]


@pytest.mark.parametrize(
    ("origin", "size"), [("example.org/other", 83), ("example.org/assembly", 84), ("example.org/assembly", 2**40)]
)
def test_a_leaf_signed_for_another_log_or_a_later_place_is_refused(
    source: Made, data: bytes, policy: Policy, origin: str, size: int
) -> None:
    """A hub may log what it pleases, and witnesses count no rules: the leaf stands in the log, against the rules."""
    assembly = copy(source, 83)
    body = statement.read(source.assembly.leaves[83]).act.body
    head = Head(size=size, root=canon.digest(b"head"))
    assembly.smuggle(sign(Act(actor="hub", origin=origin, head=head, body=body), assembly.signers["hub", "sign"]))
    _, said = kept.read(data)
    leaves = [merkle.leaf_hash(leaf) for leaf in assembly.leaves]
    moved = replace(said, leaf=statement.read(assembly.leaves[83]).envelope)
    note = Note.parse(assembly.cosigned(source.world.now + 20))
    forged = kept.spelt(83, merkle.inclusion(83, 84, leaves), note, moved)
    assert ["leaf"] == list(failing(figure.verify(forged, policy=policy)))


def test_another_leaf_of_the_same_log_publishes_nothing(source: Made, data: bytes) -> None:
    """The tick, the vote, whatever: only a leaf that publishes a release says what its figures are."""
    leaf = json.loads(source.assembly.leaves[1])
    assert "publishes no release" in failing(figure.verify(changed(data, lambda e: e.update(leaf=leaf))))["file"]


def test_a_log_of_another_name_with_the_same_keys_is_refused(data: bytes, policy: Policy) -> None:
    """Its own policy lets it pass; the reader's does not."""
    forged = figures.of(made(origin="example.org/other"), PLACE)
    assert UNPINNED == figure.verify(forged).last
    assert "not signed by a known log" in failing(figure.verify(forged, policy=policy))["quorum"]


def test_a_forger_who_lowers_the_quorum_in_the_file_is_refused_by_the_readers_policy(
    source: Made, data: bytes, policy: Policy
) -> None:
    """One witness colludes. Unpinned, the file agrees with itself: that is what its last line says."""
    proof, said = kept.read(data)
    lines = Note.parse(source.assembly.cosigned(source.world.now + 20, by=["m0"])).signatures
    (group,) = policy.quorum.groups
    lowered = replace(policy, quorum=replace(policy.quorum, groups=(replace(group, least=1),)))
    alone = replace(said, trust=kept.Trust.of(lowered, "example.org/assembly"))
    forged = kept.spelt(proof.index, proof.path, Note(proof.note.text, lines), alone)
    assert UNPINNED == figure.verify(forged).last
    assert "too few witnesses cosigned" in failing(figure.verify(forged, policy=policy))["quorum"]


def test_too_few_cosignatures_are_refused(source: Made, data: bytes, policy: Policy) -> None:
    """Seven of ten are wanted (W = 10, f = 3: more than 6.5); six are not enough, seven are."""
    proof = Proof.parse(data)
    for count, held in ((6, False), (7, True)):
        few = str(replace(proof, note=Note(proof.note.text, proof.note.signatures[: 1 + count]))).encode()
        assert held == figure.verify(few).holds == figure.verify(few, policy=policy).holds


def test_a_policy_that_names_a_key_twice_is_refused(data: bytes) -> None:
    def twice(extra: dict[str, Any]) -> None:
        extra["trust"]["witnesses"][1][1] = extra["trust"]["witnesses"][0][1]

    assert "one witness key under two names" in failing(figure.verify(changed(data, twice)))["file"]


def test_a_line_of_nobody_that_the_file_names_is_refused(data: bytes, policy: Policy) -> None:
    """It would be ignored as an unknown key's: then there were two files for one figure."""
    proof = Proof.parse(data)
    strange = replace(proof.note.signatures[3], name="somebody")
    lines = (*proof.note.signatures[:3], strange, *proof.note.signatures[4:])
    told = figure.verify(str(replace(proof, note=Note(proof.note.text, lines))).encode(), policy=policy)
    assert "a signature of nobody" in failing(told)["quorum"]


def test_other_members_and_keys_are_no_quorum_of_the_reader(data: bytes) -> None:
    strangers = witnesses.policy(charter_of([party(f"x{i}") for i in range(4)], origin="example.org/assembly"))
    assert {"quorum"} == set(failing(figure.verify(data, policy=strangers)))


def test_one_of_ten_thousand_figures_in_a_log_of_a_million_leaves_under_fifteen_witnesses_is_8_kib() -> None:
    large = figures.large()
    found = figure.verify(large.data, policy=large.policy)
    assert {} == failing(found)
    assert len(large.data) <= 8 * 1024
    assert "10 of 15 witnesses" in found.claims[0].detail


def test_whoever_knows_the_standards_alone_comes_to_the_same(source: Made, data: bytes, policy: Policy) -> None:
    """By hashlib, json and Ed25519 alone: tlog-proof, RFC 6962, DSSE, signed-note, tlog-cosignature."""
    head, _, note = data.decode().partition("\n\n")
    title, extra, index, *path = head.split("\n")
    said = json.loads(base64.b64decode(extra.removeprefix("extra ")))
    text, _, lines = note.partition("\n\n")
    origin, size, root = text.split("\n")
    entry = plain(said["leaf"])
    assert ("c2sp.org/tlog-proof@v1", "example.org/assembly") == (title, origin)
    number = int(index.removeprefix("index "))
    assert base64.b64decode(root) == folded(entry, number, int(size), [base64.b64decode(step) for step in path])

    payload = json.loads(base64.b64decode(said["leaf"]["payload"]))
    tree = payload["predicate"]["body"]["figures"]
    raw = base64.b64decode(said["path"])
    steps = [raw[at : at + 32] for at in range(0, len(raw), 32)]
    made = folded(plain(said["entry"]), said["place"], tree["count"], steps)
    assert (f"sha256:{made.hex()}", digest(said["heading"])) == (tree["root"], tree["heading"])

    signed = base64.b64decode(said["leaf"]["payload"])
    kind = said["leaf"]["payloadType"].encode()
    pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(signed), signed)
    ed25519(said["key"]).verify(base64.b64decode(said["leaf"]["signatures"][0]["sig"]), pae)

    mine = {line.split(" ")[1]: base64.b64decode(line.split(" ")[2])[4:] for line in lines.strip().split("\n")}
    raw_log = base64.b64decode(said["trust"]["log"])
    Ed25519PublicKey.from_public_bytes(raw_log).verify(mine.pop(origin), f"{text}\n".encode())
    for id, key in said["trust"]["witnesses"]:
        line = mine.pop(f"{origin}/{id}")
        time = int.from_bytes(line[:8], "big")
        message = f"cosignature/v1\ntime {time}\n{text}\n".encode()
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(line[8:], message)
    assert {} == mine


def plain(value: object) -> bytes:
    """RFC 8785 of values without floats and with ASCII keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(value: object) -> str:
    return f"sha256:{sha256(plain(value)).hexdigest()}"


def ed25519(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(text.removeprefix("ed25519:")))


def folded(entry: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that a path makes, by the recursion of RFC 6962, 2.1.1, read from the root down."""
    if size == 1:
        assert path == []
        return sha256(b"\x00" + entry).digest()
    half = 1
    while half * 2 < size:
        half *= 2
    *below, step = path
    if index < half:
        return sha256(b"\x01" + folded(entry, index, half, below) + step).digest()
    return sha256(b"\x01" + step + folded(entry, index - half, size - half, below)).digest()


def test_a_figure_of_a_members_own_release_names_its_area() -> None:
    whole = made("own figure")
    files, _ = own(whole, "m1")
    note = whole.assembly.cosigned(whole.world.now + 30)
    found = figure.verify(figures.of(whole, 0, publisher="m1", record=files["release.json"], note=note))
    assert {} == failing(found)
    assert found.kept is not None
    heading = found.kept.heading
    assert ("national", "m1", whole.assembly.parties["m1"].area) == (heading.kind, heading.publisher, heading.area)
    assert whole.assembly.parties["m1"].keys.sign == found.kept.key


def test_keys_in_the_file_are_those_of_the_charter(source: Made, data: bytes) -> None:
    _, said = kept.read(data)
    charter = source.assembly.charter
    wanted = {one.id: one.keys.witness for one in charter.founders}
    assert wanted == {id: public_text(key) for id, key in said.trust.witnesses}
    assert (charter.hub.log, charter.hub.sign) == (public_text(said.trust.log), said.key)


def test_what_is_read_is_written_back(data: bytes) -> None:
    proof, said = kept.read(data)
    assert data == kept.spelt(proof.index, proof.path, proof.note, said)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_every_single_flip_of_a_bit_is_refused(data: bytes) -> None:
    """All of them, about two minutes: the one that is not drawn above would be the one that goes through."""
    flips = ((at, bit) for at in range(len(data)) for bit in range(8))
    held = [
        (at, bit) for at, bit in flips if figure.verify(data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]).holds
    ]
    assert [] == held


NO_NUMBERS = [
    "abc",
    "NaN",
    "12.5 thousand, certified by UNSD",
    "1_0",
    "９９",
    "1" * 5000,
    "-",
    "-0.00",
    "1e3",
    " 1",
    "01",
]


def published(field: str, text: str) -> figures.Large:
    """A figure as its publisher's key may name it, whatever stands in it: leaf, path and signature hold."""
    return figures.large(20, 30, 4, "h.example/a", index=7, lie=(field, text))


@pytest.mark.parametrize("text", NO_NUMBERS, ids=range(len(NO_NUMBERS)))
@pytest.mark.parametrize("field", ["value", "sampling", "noise"])
def test_a_text_that_is_no_number_is_no_figure(field: str, text: str) -> None:
    forged = published(field, text)
    assert ["file"] == list(failing(figure.verify(forged.data, policy=forged.policy)))


def test_a_number_is_one_though_it_is_below_zero_and_an_error_never_is() -> None:
    below = published("value", "-3.50")
    assert {} == failing(figure.verify(below.data, policy=below.policy))
    for field in ("sampling", "noise"):
        forged = published(field, "-3.50")
        assert ["file"] == list(failing(figure.verify(forged.data, policy=forged.policy)))
