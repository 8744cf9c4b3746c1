"""The officer's desk: what is asked of this office, what an answer would show and cost, and the officer's yes or no.

Everything here is said to the officer alone and stays at home; it decides nothing that the running node does not
decide again by the same code. The assembly's business is `floor`, the beginning `setup`, sources are `intake`'s.
"""

from pathlib import Path
from typing import Literal

from comity import canon
from comity.adapters import durable
from comity.adapters.folder import PRIVATE_FILE, Folder
from comity.adapters.journal import Entry as Egress
from comity.adapters.journal import Journal
from comity.adapters.ledger import Ledger, Line
from comity.adapters.vault import Question
from comity.assembly import queries
from comity.assembly.facts import ConsentFacts, RefusalFacts
from comity.canon import Digest
from comity.errors import ComityError, UsageError, WorldError
from comity.model.job import Silent, Tell
from comity.model.reason import Reason
from comity.services.node import approval, floor, officers, preview
from comity.services.node import question as questions
from comity.services.node.office import Office, read_policy
from comity.services.node.preview import Asking, DryRun, Status
from comity.services.node.question import Asked
from comity.stages import permission, sentences


def asked(home: Path) -> tuple[Asking, ...]:
    """Every study in force in every period, and how this office stands to it."""
    with Office.open(home, runs=False) as office:
        floor.until(office, lambda state: True, 0)
        return tuple(_asking(office, questions.asked(office, q)) for q in questions.every(office, _unread))


def waiting(office: Office) -> tuple[str, ...]:
    """Studies and periods that wait for the officer's yes or no, as `comity consent` takes them."""
    found = (questions.asked(office, question) for question in questions.every(office, _unread))
    waits = (it for it in found if _status(office, it)[0] == "waits for the officer")
    return tuple(f"{it.study.id}/{it.study.version} {it.question.period}" for it in waits)


def idle(home: Path) -> tuple[str, ...]:
    """Entries of the policy's own list of sensitive cells that name no cell of any study in force."""
    with Office.open(home, runs=False) as office:
        floor.until(office, lambda state: True, 0)
        found = [questions.asked(office, question) for question in questions.every(office, _unread)]
        return sentences.idle(office.policy, ((it.study.layout, it.norm) for it in found if it.norm))


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
    # What tables are protected with is loaded when one is.
    from comity.services.node import earlier

    with Office.open(home, runs=False) as office:
        it = _find(office, study, period)
        return preview.count(
            home,
            it,
            _asking(office, it),
            office.policy,
            members=len(office.follower.state.members),
            spent=questions.spent(office.ledger, office.policy, it, office.now()),
            workers=office.config.workers,
            memory=office.config.memory,
            lost="forgotten" if not it.rasters and earlier.forgotten(office, it) else "",
            tell=tell or Silent(),
        )


def ledger(home: Path) -> tuple[Line, ...]:
    """Every charge to the privacy budget, oldest first."""
    Folder.open(home, "node")
    books = Ledger(home / "ledger.db")
    try:
        return books.lines()
    finally:
        books.close()


def found(home: Path, study: str) -> tuple[Asked, int]:
    """A study that was moved, in its first period, and how many members are in good standing."""
    with Office.open(home, runs=False) as office:
        digest = floor.study_of(floor.until(office, lambda state: True, 0), study)
        first = questions.study(office, digest).periods[0].id
        return questions.asked(office, Question(study=digest, period=first)), len(office.follower.state.members)


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
