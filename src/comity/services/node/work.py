"""What a node does about each question: it carries out, in order, the effects that `stages.answer` decides.

Decides nothing about what may leave: `stages.answer` is a pure function of what the log, the clock and the vault say.
Here each effect is made durable before the next one is begun, so that a node killed between any two goes on as if it
had not been. One question's failure is a line, and never another question's.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from comity import canon
from comity.acts.consent import ConsentGiven, ConsentRefused
from comity.acts.refs import Ref
from comity.acts.statement import Body
from comity.adapters.client import Rejected
from comity.adapters.dice import dice
from comity.adapters.ledger import Line
from comity.adapters.vault import Question, Vault
from comity.assembly import queries
from comity.canon import Digest
from comity.errors import BudgetSpent, ComityError, SourceError, WorldError
from comity.model.job import Silent, Tell
from comity.model.policy import Policy
from comity.services.node import question as questions
from comity.services.node import releases, say, vintages
from comity.services.node.beside import Beside, Log, Stops, Tenths
from comity.services.node.office import Office
from comity.services.node.question import Asked
from comity.stages import answer
from comity.stages.effects import Charge, Commit, Count, Counted, Effect, Fetch, Home, Keep, Remember, Say, Send, Wait
from comity.stages.protect.budget import Charged

ROUNDS: Final = 32  # effects asked for in one go; the machine needs fewer, so more would be a circle
AGAIN: Final = 1  # seconds until something is tried again that the world refused
REPEAT: Final = 5.0  # seconds until a statement that the hub acknowledged, but the log does not show, is posted again


@dataclass(slots=True)
class Worker:
    """The work of one office. `log` takes one line for each failure; `tell` the progress of long work."""

    office: Office
    vault: Vault
    log: Log
    tell: Tell = field(default_factory=Silent)
    _policy: Policy | None = None  # as it was read last
    _said: dict[str, float] = field(default_factory=dict)  # digest of a body -> when it was acknowledged
    _made: dict[int, Mapping[str, bytes]] = field(default_factory=dict)  # leaf index of a table -> its release's files
    _told: dict[Question, str] = field(default_factory=dict)  # what was logged of a question last
    stop: Callable[[], bool] = lambda: False  # whether the process is to end: hours of work must not keep it
    _beside: Beside = field(default_factory=Beside)
    _refused: dict[str, int] = field(default_factory=dict)  # digest of a body -> size of the log that refused it

    def step(self) -> int | None:
        """Everything there is to do now; when to look again by time (POSIX seconds), if at all.

        Raises:
            ComityError: the policy cannot be read; nothing was done.
        """
        policy = self._policy = self.office.policy
        times: list[int | None] = []

        def unread(study: Digest, e: ComityError) -> None:
            self._line(Question(study=study, period="all periods"), str(e))
            times.append(self.office.now() + 10 * AGAIN)

        ready = self._beside.ready()
        times += [self._guarded(policy, question) for question in questions.every(self.office, unread)]
        self._beside.drop(ready)
        return min((at for at in times if at is not None), default=None)

    def sweep(self) -> None:
        """Forget what is due to be forgotten, without the hub: the effects before the first one that needs it.

        By the policy that was read last: a slip of the pen in it keeps no secret alive.
        """
        if self.office.follower.seen is None:
            return
        policy = self._policy or self.office.policy
        for question in self.vault.questions():
            try:
                it = questions.asked(self.office, question)
                for effect in answer.next(self._home(policy, it), dice):
                    if not isinstance(effect, Keep):
                        break
                    self.vault.keep(question, effect.put, effect.drop)
            except ComityError as e:
                self._line(question, str(e))

    def _guarded(self, policy: Policy, question: Question) -> int | None:
        """One question; whatever goes wrong with it is a line, and it is tried again."""
        try:
            it = questions.asked(self.office, question)
            at = self._answer(policy, it)
            busy = self._busy(it)
            if busy is not None and busy <= self.office.now():
                releases.publish(self.office, it, self._made, tell=self._told_of(question))
            elif busy is not None:
                at = busy if at is None else min(at, busy)
        except WorldError as e:
            self._line(question, str(e))
            return self.office.now() + AGAIN
        except ComityError as e:
            self._line(question, str(e))
            return self.office.now() + 10 * AGAIN
        except Exception as e:  # a bug in one study must not silence the node in all others
            self._line(question, f"our bug, please report: {type(e).__name__}: {e}")
            return self.office.now() + 60 * AGAIN
        self._told.pop(question, None)
        return at

    def _busy(self, it: Asked) -> int | None:
        """Until when the question's exchange comes first (POSIX seconds); None: until the log says that it is over.

        Its steps have deadlines, and making a release of an own table takes a second that they may need. Where no
        exchange is opened in time, there is none to wait for; nor of a study of areas, which is never sealed.
        """
        if it.rasters:
            return 0
        state, study, period = self.office.follower.state, it.question.study, it.question.period
        attempts = queries.exchanges(state, study, period)
        if any(attempt.closed is None for attempt in attempts):
            return None
        adopted = state.in_force.get(("study", study))
        if queries.opened_sum(state, study, period) or adopted is None:
            return 0
        since = attempts[-1].deadlines[3] if attempts else adopted.time
        return since + it.study.timing.consent + it.study.timing.step

    def _line(self, question: Question, text: str) -> None:
        """One line, once, for what stays wrong with a question."""
        if self._told.get(question) != text:
            self._told[question] = text
            self.log(f"{question.period} of {question.study}: {text}")

    def _answer(self, policy: Policy, it: Asked) -> int | None:
        """Carry out effects until the machine waits for the log or for a time."""
        counted: Counted | None = None
        boxes: tuple[bytes, ...] | None = None
        spent = False
        for _ in range(ROUNDS):
            home = self._home(policy, it, counted=counted, boxes=boxes, spent=spent)
            effects = answer.next(home, dice)
            for effect in effects:
                match effect:
                    case Wait():
                        return effect.until
                    case Count():
                        counted = self._count(policy, it, table=effect.table)
                        if counted is None:
                            return self.office.now() + AGAIN
                    case Fetch():
                        boxes = self._fetch(effect.exchange)
                    case Charge():
                        spent = not self._charge(policy, it, effect)
                        if spent:
                            break
                    case _:
                        self._do(it, effect)
            if not effects:
                return None
            if isinstance(effects[-1], Say):
                return self.office.now() + AGAIN  # until the log shows it
        raise ComityError("the effects of a step go in a circle", where=it.question.study)

    def _do(self, it: Asked, effect: Effect) -> None:
        match effect:
            case Keep():
                self.vault.keep(it.question, effect.put, effect.drop)
            case Commit():
                self.office.extracts.put(effect.record)
            case Remember():
                from comity.services.node import earlier

                earlier.keep(self.office.home, effect.released)
            case Say():
                if isinstance(effect.body, ConsentGiven) and it.entry is not None and not it.rasters:
                    of, state, source = self.office, self.office.follower.state, it.entry.source
                    vintages.consented(of.home, state, of.member, it.question, source=source.id, vintage=source.vintage)
                self._say(effect.body)
            case Send():
                self.office.send(effect.bodies)

    def _say(self, body: Body) -> None:
        """Post a statement, unless the hub acknowledged it just now, or refused it by a log that is still the same."""
        name, size = canon.digest(canon.encode(body)), self.office.follower.state.size
        if time.monotonic() - self._said.get(name, -REPEAT) < REPEAT or self._refused.get(name) == size:
            return
        try:
            self.office.say(body, again=True)  # asked for only while the log does not show it
        except Rejected:
            self._refused[name] = size
            raise
        self._said[name] = time.monotonic()
        if isinstance(body, ConsentRefused):
            codes = ", ".join(reason.code for reason in body.reasons)
            self.log(f"{body.period} of {body.study}: refused, and this stands for the attempt: {codes}")

    def _fetch(self, exchange: Ref) -> tuple[bytes, ...]:
        """The boxes addressed to this member."""
        office = self.office
        state, signer = office.follower.state, office.signer("sign")
        return say.fetch(exchange, office.member, state, signer, office.journal, office.client, office.now())

    def _charge(self, policy: Policy, it: Asked, effect: Charge) -> bool:
        """Whether the ledger bears it; then it is written."""
        if it.entry is None:
            raise SourceError("no source at home is bound to this norm", where=it.study.norm)
        charged = Charged(
            key=effect.key,
            source=it.entry.source.id,
            unit=questions.unit(it.norm),
            time=self.office.now(),
            epsilon=effect.epsilon,
            delta=effect.delta,
            rho=effect.rho,
            made=effect.made,
        )
        try:
            self.office.ledger.charge(Line(charged=charged, study=effect.study, period=effect.period), policy.budget)
        except BudgetSpent as e:
            self.log(f"{effect.period} of {effect.study}: {e}")
            return False
        return True

    def _count(self, policy: Policy, it: Asked, *, table: bool) -> Counted | None:
        """The table; None while it is still being made: of areas that may take hours."""
        state, member = self.office.follower.state, self.office.member
        given = queries.consents(state, it.question.study, it.question.period)
        if it.bound not in [one.binding for one in given if one.member == member and one.revoked is None]:
            raise SourceError(
                "the binding is not the one that was consented with",
                where=it.binding.id if it.binding else it.study.norm,
                found=it.bound,
                wanted=", ".join(one.binding for one in given if one.member == member),
                way_out="bind the earlier one again, or take the consent back: comity consent revoke",
            )
        # Engines are loaded when something is counted, not when a node starts.
        home, question, tell = self.office.home, it.question, self._told_of(it.question)
        if it.rasters:
            from comity.services.node import tiling

            workers = self.office.config.workers
            return self._table(policy, it, lambda: tiling.count(home, it, workers=workers, tell=tell))
        from comity.services.node import counting, earlier

        memory = self.office.config.memory
        if it.entry is not None and it.entry.source.vintage is not None:
            vintages.insist(home, question, source=it.entry.source.id, vintage=it.entry.source.vintage)
        if table:
            lost = "forgotten" if earlier.forgotten(self.office, it) else ""
            own, stops = policy.national, Stops(self.tell, self.stop)
            counted = self._table(
                policy, it, lambda: counting.count(home, it, own, lost=lost, memory=memory, tell=stops)
            )
        else:
            counted = counting.sealed(home, it, memory=memory, tell=self.tell)
        if counted is None:
            return None
        (read,) = counted.basis.files
        vintages.insist(home, question, source=read.id, vintage=read.digest)
        return counted

    def _table(self, policy: Policy, it: Asked, make: Callable[[], Counted]) -> Counted | None:
        people = None if it.rasters else it.people
        name = f"{self.office.member} table"
        return self._beside.made((it.question, policy.digest, it.bound), make, people=people, name=name)

    def _told_of(self, question: Question) -> Tell:
        """Progress of hours of work: to whoever asked for it, and a line in the log for each tenth."""
        return Tenths(lambda text: self.log(f"{question.period} of {question.study}: {text}"), self.tell, self.stop)

    def _home(
        self,
        policy: Policy,
        it: Asked,
        *,
        counted: Counted | None = None,
        boxes: tuple[bytes, ...] | None = None,
        spent: bool = False,
    ) -> Home:
        """All that the machine's decision rests on, as it is now."""
        office, question = self.office, it.question
        decision = None
        actor = office.follower.state.actors.get(office.member)
        speaks = actor is not None and actor.active and actor.party.role in ("member", "producer")
        if speaks and not questions.spoken(office, question):
            found = questions.decide(office, policy, it)
            decision = None if found.waits else found
        return Home(
            member=office.member,
            state=office.follower.state,
            now=office.now(),
            memory=self.vault.memory(question),
            study=it.study,
            period=question.period,
            decision=decision,
            policy=policy,
            binding=it.bound,
            counted=counted,
            boxes=boxes,
            spent=spent,
            rasters=it.rasters,
            touched=it.norm.protection.cells if it.norm else 0,
            alone=it.alone,
            kin=questions.kin(office, it.study.norm) if it.study.noise is None else None,
        )
