"""The hub's arithmetic: what does not fit is not opened, and the right member is named."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from comity import canon
from comity.errors import SealBroken
from comity.model.reason import Reason
from comity.model.structure import Axis
from comity.stages.seal import boxes, derivations, manifest, member, opening, shamir
from comity.stages.seal.derivations import commitment
from comity.stages.seal.member import Dealt, Pair
from comity.stages.seal.opening import Opened
from comity.stages.seal.view import Unmasked, View
from tests.builders.rounds import Exchange, blob, digest_of, ids, secrets_of
from tests.builders.seal import Store, Stream

U = "m002"


def run(exchange: Exchange, *, before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> Opened | Reason:
    """All steps; `before` drop out before they answer, `after` before they unmask."""
    exchange.share()
    exchange.answer(*before)
    exchange.unmask(*after)
    return exchange.open()


def failed(found: Opened | Reason) -> tuple[str, str]:
    assert isinstance(found, Reason)
    return found.code, found.params.get("member", "")


def crooked(exchange: Exchange, kind: str, *members: str) -> Dealt:
    """U's part, whose shares for some members do not lie on the polynomial of the others, but fit its manifest."""
    round_, u = exchange.round, exchange.round.places[U]
    sent = member.deal(round_, U, secrets_of(U), Stream("crooked"))
    listed = manifest.read(sent.manifest, exchange=round_.ref, sender=U, members=round_.members)
    roots = shamir.split(secrets_of(U).root, round_.t, round_.n, Stream("roots"))
    owns = shamir.split(secrets_of(U).own, round_.t, round_.n, Stream("owns"))
    lines, out, kept = [], [], Pair(roots[u - 1], owns[u - 1])
    for id, line in zip(round_.members, listed.lines, strict=True):
        v = round_.places[id]
        root = b"\1" * 32 if kind == "root" and id in members else roots[v - 1]
        own = b"\1" * 32 if kind == "self" and id in members else owns[v - 1]
        line = replace(
            line,
            root_share=commitment("root share", round_.ctx1, u, v, root),
            self_share=commitment("self share", round_.ctx1, u, v, own),
        )
        if id != U:
            sealed = round_.consents[id].sealed
            assert sealed is not None
            box = boxes.seal("share", root + own, sealed.envelope_key, round_.ctx1, u, v)
            line = replace(line, share_box=canon.digest(box))
            out.append(box)
        if line.seed_box is not None:
            out.append(sent.boxes[listed.boxes().index(line.seed_box)])
        lines.append(line)
    return Dealt(manifest.encode(replace(listed, lines=tuple(lines))), tuple(out), kept)


@pytest.mark.parametrize("crooked_for", [("m001",), ("m004", "m007")])
def test_shares_of_b_on_no_polynomial_blame_their_maker(crooked_for: tuple[str, ...]) -> None:
    exchange = Exchange.of(7)
    exchange.parts[U] = crooked(exchange, "self", *crooked_for)
    assert ("seal.rebuilt", U) == failed(run(exchange))


def test_a_crooked_share_that_nobody_gave_away_is_seen_too() -> None:
    """The rebuilt secret must give every share that the manifest promised, also those of members who are gone."""
    exchange = Exchange.of(7)
    exchange.parts[U] = crooked(exchange, "self", "m007")
    assert ("seal.rebuilt", U) == failed(run(exchange, after=("m007",)))


def test_shares_of_a_drop_outs_root_on_no_polynomial_blame_the_drop_out() -> None:
    exchange = Exchange.of(7)
    exchange.parts[U] = crooked(exchange, "root", "m001")
    assert ("seal.rebuilt", U) == failed(run(exchange, before=(U,)))


def test_a_root_that_does_not_give_the_consents_key_blames_the_drop_out() -> None:
    """Rebuilt, and not the secret whose M_u was consented with."""
    exchange = Exchange.of(7)
    exchange.parts[U] = member.deal(exchange.round, U, secrets_of(U, "other"), Stream("other"))
    exchange.share()
    exchange.round = replace(exchange.round)
    exchange.answer(U)
    exchange.unmask()
    assert ("seal.rebuilt", U) == failed(exchange.open())


