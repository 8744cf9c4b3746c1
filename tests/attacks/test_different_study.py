"""Members who were told different studies, rosters or sets mask for different things, and nothing cancels.

Guards: the exchange names the study by digest and a node reads no other; every mask binds ctx2, and so the study, the
roster and U2. With the first removed the second is enough: the sum is noise, and says so (`seal.spoiled`).
"""

from dataclasses import replace

import pytest

from comity.model.reason import Reason
from comity.stages import answer
from comity.stages.seal import derivations
from tests.builders.rounds import Exchange, blob
from tests.builders.seal import World, study_of


def test_a_node_that_was_told_another_text_takes_no_part() -> None:
    world = World(5)
    world.run(until=lambda: bool(world.state.exchanges))
    office = world.office("m2")
    other = replace(world.home(office), study=study_of(title="another text"), decision=None, memory={})
    assert () == answer.next(other, office.dice)


@pytest.mark.parametrize("told", ["another exchange", "another U2"])
def test_masks_of_another_view_do_not_cancel(told: str) -> None:
    """One member only; a hub that sums nevertheless sums noise."""
    exchange = Exchange.of(7)
    exchange.share()
    exchange.answer()
    honest = exchange.round
    assert honest.ctx2 is not None
    ctx1 = derivations.opened_context("example.org/log", 1001, bytes(32)) if told == "another exchange" else honest.ctx1
    exchange.round = replace(honest, ctx2=derivations.shared_context(ctx1, 3001, bytes(32)))
    vector = exchange.vector("m003")
    exchange.round = honest
    exchange.store.put(vector)
    said = replace(exchange.facts.answers["m003"], body=blob(vector))
    exchange.facts = replace(exchange.facts, answers={**exchange.facts.answers, "m003": said})
    exchange.unmask()
    found = exchange.open()
    assert isinstance(found, Reason)
    assert "seal.spoiled" == found.code
