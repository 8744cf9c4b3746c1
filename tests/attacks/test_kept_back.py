"""A member names somebody else's body as its own part of an exchange, so that the hub keeps it from everyone.

Bodies of an exchange are private until it is closed, and forgotten then. Guard: the log takes no part of an exchange
whose body was named before; whoever names one afterwards, in a comment, does not make it public either.
"""

from pathlib import Path

import pytest

from comity import canon
from comity.acts.exchange import Answer, Shares, Unmask
from comity.acts.motion import Comment
from comity.acts.refs import Blob, Ref
from comity.adapters.blobs import Blobs
from comity.adapters.held import Held
from comity.services.hub.keeper import Keeper
from tests.builders.assembly import Assembly, blob

STUDY, TEXT = b"a study", b"a text that the attacker would rather nobody read"
MEMBERS = ("m1", "m2", "m3", "m4", "m5")


def exchanging() -> tuple[Assembly, Ref, Ref]:
    """A motion whose text is named and was not put yet; and an exchange that runs."""
    assembly = Assembly(5)
    study = assembly.adopt("study", STUDY)
    for id in MEMBERS:
        assembly.consent(id, study)
    motion = assembly.motion("norm", TEXT)
    return assembly, assembly.open(study), motion


def test_no_part_of_an_exchange_is_a_body_that_somebody_named_before() -> None:
    assembly, exchange, _ = exchanging()
    stolen = blob(TEXT)
    assert ["act.repeated"] == assembly.refused("m2", Shares(exchange=exchange, manifest=stolen))
    for id in MEMBERS:
        assembly.shares(exchange, id)
    assert ["act.repeated", "act.repeated"] == assembly.refused("m2", Shares(exchange=exchange, manifest=stolen))
    assembly.shared(exchange)
    assert ["act.repeated"] == assembly.refused("m2", Answer(exchange=exchange, consent=None, body=stolen))
    assembly.answer(exchange, "m1")
    copied = assembly.state.exchanges[exchange.index].answers["m1"].body
    assert ["act.repeated"] == assembly.refused("m2", Answer(exchange=exchange, consent=None, body=copied))
    for id in MEMBERS[1:]:
        assembly.answer(exchange, id)
    assembly.survivors(exchange)
    assert ["act.repeated"] == assembly.refused("m2", Unmask(exchange=exchange, shares=stolen))


@pytest.mark.parametrize("again", [False, True], ids=["", "after a restart"])
def test_a_comment_makes_no_vector_public(tmp_path: Path, again: bool) -> None:
    """Named by a member that saw its digest in the log, and put once more."""
    assembly, exchange, motion = exchanging()
    vector = bytes(100_000)
    for id in MEMBERS:
        assembly.shares(exchange, id)
    assembly.shared(exchange)
    assembly.answer(exchange, "m1", vector)
    assembly.say("m2", Comment(motion=motion, text=Blob(digest=canon.digest(vector), size=len(vector)), language="en"))
    files, public = Blobs(tmp_path / "blobs"), Blobs(tmp_path / "public")
    keeper = Keeper(lambda: assembly.state, Held(tmp_path, files), files, public)
    assert 2 == keeper.keep((vector, TEXT))
    if again:
        keeper.show()
    assert (False, True) == (public.has(canon.digest(vector)), public.has(canon.digest(TEXT)))
