"""An estimate in words: each answer and each settlement has its sentence, and what followed is told with it."""

from typing import Any, get_args

import pytest

from comity.acts.estimate import Answer, Settlement
from comity.assembly import explain
from comity.pages import explain as worded
from tests.assembly.rules.test_estimate import ALLOWED, COUNTER, DRAFT, founded
from tests.builders.estimates import Estimates

PUT = "estimate of SI_POV_DAY1, 2020, that un put to it at leaf {leaf}"
SAYS = {
    "accepted": f"m1 accepts the {PUT}.",
    "accepted-with-note": f"m1 accepts the {PUT}, with a note that lies beside the log.",
    "objected": f"m1 objects to the {PUT}: The law of the country speaks against it.",
    "objected with a value": (
        f"m1 objects to the {PUT}, and shows un a value of its own: The law of the country speaks against it."
    ),
    "replaced": f"m1 puts national data in the place of the {PUT}.",
}
OWN = "its estimate of SI_POV_DAY1, 2020,"
ENDS = {
    "published": f"un publishes {OWN} as it put it to m1 at leaf {{leaf}}.",
    "country-data": (
        "un publishes the national data of m1 on SI_POV_DAY1, 2020, in place of its estimate at leaf {leaf}."
    ),
    "side-by-side": f"un publishes {OWN} at leaf {{leaf}} and the value of m1 side by side.",
    "aggregates-only": f"un uses {OWN} for m1 at leaf {{leaf}} in aggregates only, and shows it nowhere.",
    "withheld": f"un withholds {OWN} for m1 at leaf {{leaf}}.",
}


def told(log: Estimates, index: int) -> explain.Explained:
    return explain.one(log.leaves, index, log.state)


@pytest.mark.parametrize("answer", ALLOWED)
def test_an_answer_is_told_as_it_was_given(answer: str) -> None:
    log = founded().copy()
    ref = log.propose(DRAFT)
    kind: Any = answer.removesuffix(" with a value")
    counter = COUNTER if answer in ("objected with a value", "replaced") else None
    codes = ("legal",) if kind == "objected" else ()
    note = b"a note" if answer == "accepted-with-note" else None
    said = log.say("m1", log.answered(ref, kind, *codes, counter=counter, note=note))
    leaf = told(log, said.index)
    assert SAYS[answer].format(leaf=ref.index) == worded.what(leaf)
    assert ("estimates",) == leaf.topics
    (followed,) = worded.follows(told(log, ref.index))
    assert followed.endswith(f", at leaf {said.index}.")
    assert worded.title(leaf)


@pytest.mark.parametrize("outcome", get_args(Settlement))
def test_a_settlement_is_told_as_it_was_made(outcome: Settlement) -> None:
    log = founded().copy()
    ref = log.propose(DRAFT)
    by_outcome: dict[str, Answer] = {"published": "accepted", "country-data": "replaced"}
    kind = by_outcome.get(outcome, "objected")
    counter, codes = (None, ()) if kind == "accepted" else (COUNTER, ("legal",) if kind == "objected" else ())
    answer = log.say("m1", log.answered(ref, kind, *codes, counter=counter))
    opened = DRAFT if outcome in ("published", "side-by-side") else None
    shown = COUNTER if outcome in ("country-data", "side-by-side") else None
    said = log.say("un", log.settled(ref, outcome, opened=opened, counter=shown))
    assert ENDS[outcome].format(leaf=ref.index) == worded.what(told(log, said.index))
    for index in (ref.index, answer.index):
        assert worded.follows(told(log, index))[-1].startswith(f"It was settled at leaf {said.index}: ")


def test_what_is_put_and_met_with_silence_is_told() -> None:
    log = founded().copy()
    ref = log.propose(DRAFT)
    assert DRAFT.digest in worded.what(told(log, ref.index))
    log.tick()
    (waits,) = worded.follows(told(log, ref.index))
    assert waits.startswith("It waits for an answer of m1 until ")
    log.tick(log.facts(ref).deadline + 1)
    (silent,) = worded.follows(told(log, ref.index))
    assert silent.startswith("It was met with silence: m1 did not answer by ")
