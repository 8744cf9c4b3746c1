"""A policy in Cedar (docs.cedarpolicy.com), written from the page of policies and from nothing of our evaluator.

A place in the tree of goals is an entity with the wider ones as parents; a rule is one `forbid` with the code that it
refuses with; a permission is one `permit` for each step by which it can be lost. Cedar names every `forbid` that holds,
so that the codes are compared and not the answers alone.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import cedarpy

from comity.model.policy import Allow, Policy

SCHEMA = """
entity Place in [Place];
entity Office;
type Axis = { id: String, codes: Set<String>, count: Long, codelist: String };
type Asked = {
  place: Place, method: String, version: String, moved: Bool, mover: String, member: Bool, source: String,
  bound: Bool, axes: Set<String>, SEX: Axis, REF_AREA: Axis, cells: Long,
  studyYes: Long, studyNo: Long, studyVotes: Long, studyConsultation: Long, studyDecided: Bool,
  normYes: Long, normNo: Long, normVotes: Long, normConsultation: Long, normDecided: Bool,
  affordable: Bool, reserved: Bool, producer: Bool, approved: Long, declined: Bool,
  noise: Bool, sigma2: Long, rasters: Bool, colluding: Long, members: Long, cost: Long, now: Long,
};
action names, admits, takes, fits, answers appliesTo { principal: Office, resource: Office, context: Asked };
"""
STEPS = ("names", "admits", "takes", "fits")
LOST = dict(
    zip(
        STEPS,
        (
            "policy.not-named",
            "policy.member-not-admitted",
            "policy.source-not-named",
            "policy.dimension-not-named",
        ),
        strict=True,
    )
)
WAITS = "waits"  # no refusal: what is left where nothing else speaks against it
HEAD = 'principal, action == Action::"{action}", resource'


@dataclass(frozen=True)
class Request:
    """One question in plain values. votes: yes, no, abstentions; of a norm or study nobody decided on, None."""

    goal: str
    method: str
    version: str
    mover: str | None
    member: bool
    source: str | None
    axes: dict[str, tuple[str, ...]]
    codelists: dict[str, str]
    study: tuple[int, int, int, int] | None  # yes, no, abstentions, seconds of consultation
    norm: tuple[int, int, int, int] | None
    sigma2: int | None
    epsilon: str
    periods: int
    rasters: bool
    colluding: int
    members: int
    bound: bool
    now: int
    affordable: bool = True
    reserved: bool = True
    producer: bool = False
    approved: tuple[str, ...] = ()
    declined: bool = False


def text(value: str) -> str:
    """A string of Cedar."""
    return json.dumps(value)


def listed(values: Sequence[str]) -> str:
    return "[" + ", ".join(text(value) for value in values) + "]"


def methods(named: Sequence[str]) -> str:
    """A condition: the method is one of these, by name or by name and version."""
    found = [
        f"(context.method == {text(name)}" + (f" && context.version == {text(version)})" if slash else ")")
        for name, slash, version in (one.partition("/") for one in named)
    ]
    return "(" + " || ".join(found or ["false"]) + ")"


def places(named: Sequence[str]) -> str:
    return "(" + " || ".join([f"context.place in Place::{text(one)}" for one in named] or ["false"]) + ")"


def thousandths(cost: str) -> int:
    return int(Decimal(cost) * 1000)


def permits(allow: Allow) -> Iterator[str]:
    """One for each step; a later one asks all that the earlier ones ask."""
    asked = [f"{methods([allow.method])} && {places(allow.goals)}"]
    anyone = "context.member" if "*" in allow.movers else "false"
    asked.append(f"(!context.moved || {anyone} || {listed(allow.movers)}.contains(context.mover))")
    asked.append("true" if "*" in allow.sources else f"{listed(allow.sources)}.contains(context.source)")
    asked.append("true" if "*" in allow.dimensions else f"{listed(allow.dimensions)}.containsAll(context.axes)")
    for place, action in enumerate(STEPS):
        when = " && ".join(asked[: place + 1])
        yield f"permit ({HEAD.format(action=action)}) when {{ {when} }};"


def forbids(policy: Policy) -> Iterator[tuple[str, str]]:
    """Code of refusal and condition of each rule."""
    never, decided, sealed = policy.never, policy.decided, policy.sealed
    yield "policy.expired", f"context.now < {policy.valid_from} || context.now >= {policy.valid_until}"
    above = {".".join(place.split(".")[:length]) for place in never.goals for length in (1, 2, 3)}
    exact = " || ".join([f"context.place == Place::{text(one)}" for one in sorted(above)] or ["false"])
    yield "policy.never", f"{places(never.goals)} || {exact}"
    yield "policy.never", methods(never.methods)
    yield (
        "policy.never",
        f"context.moved && {listed(never.movers)}.contains(context.mover)" if never.movers else "false",
    )
    yield "policy.never", f"{listed(never.sources)}.contains(context.source)" if never.sources else "false"
    yield "policy.never", f"{listed(never.dimensions)}.containsAny(context.axes)" if never.dimensions else "false"
    for axis, codes in never.codes.items():
        there = f"context.axes.contains({text(axis)})"
        yield "policy.never", f"{there} && context.{axis}.codes.containsAny({listed(codes)})"
    for limit in policy.finest:
        it = f"context.{limit.dimension}"
        fine = [f"!{listed(limit.codelists)}.contains({it}.codelist)"] if limit.codelists else []
        fine += [f"!{listed(limit.codes)}.containsAll({it}.codes)"] if limit.codes else []
        fine += [f"{it}.count > {limit.most}"] if limit.most else []
        there = f"context.axes.contains({text(limit.dimension)})"
        yield "policy.geography-too-fine", f"{there} && ({' || '.join(fine)})"
    if policy.cells:
        yield "policy.too-many-cells", f"context.cells > {policy.cells}"
    for about in ("study", "norm"):
        short = [f"context.{about}Votes < {decided.votes}", f"context.{about}Consultation < {decided.consultation}"]
        if decided.share:
            yes, no = f"context.{about}Yes", f"context.{about}No"
            short.append(f"{yes} * 100 <= ({yes} + {no}) * {decided.share}")
        yield "policy.decision-too-weak", f"context.{about}Decided && ({' || '.join(short)})"
    free = f"(!context.noise && !context.rasters && {methods(sealed.noiseless)})"
    yield "policy.noise-below-floor", f"context.sigma2 < {sealed.noise_floor} && !{free}"
    yield "policy.no-noise", f"!context.noise && !context.rasters && !{free}"
    yield "policy.cooperation-too-small", f"context.colluding < {sealed.colluding}"
    yield "policy.too-few-members", f"!context.rasters && context.members < {sealed.members}"
    yield "study.not-in-force", "!context.studyDecided"
    yield "norm.not-in-force", "!context.normDecided"
    yield "policy.no-source", "!context.bound"
    yield "budget.spent", "!context.affordable"
    yield "norm.not-reserved", "!context.reserved"
    yield "study.not-open", "context.producer && !context.rasters"
    yield "policy.no-table", "false" if policy.national.publish else "context.rasters"
    yield "policy.officer", "context.declined" if policy.officer else "false"
    yield WAITS, f"context.approved < {2 if policy.four_eyes else 1}" if policy.officer else "false"
    if policy.budget.study:
        yield "policy.study-too-dear", f"context.noise && context.cost > {thousandths(policy.budget.study)}"


def written(policy: Policy) -> str:
    """The whole policy in Cedar."""
    rules = [rule for allow in policy.allow for rule in permits(allow)]
    rules.append(f"permit ({HEAD.format(action='answers')});")
    rules += [
        f"@code({text(code)})\nforbid ({HEAD.format(action='answers')}) when {{ {when} }};"
        for code, when in forbids(policy)
    ]
    return "\n".join(rules)


def entities(goals: Sequence[str]) -> list[dict[str, Any]]:
    """Places with all wider ones as parents."""
    found = {}
    for goal in goals:
        parts = goal.split(".")
        for length in range(1, len(parts) + 1):
            parent = ".".join(parts[: length - 1])
            found[".".join(parts[:length])] = [parent] if parent else []
    return [
        {
            "uid": {"type": "Place", "id": id},
            "attrs": {},
            "parents": [{"type": "Place", "id": parent} for parent in parents],
        }
        for id, parents in sorted(found.items())
    ]


def context(asked: Request) -> dict[str, Any]:
    """A request's facts, under the schema."""

    def axis(id: str) -> dict[str, Any]:
        codes = asked.axes.get(id, ())
        return {"id": id, "codes": list(codes), "count": len(codes), "codelist": asked.codelists.get(id, "")}

    def votes(name: str, cast: tuple[int, int, int, int] | None) -> dict[str, Any]:
        yes, no, abstain, seconds = cast or (0, 0, 0, 0)
        there = {"Yes": yes, "No": no, "Votes": yes + no + abstain, "Consultation": seconds}
        return {f"{name}{key}": value for key, value in there.items()} | {f"{name}Decided": cast is not None}

    cells = 1
    for codes in asked.axes.values():
        cells *= len(codes)
    return {
        "place": {"__entity": {"type": "Place", "id": asked.goal}},
        "method": asked.method,
        "version": asked.version,
        "moved": asked.mover is not None,
        "mover": asked.mover or "",
        "member": asked.member,
        "source": asked.source or "",
        "bound": asked.bound,
        "axes": list(asked.axes),
        "SEX": axis("SEX"),
        "REF_AREA": axis("REF_AREA"),
        "cells": cells,
        **votes("study", asked.study),
        **votes("norm", asked.norm),
        "noise": asked.sigma2 is not None,
        "sigma2": asked.sigma2 or 0,
        "rasters": asked.rasters,
        "colluding": asked.colluding,
        "members": asked.members,
        "cost": thousandths(asked.epsilon) * asked.periods,
        "now": asked.now,
        "affordable": asked.affordable,
        "reserved": asked.reserved,
        "producer": asked.producer,
        "approved": len(set(asked.approved)),
        "declined": asked.declined,
    }


