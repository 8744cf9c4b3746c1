"""The card of `progress/1`: published series judged by two methods, side by side.

It is on no shelf and no study names it: it has no half at home and adds nothing up, because it reads what is published
already. Whoever has a release, or any table of years and values, runs it. The card says what a reader must know.
"""

from typing import Final

from comity.methods.card import Bounds, Card, Needs
from comity.methods.progress import statcan, un
from comity.methods.progress.series import Aim, Point, Verdict

CARD: Final = Card(
    name="progress",
    version="1",
    title="Progress of a published series towards its target, by the UN and by Statistics Canada",
    needs=Needs(
        measures=(),
        part=0,
        parameters=("base_year", "direction", "limit", "percent", "target", "target_year"),
        noise=False,
    ),
    promises=(
        "both verdicts stand side by side, each with the rule that decided and all that it compared",
        "no verdict without its reason; where a method has none, the reason is said",
        "what a method replaces (zero by 0.001) is said in a note",
        "decimal arithmetic: the same verdict on every machine",
    ),
    bounds=Bounds(cells=0, touched=0),
    decimals=(),
    citations=(
        "United Nations Statistics Division (2023), SDG Progress Chart: Technical Note, as restated by Eustat",
        "Statistics Canada, Progress Measurement for Canada's Sustainable Development Goals",
        "Open SDG, sdg-build 2.5.0-dev, ProgressMeasure",
    ),
    assumptions=(
        "growth is compound and steady from the base year on",
        "values are compared as published: their errors are not taken into account",
    ),
)


def assess(points: tuple[Point, ...], aim: Aim) -> tuple[Verdict, Verdict]:
    """Both verdicts on a series, the United Nations' first."""
    return un.assess(points, aim), statcan.assess(points, aim)
