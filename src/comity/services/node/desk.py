"""The officer's desk: what is asked of this office, what an answer would show and cost, and the officer's yes or no.

Everything here is said to the officer alone and stays at home; it decides nothing that the running node does not
decide again by the same code. The assembly's business is `floor`, the beginning `setup`.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from comity import canon
from comity.adapters import clock, durable
from comity.adapters.folder import PRIVATE_FILE, Folder
from comity.adapters.journal import Entry as Egress
from comity.adapters.journal import Journal
from comity.adapters.ledger import Ledger, Line
from comity.adapters.vault import Question
from comity.assembly import queries
from comity.assembly.facts import ConsentFacts, RefusalFacts
from comity.canon import Digest
from comity.errors import ComityError, ConfigError, UsageError, WorldError
from comity.model.inspection import Inspection
from comity.model.job import Silent, Tell
from comity.model.norm import Norm
from comity.model.policy import Budget
from comity.model.reason import Reason
from comity.model.source import Binding, Coverage, Layer, Source
from comity.services.node import approval, floor, officers, origin, preview, sources
from comity.services.node import question as questions
from comity.services.node.office import Office, read_policy
from comity.services.node.preview import Asking, DryRun, Status
from comity.services.node.question import Asked
from comity.services.node.sources import Entry
from comity.stages import permission, proposing
from comity.stages.proposing import Draft
from comity.stages.protect import budget as arithmetic
from comity.stages.protect.budget import Spent

if TYPE_CHECKING:
    from comity.services.node.shelf import Fit

LAYERS: Final = (".tif", ".tiff", ".geojson", ".json", ".gpkg")  # suffixes of files that are layers, whatever is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """What one source has cost this year, and the policy's budget for it."""

    source: str
    year: int
    spent: Spent
    budget: Budget


def asked(home: Path) -> tuple[Asking, ...]:
    """Every study in force in every period, and how this office stands to it."""
    with Office.open(home, runs=False) as office:
        floor.until(office, lambda state: True, 0)
        return tuple(_asking(office, questions.asked(office, q)) for q in questions.every(office, _unread))


def approve(home: Path, study: str, period: str, *, officer: str = "", secret: str = "") -> approval.Approval:
    """The officer's yes; the running node acts on it, once as many officers said it as the policy wants.

    Args:
        officer, secret: who says it, see `officers`; may be left out where the policy wants no four eyes.
    """
    return _answer(home, study, period, "approved", officer, secret)


def decline(home: Path, study: str, period: str, *, officer: str = "", secret: str = "") -> approval.Approval:
    """The officer's no; the node says it with the code policy.officer, whoever else says yes."""
    return _answer(home, study, period, "declined", officer, secret)


def add_officer(home: Path, name: str, secret: str) -> officers.Officer:
    """Name an officer of this office, see `officers`."""
    Folder.open(home, "node")
    return officers.add(home, name, secret)


def missing(home: Path, given: approval.Approval) -> int:
    """How many officers the policy still waits for after an answer; 0 after a no."""
    policy = read_policy(home)
    said = approval.answers(home, given.study, given.period, policy.digest, given.binding, named=policy.four_eyes)
    return 0 if given.answer == "declined" else max(0, policy.officers - len({one.officer for one in said}))


def dry_run(home: Path, study: str, period: str = "", *, tell: Tell | None = None) -> DryRun:
    """Count at home and show what would leave. Charges nothing, says nothing, keeps nothing.

    Args:
        study: digest, id, or id/version of a study that was moved.
        period: may be left out of a study that has one only.
    """
    with Office.open(home, runs=False) as office:
        it = _find(office, study, period)
        source = it.entry.source.id if it.entry else ""
        return preview.count(
            home,
            it,
            _asking(office, it),
            office.policy,
            members=len(office.follower.state.members),
            spent=office.ledger.spent(source, office.now()),
            workers=office.config.workers,
            tell=tell or Silent(),
        )


def add_source(
    home: Path, id: str, path: Path | str, *, format: str = "", table: str = "", secret: Path | None = None
) -> Source:
    """Name microdata, a file or a table of a database (`origin.source`). Their rows are read when they are checked or
    counted.
    """
    Folder.open(home, "node")
    source = origin.source(id, path, format=format, table=table, secret=secret)
    known = [entry for entry in sources.read(home) if entry.source.id == id]
    before = known[0] if known else Entry(source=source, bindings=())
    sources.put(home, replace(before, source=source))
    return source


