"""`comity audit`: a member asks about a published figure, whoever answers for it answers; and a court's work at home.

Which figure is meant is said as `comity release prove` says it. Who is silent follows from the log's own time.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.cli import options, progress, show
from comity.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.assembly.audits import Opened
    from comity.assembly.facts import AuditFacts
    from comity.assembly.state import State
    from comity.canon import Digest
    from comity.model.extract import Record
    from comity.model.release import Figure
    from comity.services.node.audits import Again
    from comity.services.reading import Reading

app = options.group()

Request = Annotated[int, typer.Argument(metavar="REQUEST", help="The request, by its leaf index (comity audit list).")]
RecordFile = Annotated[Path, typer.Argument(metavar="RECORD", help="The record, as comity audit open wrote it.")]


@app.command()
def request(
    release: Annotated[int, typer.Argument(metavar="RELEASE", help="The release, by its leaf index.")],
    asked: Annotated[
        str,
        typer.Argument(metavar="ASKED", help="Who is asked: its publisher (hub), or a member whose answer is in it."),
    ],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is in doubt.")],
    cell: Annotated[
        str | None,
        typer.Option("--cell", metavar="CODES", help="The figure's codes in the order of the table, such as 1,F."),
    ] = None,
    measure: Annotated[
        str | None, typer.Option("--measure", metavar="ID", help="Which of the release's measures, if it has several.")
    ] = None,
    language: Annotated[str, typer.Option("--language", metavar="TAG", help="Language of the text (BCP 47).")] = "en",
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Ask who answers for a published figure about it; the charter says how long it may take. Everyone reads both.

    Example: `comity audit request 61 ke "The jump against 2015?" --cell 1,F --measure n --home office`
    """
    from comity.services import config, prove
    from comity.services.node import audits

    folder = config.home(home)
    with options.reading(None, folder) as reading:
        if release not in reading.log.state.releases:
            known = ", ".join(map(str, sorted(reading.log.state.releases))) or "none"
            raise UsageError("no such release", where="RELEASE", found=str(release), wanted=known)
        figure = prove.place(prove.in_log(reading, release).release, cell, measure)
    said = audits.request(folder, release, figure, asked, text, language=language)
    show.facts(options.said(said) | {"figure": figure + 1, "asked": asked}, as_json=as_json)


