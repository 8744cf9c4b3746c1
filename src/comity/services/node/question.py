"""One question to this office: a study in one period, with the norm, source and binding that it would be answered by.

Decides what is known of it at home, and asks `stages.consent` for the decision. The texts of study and norm are
fetched by the digests that the log names and compared with them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from comity import canon
from comity.adapters.ledger import Ledger
from comity.adapters.vault import Question
from comity.assembly import queries
from comity.canon import Digest
from comity.errors import ComityError, ConfigError, FormatError
from comity.methods import registry
from comity.methods.card import Method
from comity.model.bundle import folder
from comity.model.member import Role
from comity.model.norm import Norm
from comity.model.policy import Policy
from comity.model.source import RASTERS, Binding
from comity.model.study import Study, unsound
from comity.services.node import approval, sources
from comity.services.node.office import Office
from comity.services.node.sources import Entry
from comity.stages import consent, layers, lineage, misfits
from comity.stages.case import Facts
from comity.stages.consent import Decision
from comity.stages.protect import budget
from comity.stages.protect.budget import Cost, Spent

UNBOUND = canon.digest(b"")  # a binding that is none; no consent ever carries it


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked, and what would answer it."""

    question: Question
    study: Study
    norm: Norm | None  # None: its text was never put to the assembly
    entry: Entry | None
    binding: Binding | None
    earlier: tuple[Norm, ...] = ()  # versions of the norm before it, as far as their texts can be had
    member: str = ""  # whose question it is: the office's id

    @property
    def rasters(self) -> bool:
        """Whether the study asks for areas, by a method that is on this shelf."""
        method = registry.held(self.study.method)
        return method is not None and method.card.needs.data == "rasters"

    @property
    def alone(self) -> bool:
        """Whether an own table can be protected by a threshold: not where every person stands in every cell, whose
        sums tell of one person by how they differ.
        """
        method = registry.held(self.study.method)
        return method is None or self.rasters or method.card.bounds.touched > 0

    @property
    def people(self) -> tuple[str, str]:
        """Whom it counts, and when: the norm's id, in any version, and the period as the norm's variable has it."""
        return self.norm.id if self.norm else "", self.study.period(self.question.period).value

    @property
    def bound(self) -> Digest:
        """What a consent would name."""
        return self.binding.digest if self.binding else UNBOUND


def every(office: Office, unread: Callable[[Digest, ComityError], None] | None = None) -> tuple[Question, ...]:
    """Each study in force with each of its periods; and what the vault still holds secrets of.

    Args:
        unread: told of a study whose text cannot be had, or is none; without it the error is raised. One study that
            the hub keeps back must not keep the node from all others, nor from forgetting what is due.
    """
    found = dict.fromkeys(office.vault.questions()) if office.vault else {}
    for thing in queries.standing(office.follower.state, "study"):
        digest = thing.thing.digest
        try:
            found |= {Question(study=digest, period=p.id): None for p in study(office, digest).periods}
        except ComityError as e:
            if unread is None:
                raise
            unread(digest, e)
    return tuple(found)


def study(office: Office, digest: Digest) -> Study:
    """A study's text; Unreachable if nobody serves it, FormatError if it is no study."""
    return canon.decode(office.text(digest), Study, where=f"study {digest}")


def asked(office: Office, question: Question) -> Asked:
    """All that is known of a question."""
    text = study(office, question.study)
    known = text.norm in office.follower.state.bodies
    norm = canon.decode(office.text(text.norm), Norm, where=f"norm {text.norm}") if known else None
    found = sources.bound(office.home, norm) if norm else None
    entry, binding = found if found else (None, None)
    earlier = lineage.earlier(office.follower.state, norm, lambda old: norm_of(office, old)) if norm else ()
    return Asked(
        question=question, study=text, norm=norm, entry=entry, binding=binding, earlier=earlier, member=office.member
    )


def norm_of(office: Office, digest: Digest) -> Norm | None:
    """A norm's text; None if nobody ever put it, or if it is no norm. Unreachable if the hub keeps it back."""
    if digest not in office.follower.state.bodies:
        return None
    try:
        return folder.decode(office.text(digest), where=f"norm {digest}")
    except FormatError:
        return None


def norm_id(office: Office, digest: Digest) -> str:
    """A norm in any version: its id; of one whose text nobody ever put, the digest."""
    found = norm_of(office, digest)
    return digest if found is None else found.id


def spoken(office: Office, question: Question) -> bool:
    """Whether this office has consented or refused in the attempt that consents belong to now."""
    state, now = office.follower.state, queries.attempt(office.follower.state, question.study, question.period)
    said = queries.decided(state, office.member, question.study, question.period)
    return any(one.attempt == now for one in said)


def decide(office: Office, policy: Policy, it: Asked) -> Decision:
    """The decision by policy, and by the officer where policy wants one."""
    asked, named = (it.question.study, it.question.period, policy.digest, it.bound), policy.four_eyes
    said = approval.answers(office.home, *asked, named=named)
    facts = replace(
        facts_of(it, office.config.role),
        affordable=_affordable(office, policy, it),
        approved=tuple(one.officer for one in said if one.answer == "approved"),
        declined=any(one.answer == "declined" for one in said),
        reserved=reserved(office, it),
    )
    return consent.decide(
        it.study, it.norm, policy, office.follower.state, period=it.question.period, facts=facts, now=office.now()
    )


