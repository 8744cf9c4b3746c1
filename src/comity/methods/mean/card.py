"""The card of `mean/1`: weighted means and totals of a number by the cells of a table."""

from typing import Final

from comity.methods.card import Bounds, Card, Method, Needs
from comity.methods.mean.contribute import contribute
from comity.methods.mean.finish import finish
from comity.methods.mean.measures import COUNT, MEAN, MOMENTS, POPULATION, SPREAD, TERMS, TOTAL

CARD: Final = Card(
    name="mean",
    version="1",
    title="Weighted mean, total and spread of a number by the cells of a table",
    needs=Needs(
        terms=TERMS,
        measures=tuple(term.id for term in TERMS),
        part=2**53 - 1,
        parameters=(),
        noise=False,
        moments=MOMENTS,
        numbers=("y",),
    ),
    promises=(
        "a number is cut to the bounds that the norm gives its variable before it is added",
        "the cells are the product of the study's code lists; none is found in data",
        "no margin is computed at home, and none is published",
        "with moments, standard errors are those of each member's own design, and members are independent",
    ),
    bounds=Bounds(cells=100_000, touched=1),
    decimals=(COUNT, POPULATION, TOTAL, MEAN, SPREAD),
    citations=(
        "Särndal, C.-E., Swensson, B., Wretman, J. (1992), Model Assisted Survey Sampling, 5.7: the mean of a domain",
        "Wolter, K. M. (2007), Introduction to Variance Estimation, 2nd ed., ch. 6: Taylor linearisation of a ratio",
        "Cochran, W. G. (1977), Sampling Techniques, 3rd ed., 2.6: the mean of a simple random sample",
    ),
    assumptions=(
        "without moments, the error of a mean is that of a simple random sample of n persons with the weighted spread: "
        "strata, clusters and unequal weights are not in it; population and total then have no error",
        "the spread is that of the persons the sample stands for, n for n - 1 corrected; it has no sampling error",
        "noise moves a mean by its linearisation: it is small beside the population",
    ),
    rests=("comity.model.decimals", "comity.model.sums"),
)

METHOD: Final = Method(card=CARD, contribute=contribute, finish=finish)
