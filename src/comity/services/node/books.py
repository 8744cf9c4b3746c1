"""The ledger as the officer reads it: what is spent and left by each accounting, what a study would cost, and copies.

Charges nothing: what fits is decided where a charge is written (`adapters.ledger`), by the same arithmetic. Everything
here stays at home. A copy is compared with the ledger when it is made, and can be later: a ledger that was set back to
an older one lacks what a copy has.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from comity import canon
from comity.adapters import clock, durable
from comity.adapters.folder import PRIVATE_FILE, Folder
from comity.adapters.ledger import Ledger, Line
from comity.canon import Digest
from comity.errors import FormatError, NotVerified, UsageError
from comity.model.norm import Norm
from comity.model.policy import Budget, Policy
from comity.model.study import Study, unsound
from comity.services.node import desk, draft, sources
from comity.services.node import question as questions
from comity.services.node.office import read_policy
from comity.services.node.question import Asked
from comity.stages.protect import budget as arithmetic
from comity.stages.protect.budget import Charged, Cost, Reckoned

if TYPE_CHECKING:
    from comity.stages.protect.pricing import Accounts

CSV: Final = ".csv"
_COLUMNS: Final = (*(field.name for field in fields(Charged)), "study", "period")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What one source has cost in the years that count today, and the policy's budget for them.

    unit: the privacy unit whose account it is; "*" for every unit that the policy does not name.
    since: first year that counts; None: all do. pld: see `pricing.Accounts`; None also where it was not asked for.
    """

    source: str
    unit: str
    since: int | None
    reckoned: Reckoned
    budget: Budget
    pld: Decimal | None = None

    @property
    def left(self) -> Decimal | None:
        """Epsilon that is left by the accounting that counts; None if not even delta is."""
        least = self.reckoned.least
        return None if least is None else max(Decimal(0), Decimal(self.budget.epsilon) - least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The accounts after so much more: "today", "one period", "3 periods"; and whether the budget bears it."""

    after: str
    accounts: "Accounts"
    budget: Budget
    fits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """What a study would cost. cost: of the sum of one period, None without noise. table: of the office's own table of
    one period, None unless its policy protects that by noise. alone: epsilon if all other members collude, by this
    office's own noise; None where that promises nothing.
    """

    study: str
    source: str
    unit: str
    protects: str
    cost: Cost | None
    table: Cost | None
    alone: Decimal | None
    steps: tuple[Step, ...]


def windows(home: Path, *, pld: bool = True) -> tuple[Window, ...]:
    """Every account of the office, as it is today. pld: also the accounting that takes a second."""
    Folder.open(home, "node")
    budget, now = read_policy(home).budget, clock.now()
    charges = tuple(line.charged for line in desk.ledger(home))
    return tuple(
        _window(_counting(charges, entry.source.id, unit, budget, now), entry.source.id, unit, budget, now, pld=pld)
        for entry in sources.read(home)
        for unit in (*budget.units, arithmetic.ANY)
    )


def _window(charges: tuple[Charged, ...], source: str, unit: str, budget: Budget, now: int, *, pld: bool) -> Window:
    since = arithmetic.year_of(now) - budget.years + 1 if budget.years else None
    if not pld:
        spent = arithmetic.spent(arithmetic.books(charges), source=source, unit=unit, now=now, budget=budget)
        reckoned = arithmetic.reckoned(spent, budget)
        return Window(source=source, unit=unit, since=since, reckoned=reckoned, budget=budget)
    # Arrays take a moment to load; only who asks for all accounts pays for it.
    from comity.stages.protect import pricing

    found = pricing.accounts(charges, budget)
    return Window(source=source, unit=unit, since=since, reckoned=found.reckoned, budget=budget, pld=found.pld)


def _counting(charges: Iterable[Charged], source: str, unit: str, budget: Budget, now: int) -> tuple[Charged, ...]:
    """The charges that count for a release of this source and unit now."""
    year = arithmetic.year_of(now)
    return tuple(
        one
        for one in charges
        if arithmetic.in_window(arithmetic.account(one), source=source, unit=unit, year=year, budget=budget)
    )


def priced(home: Path, study: str) -> Priced:
    """What a study that was moved would cost; by digest, id or id/version."""
    it, members = desk.found(home, study)
    return _priced(home, it, members)


def priced_draft(home: Path, study: Study, norm: Norm) -> Priced:
    """What a study by its text would cost, with the noise of the fewest members with whom it could run."""
    return _priced(home, draft.question(home, study, norm, study.periods[0].id), 0)


def _priced(home: Path, it: Asked, members: int) -> Priced:
    from comity.stages.protect import pricing

    policy, now, cost = read_policy(home), clock.now(), questions.cost(it.study, it.norm)
    table = questions.table_cost(policy, it)
    asked = [one for one in (cost, table) if one is not None]
    source, unit = it.entry.source.id if it.entry else "", questions.unit(it.norm)
    before = _counting((line.charged for line in desk.ledger(home)), source, unit, policy.budget, now)

    def step(after: str, more: int) -> Step:
        each = [one for _ in range(more) for one in asked]
        fresh = (Charged.of(one, key=f"?{n}", source=source, unit=unit, time=now) for n, one in enumerate(each))
        accounts = pricing.accounts((*before, *fresh), policy.budget)
        least = accounts.reckoned.least
        fits = least is not None and least <= Decimal(policy.budget.epsilon)
        return Step(after=after, accounts=accounts, budget=policy.budget, fits=fits)

    periods = len(it.study.periods)
    steps = {"today": 0, "one period": 1} | ({f"{periods} periods": periods} if periods > 1 else {})
    return Priced(
        study=f"{it.study.id}/{it.study.version}",
        source=source,
        unit=unit,
        protects=it.study.noise.protects if it.study.noise else "",
        cost=cost,
        table=table,
        alone=_alone(it, policy, members),
        steps=tuple(step(after, more) for after, more in (steps if asked else {"today": 0}).items()),
    )


def _alone(it: Asked, policy: Policy, members: int) -> Decimal | None:
    """Epsilon (ii) of SEAL."""
    if it.study.noise is None or it.norm is None or unsound(it.study, it.norm):
        return None
    from comity.stages.protect import noise

    own = noise.share(it.study, max(members, it.study.colluding + 3), policy.sealed.rate)
    return noise.loss(it.study, own)


def export(home: Path, out: Path) -> int:
    """Write every charge to a new file, and read it back; how many.

    Raises:
        UsageError: there is something under this name already.
        NotVerified: what stands in the file is not what stands in the ledger.
    """
    lines = desk.ledger(home)
    if out.exists():
        raise UsageError("is there already", where=str(out), wanted="a new file", way_out="name another")
    durable.write(out, _csv(lines) if out.suffix == CSV else _json(lines), mode=PRIVATE_FILE)
    if read(out) != lines:
        raise NotVerified("the copy is not what the ledger holds", where=str(out), way_out="export again")
    return len(lines)


def check(home: Path, file: Path) -> tuple[int, int]:
    """How many charges of an earlier export stand in the ledger as they were, and how many are newer.

    Raises:
        NotVerified: one is gone, or is another one now: the ledger was set back, or changed.
    """
    Folder.open(home, "node")
    ledger = Ledger(home / "ledger.db")
    try:
        here = {line.charged.key: line for line in ledger.lines()}
    finally:
        ledger.close()
    copied = read(file)
    wrong = [line.charged.key for line in copied if here.get(line.charged.key) != line]
    if wrong:
        raise NotVerified(
            "charges of this copy do not stand in the ledger",
            where=str(file),
            found=", ".join(wrong[:2]) + (f" and {len(wrong) - 2} more" if len(wrong) > 2 else ""),
            wanted="every charge as it was written",
            way_out="the ledger was set back or changed: restore the whole folder from its backup",
        )
    return len(copied), len(here) - len(copied)


def _json(lines: Iterable[Line]) -> bytes:
    return b"".join(canon.encode(line) + b"\n" for line in lines)


def _csv(lines: Iterable[Line]) -> bytes:
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for line in lines:
        rows.writerow([getattr(line.charged, name) for name in _COLUMNS[:-2]] + [line.study, line.period])
    return text.getvalue().encode()


def read(file: Path) -> tuple[Line, ...]:
    """An export, of either form; FormatError for anything else."""
    try:
        data = file.read_bytes()
    except OSError as e:
        raise UsageError("not a file that can be read", where=str(file), found=e.strerror or "") from None
    if file.suffix != CSV:
        return tuple(canon.decode(line, Line, where=str(file)) for line in data.splitlines())
    try:
        head, *rows = csv.reader(io.StringIO(data.decode(), newline=""))
        if tuple(head) != _COLUMNS:
            raise ValueError(head)
        return tuple(_line(dict(zip(head, row, strict=True))) for row in rows)
    except ValueError:
        wanted = f"columns {', '.join(_COLUMNS)}"
        raise FormatError("no export of a ledger", where=str(file), wanted=wanted) from None


def _line(row: dict[str, str]) -> Line:
    time, study, period = int(row.pop("time")), Digest(row.pop("study")), row.pop("period")
    return Line(charged=Charged(time=time, **row), study=study, period=period)
