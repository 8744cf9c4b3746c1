"""The card of `distribution/1`: how a number is distributed over persons, from public bins."""

from typing import Final

from comity.methods.card import Bounds, Card, Method, Needs
from comity.methods.distribution.contribute import contribute
from comity.methods.distribution.finish import finish
from comity.methods.distribution.measures import OF_BIN, OF_WHOLE, TERMS

CARD: Final = Card(
    name="distribution",
    version="1",
    title="Shares, headcounts, quantiles, Gini and S80/S20 from public bins, each with its bounds",
    needs=Needs(
        terms=TERMS,
        measures=tuple(term.id for term in TERMS),
        part=2**53 - 1,
        parameters=("edges",),
        noise=False,
        numbers=("y",),
    ),
    promises=(
        "the edges of the bins are public and the study's; none is found in data",
        "what bins do not tell is not made up: a quantile stands beside the edges that enclose it, Gini and S80/S20 "
        "between the least and the largest that any persons of these bins can have",
        "no minimum, maximum or exact quantile leaves a member",
    ),
    bounds=Bounds(cells=100_000, touched=1),
    decimals=(*OF_BIN, *OF_WHOLE),
    citations=(
        "Gastwirth, J. L. (1972), The estimation of the Lorenz curve and Gini index, Review of Economics and "
        "Statistics 54, 306-316: bounds of a grouped Gini index",
        "Kakwani, N. C. (1980), Income Inequality and Poverty, ch. 6: inequality from grouped observations",
        "Eurostat, EU statistics on income and living conditions methodology: S80/S20 and quantiles",
    ),
    assumptions=(
        "a number below the first edge or above the last one counts in the outermost bin: then bounds hold for the "
        "number as cut to the edge",
        "quantiles are interpolated as if the persons of a bin were spread evenly over it",
        "sampling errors are not known: the bounds are of what the persons asked have, weighted",
        "noise moves shares by their linearisation; it is not in the bounds, and a bin that noise left without weight "
        "counts as empty, a mean outside of its bin as the nearer edge",
    ),
    rests=("comity.model.decimals", "comity.model.sums"),
)

METHOD: Final = Method(card=CARD, contribute=contribute, finish=finish)
