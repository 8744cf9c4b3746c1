"""A study that nobody has moved yet, as files: what this office would answer to it, and what that would show.

For an office that prepares a study or wants to know before it votes; no hub and no charter are asked. Decides which
reasons are left out because they only say that there was no vote so far.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from comity.adapters import clock
from comity.adapters.folder import Folder
from comity.adapters.ledger import Ledger
from comity.adapters.vault import Question
from comity.assembly import fold
from comity.errors import UsageError
from comity.model.job import Silent, Tell
from comity.model.member import Role
from comity.model.norm import Norm
from comity.model.policy import Policy
from comity.model.study import Study
from comity.services import config
from comity.services.node import preview, sources
from comity.services.node import question as questions
from comity.services.node.office import read_policy
from comity.services.node.preview import Asking, DryRun
from comity.services.node.question import Asked
from comity.stages import consent
from comity.stages.protect.budget import Spent

UNMOVED: Final = frozenset(
    {"study.not-in-force", "norm.not-in-force", "policy.member-not-admitted", "policy.too-few-members"}
)


def asked(home: Path, study: Study, norm: Norm, *, policy: Policy | None = None) -> tuple[Asking, ...]:
    """What the node would say in each period if the members adopted the study as it is.

    Args:
        policy: that is asked; None: the one that is installed.
    """
    Folder.open(home, "node")
    by, role = policy or read_policy(home), config.node(home, pinned=False).role
    each = (question(home, study, norm, period.id) for period in study.periods)
    return tuple(_asking(by, it, _spent(home, by, it), role) for it in each)


def dry_run(home: Path, study: Study, norm: Norm, period: str = "", *, tell: Tell | None = None) -> DryRun:
    """`desk.dry_run` of a study by its text; the noise is that of the fewest members with whom it could run."""
    Folder.open(home, "node")
    policy, it = read_policy(home), question(home, study, norm, preview.period_of(study, period))
    spent, settings = _spent(home, policy, it), config.node(home, pinned=False)
    asking = _asking(policy, it, spent, settings.role)
    return preview.count(
        home,
        it,
        asking,
        policy,
        members=0,
        spent=spent,
        workers=settings.workers,
        memory=settings.memory,
        tell=tell or Silent(),
    )


def question(home: Path, study: Study, norm: Norm, period: str) -> Asked:
    """One question of a study that nobody has moved; UsageError if this is not its norm."""
    if study.norm != norm.digest:
        raise UsageError("the study names another norm", where=study.id, found=norm.digest, wanted=study.norm)
    entry, binding = sources.bound(home, norm) or (None, None)
    return Asked(
        question=Question(study=study.digest, period=period), study=study, norm=norm, entry=entry, binding=binding
    )


def _spent(home: Path, policy: Policy, it: Asked) -> Spent:
    ledger = Ledger(home / "ledger.db")
    try:
        return questions.spent(ledger, policy, it, clock.now())
    finally:
        ledger.close()


def _asking(policy: Policy, it: Asked, spent: Spent, role: Role) -> Asking:
    """How the office would stand to the question; nobody has moved it, so no mover is refused."""
    facts = replace(questions.facts_of(it, role), affordable=questions.affordable(spent, policy, it))
    decision = consent.decide(
        it.study, it.norm, policy, fold.start(), period=it.question.period, facts=facts, now=clock.now()
    )
    reasons = tuple(reason for reason in decision.reasons if reason.code not in UNMOVED)
    return Asking(
        study=it.question.study,
        id=it.study.id,
        version=it.study.version,
        title=it.study.title,
        period=it.question.period,
        goal=it.study.goal,
        mover="",
        norm=f"{it.norm.id}/{it.norm.version}" if it.norm else "",
        status="will refuse" if reasons else "waits for the officer" if policy.officers else "will consent",
        reasons=reasons,
    )
