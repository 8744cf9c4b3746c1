"""What an office says in audits, and what it does at home for a court of audit.

Asks, answers and refuses by the office's key, as `floor` does everything else. At home: finds the record behind one of
its answers, and counts a table again from the very files that a record names. Nothing that is counted here leaves.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from comity import canon
from comity.acts import statement
from comity.acts.audit import AuditAnswered, AuditRequested
from comity.acts.exchange import Answer
from comity.acts.refs import Blob
from comity.adapters.blobs import Blobs
from comity.adapters.vault import Question
from comity.assembly.audits import accountable
from comity.assembly.facts import AuditFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import FormatError, NotVerified, SourceError, UsageError
from comity.model.extract import Basis, Record, is_shown, read
from comity.model.job import Tell
from comity.model.norm import Norm
from comity.model.reason import CODES, Reason
from comity.model.source import Source, read_binding
from comity.model.study import Study
from comity.services import config
from comity.services.node import floor, sources
from comity.services.node.floor import PATIENCE, Said
from comity.services.node.office import EXTRACTS, Office
from comity.services.node.question import Asked
from comity.services.node.sources import Entry

if TYPE_CHECKING:
    from comity.services.reading import Reading

FAMILY = "audit."


def request(
    home: Path,
    release: int,
    figure: int,
    asked: str,
    text: str,
    *,
    language: str = "en",
    patience: float = PATIENCE,
) -> Said:
    """Ask about a figure (its place) of a release (its leaf index); the text is kept beside the log."""
    data = text.encode()
    if not data:
        raise UsageError("an empty question", where=f"release {release}", wanted="a text")
    with Office.open(home, runs=False) as office:
        state = floor.until(office, lambda state: release in state.releases, patience)
        if release not in state.releases:
            raise UsageError("no such release", where=f"leaf {release}", way_out="comity release list")
        able = [one for one in accountable(state, state.releases[release]) if one != office.member]
        if asked not in able:
            way_out = "whose answers are in a release, `comity log explain` of its leaf says"
            raise UsageError(
                "not who answers for this release", where="ASKED", found=asked, wanted=", ".join(able), way_out=way_out
            )
        body = AuditRequested(
            release=state.releases[release].ref, figure=figure, asked=asked, text=_blob(data), language=language
        )
        said = floor.say(office, "audit/requested", body)
        office.send((data,))
        return said


def answer(home: Path, audit: int, evidence: Sequence[bytes], *, patience: float = PATIENCE) -> Said:
    """Answer a request put to this office with evidence, which everyone can read from then on."""
    if not evidence:
        raise UsageError("no evidence", where=f"request {audit}", wanted="a file", way_out="or comity audit refuse")
    for data in evidence:
        refuse_record(data, where=f"request {audit}")
    named = tuple(_blob(data) for data in dict.fromkeys(evidence))
    with Office.open(home, runs=False) as office:
        facts = _request(office, audit, patience)
        body = AuditAnswered(audit=facts.ref, answer="answered", reasons=(), evidence=named)
        said = floor.say(office, "audit/answered", body)
        office.send(tuple(dict.fromkeys(evidence)))
        return said


def refuse_record(data: bytes, *, where: str) -> None:
    """UsageError for a record of an extract as evidence, which everyone reads (`model.extract.is_shown`)."""
    if is_shown(data):
        raise UsageError(
            "a record of an extract, with its salt",
            where=where,
            wanted="evidence that everyone may read",
            way_out="hand the record to the court itself: with it, guesses of the table can be tested",
        )


def refuse(home: Path, audit: int, codes: Iterable[str], *, patience: float = PATIENCE) -> Said:
    """Refuse a request put to this office, by codes of the closed list (`audit.law` or `law`)."""
    reasons = refusal(codes)
    with Office.open(home, runs=False) as office:
        facts = _request(office, audit, patience)
        body = AuditAnswered(audit=facts.ref, answer="refused", reasons=reasons, evidence=())
        return floor.say(office, "audit/answered", body)


def refusal(codes: Iterable[str]) -> tuple[Reason, ...]:
    """Codes as reasons of a refusal; UsageError for one that is not in the closed list."""
    return tuple(Reason(code=code) for code in sorted({_code(code) for code in codes}))


def record(home: Path, reading: "Reading", leaf: int) -> bytes:
    """The record behind an answer of this office (its leaf index).

    Raises:
        UsageError: the leaf is no answer of this office.
        NotVerified: the record is not at home any more, or is another one than the answer committed to.
    """
    commitment = _commitment(config.node(home).id, reading, leaf)
    kept = Blobs(home / EXTRACTS)
    found = kept.get(commitment)
    if found is None:
        raise NotVerified(
            "the record of this answer is not at home",
            where=str(kept.path(commitment)),
            wanted="the file that the node wrote when it answered",
            way_out=f"restore the folder {EXTRACTS} from the backup of the state folder",
        )
    read(found, where=f"record of leaf {leaf}")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A table that was counted again: what is the same as a record says, and what differs."""

    basis: Basis
    same: tuple[str, ...]
    differs: tuple[str, ...]


