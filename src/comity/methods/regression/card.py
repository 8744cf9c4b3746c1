"""The card of `regression/1`: weighted least squares from sums of products."""

from typing import Final

from comity.methods.card import Bounds, Card, Method, Needs
from comity.methods.regression.contribute import contribute
from comity.methods.regression.finish import finish
from comity.methods.regression.measures import COEFFICIENT, COUNT, COVARIATES, OUTCOME, R2, RESIDUAL, TERMS

CARD: Final = Card(
    name="regression",
    version="1",
    title="Weighted least squares of a number on up to ten others",
    needs=Needs(
        terms=TERMS,
        measures=tuple(term.id for term in TERMS),
        part=2**53 - 1,
        parameters=(),
        noise=False,
        numbers=(OUTCOME, *COVARIATES),
        optional=COVARIATES[1:],
    ),
    promises=(
        "coefficients are those of all members' persons together, to the last digit: nothing is iterated",
        "normal equations are solved in fractions; a covariate that the others nearly determine gives no coefficients",
        "numbers are cut to the bounds that the norm gives their variables before they are multiplied",
    ),
    bounds=Bounds(cells=78, touched=0),
    decimals=(COUNT, COEFFICIENT, R2, RESIDUAL),
    citations=(
        "Draper, N. R., Smith, H. (1998), Applied Regression Analysis, 3rd ed., ch. 5 and 9.2: weighted least squares",
        "Longley, J. W. (1967), Journal of the American Statistical Association 62, 819-841; certified values: NIST "
        "Statistical Reference Datasets, https://www.itl.nist.gov/div898/strd/lls/data/Longley.shtml",
    ),
    assumptions=(
        "errors have one variance and are independent; weights are of the analysis, scaled to the number of persons. "
        "Standard errors do not know strata, clusters, or why weights differ",
        "a covariate with a variance inflation factor above 10^6 is as good as determined by the others",
        "noise moves a coefficient by its linearisation; R2 and the residual's spread have no noise error",
    ),
    rests=("comity.model.decimals", "comity.model.sums"),
)

METHOD: Final = Method(card=CARD, contribute=contribute, finish=finish)