def propose(
    path: Path | str, norm: Norm, *, id: str, table: str = "", secret: Path | None = None
) -> tuple[tuple[Draft, ...], tuple[str, ...], str]:
    """A binding of a file or table for a norm, drafted, its open points and TOML text; it need be no source yet.

    Raises:
        ConfigError, SourceError: as when a source is added; also for a column of two kinds.
    """
    from comity.adapters.tables.counting import NationalTables

    source = origin.source(id, path, table=table, secret=secret)
    columns = NationalTables().described(source)
    drafted = proposing.drafts(norm, columns)
    return drafted, proposing.points(drafted, columns), proposing.text(norm, drafted, columns, id=id)


def add_layer(
    home: Path, id: str, layer: str, path: Path, *, product: str = "", field: str = "", tell: Tell | None = None
) -> Layer:
    """Name a file as a layer of a raster source: a map, zones, or a reference sample. See `shelf.add`."""
    from comity.services.node import shelf

    return shelf.add(home, id, layer, path, product=product, field=field, tell=tell or Silent())


def is_layer(path: Path, layer: str) -> bool:
    """Whether a file is meant as a layer: by its suffix, or because a layer's id came with it."""
    return bool(layer) or path.suffix.lower() in LAYERS


def bind(home: Path, source: str, text: str, *, where: str) -> Binding:
    """Keep a binding (its TOML text) for a source."""
    Folder.open(home, "node")
    return sources.bind(home, source, text, where=where)


def check_layers(home: Path, id: str, norm: Norm, *, tell: Tell | None = None) -> "Fit":
    """Check the layers of a raster source against a norm, see `shelf.check`."""
    Folder.open(home, "node")
    from comity.services.node import shelf

    entry = sources.named(home, id)
    return shelf.check(entry, norm, _fitting(home, entry, norm), tell=tell or Silent())


def check_source(home: Path, id: str, norm: Norm) -> tuple[Source, Coverage]:
    """Check a source against a norm: its columns are there, and whether a row is a person; it is kept as checked.

    How it covers the norm is told, not judged: rows with codes that no list has are left out of every count
    (`stages.collect.insist` refuses them).

    Raises:
        SourceError: with what is missing.
    """
    Folder.open(home, "node")
    entry = sources.named(home, id)
    binding = _fitting(home, entry, norm)
    from comity.adapters.tables.counting import NationalTables

    tables = NationalTables()
    checked = tables.register(entry.source, norm, binding)
    covers = tables.coverage(checked, norm, binding)
    sources.put(home, entry.checked(checked, time=clock.now(), rows=covers.rows))
    return checked, covers


def inspect_source(home: Path, id: str, norm: Norm) -> Inspection:
    """What an officer should know of a source beside its coverage: universe, persons, weights, strata."""
    Folder.open(home, "node")
    from comity.adapters.tables.counting import NationalTables

    entry = sources.named(home, id)
    return NationalTables().inspected(entry.source, norm, _fitting(home, entry, norm))


def _fitting(home: Path, entry: Entry, norm: Norm) -> Binding:
    """The source's binding for a norm, the last one named; ConfigError if it has none."""
    fitting = [b for b in sources.bindings(home, entry) if b.norm == f"{norm.id}/{norm.version}"]
    if not fitting:
        raise ConfigError(
            "no binding of this source is for the norm",
            where=entry.source.id,
            wanted=f"{norm.id}/{norm.version}",
            way_out="comity source bind",
        )
    return fitting[-1]


def ledger(home: Path) -> tuple[Line, ...]:
    """Every charge to the privacy budget, oldest first."""
    Folder.open(home, "node")
    books = Ledger(home / "ledger.db")
    try:
        return books.lines()
    finally:
        books.close()


def spent(home: Path) -> tuple[Year, ...]:
    """What each source of the office has cost this year, beside what its policy allows."""
    Folder.open(home, "node")
    budget, now = read_policy(home).budget, clock.now()
    books = Ledger(home / "ledger.db")
    try:
        return tuple(
            Year(
                source=entry.source.id,
                year=arithmetic.year_of(now),
                spent=books.spent(entry.source.id, now),
                budget=budget,
            )
            for entry in sources.read(home)
        )
    finally:
        books.close()


