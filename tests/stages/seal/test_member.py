"""Members' arithmetic: whoever survives, the sum is right; whoever cheats in what it sends, is named by who got it."""

import tracemalloc
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import canon
from comity.errors import SealBroken
from comity.model.structure import Axis
from comity.stages.seal import boxes, derivations, manifest, member, shamir
from comity.stages.seal.member import Broken, Dealt, Received, Secrets
from comity.stages.seal.view import Unmasked
from tests.builders.rounds import Exchange, blob, dealt, ids, round_of, secrets_of, values
from tests.builders.seal import Stream, study_of

SIZES = {4: 1, 7: 1, 12: 3}


@settings(max_examples=25)
@given(n=st.sampled_from(sorted(SIZES)), data=st.data())
def test_the_sum_is_right_whoever_drops_out_in_whichever_step(n: int, data: st.DataObject) -> None:
    """All members of U3 are in it, nobody else, as long as t unmask."""
    exchange = Exchange.of(n, colluding=SIZES[n])
    spare = exchange.round.n - exchange.round.t
    out = data.draw(st.lists(st.sampled_from(ids(n)), max_size=spare, unique=True))
    steps = {id: data.draw(st.sampled_from((1, 2, 3))) for id in out}
    exchange.share(*(id for id, step in steps.items() if step == 1))
    exchange.answer(*(id for id, step in steps.items() if step == 2))
    exchange.unmask(*(id for id, step in steps.items() if step == 3))
    assert exchange.truth() == exchange.sum()


@pytest.mark.parametrize("n", sorted(SIZES))
def test_one_drop_out_too_many_opens_nothing(n: int) -> None:
    exchange = Exchange.of(n, colluding=SIZES[n])
    exchange.share()
    exchange.answer()
    exchange.unmask(*ids(n)[: exchange.round.n - exchange.round.t + 1])
    found = exchange.open()
    assert getattr(found, "code", "") == "seal.too-few"


def test_a_vector_says_nothing_without_its_masks() -> None:
    """Two members with equal values send vectors that agree nowhere."""
    exchange = Exchange.of(7, cells=400)
    exchange.share()
    one, other = (np.frombuffer(exchange.vector(id), "<u8") for id in ids(7)[:2])
    assert not (one == other).any()
    assert not (one == values(exchange.round, ids(7)[0]).view("<u8")).any()


def test_equal_dice_give_equal_vectors_and_others_do_not() -> None:
    exchange = Exchange.of(7, noise=True)
    exchange.share()
    one, same, other = (exchange.vector("m003", dice) for dice in ("one", "one", "other"))
    assert one == same
    assert one != other


def test_another_u2_gives_another_vector() -> None:
    """No mask serves two vectors: every key binds the leaf that fixed U2."""
    exchange = Exchange.of(7)
    exchange.share()
    before = exchange.vector("m003")
    exchange.round = replace(exchange.round, ctx2=bytes(32))
    assert not (np.frombuffer(before, "<u8") == np.frombuffer(exchange.vector("m003"), "<u8")).any()


def test_noise_is_in_the_sum_at_the_stated_variance() -> None:
    exchange = Exchange.of(7, cells=20_000, noise=True)
    exchange.share()
    exchange.answer()
    exchange.unmask()
    noise = np.array(exchange.sum()) - np.array(exchange.truth())
    variance = sum(member.own_variance(exchange.round, id) for id in ids(7))
    assert variance == Fraction(7 * 36, exchange.round.t - 1)
    assert abs(noise.var() / float(variance) - 1) < 0.06
    assert abs(noise.mean()) < 0.2


def test_values_are_clipped_to_the_studys_bound() -> None:
    exchange = Exchange.of(4)
    assert max(abs(int(x)) for v in exchange.values.values() for x in v) > exchange.round.study.bound
    exchange.share()
    exchange.answer()
    exchange.unmask()
    assert exchange.truth() == exchange.sum()


