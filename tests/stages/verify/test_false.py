"""What a clever hub, member or stranger would try, so that a false release holds or a true one does not."""

from dataclasses import replace

import pytest

from comity import canon
from comity.acts.charter import Accession
from comity.errors import NotVerified
from comity.model.member import HUB
from comity.model.release import Release
from comity.stages.publish import bundle, folder
from comity.stages.verify.check import _texts, verify
from comity.stages.verify.reading import Folder
from comity.stages.verify.report import Report
from comity.tlog import note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note, Vkey
from comity.tlog.quorum import NONE, Log, Policy, Quorum
from tests import sample
from tests.builders.assembly import Assembly, signer
from tests.builders.release import DROPS, Made, made, saying
from tests.stages.verify.test_hub import TIME, copy, published, relisted


def failing(report: Report) -> dict[str, str]:
    return {claim.name: claim.detail for claim in report.claims if not claim.holds}


def record(source: Made) -> Release:
    return canon.decode(source.files[folder.RELEASE], Release)


def again(source: Made, files: dict[str, bytes], changed: Release | None = None) -> Report:
    """What a reader is told if the hub had logged these files instead of its true ones."""
    files[folder.RELEASE] = relisted(changed or record(source), files)
    before = copy(source, len(source.assembly.leaves) - 1)
    return verify(published(before, source, files), pin=source.charter)


def after(source: Made, assembly: Assembly) -> dict[str, bytes]:
    """The true release's folder, fetched when the log had gone on."""
    head = assembly.cosigned(assembly.time + TIME)
    proofs = bundle.proofs(assembly.state, source.files[folder.RELEASE], assembly.leaves, head, source.world.store)
    return {**source.files, **proofs}


@pytest.mark.parametrize(
    ("column", "true", "false"),
    [
        ("TIME_PERIOD", b"2010-01-01/P5Y", b"2015-01-01/P5Y"),
        ("REF_AREA", b",_X,", b",578,"),
        ("STRUCTURE_ID", b"COMITY:TRUST(1.0.0)", b"COMITY:OTHER(1.0.0)"),
        ("ACTION", b",I,", b",D,"),
    ],
)
def test_true_figures_of_something_else_are_refused(column: str, true: bytes, false: bytes) -> None:
    """Every value is right; but the file says another period, area, structure, or that they are to be deleted."""
    source = made()
    files = dict(source.files)
    files[folder.CSV] = files[folder.CSV].replace(true, false)
    report = again(source, files)
    assert column in failing(report)["figures"]


def test_a_column_that_no_figure_has_is_refused() -> None:
    source = made()
    files = dict(source.files)
    files[folder.CSV] = b"".join(line + b",x\r\n" for line in files[folder.CSV].splitlines())
    assert "found the columns" in failing(again(source, files))["figures"]


def test_the_words_of_a_refusal_are_those_of_the_log() -> None:
    """The code stays, and what the office's floor was said to be is changed."""
    source = made()
    true = record(source)
    takings = tuple(
        replace(t, reasons=tuple(replace(r, params={"floor": "9999"}) for r in t.reasons)) for t in true.takings
    )
    assert takings == true.takings  # reasons are compared by their codes
    report = again(source, dict(source.files), replace(true, takings=takings))
    assert "takings" in failing(report)["release.json"]


def test_a_national_table_that_the_hub_left_out_is_told() -> None:
    """No rule says that it must be counted (it may never have come); the reader sees that it was not."""
    source = made()
    true = record(source)
    assert true.alone
    told = [c.detail for c in verify(source.folder).claims if c.name == "release.json"]
    tables = true.alone.answered
    assert any(f"{tables} of {tables} national tables" in detail for detail in told)
    left_out, *_ = [
        index for index in true.inputs if index in {a.ref.index for a in source.world.state.nationals.values()}
    ]
    fewer = replace(
        true,
        inputs=tuple(index for index in true.inputs if index != left_out),
        alone=replace(true.alone, answered=tables - 1),
    )
    report = again(source, dict(source.files), fewer)
    told = [claim.detail for claim in report.claims if claim.name == "release.json"]
    assert {} == failing(report)
    assert any(f"{tables - 1} of {tables} national tables" in detail for detail in told)


