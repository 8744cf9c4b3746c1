"""What a joint release says: who did what, how much noise is in the sum, what it gives away."""

from dataclasses import replace
from decimal import Decimal

import pytest

from comity.errors import FormatError, NotVerified
from comity.model.reason import Reason
from comity.model.study import threshold
from comity.stages import combine, table
from tests import sample
from tests.builders.release import DROPS, REFUSES, SILENT, Made, made


@pytest.fixture(scope="module")
def release() -> Made:
    return made()


def test_each_member_did_one_thing(release: Made) -> None:
    found = {t.member: t.part for t in combine.takings(release.world.state, release.world.facts)}
    named = {REFUSES: "refused", SILENT: "silent", DROPS: "dropped"}
    assert {id: named.get(id, "summed") for id in release.assembly.charter.witnesses} == found


def test_a_refusal_comes_with_its_reasons(release: Made) -> None:
    found = {t.member: t.reasons for t in combine.takings(release.world.state, release.world.facts)}
    assert (Reason(code="policy.noise-below-floor"),) == found[REFUSES]
    assert {"floor": "64"} == dict(found[REFUSES][0].params)
    assert () == found["m1"]


def test_takings_do_not_depend_on_what_is_said_later(release: Made) -> None:
    """A release is recombined from a longer log."""
    closed = release.world.facts.closed
    assert closed is not None
    earlier = next(state for n, state in enumerate(_states(release)) if n == closed.ref.index + 1)
    exchange = earlier.exchanges[release.exchange]
    assert combine.takings(earlier, exchange) == combine.takings(release.world.state, release.world.facts)


def test_the_noise_of_the_sum_is_that_of_the_survivors(release: Made) -> None:
    """8 on the roster, 1 may collude: t = max((8+1)//2 + 1, 4) = 5; 7 survivors of variance 36 / (5 - 1) each."""
    assert threshold(8, 1) == 5
    study, facts = release.study, release.world.facts
    assert Decimal(63) == combine.noise_variance(release.world.state, facts, study.noise, study.colluding)
    assert Decimal(0) == combine.noise_variance(release.world.state, facts, None, study.colluding)


def test_both_epsilons_are_copied(release: Made) -> None:
    """From the study, and the largest that a member stated."""
    found = combine.privacy(
        release.world.state, release.world.facts, release.study, release.assembly.leaves.__getitem__
    )
    assert found is not None
    assert release.study.noise is not None
    assert (release.study.noise.epsilon, release.study.noise.delta) == (found.epsilon, found.delta)
    assert Decimal(found.alone) > Decimal(found.epsilon)


def test_an_epsilon_that_one_member_did_not_state_is_not_guessed(release: Made) -> None:
    from comity.acts import statement
    from comity.assembly.facts import ExchangeFacts

    facts: ExchangeFacts = release.world.facts
    index = facts.answers["m1"].ref.index
    act = statement.read(release.assembly.leaves[index]).act
    silent = statement.sign(replace(act, body=replace(act.body, epsilon=None)), release.assembly.signers["m1", "sign"])  # type: ignore[type-var]

    def leaf(i: int) -> bytes:
        return silent if i == index else release.assembly.leaves[i]

    found = combine.privacy(release.world.state, facts, release.study, leaf)
    assert found is not None
    assert found.alone == ""


def test_an_opened_sum_fits_its_study() -> None:
    study = sample.study()
    body = b"".join(value.to_bytes(8, "little", signed=True) for value in (-3, 0, 7, 1, 2, 3, 4, 5))
    assert (-3, 0, 7, 1, 2, 3, 4, 5) == combine.opened(body, study)
    for wrong in (b"", body[:-1], body + bytes(8)):
        with pytest.raises(FormatError, match="does not fit"):
            combine.opened(wrong, study)


def test_without_noise_a_withheld_cell_is_not_shown() -> None:
    """The counts of withholding members follow the cells."""
    study = replace(sample.study(), noise=None)
    sums = combine.opened(bytes(8 * 8) + b"".join(x.to_bytes(8, "little") for x in (0, 2, 0, 0, 0, 0, 0, 1)), study)
    assert ("A", "Q", "A", "A", "A", "A", "A", "Q") == combine.withheld(sums, study)
    assert combine.withheld((0,) * 16, study) is None
    assert combine.withheld((0,) * 8, sample.study()) is None


def test_notes_say_what_is_shown() -> None:
    study = sample.study(rehearsal=True)
    assert {"synthetic", "demonstration", "related", "unweighted", "truth"} <= set(
        combine.notes(study, "demo.comity.invalid/x", plain_tables=True)
    )
    plain = combine.notes(sample.study(related=False), "example.org/x", plain_tables=False)
    assert not {"synthetic", "demonstration", "related", "plain-tables", "no-noise"} & set(plain)
    assert "no-noise" in combine.notes(replace(study, noise=None), "example.org/x", plain_tables=False)


def test_an_exchange_without_a_sum_gives_no_release(release: Made) -> None:
    with pytest.raises(NotVerified, match="no exchange that ended with a sum"):
        combine.joint(
            release.world.state,
            3,
            (),
            study=release.study,
            finish=None,  # type: ignore[arg-type]
            leaf=release.assembly.leaves.__getitem__,
            nationals={},
        )


def test_another_studys_exchange_gives_no_release(release: Made) -> None:
    with pytest.raises(NotVerified, match="another study"):
        combine.joint(
            release.world.state,
            release.exchange,
            (),
            study=sample.study(),
            finish=None,  # type: ignore[arg-type]
            leaf=release.assembly.leaves.__getitem__,
            nationals={},
        )


def test_a_national_release_is_of_a_national_answer(release: Made) -> None:
    own = table.Table(layout=release.study.layout, values=(0,) * 8, statuses=("A",) * 8)
    with pytest.raises(NotVerified, match="no national answer"):
        combine.national(release.world.state, 3, own, study=release.study, finish=None)  # type: ignore[arg-type]


def _states(release: Made) -> list[combine.State]:
    from comity.assembly import fold

    states = [fold.start()]
    for leaf in release.assembly.leaves:
        states.append(fold.step(states[-1], leaf)[0])
    return states
