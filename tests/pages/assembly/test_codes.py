"""Every code that an act, a state or a query can hold has words on the pages; no word is left over."""

import re
from pathlib import Path
from typing import get_args

import pytest

from comity.acts import audit, estimate
from comity.acts.charter import Matter, Rule, Silence
from comity.acts.motion import Choice, Taken
from comity.assembly.audits import Standing
from comity.assembly.facts import MotionFacts
from comity.assembly.queries import EstimateStage
from comity.model.member import Role
from comity.pages import words

OUTCOMES = ("open", "adopted", "rejected", "withdrawn", "amended")
STAGES = (*(stage for stage in get_args(EstimateStage) if stage != "settled"), *get_args(estimate.Settlement))
STANDINGS = tuple(standing.replace(" ", "-") for standing in get_args(Standing))
CODES = [
    *(f"assembly.matter.{code}" for code in get_args(Matter)),
    *(f"role.{code}" for code in get_args(Role)),
    *(f"assembly.choice.{code}" for code in get_args(Choice)),
    *(f"assembly.taken.{code}" for code in get_args(Taken)),
    *(f"assembly.outcome.word.{code}" for code in OUTCOMES),
    *(f"assembly.hindrance.{code}" for code in get_args(get_args(MotionFacts.__annotations__["hindrance"])[0])),
    *(
        f"assembly.rule.{code}"
        for code in (*get_args(Rule.__annotations__["method"]), *get_args(Rule.__annotations__["counted"]))
    ),
    *(f"assembly.charter.silence.{code}" for code in get_args(Silence)),
    *(f"assembly.estimate.silence.{code}" for code in get_args(Silence)),
    *(f"assembly.estimate.answer.{code}" for code in get_args(estimate.Answer)),
    *(f"assembly.estimate.{of}.{code}" for of in ("word", "status") for code in STAGES),
    *(f"assembly.settlement.{code}{of}" for of in ("", ".means") for code in get_args(estimate.Settlement)),
    *(f"assembly.audit.{of}{code}" for of in ("word.", "status.", "") for code in STANDINGS),
    *(f"assembly.norms.{code}" for code in ("norm", "norm-recognised")),
]


@pytest.mark.parametrize("key", CODES)
def test_every_code_has_words(key: str) -> None:
    assert words.EN[key]


def test_the_outcomes_are_those_of_a_motion() -> None:
    assert OUTCOMES == get_args(MotionFacts.__annotations__["outcome"])
    assert set(get_args(audit.Answer)) <= set(STANDINGS)


def test_no_word_is_left_over(root: Path) -> None:
    """A key that no page asks for, whole or by its beginning, is a sentence that nobody reads."""
    room = root / "src" / "comity" / "pages"
    source = "\n".join(p.read_text() for p in [*(room / "assembly").glob("*.py"), *(room / "templates").glob("*.html")])
    asked = set(re.findall(r'"([a-z]+(?:\.[a-z-]+)+)"', source))
    begun = tuple(re.findall(r'f"(assembly\.[a-z.-]*)\{', source)) + tuple(f"{key}." for key in asked)
    keys = {key for key in words.EN if key.startswith("assembly.")}
    left = {key for key in keys if re.sub(r"\.(one|other)$", "", key) not in asked and not key.startswith(begun)}
    assert set() == left


def test_no_key_stands_in_two_files(root: Path) -> None:
    catalogue = root / "src" / "comity" / "pages" / "catalogue"
    keys = [
        key
        for part in words.PARTS
        for key in re.findall(r'^"([^"]+)" =', (catalogue / f"en{part}.toml").read_text(), re.M)
    ]
    assert len(keys) == len(set(keys))