def test_a_member_cannot_spoil_a_release_by_calling_it_its_own() -> None:
    """Before the hub said it: a joint release follows from the log, so anyone can foresee its digest."""
    source = made()
    early = copy(source, len(source.assembly.leaves) - 1)
    body = source.files[folder.RELEASE]
    mine = next(a.ref.index for c, a in early.state.nationals.items() if early.state.consents[c].member == "m1")
    early.say("m1", saying(body, (mine,), early.state, source.world.store))
    early.say(HUB, saying(body, record(source).inputs, early.state, source.world.store))
    report = verify(after(source, early), pin=source.charter)
    assert {} == failing(report)


def test_a_member_that_left_and_came_back_spoils_no_earlier_release() -> None:
    """The roster is judged as all stood then."""
    source = made()
    later = copy(source, len(source.assembly.leaves))
    party = later.parties["m1"]
    later.withdraw("m1")
    motion = later.motion("member", party, name="m1", mover="m2")
    later.vote(motion, "yes")
    later.decide(motion)
    later.say("m1", Accession(charter=canon.digest(canon.encode(later.charter)), party=party))
    assert later.state.actors["m1"].since > source.exchange
    assert {} == failing(verify(after(source, later), pin=source.charter))


def test_a_drop_outs_vector_may_lie_nowhere() -> None:
    """The log names it, and its root is rebuilt: only what nobody sees keeps it secret (SEAL, What is published)."""
    source = made()
    state, vector = source.world.state, b"y of the drop-out"
    other = copy(source, source.world.facts.survivors.ref.index)  # type: ignore[union-attr]
    other.answer(other.ref(source.exchange), DROPS, vector)
    note_ = other.cosigned(other.time + TIME)
    files = {path: body for path, body in source.folder.items() if not path.startswith(folder.LOG)}
    files |= bundle.log(other.leaves, note_) | {folder.blob(canon.digest(vector)): vector}
    assert DROPS not in state.exchanges[source.exchange].answers
    assert "never published" in failing(verify(files))["folder"]


@pytest.mark.timeout(20)
def test_a_checkpoint_of_any_size_is_refused_at_once() -> None:
    """Whoever signs may sign any number; nobody makes room for so many leaves."""
    source = made()
    text = str(Checkpoint(source.assembly.charter.origin, 2**62, bytes(32)))
    signed = note.sign(text, source.assembly.charter.origin, source.assembly.signers[HUB, "log"])
    report = verify({**source.folder, folder.CHECKPOINT: str(Note(text, (signed,))).encode()})
    assert "file missing" in failing(report)["log"]


def test_the_checkpoint_of_another_log_stands_for_nothing() -> None:
    """The reader trusts two logs; the leaves of one do not count under the name of the other."""
    source = made()
    head, key = source.assembly.checkpoint(), signer("other", "log")
    text = str(Checkpoint("example.org/other", head.size, head.root))
    text_of = str(Note(text, (note.sign(text, "example.org/other", key),)))
    trusts = Policy((Log(Vkey("example.org/other", key.public)),), Quorum((), (), NONE))
    report = verify({**source.folder, folder.CHECKPOINT: text_of.encode()}, policy=trusts)
    assert "another log" in failing(report)["quorum"]


def test_a_study_that_contradicts_its_norm_is_no_study() -> None:
    """No honest node answers it."""
    study, norm = sample.study(bound=0), sample.norm()
    files = {folder.blob(canon.digest(canon.encode(x))): canon.encode(x) for x in (study, norm)}
    with pytest.raises(NotVerified, match="bound"):
        _texts(Folder(files), study.digest)


def test_what_nobody_thought_of_is_no_yes() -> None:
    class Broken(dict[str, bytes]):
        def __getitem__(self, path: str) -> bytes:
            if path == folder.CSV:
                raise ZeroDivisionError("a file like no other")
            return super().__getitem__(path)

    report = verify(Broken(made().folder), pin=made().charter)
    assert not report.holds
    assert () == report.figures
    assert "a file like no other" in report.claims[0].detail


def test_what_is_shown_steers_no_terminal() -> None:
    report = verify({**made().folder, "\x1b[2J\u202e.csv": b""})
    (line,) = [str(claim) for claim in report.claims if not claim.holds]
    assert line.isprintable()
    assert r"\x1b[2J\u202e" in line
