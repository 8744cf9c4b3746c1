"""A reservation marks the member's own figures (D) and is named beside a sum; both follow from the log."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace

import pytest

from comity import canon
from comity.methods.table.finish import finish
from comity.model.release import Figure, Release
from comity.stages import combine, reserved
from comity.stages.publish import bundle, folder, release
from comity.stages.reproduce import reproduce
from comity.stages.verify.check import verify
from tests import sample
from tests.builders.assembly import Assembly
from tests.builders.life import summed_without_the_last
from tests.builders.release import RESERVED, Made, made, own, saying

FORGER = "m2"


@pytest.fixture(scope="module")
def world() -> Made:
    """m1, m2 and m3, who drops out, applied the norm with reservations when they answered."""
    return made("reserving", reserving=("m1", FORGER, "m3"))


@pytest.fixture(scope="module")
def own_of_m1(world: Made) -> Mapping[str, bytes]:
    return own(world, "m1")[1]


def record(files: Mapping[str, bytes]) -> Release:
    return canon.decode(files[folder.RELEASE], Release)


def test_a_members_own_figures_are_of_another_definition(world: Made, own_of_m1: Mapping[str, bytes]) -> None:
    plain = record(own(made("own"), "m1")[1])
    found = record(own_of_m1)
    assert {"D"} == {figure.status for figure in found.figures}
    assert {"A"} == {figure.status for figure in plain.figures}
    assert "reserved" == found.notes[0]
    assert [("m1", RESERVED)] == [(one.member, one.parts) for one in found.reserved]
    said = world.assembly.state.reservations[world.study.norm, "m1"]
    assert [one.ref.index for one in said] == [one.leaf for one in found.reserved]
    assert ((), ()) == (plain.reserved, tuple(note for note in plain.notes if note.startswith("reserved")))


def test_it_verifies_and_is_reproduced(own_of_m1: Mapping[str, bytes]) -> None:
    report = verify(own_of_m1)
    assert [] == [claim for claim in report.claims if not claim.holds]
    assert any("under reservations of m1" in claim.detail for claim in report.claims)
    assert reproduce(own_of_m1).equal


def test_the_text_of_the_reservation_lies_in_the_folder(world: Made, own_of_m1: Mapping[str, bytes]) -> None:
    path = folder.blob(canon.digest(b"Asked of adults only."))
    assert b"Asked of adults only." == own_of_m1[path] == world.folder[path]


def test_the_csv_and_the_page_say_so(own_of_m1: Mapping[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(own_of_m1[folder.CSV].decode())))
    assert "D" in {row["OBS_STATUS"] for row in rows}
    page = own_of_m1[folder.PAGE].decode()
    assert "Definition differs (D)" in page
    assert all(part in page for part in RESERVED)


def test_a_sum_names_who_reserved_what_and_keeps_its_status(world: Made) -> None:
    """Only of members whose answers are in it."""
    found = record(world.folder)
    assert ["m1", FORGER] == [one.member for one in found.reserved]
    assert "D" not in {figure.status for figure in found.figures}
    assert "reserved-inputs" in found.notes
    report = verify(world.folder)
    assert [] == [claim for claim in report.claims if not claim.holds]
    assert reproduce(world.folder).equal


@pytest.mark.parametrize("forge", ["status", "all"])
def test_figures_that_hide_it_are_refused(forge: str) -> None:
    """The office says its own release without the reservation: figures A, or not a word of it anywhere."""
    made_ = made(f"hiding {forge}", reserving=(FORGER,))
    assembly, state = made_.assembly, made_.world.state
    consent = next(c for c in state.consents.values() if c.member == FORGER)
    files = release.national(state, state.nationals[consent.ref.index].ref.index, bodies=made_.world.store)
    false = hidden(record(files), whole=forge == "all")
    body = canon.encode(false)
    assembly.say(FORGER, saying(body, false.inputs, made_.world.state, made_.world.store))
    files = {**files, folder.RELEASE: body}
    note = assembly.cosigned(made_.world.now + 30)
    whole = {**files, **bundle.proofs(made_.world.state, body, assembly.leaves, note, made_.world.store)}
    report = verify(whole)
    told = [claim.detail for claim in report.claims if not claim.holds]
    assert any("release.json does not say what follows" in detail and "(D) follows" in detail for detail in told)


def hidden(release: Release, *, whole: bool) -> Release:
    """The record with A in the place of D."""
    figures = tuple(replace(one, status="A") if one.status == "D" else one for one in release.figures)
    if not whole:
        return replace(release, figures=figures)
    return replace(release, figures=figures, reserved=(), notes=release.notes[1:])


def test_what_is_said_after_the_answer_changes_no_figure() -> None:
    """Neither a reservation that comes after it nor one that is lifted after it."""
    assembly = Assembly(3)
    norm = assembly.adopt("norm", b"{}")
    first = assembly.reserve("m1", norm, "question:q1")
    answer = assembly.tick().index
    assembly.reserve("m1", norm)
    assembly.reserve("m2", norm, "question:q1")
    found = reserved.standing(assembly.state, norm, {"m1": answer, "m2": answer, "m3": answer})
    assert [("m1", first.index, ("question:q1",))] == [(one.member, one.leaf, one.parts) for one in found]


def test_a_status_that_says_more_stays() -> None:
    given = [Figure(key=("1",), measure="n", value=None, sampling="", noise="", status=status) for status in "AQMBEV"]
    held = (reserved.Reserved(member="m1", leaf=3, parts=("question:q1",)),)
    assert "DQMBEV" == "".join(figure.status for figure in reserved.marked(given, held))
    assert "AQMBEV" == "".join(figure.status for figure in reserved.marked(given, ()))


def test_who_answered_and_is_not_in_the_sum_is_not_named() -> None:
    """m5 sent its vector, and the hub did not count it."""
    assembly = Assembly(5)
    norm = assembly.adopt("norm", sample.norm(), name="TRUST/1.0.0")
    text = sample.study(norm=norm)
    study = assembly.adopt("study", text, name="TRUST-WAVES/1.0.0")
    for member in ("m1", "m5"):
        assembly.reserve(member, norm, *RESERVED)
    summed_without_the_last(assembly, study)
    (exchange,) = assembly.state.exchanges
    found = combine.joint(
        assembly.state,
        exchange,
        [5] * text.layout.length,
        study=text,
        finish=finish,
        leaf=assembly.leaves.__getitem__,
        nationals={},
    )
    assert ["m1"] == [one.member for one in found.reserved]
