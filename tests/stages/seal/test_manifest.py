"""A manifest has one spelling, says what the order of members asks, and nothing else."""

from dataclasses import replace

import pytest

from comity import canon
from comity.errors import FormatError, SealBroken
from comity.stages.seal import manifest
from comity.stages.seal.manifest import Line, Manifest
from tests.builders.rounds import Exchange, ids, ref

EXCHANGE = Exchange.of(7)
RAW = EXCHANGE.parts["m003"].manifest
REF = EXCHANGE.round.ref


def read(data: bytes, **changes: object) -> Manifest:
    wanted: dict[str, object] = {"exchange": REF, "sender": "m003", "members": ids(7)}
    return manifest.read(data, **{**wanted, **changes})  # type: ignore[arg-type]


def test_what_is_written_is_read_back() -> None:
    assert RAW == manifest.encode(read(RAW))


def test_its_fast_spelling_is_canonical_json() -> None:
    assert canon.encode(read(RAW)) == RAW


def test_who_takes_bodies_in_learns_the_boxes_it_names() -> None:
    """Share boxes to six members, seed boxes to the four with higher ids."""
    assert [canon.digest(box) for box in EXCHANGE.parts["m003"].boxes] == list(manifest.named(RAW))
    assert len(manifest.named(RAW)) == 10


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", RAW + b" ", RAW[:-1], b"[" * 10_000])
def test_other_bytes_are_no_manifest(data: bytes) -> None:
    with pytest.raises(SealBroken):
        read(data)
    with pytest.raises(FormatError):
        manifest.named(data)


@pytest.mark.parametrize(
    "changes",
    [{"exchange": ref(7)}, {"sender": "m002"}, {"members": ids(6)}, {"members": ids(8)}],
    ids=["exchange", "sender", "fewer", "more"],
)
def test_a_manifest_of_another_exchange_sender_or_roster_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(SealBroken):
        read(RAW, **changes)


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        (2, {"share_box": canon.digest(b"")}),
        (1, {"share_box": None}),
        (1, {"seed_box": canon.digest(b"")}),
        (1, {"pair_seed": bytes(32)}),
        (5, {"seed_box": None}),
        (5, {"pair_seed": None}),
        (5, {"root_share": bytes(31)}),
        (5, {"self_share": bytes(33)}),
        (5, {"pair_seed": b""}),
        (5, {"share_box": "sha256:A"}),
        (5, {"member": "m005"}),
    ],
)
def test_a_line_that_is_not_whole_is_refused(place: int, changes: dict[str, object]) -> None:
    listed = read(RAW)
    lines: list[Line] = list(listed.lines)
    lines[place] = replace(lines[place], **changes)  # type: ignore[arg-type]
    with pytest.raises(SealBroken):
        read(manifest.encode(replace(listed, lines=tuple(lines))))


def test_one_line_is_read_without_judging_the_others() -> None:
    listed = read(RAW)
    lines = [replace(line, root_share=b"") if line.member == "m005" else line for line in listed.lines]
    broken = manifest.encode(replace(listed, lines=tuple(lines)))
    wanted = {"exchange": REF, "sender": "m003", "members": ids(7)}
    assert listed.lines[0] == manifest.line_of("m001", broken, **wanted)  # type: ignore[arg-type]
    with pytest.raises(SealBroken):
        manifest.line_of("m005", broken, **wanted)  # type: ignore[arg-type]