def egress(home: Path) -> tuple[Egress, ...]:
    """Every body that left this node, oldest first."""
    Folder.open(home, "node")
    books = Journal(home / "journal.db")
    try:
        return books.entries()
    finally:
        books.close()


def write_egress(home: Path, out: Path) -> int:
    """Write every body that left, with its bytes in base64, as JSON lines; how many."""
    Folder.open(home, "node")
    books = Journal(home / "journal.db")
    try:
        entries = books.entries()
        lines = (canon.encode({"entry": one, "body": books.body(one.number) or b""}) for one in entries)
        durable.write(out, b"".join(line + b"\n" for line in lines), mode=PRIVATE_FILE)
    finally:
        books.close()
    return len(entries)


def _answer(
    home: Path, study: str, period: str, answer: Literal["approved", "declined"], officer: str, secret: str
) -> approval.Approval:
    Folder.open(home, "node")
    if officer:
        officers.check(home, officer, secret)
    elif read_policy(home).four_eyes:
        raise UsageError(
            "the policy wants two officers, and each says who it is",
            where="officer",
            found="none",
            wanted="an officer of this office and its secret",
            way_out="comity consent officer, then --officer NAME --secret FILE",
        )
    with Office.open(home, runs=False) as office:
        it = _find(office, study, period)
        if questions.spoken(office, it.question):
            raise _said_already(office, it)
        given = approval.Approval(
            study=it.question.study,
            period=it.question.period,
            policy=read_policy(home).digest,
            binding=it.bound,
            answer=answer,
            time=office.now(),
            officer=officer,
        )
        approval.give(home, given)
        return given


def _said_already(office: Office, it: Asked) -> UsageError:
    """An office speaks once in an attempt: a consent can be taken back; a refusal, or a consent taken back, stands.

    The next attempt is asked anew, and there is one only if this one was opened and failed.
    """
    state, study, period = office.follower.state, it.question.study, it.question.period
    last = queries.decided(state, office.member, study, period)[-1]
    stands = isinstance(last, ConsentFacts) and last.revoked is None
    asked_anew = "it stands for this attempt; asked anew if an exchange fails, or by a new version that is adopted"
    return UsageError(
        "this office has answered in the log already",
        where=f"{period} of {it.study.id}",
        found=_found(last),
        way_out=f"comity consent revoke {it.study.id} {period}" if stands else asked_anew,
    )


def _found(last: ConsentFacts | RefusalFacts) -> str:
    if isinstance(last, ConsentFacts):
        return f"consented, leaf {last.ref.index}" + ", and revoked" * (last.revoked is not None)
    return f"refused, leaf {last.ref.index}: {', '.join(reason.code for reason in last.reasons)}"


def _find(office: Office, name: str, period: str) -> Asked:
    """A question about a study that was moved; UsageError if it has no such period."""
    digest = floor.study_of(floor.until(office, lambda state: True, 0), name)
    asked = preview.period_of(questions.study(office, digest), period)
    return questions.asked(office, Question(study=digest, period=asked))


def _unread(study: Digest, e: ComityError) -> None:
    """What the members adopted and is no study asks nobody; what cannot be had now is asked for again."""
    if isinstance(e, WorldError):
        raise e


def _asking(office: Office, it: Asked) -> Asking:
    status, reasons = _status(office, it)
    return Asking(
        study=it.question.study,
        id=it.study.id,
        version=it.study.version,
        title=it.study.title,
        period=it.question.period,
        goal=it.study.goal,
        mover=permission.mover(it.question.study, office.follower.state) or "",
        norm=f"{it.norm.id}/{it.norm.version}" if it.norm else "",
        status=status,
        reasons=reasons,
    )


def _status(office: Office, it: Asked) -> tuple[Status, tuple[Reason, ...]]:
    """What the log shows; else what the running node would decide now."""
    if questions.spoken(office, it.question):
        last = queries.decided(office.follower.state, office.member, it.question.study, it.question.period)[-1]
        return ("consented", ()) if isinstance(last, ConsentFacts) else ("refused", last.reasons)
    decision = questions.decide(office, office.policy, it)
    if decision.waits:
        return "waits for the officer", ()
    return ("will consent", ()) if decision.consents else ("will refuse", decision.reasons)