def test_a_member_needs_two_vectors_at_most() -> None:
    """Its values and the one it makes; 64 MB for everything else (SEAL, Speed to reach)."""
    exchange = Exchange.of(4, noise=True)
    exchange.share()
    got = exchange.receive("m002")
    assert isinstance(got, Received)
    axes = tuple(Axis(id=id, codes=tuple(f"C{i}" for i in range(100))) for id in "ABC")
    large = replace(exchange.round.study.layout, dimensions=axes)
    round_ = replace(exchange.round, study=replace(exchange.round.study, layout=large))
    tracemalloc.start()
    mine = np.arange(1_000_000, dtype="<i8")
    member.answer(round_, "m002", secrets_of("m002"), got.seeds, mine, Stream("noise"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * mine.nbytes + 4_000_000


# What a member is sent


def spoilt(kind: str) -> Dealt:
    """m002's part of a round of 7, not as it should be for m005."""
    round_, _ = dealt(7, 1, 5, False)
    secrets, u, v = secrets_of("m002"), 2, 5
    sent = member.deal(round_, "m002", secrets, Stream("spoilt"))
    listed = manifest.read(sent.manifest, exchange=round_.ref, sender="m002", members=round_.members)
    keys = round_.consents["m005"].sealed
    assert keys is not None
    line, out = listed.lines[4], list(sent.boxes)
    at = listed.boxes().index(canon.Digest(line.share_box or ""))
    ctx1 = round_.ctx1
    if kind == "share":
        out[at] = boxes.seal("share", b"\1" * 64, keys.envelope_key, ctx1, u, v)
    if kind == "share beyond p":
        pair = shamir.P.to_bytes(32, "big")
        line = replace(
            line,
            root_share=derivations.commitment("root share", ctx1, u, v, pair),
            self_share=derivations.commitment("self share", ctx1, u, v, pair),
        )
        out[at] = boxes.seal("share", pair + pair, keys.envelope_key, ctx1, u, v)
    if kind == "seed":
        out[at + 1] = boxes.seal("seed", b"\1" * 32, keys.mask_key, ctx1, u, v)
    if kind == "box to another":
        out[at] = boxes.seal("share", b"\1" * 64, keys.mask_key, ctx1, u, v)
    if kind == "short":
        out[at] = boxes.seal("share", b"\1" * 63, keys.envelope_key, ctx1, u, v)
    line = replace(line, share_box=canon.digest(out[at]), seed_box=canon.digest(out[at + 1]))
    lines = (*listed.lines[:4], line, *listed.lines[5:])
    return Dealt(manifest.encode(replace(listed, lines=lines)), tuple(out), sent.kept)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("share", "seal.share"),
        ("share beyond p", "seal.share"),
        ("seed", "seal.share"),
        ("box to another", "seal.box"),
        ("short", "seal.share"),
    ],
)
def test_a_sender_whose_part_does_not_fit_is_named(kind: str, code: str) -> None:
    exchange = Exchange.of(7)
    exchange.parts["m002"] = spoilt(kind)
    exchange.share()
    found = exchange.receive("m005")
    assert isinstance(found, Broken)
    assert (code, ("m002",)) == (found.reason.code, found.blames)
    assert isinstance(exchange.receive("m004"), Received)


@pytest.mark.parametrize("missing", range(14))
def test_whatever_does_not_arrive_is_a_reason_to_leave(missing: int) -> None:
    exchange = Exchange.of(7)
    exchange.share()
    parcel = exchange.parcel("m004")
    found = exchange.receive("m004", parcel[:missing] + parcel[missing + 1 :])
    assert isinstance(found, Broken)


def test_what_comes_too_much_is_a_reason_to_leave_and_blames_nobody() -> None:
    exchange = Exchange.of(7)
    exchange.share()
    found = exchange.receive("m004", [*exchange.parcel("m004"), b"more"])
    assert isinstance(found, Broken)
    assert found.blames == ()


def test_what_another_round_was_told_does_not_fit() -> None:
    """The same members, the same secrets, another exchange: no manifest, no box."""
    exchange = Exchange.of(7)
    exchange.share()
    parcel = exchange.parcel("m004")
    other = round_of(7, exchange=1001)
    exchange.round = replace(exchange.round, ref=other.ref, ctx1=other.ctx1)
    found = exchange.receive("m004", parcel)
    assert isinstance(found, Broken)
    assert found.reason.code == "seal.box"


# What a member gives away


def test_the_list_holds_one_share_of_each_and_never_both_kinds() -> None:
    exchange = Exchange.of(7)
    exchange.share()
    exchange.answer("m001", "m006")
    exchange.unmask()
    listed = canon.decode(exchange.lists["m003"], Unmasked)
    kinds = {shown.member: shown.kind for shown in listed.shares}
    assert {id: "root" if id in ("m001", "m006") else "self" for id in ids(7)} == kinds
    pairs = exchange.pairs("m003")
    assert [pairs[s.member].root if s.kind == "root" else pairs[s.member].own for s in listed.shares] == [
        s.share for s in listed.shares
    ]


def test_who_did_not_survive_gives_nothing() -> None:
    exchange = Exchange.of(7)
    exchange.share()
    exchange.answer("m001")
    with pytest.raises(SealBroken):
        member.unmask(exchange.round, "m001", dict.fromkeys(ids(7), exchange.parts["m001"].kept))


def test_secrets_are_three_that_have_nothing_in_common() -> None:
    secrets = secrets_of("m001")
    assert len({secrets.root, secrets.own, secrets.env}) == 3
    assert secrets != secrets_of("m001", "again")
    assert "root" not in repr(secrets)
    study = study_of()
    mask, envelope = member.keys(secrets, study.digest, "2020", 1, "m001")
    moved = Secrets(secrets.root, secrets.own, bytes(32))
    assert member.keys(moved, study.digest, "2020", 1, "m001")[0] == mask
    assert member.keys(moved, study.digest, "2020", 1, "m001")[1] != envelope


def test_a_vector_of_another_length_is_refused() -> None:
    exchange = Exchange.of(4)
    exchange.share()
    with pytest.raises(SealBroken):
        member.answer(exchange.round, "m001", secrets_of("m001"), {}, np.zeros(4, "<i8"), Stream(""))


def test_a_manifest_is_named_by_what_was_logged() -> None:
    exchange = Exchange.of(4)
    exchange.share()
    assert exchange.facts.shares["m001"].body == blob(exchange.parts["m001"].manifest)