def facts_of(it: Asked, role: Role) -> Facts:
    """What is known of a question at home, but budget, officers and what the log says of the office."""
    method = registry.held(it.study.method)
    bound, products = _source(it)
    return Facts(
        card=method.card if method else None,
        bound=bound,
        epsilon=loss(it.study, it.norm),
        affordable=True,
        producer=role == "producer",
        finishes=method is None or not bound or _finishes(it, method),
        products=products,
        earlier=it.earlier,
        source=it.entry.source.id if it.entry else None,
    )


def _finishes(it: Asked, method: Method) -> bool:
    """Whether the method finishes tables of this study; asked only of one that is sound, whose size has a bound."""
    if it.norm is None or unsound(it.study, it.norm) or any(misfits.misfits(it.study, method.card, it.norm)):
        return True  # refused as not sound
    return not misfits.unfinished(it.study, method)


def reserved(office: Office, it: Asked) -> bool:
    """Whether the binding keeps to the norm, or this office's reservation tells readers that it does not."""
    deviates = it.binding is not None and bool(it.binding.deviations)
    return not deviates or queries.reservation(office.follower.state, it.study.norm, office.member) is not None


def _source(it: Asked) -> tuple[bool, tuple[str, ...]]:
    """Whether a source of the method's kind answers in this period; and products that its layers contradict."""
    if it.norm is None or it.entry is None or it.binding is None or it.rasters != (it.entry.source.format == RASTERS):
        return False, ()
    if not it.rasters or unsound(it.study, it.norm):
        return True, ()
    try:
        found = layers.bound(it.study, it.norm, it.binding, it.question.period, source=it.entry.source)
    except (ConfigError, FormatError):  # a layer of this period is not there, or the period is none
        return False, ()
    return True, (*layers.products(it.study, found), *layers.outlines(it.study, found))


def kin(office: Office, norm: Digest) -> frozenset[Digest]:
    """Every study ever moved that counts the same data: by the same norm in any version (SEAL, roster rule).

    A version would otherwise be a way to ask the same people again with one member less.
    """
    state = office.follower.state
    moved = {motion.thing.digest for motion in state.motions.values() if motion.matter == "study"}
    return frozenset(_of_norm(office, moved, norm_id(office, norm)))


def _of_norm(office: Office, moved: set[Digest], norm: str) -> Iterator[Digest]:
    for digest in moved:
        try:
            if norm_id(office, study(office, digest).norm) == norm:
                yield digest
        except FormatError:  # moved, but no study
            continue


def loss(study: Study, norm: Norm | None) -> Decimal | None:
    """Epsilon of one release, as this node computes it; None of a study that contradicts its norm or itself.

    Whoever moved it may have written any number: nothing of its size is allocated then (`model.study.unsound`).
    """
    if norm is None or unsound(study, norm):
        return None
    # Arrays take a moment to load; only a node that decides pays for it.
    from comity.stages.protect import noise

    return noise.loss(study)


def cost(study: Study, norm: Norm | None) -> Cost | None:
    """What one answer is charged with; None without noise. Of a study that is not sound: what it says of itself."""
    plan = study.noise
    if plan is None or norm is None or unsound(study, norm):
        return None if plan is None else Cost(epsilon=plan.epsilon, delta=plan.delta)
    from comity.stages.protect import pricing

    return pricing.of_study(study)


def unit(norm: Norm | None) -> str:
    """The privacy unit whose account pays; every account where nobody knows it."""
    return norm.protection.unit if norm else budget.ANY


def spent(ledger: Ledger, policy: Policy, it: Asked, now: int) -> Spent:
    """What counts for an answer at this time (POSIX seconds)."""
    source = it.entry.source.id if it.entry else ""
    return ledger.spent(source, unit(it.norm), now, policy.budget)


def affordable(spent: Spent, policy: Policy, it: Asked) -> bool:
    """Whether the budget bears one release after what was spent, at what the study says it costs; and an own table,
    where the policy protects it by noise.
    """
    try:
        asked, table = cost(it.study, it.norm), table_cost(policy, it)
        both = spent if asked is None or table is None else spent.plus(asked)
    except (ConfigError, FormatError):  # a study names a cost that is none, or the noise protects nothing
        return False
    last = table or asked
    return last is None or budget.fits(both, last, policy.budget)


def table_cost(policy: Policy, it: Asked) -> Cost | None:
    """What this office's own table is charged with; None without noise, or of a study that is not sound."""
    if policy.national.way != "noise" or it.rasters or not it.alone or it.norm is None or unsound(it.study, it.norm):
        return None
    from comity.stages import national

    return national.cost(it.study, policy.national, it.norm.protection.cells)


def _affordable(office: Office, policy: Policy, it: Asked) -> bool:
    if it.entry is None or (it.study.noise is None and policy.national.way != "noise"):
        return True
    return affordable(spent(office.ledger, policy, it, office.now()), policy, it)
