"""Whatever numbers an act names, the log goes on: what follows can be spelt, dated and told in words."""

from dataclasses import fields, is_dataclass, replace
from functools import cache
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import canon
from comity.acts import statement
from comity.acts.audit import AuditRequested
from comity.acts.charter import MOST_SECONDS, Matter, Rule
from comity.acts.motion import Motion
from comity.acts.refs import Head
from comity.acts.release import ReleasePublished
from comity.acts.statement import KINDS, Act
from comity.acts.tick import Tick
from comity.assembly import clock, digest, explain, fold
from comity.assembly.recount import differs, recount
from comity.assembly.rules.tick import LATEST
from comity.assembly.state import State
from comity.assembly.witnesses import charter_of as charter_as_it_stands
from comity.errors import FormatError
from comity.model.member import HUB
from comity.pages import explain as worded
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note, sign
from tests.attacks.book import Guard, always, without
from tests.builders.assembly import FIGURES, MAJORITY, START, Assembly, blob, charter_of, encoded, party, signer
from tests.builders.kinds import every_kind

FAR = 2**53 - 1
UNSIGNED = Guard("assembly.fold._against_signature", "", always([]))
UNCOSIGNED = Guard(
    "assembly.rules.tick._cosigned",
    "",
    lambda original: lambda text, policy: SimpleNamespace(checkpoint=Checkpoint.of(Note.parse(text)), time=FUTURE),
)
FUTURE = START + 500  # seconds; later than all that the log of every kind tells
EXTREMES = (-FAR, -1, 0, 1, START + MOST_SECONDS, LATEST, FAR - 1, FAR)


@cache
def everything() -> tuple[Assembly, dict[str, list[int]]]:
    """A log of every kind, and the leaves of each."""
    log, places = every_kind(), dict[str, list[int]]()
    for index, leaf in enumerate(log.leaves):
        try:
            places.setdefault(statement.read(leaf).act.kind, []).append(index)
        except FormatError:
            continue
    return log, places


@cache
def before(index: int) -> State:
    return fold.replay(everything()[0].leaves[:index])


def changed(value: Any, draw: Any) -> Any:
    """The value, with other whole numbers in it, drawn one by one; those that say nothing of a time as well."""
    if is_dataclass(value):
        made = {field.name: changed(getattr(value, field.name), draw) for field in fields(value)}
        return type(value)(**made)
    if isinstance(value, tuple):
        return tuple(changed(item, draw) for item in value)
    if isinstance(value, dict):
        return {name: changed(item, draw) for name, item in value.items()}
    return draw(value) if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12)
@given(st.data())
def test_any_numbers_in_any_act_leave_a_state_that_can_be_spelt_and_told(kind: str, data: st.DataObject) -> None:
    log, places = everything()
    index = data.draw(st.sampled_from(places[kind]))
    act = statement.read(log.leaves[index]).act
    body = changed(act.body, lambda found: data.draw(st.sampled_from((found, found, found, found, *EXTREMES))))
    if isinstance(body, Motion) and body.terms is not None:
        body = replace(body, thing=blob(encoded(body.terms)))
    leaf = statement.sign(replace(act, body=body), signer("anyone", "sign"))
    with without(UNSIGNED), without(UNCOSIGNED):
        ((state, told),) = explain.each(before(index), [leaf])
        if state.charter is not None:
            ticked, against = fold.step(state, ticking(state))
            assert () == against
            clock.next_deadline(ticked)
            digest.of(ticked)
    assert told.kind == kind, "an act whose facts could not be gathered"
    assert worded.what(told)
    digest.of(state)


def ticking(state: State) -> bytes:
    """A tick that holds the newest leaf, after all others; nobody signed it."""
    charter = charter_as_it_stands(state)
    text = str(Checkpoint(charter.origin, state.size, canon.raw_of(state.roots[state.size])))
    tick = Tick(checkpoint=str(Note(text, (sign(text, charter.origin, signer("anyone", "log")),))))
    act = Act(actor=HUB, origin=charter.origin, head=Head(size=state.size, root=state.roots[state.size]), body=tick)
    return statement.sign(act, signer("anyone", "sign"))


def test_a_charter_of_the_longest_durations_goes_on_for_centuries() -> None:
    """A motion, an audit and an office, to the last time that a tick may tell."""
    rule = replace(MAJORITY, seconds=MOST_SECONDS, consultation=MOST_SECONDS - 1)
    rules: dict[str, Rule] = dict.fromkeys(get_args(Matter), MAJORITY) | {"norm": rule}
    longest = dict.fromkeys(("challenge_seconds", "estimate_seconds", "audit_seconds"), MOST_SECONDS)
    founders = charter_of([party(f"m{i}") for i in range(1, 5)], rules=rules)
    assembly = Assembly(charter=replace(founders, **longest))  # type: ignore[arg-type]
    assembly.tick(LATEST - 2 * MOST_SECONDS)
    study = assembly.adopt("study", b"{}")
    exchange = assembly.run(study)
    closed = assembly.state.exchanges[exchange.index].closed
    assert closed is not None
    inputs, text = (closed.ref.index,), assembly.body(b"release")
    body = ReleasePublished(release=text, figures=FIGURES, inputs=inputs, replaces=None, reason=None)
    release = assembly.say(HUB, body)
    asks = AuditRequested(release=release, figure=0, asked="m2", text=blob(b"Why?"), language="en")
    audit = assembly.say("m1", asks)
    motion = assembly.motion("norm", b"{}", closes=assembly.time + MOST_SECONDS)
    assembly.tick(LATEST)
    digest.of(assembly.state)
    assert clock.next_deadline(assembly.state) is not None
    counted = recount(assembly.state, assembly.leaves)
    assert {()} == {differs(assembly.state, one) for one in counted.values()}
    assert LATEST + MOST_SECONDS == assembly.state.audits[audit.index].deadline
    assert "open" == assembly.state.motions[motion.index].outcome
    assert ["act.malformed"] == assembly.refused(HUB, Tick(checkpoint=assembly.cosigned(LATEST + 1)))
