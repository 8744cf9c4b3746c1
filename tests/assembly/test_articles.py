"""What a charter must hold, article by article: each flaw is named by its field, and by no other."""

from dataclasses import replace
from typing import Any

import pytest

from comity.acts.charter import Office
from comity.acts.refs import Head
from comity.acts.statement import Act, sign
from comity.assembly import articles, fold
from comity.canon import digest
from tests.builders.assembly import MAJORITY, charter_of, party, signer

CHARTER = charter_of([party("m1", area="008"), party("m2", area="404"), party("waits", role="candidate")])
GROUPS = {"east": ("008", "404"), "west": ("578",)}
CHAIR = Office(id="chair", seconds=1000, terms=2, excludes=("clerk",), host=False)
CLERK = Office(id="clerk", seconds=1000, terms=0, excludes=(), host=True)


def reasons(**change: Any) -> list[str]:
    """What the log's rules have against a charter as leaf 0."""
    charter = replace(CHARTER, **change)
    act = Act(actor="m1", origin=charter.origin, head=Head(size=0, root=digest(b"")), body=charter)
    found = fold.admit(fold.start(), sign(act, signer("m1", "sign")))
    return [" ".join([reason.code, *reason.params.values()]) for reason in found]


@pytest.mark.parametrize(
    "change",
    [
        {"host": ""},
        {"host": "m2"},
        {"recused": ()},
        {"recused": ("charter", "hub", "witnesses")},
        {"groups": GROUPS},
        {"groups": GROUPS, "rules": CHARTER.rules | {"norm": replace(MAJORITY, groups=2)}},
        {"offices": (CHAIR, CLERK)},
        {"estimate_seconds": 1, "audit_seconds": 0},
        {"silence": "accepted"},
        {"rules": CHARTER.rules | {"norm": replace(MAJORITY, consultation=59)}},
        {"rules": CHARTER.rules | {"norm": replace(MAJORITY, seconds=0)}},
        {"rules": CHARTER.rules | {"norm": replace(MAJORITY, counted="members")}},
    ],
)
def test_a_charter_may_hold(change: dict[str, Any]) -> None:
    assert [] == reasons(**change)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "m9"),
        ("host", "waits"),
        ("recused", ("witnesses", "hub")),
        ("recused", ("hub", "hub")),
        ("groups", {"east": ("8",)}),
        ("groups", {"east": ()}),
        ("groups", {"east": ("404", "008")}),
        ("groups", {"east": ("008",), "west": ("008",)}),
        ("groups", {"The East": ("008",)}),
        ("offices", (CLERK, CHAIR)),
        ("offices", (CHAIR,)),
        ("offices", (CLERK, CLERK)),
        ("offices", (replace(CLERK, id="Clerk"),)),
        ("offices", (replace(CLERK, seconds=0),)),
        ("offices", (replace(CLERK, terms=-1),)),
        ("offices", (replace(CLERK, excludes=("clerk",)),)),
        ("offices", (CHAIR, replace(CLERK, excludes=("chair", "chair")))),
        ("estimate_seconds", -1),
        ("estimate_seconds", 0),
        ("audit_seconds", -1),
        ("rules", CHARTER.rules | {"norm": replace(MAJORITY, groups=1)}),
        ("rules", CHARTER.rules | {"norm": replace(MAJORITY, groups=-1)}),
        ("rules", CHARTER.rules | {"norm": replace(MAJORITY, consultation=60)}),
        ("rules", CHARTER.rules | {"norm": replace(MAJORITY, consultation=-1)}),
    ],
)
def test_a_flaw_is_named_by_its_field(field: str, value: Any) -> None:
    assert [f"act.malformed {field}"] == reasons(**{field: value})


def test_a_rule_by_groups_asks_for_no_more_than_there_are_and_consensus_asks_for_none() -> None:
    grouped = replace(MAJORITY, groups=2)
    for rule, flaws in [(grouped, []), (replace(grouped, groups=3), ["rules"])]:
        assert flaws == articles.flaws(replace(CHARTER, groups=GROUPS, rules=CHARTER.rules | {"norm": rule}))
    consensus = replace(grouped, method="consensus", objections=1, groups=1)
    assert ["rules"] == articles.flaws(replace(CHARTER, groups=GROUPS, rules=CHARTER.rules | {"norm": consensus}))