@app.command()
def answer(
    audit: Request,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Evidence; everyone can read it.")],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Answer a request put to this office, or to the hub of this folder, once, with evidence that becomes public.

    A late answer stands as late.

    Example: `comity audit answer 70 note.pdf --home office`
    """
    from comity.services import config, operator
    from comity.services.node import audits

    folder, evidence = config.home(home), [_evidence(file) for file in files]
    is_hub = operator.is_hub(folder)
    said = operator.answer(folder, audit, evidence=evidence) if is_hub else audits.answer(folder, audit, evidence)
    show.facts(options.said(said), as_json=as_json)


@app.command()
def refuse(
    audit: Request,
    codes: Annotated[
        list[str],
        typer.Argument(metavar="CODE...", help="law, confidential, not-kept, answered-before or burden."),
    ],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Refuse a request put to this office, or to the hub of this folder, by codes of the closed list alone.

    Example: `comity audit refuse 70 law --home office`
    """
    from comity.services import config, operator
    from comity.services.node import audits

    folder, reasons = config.home(home), audits.refusal(codes)
    is_hub = operator.is_hub(folder)
    said = operator.answer(folder, audit, reasons=reasons) if is_hub else audits.refuse(folder, audit, codes)
    show.facts(options.said(said), as_json=as_json)


@app.command("list")
def list_(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Every request for an audit: who asks whom about which figure, and how it stands by the log's own time.

    Example: `comity audit list --hub https://hub.example.org`
    """
    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
        rows = [_row(state, audit) for _, audit in sorted(state.audits.items())]
    columns = ("request", "asks", "asked", "release", "figure", "standing", "codes", "deadline", "answered-at")
    show.rows(rows, columns, as_json=as_json, none="Nobody asked for an audit yet.")


@app.command("show")
def show_(
    audit: Request,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="A new folder, for the evidence and the question.")
    ] = None,
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """One request: the question, the answer or the silence, and the evidence by digest.

    Example: `comity audit show 70 --hub https://hub.example.org`
    """
    from comity.pages import words
    from comity.services import prove

    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
        if audit not in state.audits:
            known = ", ".join(map(str, sorted(state.audits))) or "none"
            raise UsageError("no such request", where="REQUEST", found=str(audit), wanted=known)
        facts = state.audits[audit]
        said = facts.answer
        evidence = said.evidence if said else ()
        question = reading.get(facts.text.digest) if reading.has(facts.text.digest) else None
        named = {"question.txt": facts.text.digest} | {_name(blob.digest): blob.digest for blob in evidence}
        written = {} if out is None else _write(reading, out, named)
        figure = prove.figure_at(reading, facts.release.index, facts.figure)
    shown: dict[str, Any] = _row(state, facts) | _codes(figure) | {"language": facts.language}
    shown["reasons"] = [words.reason(reason) for reason in said.reasons] if said else []
    shown["evidence"] = [{"digest": blob.digest, "bytes": blob.size} for blob in evidence]
    if out is not None:
        gone = [name for name in named if name not in written]
        shown |= {"out": str(out), "written": list(written), "not-kept": gone}
    text = question.decode(errors="replace") if question is not None else "(the text is not kept any more)"
    if as_json:
        show.document(shown | {"question": text})
        return
    shown["evidence"] = [f"{blob.digest} ({blob.size} bytes)" for blob in evidence]
    show.facts(shown, as_json=False)
    typer.echo(f"\n{facts.asks} asks ({facts.language}):\n{show.prose(text)}")


@app.command("open")
def open_(
    leaf: Annotated[int, typer.Argument(metavar="LEAF", help="An answer of this office, by its leaf index.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it.")],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Write the record of what an answer was counted from, for a court of audit of this office's own country.

    It names the files by digest and the table before protection, with the salt that hides both in the log. Whoever has
    it can test guesses of the table: it is for the court, and not to be published.

    Example: `comity audit open 44 --out record.json --home office`
    """
    from comity.adapters import durable
    from comity.adapters.folder import PRIVATE_FILE
    from comity.model import extract
    from comity.services import config
    from comity.services.node import audits

    folder = config.home(home)
    with options.reading(None, folder) as reading:
        data = audits.record(folder, reading, leaf)
    durable.write(out, data, mode=PRIVATE_FILE)
    record = extract.read(data, where=str(out))
    facts = {"answer": leaf, "study": record.study, "period": record.period, "source": record.basis.source}
    show.facts(facts | {"files": len(record.basis.files), "out": str(out)}, as_json=as_json)
    options.note("for a court of audit alone: with this file, guesses of the table can be tested")


@app.command()
def check(
    record: RecordFile,
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """Whether a record is the one that an answer in the log committed to. Exits with 1 if it is not.

    That the record is true is shown by counting again: `comity audit rerun`.

    Example: `comity audit check record.json --hub https://hub.example.org`
    """
    from comity.model import extract

    data = extract.read(record.read_bytes(), where=str(record))
    with options.reading(hub, home, charter) as reading:
        opened = _opened(reading, data, record)
    facts: dict[str, Any] = {"answer": opened.index, "member": opened.member, "sealed": opened.sealed}
    facts |= {"commitment": data.commitment, "study": data.study, "period": data.period, "binding": data.binding}
    facts |= {"software": data.basis.software, "engine": data.basis.engine, "differs-in": list(opened.differs)}
    show.facts(facts, as_json=as_json)
    _check_same(opened, record)


@app.command()
def rerun(
    record: RecordFile,
    source: Annotated[
        Path | None, typer.Option("--source", metavar="FILE", help="The microdata; else the office's own source.")
    ] = None,
    binding: Annotated[
        Path | None, typer.Option("--binding", metavar="FILE", help="With --source: the binding, binding.toml.")
    ] = None,
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """Count a table again at home, and compare it with the record by digest. Exits with 1 if anything differs.

    Nothing is counted by a record that no answer in the log committed to: whoever wrote it could have it say anything.

    Study and norm are read from the log's public bodies; nothing of the data leaves, and nothing is kept.

    Example: `comity audit rerun record.json --source people.csv --binding home.toml --hub https://hub.example.org`
    """
    from comity.errors import NotVerified
    from comity.model import extract
    from comity.services import config
    from comity.services.node import audits

    if (source is None) != (binding is None):
        raise UsageError("a source is read through a binding", wanted="both --source and --binding, or neither")
    if source is None and hub is not None:
        raise UsageError("the office's own source is in its state folder", wanted="--home, or --source and --binding")
    data = extract.read(record.read_bytes(), where=str(record))
    with options.reading(hub, home, charter) as reading, progress.telling() as tell:
        _check_same(_opened(reading, data, record), record)
        if source is not None and binding is not None:
            again = audits.rerun(reading, data, file=source, binding=binding, tell=tell)
        else:
            folder = config.home(home)
            own = config.node(folder)
            again = audits.rerun_at_home(folder, reading, data, workers=own.workers, memory=own.memory, tell=tell)
    show.facts(_again(again), as_json=as_json)
    if again.differs:
        raise NotVerified(
            "what was counted now is not what the record says",
            where=str(record),
            found=", ".join(again.differs),
            wanted="the same",
            way_out="see whether the file, the binding and the version are those of the record",
        )


def _opened(reading: "Reading", record: "Record", path: Path) -> "Opened":
    """The answer that committed to a record; NotVerified if none did."""
    from comity.assembly import audits
    from comity.errors import NotVerified

    opened = audits.opened(reading.log.state, reading.log.leaves, record)
    if opened is None:
        raise NotVerified(
            "no answer in this log committed to this record",
            where=str(path),
            found=record.commitment,
            way_out="ask the office for the file that comity audit open writes; one byte changed makes it another",
        )
    return opened


def _check_same(opened: "Opened", path: Path) -> None:
    from comity.errors import NotVerified

    if opened.differs:
        raise NotVerified(
            "the record says another thing than the answer that committed to it",
            where=str(path),
            found=", ".join(opened.differs),
            wanted="what the log says",
        )


def _evidence(file: Path) -> bytes:
    """A file that everyone is to read."""
    from comity.services.node import audits

    data = file.read_bytes()
    audits.refuse_record(data, where=str(file))
    return data


def _row(state: "State", audit: "AuditFacts") -> dict[str, Any]:
    from comity.assembly import audits

    answer = audit.answer
    return {
        "request": audit.ref.index,
        "asks": audit.asks,
        "asked": audit.asked,
        "release": audit.release.index,
        "figure": audit.figure + 1,
        "standing": audits.standing(audit, state.time),
        "codes": [reason.code for reason in answer.reasons] if answer else [],
        "deadline": show.time(audit.deadline),
        "answered-at": answer.ref.index if answer else None,
    }


def _codes(figure: "Figure | None") -> dict[str, str]:
    """Which figure it is, by its codes and measure, as far as its release is kept."""
    return {} if figure is None else {"cell": ",".join(figure.key), "measure": figure.measure}


def _again(again: "Again") -> dict[str, Any]:
    """What a second count found, in plain words."""
    basis, is_same = again.basis, "table" in again.same
    return {
        "same": list(again.same),
        "different": list(again.differs),
        "software": basis.software,
        "engine": basis.engine,
        "says": f"the table is {'the' if is_same else 'not the'} one that was answered with",
    }


def _name(digest: str) -> str:
    """A file name for a piece of evidence."""
    return f"evidence-{digest.removeprefix('sha256:')}"


def _write(reading: "Reading", out: Path, bodies: "Mapping[str, Digest]") -> dict[str, bytes]:
    """Bodies as files of a new folder, as far as they are kept; what was written."""
    from comity.adapters import durable

    with durable.folder(out) as new:
        held = {name: reading.get(digest) for name, digest in bodies.items() if reading.has(digest)}
        durable.write_all({new / name: data for name, data in held.items()})
    return held