def rerun(reading: "Reading", record: Record, *, file: Path, binding: Path, tell: Tell) -> Again:
    """Count the table of a record again from a file and a binding; study and norm are read from the log's bodies.

    Raises:
        SourceError: the file cannot be counted, or is one of layers.
    """
    text = binding.read_bytes()
    try:
        bound = read_binding(text.decode(), where=str(binding))
    except UnicodeDecodeError:
        raise FormatError("not a text in UTF-8", where=str(binding)) from None
    kind = file.suffix.removeprefix(".").lower()
    source = Source(id=record.basis.source, path=str(file.resolve()), format=kind, unique=False)
    it = replace(_texts(reading, record), entry=Entry(source=source, bindings=()), binding=bound)
    if it.rasters:
        raise SourceError(
            "areas are computed from several files, which the office's folder names",
            where=record.basis.source,
            way_out="without --source, in the office's state folder: --home FOLDER",
        )
    return _again(it, record, workers=0, memory="", tell=tell)


def rerun_at_home(
    home: Path, reading: "Reading", record: Record, *, workers: int, memory: str = "", tell: Tell
) -> Again:
    """Count it again from the source that the office has now under the record's name, and the binding it names."""
    entry = sources.named(home, record.basis.source)
    found = [one for one in sources.bindings(home, entry) if one.digest == record.binding]
    if not found:
        raise SourceError(
            "the binding of the record is not at home",
            where=record.basis.source,
            wanted=record.binding,
            way_out="give the files: --source FILE --binding FILE",
        )
    unseen = replace(entry, source=replace(entry.source, unique=False, vintage=None))
    it = replace(_texts(reading, record), entry=unseen, binding=found[0])
    return _again(it, record, workers=workers, memory=memory, tell=tell)


def _again(it: Asked, record: Record, *, workers: int, memory: str, tell: Tell) -> Again:
    """In an empty folder: nothing that was kept of an earlier count is taken for one."""
    # Engines are loaded when something is counted.
    from comity.services.node import counting

    with TemporaryDirectory(prefix="comity-rerun-") as name:
        if it.rasters:
            from comity.services.node import tiling

            basis = tiling.count(Path(name), it, workers=workers, tell=tell).basis
        else:
            salt = bytes.fromhex(record.basis.salt)
            made = counting.table(Path(name), it, None, memory=memory, tell=tell, register=False, salt=salt)
            basis = made.basis
    files = {one.id: one.digest for one in record.basis.files}
    compared = {
        "binding": it.bound == record.binding,
        "method": it.study.method == record.method,
        "files": {one.id: one.digest for one in basis.files} == files,
        "plan": basis.plan == record.basis.plan,
        "table": basis.cube == record.basis.cube,
    }
    return Again(
        basis=basis,
        same=tuple(name for name, holds in compared.items() if holds),
        differs=tuple(name for name, holds in compared.items() if not holds),
    )


def _texts(reading: "Reading", record: Record) -> Asked:
    """The question that a record answers, with nothing yet to answer it by."""
    study = canon.decode(reading.get(record.study), Study, where=f"study {record.study}")
    norm = canon.decode(reading.get(study.norm), Norm, where=f"norm {study.norm}")
    question = Question(study=record.study, period=record.period)
    return Asked(question=question, study=study, norm=norm, entry=None, binding=None, member=record.member)


def _commitment(member: str, reading: "Reading", leaf: int) -> Digest:
    """What this office's answer at a leaf committed to."""
    log = reading.log
    if not 0 <= leaf < log.state.size or leaf in log.state.breached:
        raise UsageError("no answer stands at this leaf", where=f"leaf {leaf}", way_out="comity log list")
    act = statement.read(log.leaves[leaf]).act
    if not isinstance(act.body, Answer) or act.actor != member or act.body.extract is None:
        found = f"{act.kind} of {act.actor}"
        raise UsageError("this leaf is no answer of this office", where=f"leaf {leaf}", found=found, wanted="answer")
    return act.body.extract.commitment


def _request(office: Office, audit: int, patience: float) -> AuditFacts:
    """A request by its leaf index; UsageError if there is none."""
    state = floor.until(office, _has(audit), patience)
    if audit not in state.audits:
        known = ", ".join(str(i) for i, one in state.audits.items() if one.asked == office.member) or "none"
        raise UsageError("no such request", where=f"leaf {audit}", wanted=known, way_out="comity audit list")
    return state.audits[audit]


def _has(audit: int) -> Callable[[State], bool]:
    return lambda state: audit in state.audits or not state.size <= audit < state.size + floor.NEAR


def _code(word: str) -> str:
    code = word if word.startswith(FAMILY) else FAMILY + word
    known = [one for one in CODES if one.startswith(FAMILY) and one != "audit.too-many"]
    if code not in known:
        raise UsageError("no code of the closed list", where="CODE", found=word, wanted=", ".join(known))
    return code


def _blob(data: bytes) -> Blob:
    return Blob(digest=canon.digest(data), size=len(data))
