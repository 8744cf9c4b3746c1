"""The card of `aggregate/1`: a regional value from the members' own figures and public weights."""

from typing import Final

from comity.methods.aggregate.contribute import contribute
from comity.methods.aggregate.finish import finish
from comity.methods.aggregate.measures import COVERAGE, DISPERSION, MEMBERS, TERMS, VALUE
from comity.methods.card import Bounds, Card, Method, Needs

CARD: Final = Card(
    name="aggregate",
    version="1",
    title="Regional value of figures that members have: weighted mean, coverage, spread between members",
    needs=Needs(
        terms=TERMS,
        measures=tuple(term.id for term in TERMS),
        part=2**53 - 1,
        parameters=("weights", "least_coverage"),
        noise=False,
        numbers=("v",),
    ),
    promises=(
        "every member weighs what the adopted study says, and nothing else",
        "a member without a figure is left out of value and coverage: nothing is imputed",
        "below the least coverage no value is published: status M",
    ),
    bounds=Bounds(cells=100_000, touched=0),
    decimals=(MEMBERS, VALUE, COVERAGE, DISPERSION),
    citations=(
        "United Nations Statistics Division, SDG indicator metadata, section 4.g: regional aggregations as weighted "
        "averages, with a minimum share of the population that countries with data cover",
    ),
    assumptions=(
        "the privacy unit is the member: what is added are figures, not persons, and thresholds on persons are kept "
        "where these figures were made",
        "the members' figures are taken as they are: their own errors are unknown here, and no sampling error is given",
    ),
    rests=("comity.model.decimals", "comity.model.sums"),
)

METHOD: Final = Method(card=CARD, contribute=contribute, finish=finish)