@pytest.mark.parametrize("arrives", [True, False])
def test_a_seed_box_to_a_drop_out_that_does_not_fit_blames_its_sender(arrives: bool) -> None:
    """m005 was gone before it could look."""
    exchange = Exchange.of(7)
    round_, dropped = exchange.round, "m005"
    u, v = round_.places[U], round_.places[dropped]
    sent = exchange.parts[U]
    listed = manifest.read(sent.manifest, exchange=round_.ref, sender=U, members=round_.members)
    key = round_.consents[dropped].sealed
    assert key is not None
    box = boxes.seal("seed", b"\1" * 32, key.mask_key, round_.ctx1, u, v)
    old = digest_of(listed.lines[v - 1].seed_box)
    lines = list(listed.lines)
    lines[v - 1] = replace(lines[v - 1], seed_box=canon.digest(box))
    out = tuple(box if canon.digest(one) == old else one for one in sent.boxes)
    exchange.parts[U] = Dealt(manifest.encode(replace(listed, lines=tuple(lines))), out, sent.kept)
    exchange.share()
    exchange.answer(dropped)
    exchange.unmask()
    listed_all = {
        id: manifest.read(exchange.parts[id].manifest, exchange=round_.ref, sender=id, members=ids(7)) for id in ids(7)
    }
    if not arrives:
        del exchange.store.bodies[canon.digest(box)]
    lists = {id: canon.decode(body, Unmasked) for id, body in exchange.lists.items()}
    found = opening.opened(exchange.round, exchange.facts, listed_all, lists, exchange.store)
    assert ("seal.share" if arrives else "seal.box", U) == failed(found)


def test_wrong_shares_in_a_list_are_passed_over_while_t_others_fit() -> None:
    exchange = Exchange.of(7)
    exchange.share()
    exchange.answer("m001")
    exchange.unmask()
    truth = exchange.sum()
    exchange.lists[U] = wrong_list(exchange, U)
    exchange.listed()
    assert truth == exchange.sum()


def test_too_many_wrong_shares_open_nothing() -> None:
    exchange = Exchange.of(7)
    exchange.share()
    exchange.answer()
    exchange.unmask()
    for id in ids(7)[:3]:
        exchange.lists[id] = wrong_list(exchange, id)
    exchange.listed()
    assert ("seal.too-few", "m001") == failed(exchange.open())


def wrong_list(exchange: Exchange, id: str) -> bytes:
    """A list of the right form in which no share is right."""
    listed = canon.decode(exchange.lists[id], Unmasked)
    return canon.encode(replace(listed, shares=tuple(replace(s, share=b"\1" * 32) for s in listed.shares)))


def test_the_root_of_a_drop_out_opens_no_share_box() -> None:
    """Share boxes are sealed to E, which no root gives: not to the hub, not to whoever reads the view."""
    exchange = Exchange.of(7)
    exchange.share()
    root, round_ = secrets_of("m005").root, exchange.round
    k = derivations.key_context(round_.study.digest, round_.period, round_.attempt, "m005")
    keys = [derivations.private_key(root, kind, k) for kind in ("mask", "envelope")]  # type: ignore[arg-type]
    opened = 0
    for body in exchange.store.bodies.values():
        for key in keys:
            for u in round_.places.values():
                try:
                    text = boxes.open_("share", body, key, round_.ctx1, u, 5)
                except SealBroken:
                    continue
                opened += len(text)
    assert opened == 0