def posed(requests: Sequence[Request], actions: Sequence[str]) -> list[dict[str, Any]]:
    """Each request once for each action, in Cedar's own form."""
    return [
        {
            "principal": {"type": "Office", "id": "hub"},
            "resource": {"type": "Office", "id": "node"},
            "action": {"type": "Action", "id": action},
            "context": found,
        }
        for found in map(context, requests)
        for action in actions
    ]


class Evaluator:
    """One policy, read by Cedar."""

    def __init__(self, policy: Policy, goals: Sequence[str]) -> None:
        text = written(policy)
        told = cedarpy.validate_policies(text, SCHEMA)
        assert told.validation_passed, [str(error) for error in told.errors]
        before = len(policy.allow) * len(STEPS) + 1  # Cedar names policies by their place in the text
        self._codes = {f"policy{before + place}": code for place, (code, _) in enumerate(forbids(policy))}
        self._policies = cedarpy.PolicySet.from_str(text)
        self._entities = cedarpy.Entities.from_json_str(json.dumps(entities(goals)))

    def codes(self, requests: Sequence[Request]) -> list[set[str]]:
        """The codes against each request; none means yes."""
        told = self.authorized(posed(requests, (*STEPS, "answers")))
        for one in told:
            assert not one.diagnostics.errors, one.diagnostics.errors
        width = len(STEPS) + 1
        return [self._of(one, told[at * width : (at + 1) * width]) for at, one in enumerate(requests)]

    def authorized(self, asked: list[dict[str, Any]]) -> list[cedarpy.AuthzResult]:
        """What Cedar says to requests of its own form."""
        return cedarpy.is_authorized_batch(asked, self._policies, self._entities)

    def _of(self, asked: Request, told: Sequence[cedarpy.AuthzResult]) -> set[str]:
        lost = next((step for step, one in zip(STEPS, told, strict=False) if not one.allowed), None)
        unknown = lost == "takes" and asked.source is None and not asked.bound
        codes = {LOST[lost]} if lost and not unknown else set()
        answered = told[-1]
        if not answered.allowed:
            codes |= {self._codes[id] for id in answered.diagnostics.reasons}
        return codes - {WAITS} or codes
