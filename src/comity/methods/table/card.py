"""The card of `table/1`: persons counted by the cells of a table."""

from typing import Final

from comity.methods.card import Bounds, Card, Method, Needs
from comity.methods.table.contribute import contribute
from comity.methods.table.finish import finish
from comity.methods.table.rounding import COUNT, SHARE

CARD: Final = Card(
    name="table",
    version="1",
    title="Persons by the cells of a table, and shares of their total",
    needs=Needs(measures=("n",), part=1, parameters=(), noise=True),
    promises=(
        "each person counts in one cell, once",
        "the cells are the product of the study's code lists; none is found in data",
        "no margin is computed at home: the total is the sum of the cells",
        "a cell stays as it was opened, a negative one too",
    ),
    bounds=Bounds(cells=1_000_000, touched=1),
    decimals=(COUNT, SHARE),
    citations=(
        "Cochran, W. G. (1977), Sampling Techniques, 3rd ed., 3.2: variance of a proportion (without finite population "
        "correction, n for n - 1)",
        "Wolter, K. M. (2007), Introduction to Variance Estimation, 2nd ed., ch. 6: Taylor linearisation of a ratio",
    ),
    assumptions=(
        "respondents are a simple random sample within each member, unweighted; the pooled multinomial variance is "
        "then never below the stratified one",
        "noise is independent in each cell and has the plan's variance",
        "a table with a suppressed cell has no total: no share, and n has the Poisson bound of its sampling error",
    ),
    rests=("comity.model.decimals",),
)

METHOD: Final = Method(card=CARD, contribute=contribute, finish=finish)