@pytest.mark.parametrize("off", [1, 2**40])
def test_a_sum_that_no_honest_members_can_have_sent_is_spoiled(off: int) -> None:
    """One cell beyond n x (bound + noise tail) is enough."""
    exchange = Exchange.of(7)
    exchange.share()
    exchange.answer()
    exchange.unmask()
    y = np.frombuffer(exchange.store.get(exchange.facts.answers[U].body.digest), "<u8").copy()
    y[2] += np.uint64(exchange.round.limit - exchange.truth()[2] + off)
    instead(exchange, y)
    assert ("seal.spoiled", "") == failed(exchange.open())


def test_the_largest_honest_sum_is_not_spoiled() -> None:
    exchange = Exchange.of(7)
    exchange.share()
    exchange.answer()
    exchange.unmask()
    y = np.frombuffer(exchange.store.get(exchange.facts.answers[U].body.digest), "<u8").copy()
    y[2] += np.uint64(exchange.round.limit - exchange.truth()[2])
    y[3] -= np.uint64(exchange.round.limit + exchange.truth()[3])
    instead(exchange, y)
    found = exchange.sum()
    assert (exchange.round.limit, -exchange.round.limit) == (found[2], found[3])


def instead(exchange: Exchange, vector: NDArray[np.uint64]) -> None:
    """U logged and sent this vector."""
    exchange.store.put(vector.tobytes())
    said = replace(exchange.facts.answers[U], body=blob(vector.tobytes()))
    exchange.facts = replace(exchange.facts, answers={**exchange.facts.answers, U: said})


def test_the_view_names_all_that_the_sum_is_made_of_and_nothing_else() -> None:
    exchange = Exchange.of(7)
    found = run(exchange, before=("m004",), after=("m006",))
    assert isinstance(found, Opened)
    view = canon.decode(found.view, View)
    assert ids(7) == tuple(part.member for part in view.manifests)
    assert tuple(id for id in ids(7) if id != "m004") == tuple(part.member for part in view.vectors)
    assert tuple(id for id in ids(7) if id not in ("m004", "m006")) == tuple(part.member for part in view.lists)
    assert [("m001", "m004"), ("m002", "m004"), ("m003", "m004")] == [(s.sender, s.receiver) for s in view.seeds]
    only_these = Store()
    for part in (*view.manifests, *view.vectors, *view.lists):
        only_these.put(exchange.store.get(part.body.digest))
    for seed in view.seeds:
        only_these.put(exchange.store.get(seed.box))
    listed = {
        p.member: manifest.read(
            only_these.get(p.body.digest), exchange=exchange.round.ref, sender=p.member, members=ids(7)
        )
        for p in view.manifests
    }
    lists = {p.member: canon.decode(only_these.get(p.body.digest), Unmasked) for p in view.lists}
    assert found == opening.opened(exchange.round, exchange.facts, listed, lists, only_these)


def test_the_hub_holds_a_few_vectors_however_many_members_there_are() -> None:
    """Never members x cells: bodies come one at a time."""
    axes = tuple(Axis(id=id, codes=tuple(f"C{i}" for i in range(60))) for id in "ABC")
    exchange = Exchange.of(12, colluding=3)
    large = replace(exchange.round.study.layout, dimensions=axes)
    exchange.share()
    exchange.answer()
    exchange.unmask()
    exchange.round = replace(exchange.round, study=replace(exchange.round.study, layout=large))
    size = 8 * exchange.round.length

    class OnDisk(Store):
        """Makes a vector when it is asked for, as a file would."""

        def get(self, digest: canon.Digest) -> bytes:
            return bytes(size) if digest in vectors else super().get(digest)

    vectors = {said.body.digest for said in exchange.facts.answers.values()}
    store = OnDisk()
    store.bodies = exchange.store.bodies
    listed = {
        id: manifest.read(exchange.parts[id].manifest, exchange=exchange.round.ref, sender=id, members=ids(12))
        for id in ids(12)
    }
    lists = {id: canon.decode(one, Unmasked) for id, one in exchange.lists.items()}
    tracemalloc.start()
    opening.opened(exchange.round, exchange.facts, listed, lists, store)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * size
