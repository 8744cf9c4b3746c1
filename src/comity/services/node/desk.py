"""The officer's desk: what is asked of this office, what an answer would show and cost, and the officer's yes or no.

Everything here is said to the officer alone and stays at home; it decides nothing that the running node does not
decide again by the same code. The assembly's business is `floor`, the beginning `setup`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from comity.adapters.folder import Folder
from comity.adapters.journal import Entry as Egress
from comity.adapters.journal import Journal
from comity.adapters.ledger import Ledger, Line
from comity.adapters.vault import Question
from comity.assembly import queries
from comity.assembly.state import ConsentFacts, State
from comity.canon import Digest
from comity.errors import ConfigError, FormatError, UsageError
from comity.model.job import Silent, Tell
from comity.model.norm import Norm
from comity.model.reason import Reason
from comity.model.source import Binding, Coverage, Source
from comity.model.study import Study, threshold
from comity.services.node import approval, floor, sources
from comity.services.node import question as questions
from comity.services.node.office import Office, read_policy
from comity.services.node.question import Asked
from comity.services.node.sources import Entry
from comity.stages import consent

Status = Literal["consented", "refused", "waits for the officer", "will consent", "will refuse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One study in one period, and how this office stands to it."""

    study: Digest
    id: str
    title: str
    period: str
    goal: str
    mover: str
    norm: str  # id/version
    status: Status
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of the office's own table: as counted, and as its own release would show it (None: suppressed)."""

    key: tuple[str, ...]
    counted: int
    shown: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What answering would show and cost. Never leaves the office.

    suppressed_below: contributors under which a cell of the own release is not shown; 0 if none is published.
    own_noise: standard deviation of what this office would add to each cell, if all members of today took part.
    sum_noise: standard deviation of the opened sum's cells at least.
    """

    asking: Asking
    coverage: Coverage
    cells: tuple[Cell, ...]
    suppressed_below: int
    own_noise: float
    sum_noise: float
    epsilon: str
    delta: str
    spent: str  # epsilon of this year's charges to the source
    budget: str
    warnings: tuple[str, ...]


def asked(home: Path) -> tuple[Asking, ...]:
    """Every study in force in every period, and how this office stands to it."""
    with Office.open(home, runs=False) as office:
        floor.until(office, lambda state: True, 0)
        return tuple(_asking(office, questions.asked(office, question)) for question in questions.every(office))


def approve(home: Path, study: str, period: str) -> approval.Approval:
    """The officer's yes; the running node acts on it."""
    return _answer(home, study, period, "approved")


def decline(home: Path, study: str, period: str) -> approval.Approval:
    """The officer's no; the node says it with the code policy.officer."""
    return _answer(home, study, period, "declined")


def dry_run(home: Path, study: str, period: str, *, tell: Tell | None = None) -> DryRun:
    """Count at home and show what would leave. Charges nothing, says nothing, keeps nothing.

    Args:
        study: digest, id, or id/version of a study that was moved.
    """
    with Office.open(home, runs=False) as office:
        it = _find(office, study, period)
        # Engines are loaded when something is counted.
        from comity.services.node import counting
        from comity.stages.protect import sdc

        policy = office.policy
        cube, coverage = counting.table(home, it, tell=tell or Silent(), register=False)
        below = sdc.threshold(policy.national.threshold, it.norm.protection.threshold if it.norm else 1)
        shown = sdc.suppress(cube, below)
        keys = [key for _ in it.study.layout.measures for key in it.study.layout.keys()]
        cells = tuple(
            Cell(key=key, counted=int(value), shown=None if status == sdc.SUPPRESSED else int(value))
            for key, value, status in zip(keys, cube.values, shown.status, strict=True)
        )
        source = it.entry.source.id if it.entry else ""
        own, total = _noise(office.follower.state, it.study, policy.sealed.rate)
        plan, loss = it.study.noise, questions.loss(it.study)
        return DryRun(
            asking=_asking(office, it),
            coverage=coverage,
            cells=cells,
            suppressed_below=below if policy.national.publish else 0,
            own_noise=own,
            sum_noise=total,
            epsilon="" if loss is None else f"{loss:f}",
            delta=plan.delta if plan else "",
            spent=f"{office.ledger.spent(source, office.now()).epsilon:f}",
            budget=policy.budget.epsilon,
            warnings=tuple(_warnings(cells, coverage, publishes=policy.national.publish)),
        )


