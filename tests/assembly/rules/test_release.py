"""The release family: who announces, publishes and takes back what."""

from dataclasses import replace

import pytest

from comity import canon
from comity.acts.refs import Ref
from comity.acts.release import Figures, ReleaseAnnounced, ReleasePublished, ReleaseWithdrawn
from comity.canon import Digest
from comity.model.reason import Reason
from tests.builders.assembly import FIGURES, Assembly, blob, party

NOWHERE = Ref(index=999, digest=canon.digest(b"nowhere"))
WHY = Reason(code="seal.spoiled")


@pytest.fixture
def assembly() -> Assembly:
    return Assembly(4, others=[party("agency", role="custodian")])


@pytest.fixture
def study(assembly: Assembly) -> Digest:
    return assembly.adopt("study", b"{}")


@pytest.fixture
def closed(assembly: Assembly, study: Digest) -> int:
    """Leaf index of an exchange closed with a sum."""
    ref = assembly.run(study)
    exchange = assembly.state.exchanges[ref.index]
    assert exchange.closed is not None
    return exchange.closed.ref.index


def published(*inputs: int, replaces: Ref | None = None, reason: Reason | None = None) -> ReleasePublished:
    return ReleasePublished(release=blob(b"release"), figures=FIGURES, inputs=inputs, replaces=replaces, reason=reason)


@pytest.mark.parametrize(
    "figures",
    [
        Figures(count=0, root=FIGURES.root, heading=FIGURES.heading),
        Figures(count=1, root=Digest("root"), heading=FIGURES.heading),
        Figures(count=1, root=FIGURES.root, heading=Digest("heading")),
    ],
)
def test_a_tree_of_figures_that_can_be_none_is_refused(assembly: Assembly, closed: int, figures: Figures) -> None:
    assert ["act.malformed"] == assembly.refused("hub", replace(published(closed), figures=figures))


def test_the_hub_publishes_a_sum_and_a_member_does_not(assembly: Assembly, closed: int) -> None:
    assert [] == assembly.refused("hub", published(closed))
    assert ["act.signer"] == assembly.refused("m1", published(closed))


def test_a_member_publishes_its_own_national_answer_and_nobody_else(assembly: Assembly, study: Digest) -> None:
    said = assembly.national(assembly.consent("m1", study, national=True)).index
    assert [] == assembly.refused("m1", published(said))
    assert ["act.signer"] == assembly.refused("m2", published(said))
    assert ["act.signer"] == assembly.refused("hub", published(said))


def test_a_joint_release_may_count_the_national_tables_beside_its_own_sum(
    assembly: Assembly, study: Digest, closed: int
) -> None:
    """Not without a sum of its own; and no member takes another's table into its release."""
    said = [assembly.national(assembly.consent(id, study, period="2", national=True)).index for id in ("m1", "m2")]
    assert [] == assembly.refused("hub", published(closed, *said))
    assert ["act.signer"] == assembly.refused("hub", published(*said))
    assert ["act.signer"] == assembly.refused("m1", published(*said))


def test_what_may_be_released_is_dated_by_the_tick_before_it(assembly: Assembly, study: Digest) -> None:
    consent = assembly.consent("m1", study, national=True)
    assembly.tick()
    told = assembly.time
    said = assembly.national(consent)
    assembly.tick()
    assert told == assembly.state.dated[said.index]


def test_a_release_is_made_from_what_may_be_released(assembly: Assembly, study: Digest, closed: int) -> None:
    """Neither from nothing, nor from a sealed vector, nor from an exchange that failed."""
    facts = next(iter(assembly.state.exchanges.values()))
    for wrong in (999, facts.opened.ref.index, facts.answers["m1"].ref.index):
        assert ["act.unknown-thing"] == assembly.refused("hub", published(wrong))
    for member in assembly.members:
        assembly.consent(member, study, period="2")
    failed = assembly.close(assembly.open(study, period="2"), failed=Reason(code="seal.too-few"))
    assert ["act.unknown-thing"] == assembly.refused("hub", published(failed.index))
    assert "act.malformed" in assembly.refused("hub", published())
    assert ["act.malformed"] == assembly.refused("hub", published(closed, closed))


def test_a_revision_names_what_it_replaces_and_why(assembly: Assembly, study: Digest, closed: int) -> None:
    first = assembly.say("hub", published(closed))
    assert ["act.malformed"] == assembly.refused("hub", published(closed, replaces=first))
    assert ["act.malformed"] == assembly.refused("hub", published(closed, reason=WHY))
    assert ["act.unknown-thing"] == assembly.refused("hub", published(closed, replaces=NOWHERE, reason=WHY))
    assert [] == assembly.refused("hub", published(closed, replaces=first, reason=WHY))
    said = assembly.national(assembly.consent("m1", study, period="2", national=True)).index
    assert ["act.signer"] == assembly.refused("m1", published(said, replaces=first, reason=WHY))


def test_a_release_is_withdrawn_once_and_by_its_publisher(assembly: Assembly, closed: int) -> None:
    release = assembly.say("hub", published(closed))
    body = ReleaseWithdrawn(release=release, reason=WHY)
    assert ["act.signer"] == assembly.refused("m1", body)
    assert ["act.unknown-thing"] == assembly.refused("hub", replace(body, release=NOWHERE))
    taken = assembly.say("hub", body)
    assert taken.index == assembly.state.releases[release.index].withdrawn
    assert ["act.closed"] == assembly.refused("hub", body)
    assert ["act.closed"] == assembly.refused("hub", published(closed, replaces=release, reason=WHY))


def test_a_release_is_announced_for_a_time_to_come(assembly: Assembly, study: Digest) -> None:
    body = ReleaseAnnounced(study=study, period="1", time=assembly.time + 1, earlier=())
    assert ["act.closed"] == assembly.refused("hub", replace(body, time=assembly.time))
    assert ["study.not-in-force"] == assembly.refused("hub", replace(body, study=canon.digest(b"other")))
    assert ["act.malformed"] == assembly.refused("hub", replace(body, earlier=("m2", "m1")))
    assert ["act.signer"] == assembly.refused("agency", body)
    line = assembly.say("hub", body)
    assert ("hub", assembly.time + 1) == (
        assembly.state.calendar[line.index].publisher,
        assembly.state.calendar[line.index].time,
    )
