"""Random policies and random questions to them, as plain values and as what a node's evaluator takes.

Values lie close to each other, so that every limit is met, missed by one, and met exactly. Seeded: a failure is found
again. No figure of anybody hangs on these dice.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

from comity.assembly.facts import MotionFacts
from comity.assembly.state import State
from comity.methods.table.card import CARD
from comity.model import norm as norms
from comity.model.norm import Norm
from comity.model.policy import Allow, Budget, Decided, Finest, National, Never, Policy, Sealed
from comity.model.study import Method, NoisePlan, Period, Study, Timing
from comity.stages.case import Case, Facts
from tests import sample
from tests.oracles.cedar import Request
from tests.stages.test_consent import actor, in_force, motion

GOALS = ("1", "16", "16.1", "16.6", "16.60", "16.6.2", "16.6.1", "3.b", "3.b.1")
METHODS = ("table", "mean")
VERSIONS = ("1", "2")
MEMBERS = ("fiji", "samoa", "tonga")
MOVERS = (*MEMBERS, "undp")
SOURCES = ("survey", "census")
AREAS = ("R1", "R2", "R3")
NOW = 1_000


def some(dice: random.Random, values: Sequence[str], *, least: int = 0) -> tuple[str, ...]:
    return tuple(sorted(dice.sample(values, dice.randint(least, len(values)))))


def rarely(dice: random.Random, value: Any, other: Any, of: int = 4) -> Any:
    return value if dice.randrange(of) == 0 else other


def named(dice: random.Random) -> str:
    name = dice.choice(METHODS)
    return rarely(dice, f"{name}/{dice.choice(VERSIONS)}", name, 3)


def policy(dice: random.Random) -> Policy:
    """Of every rule something, none of it rare."""
    never = Never(
        goals=rarely(dice, (dice.choice(GOALS),), ()),
        methods=rarely(dice, (named(dice),), (), 6),
        movers=rarely(dice, (dice.choice(MOVERS),), ()),
        sources=rarely(dice, (dice.choice(SOURCES),), (), 6),
        dimensions=rarely(dice, (dice.choice(("SEX", "REF_AREA")),), (), 8),
        codes=rarely(dice, {"REF_AREA": (dice.choice(AREAS),)}, {}, 6),
    )
    finest = Finest(
        dimension="REF_AREA",
        codelists=rarely(dice, ("CL_REGION",), ()),
        codes=rarely(dice, some(dice, AREAS, least=1), ()),
        most=dice.randint(1, 3),
    )
    officer = dice.random() < 0.4
    return Policy(
        version="1",
        valid_from=NOW - dice.randint(0, 9),
        valid_until=NOW + dice.randint(1, 9),
        allow=tuple(
            Allow(
                method=named(dice),
                goals=some(dice, GOALS, least=4),
                movers=rarely(dice, some(dice, MOVERS, least=1), ("*",), 2),
                sources=rarely(dice, some(dice, SOURCES, least=1), ("*",), 3),
                dimensions=rarely(dice, some(dice, ("SEX", "REF_AREA"), least=1), ("*",), 3),
            )
            for _ in range(dice.randint(0, 6))
        ),
        national=National(publish=dice.random() < 0.8, threshold=10),
        sealed=Sealed(
            noise_floor=dice.choice((0, 0, 0, 35, 36, 37)),
            rate=100,
            colluding=dice.choice((1, 1, 2)),
            survivors=0,
            witnesses=0,
            members=dice.choice((0, 0, 1, 2)),
            noiseless=rarely(dice, (named(dice),), (), 2),
        ),
        budget=Budget(epsilon="4", delta="0.001", study=dice.choice(("", "", "2.4", "1.2"))),
        officer=officer,
        four_eyes=officer and dice.random() < 0.5,
        cells=dice.choice((0, 0, 0, 3, 4)),
        never=never,
        finest=rarely(dice, (finest,), ()),
        decided=rarely(dice, Decided(share=dice.choice((0, 50, 66)), votes=dice.randint(0, 3)), Decided())
        if dice.random() < 0.8
        else Decided(consultation=60),
    )


def votes(dice: random.Random) -> tuple[int, int, int, int] | None:
    if dice.random() < 0.05:
        return None
    return dice.randint(0, 3), dice.randint(0, 1), dice.randint(0, 1), dice.choice((0, 59, 60, 61))


def request(dice: random.Random) -> Request:
    """One question; most of what has nothing to do with policy is in order, so that a yes is not rare."""
    axes = dice.choice((("SEX",), ("REF_AREA",), ("SEX", "REF_AREA"), ("REF_AREA", "SEX")))
    areas = AREAS[: dice.randint(1, 3)]
    rasters = dice.random() < 0.1
    noise = not rasters and dice.random() < 0.8
    bound = dice.random() < 0.95
    mover = dice.choice(MOVERS)
    study = votes(dice)
    return Request(
        goal=dice.choice(GOALS),
        method=dice.choice(METHODS),
        version=dice.choice(VERSIONS),
        mover=mover if study else None,
        member=mover in MEMBERS and study is not None,
        source=dice.choice((*SOURCES, None)) if bound else None,
        axes={id: areas if id == "REF_AREA" else ("F", "M") for id in axes},
        codelists={"SEX": "CL_SEX", "REF_AREA": dice.choice(("CL_REGION", "CL_PLACE"))},
        study=study,
        norm=votes(dice),
        sigma2=dice.choice((35, 36, 37)) if noise else None,
        epsilon="1.2" if noise else "0",
        periods=dice.randint(1, 2),
        rasters=rasters,
        colluding=dice.randint(1, 3),
        members=dice.randint(1, 3),
        bound=bound,
        now=NOW + (dice.randint(-9, 9) if dice.random() < 0.2 else 0),
        affordable=dice.random() < 0.95,
        reserved=dice.random() < 0.95,
        producer=dice.random() < 0.05,
        approved=dice.choice(((), ("ana",), ("ana", "ana"), ("ana", "ben"))),
        declined=dice.random() < 0.1,
    )


@cache
def norm(codelist: str, areas: tuple[str, ...]) -> Norm:
    """The sample's norm with regions instead of answers."""
    text = sample.NORM_TOML.replace("ANSWER", "REF_AREA").replace("CL_REF_AREA", codelist)
    codes = "id,name\n" + "".join(f"{area},{area}\n" for area in areas)
    return norms.read(
        {"norm.toml": text.encode(), f"codes/{codelist}.csv": codes.encode(), **_SEX},
    )