def add_source(home: Path, id: str, path: Path, *, format: str = "") -> Source:
    """Name a file of microdata; ConfigError if it is not there. It is read when it is checked or counted."""
    Folder.open(home, "node")
    if not path.is_file():
        raise ConfigError("no such file", where=str(path), wanted="a Parquet or CSV file")
    source = Source(
        id=id, path=str(path.resolve()), format=format or path.suffix.removeprefix(".").lower(), unique=False
    )
    if source.format not in ("parquet", "csv"):
        raise ConfigError("format not read", where=str(path), found=source.format, wanted="parquet or csv")
    known = [entry for entry in sources.read(home) if entry.source.id == id]
    sources.put(home, Entry(source=source, bindings=known[0].bindings if known else ()))
    return source


def bind(home: Path, source: str, text: str, *, where: str) -> Binding:
    """Keep a binding (its TOML text) for a source."""
    Folder.open(home, "node")
    return sources.bind(home, source, text, where=where)


def check_source(home: Path, id: str, norm: Norm) -> Source:
    """Check a source against a norm: its columns are there and a row is a person; it is kept as checked.

    Raises:
        SourceError: with what is missing, or how many persons stand in several rows.
    """
    Folder.open(home, "node")
    entry = sources.named(home, id)
    fitting = [b for b in sources.bindings(home, entry) if b.norm == f"{norm.id}/{norm.version}"]
    if not fitting:
        raise ConfigError(
            "no binding of this source is for the norm",
            where=id,
            wanted=f"{norm.id}/{norm.version}",
            way_out="comity source bind",
        )
    from comity.adapters.tables import DuckTables

    checked = DuckTables().register(entry.source, norm, fitting[-1])
    sources.put(home, replace(entry, source=checked))
    return checked


def ledger(home: Path) -> tuple[Line, ...]:
    """Every charge to the privacy budget, oldest first."""
    Folder.open(home, "node")
    books = Ledger(home / "ledger.db")
    try:
        return books.lines()
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


def _answer(home: Path, study: str, period: str, answer: Literal["approved", "declined"]) -> approval.Approval:
    with Office.open(home, runs=False) as office:
        it = _find(office, study, period)
        if questions.spoken(office, it.question):
            raise UsageError(
                "this office has answered in the log already",
                where=f"{period} of {it.study.id}",
                found=_asking(office, it).status,
                way_out="a consent can be revoked: comity consent revoke",
            )
        given = approval.Approval(
            study=it.question.study,
            period=period,
            policy=read_policy(home).digest,
            binding=it.bound,
            answer=answer,
            time=office.now(),
        )
        approval.give(home, given)
        return given


def _find(office: Office, name: str, period: str) -> Asked:
    """A study that was moved, by digest, id or id/version; the one in force where several have the name."""
    state = floor.until(office, lambda state: True, 0)
    moved = [motion for _, motion in sorted(state.motions.items()) if motion.matter == "study"]
    named = [m for m in moved if name in (m.thing.digest, m.name, m.name.partition("/")[0])]
    named.sort(key=lambda motion: motion.thing.digest in state.in_force)
    if not named:
        known = ", ".join(motion.name for motion in moved) or "none"
        raise UsageError("no such study", where=name, wanted=known, way_out="comity study list")
    it = questions.asked(office, Question(study=named[-1].thing.digest, period=period))
    try:
        it.study.period(period)
    except FormatError:
        raise UsageError("no such period", where=it.study.id, found=period, wanted=_periods(it.study)) from None
    return it


def _periods(study: Study) -> str:
    return ", ".join(period.id for period in study.periods)


def _asking(office: Office, it: Asked) -> Asking:
    status, reasons = _status(office, it)
    return Asking(
        study=it.question.study,
        id=it.study.id,
        title=it.study.title,
        period=it.question.period,
        goal=it.study.goal,
        mover=consent.mover(it.question.study, office.follower.state) or "",
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


def _noise(state: State, study: Study, rate: int) -> tuple[float, float]:
    """Standard deviations in each cell: of this office's part, and of the sum if only the least number survives."""
    if study.noise is None:
        return 0.0, 0.0
    from comity.stages.protect import noise

    members = max(len(state.members), study.colluding + 3)
    own = noise.share(study, members, rate)
    least = threshold(members, study.colluding)
    return float(own) ** 0.5, float(least * noise.share(study, members, 100)) ** 0.5


def _warnings(cells: tuple[Cell, ...], coverage: Coverage, *, publishes: bool) -> Iterator[str]:
    """What an officer should look at before saying yes, as codes that `pages.words` words."""
    if coverage.outside:
        yield "warning.outside"
    if coverage.missing * 10 > coverage.rows:
        yield "warning.missing"
    if publishes and any(cell.shown is None for cell in cells):
        yield "warning.suppressed"
    if not coverage.counted:
        yield "warning.empty"
