"""The card of `ratio/1`: ratios of two weighted totals by the cells of a table."""

from typing import Final

from comity.methods.card import Bounds, Card, Method, Needs
from comity.methods.ratio.contribute import contribute
from comity.methods.ratio.finish import finish
from comity.methods.ratio.measures import COUNT, DENOMINATOR, MOMENTS, NUMERATOR, RATIO, TERMS

CARD: Final = Card(
    name="ratio",
    version="1",
    title="Ratio of two weighted totals by the cells of a table: rates, prevalences, headcounts, gaps",
    needs=Needs(
        terms=TERMS,
        measures=tuple(term.id for term in TERMS),
        part=2**53 - 1,
        parameters=("scale",),
        noise=False,
        moments=MOMENTS,
        numbers=("y", "x"),
    ),
    promises=(
        "both numbers are cut to the bounds that the norm gives their variables before they are added",
        "a ratio of sums over members is the ratio of all of them together, not a mean of ratios",
        "the cells are the product of the study's code lists; none is found in data",
        "with moments, standard errors are those of each member's own design, and members are independent",
    ),
    bounds=Bounds(cells=100_000, touched=1),
    decimals=(COUNT, NUMERATOR, DENOMINATOR, RATIO),
    citations=(
        "Särndal, C.-E., Swensson, B., Wretman, J. (1992), Model Assisted Survey Sampling, 5.6: ratios of totals",
        "Wolter, K. M. (2007), Introduction to Variance Estimation, 2nd ed., ch. 6: Taylor linearisation of a ratio",
    ),
    assumptions=(
        "without moments no sampling error is known, and none is published",
        "a ratio to a denominator at or below zero does not exist: status M",
        "noise moves a ratio by its linearisation: it is small beside the denominator",
    ),
    rests=("comity.model.decimals", "comity.model.sums"),
)

METHOD: Final = Method(card=CARD, contribute=contribute, finish=finish)