_SEX = {"codes/CL_SEX.csv": sample.FILES["codes/CL_SEX.csv"]}


def motioned(
    index: int, matter: Any, asked: tuple[int, int, int, int], thing: Any, name: str, mover: str
) -> MotionFacts:
    yes, no, abstain, seconds = asked
    said = ["yes"] * yes + ["no"] * no + ["abstain"] * abstain
    cast = {f"m{place}": choice for place, choice in enumerate(said)}
    return replace(motion(index, matter, thing, name, mover=mover), votes=cast, consultation=seconds)


def case(asked: Request, policy: Policy) -> Case:
    """The same question, as a node's evaluator takes it."""
    text = norm(asked.codelists["REF_AREA"], asked.axes.get("REF_AREA", AREAS))
    plan = NoisePlan(sigma2=asked.sigma2, cells=1, delta="0.001", epsilon=asked.epsilon) if asked.sigma2 else None
    study = Study(
        id="S",
        version="1",
        title="Random",
        goal=asked.goal,
        related=True,
        rehearsal=False,
        norm=text.digest,
        method=Method(name=asked.method, version=asked.version, digest=sample.DIGEST),
        parameters={},
        layout=text.structure.layout(tuple(asked.axes), ("n",)),
        bound=1,
        colluding=asked.colluding,
        noise=plan,
        periods=tuple(Period(id=str(year), value=str(year)) for year in range(asked.periods)),
        timing=Timing(consent=60, step=6, send=2),
    )
    force, motions = {}, {}
    if asked.norm is not None:
        force["norm", text.digest] = in_force(text.digest, "norm", 5)
        motions[5] = motioned(5, "norm", asked.norm, text.digest, text.name, "fiji")
    if asked.study is not None:
        force["study", study.digest] = in_force(study.digest, "study", 7)
        motions[7] = motioned(7, "study", asked.study, study.digest, "", asked.mover or "")
    actors = {id: actor(id, "member") for id in MEMBERS[: asked.members]}
    gone = {id: replace(actor(id, "member"), until=1) for id in MEMBERS[asked.members :]}
    state = State(
        time=900, actors=actors | gone | {"undp": actor("undp", "custodian")}, motions=motions, in_force=force
    )
    needs = replace(CARD.needs, noise=plan is not None, data="rasters" if asked.rasters else "persons")
    facts = Facts(
        card=replace(CARD, name=asked.method, version=asked.version, needs=needs),
        bound=asked.bound,
        epsilon=Decimal("1.2") if plan else None,
        affordable=asked.affordable,
        approved=asked.approved,
        declined=asked.declined,
        producer=asked.producer,
        source=asked.source,
        reserved=asked.reserved,
    )
    return Case(study=study, norm=text, policy=policy, state=state, period="0", facts=facts, now=asked.now)
