"""The card of `mountain_green/1`: the Mountain Green Cover Index, sub-indicator 15.4.2 a, by zone and belt."""

from typing import Final

from comity.methods.card import Bounds, Card, Method, Needs
from comity.methods.mountain_green.contribute import contribute, sampled
from comity.methods.mountain_green.finish import finish
from comity.methods.mountain_green.measures import AREA, ESTIMATE, GIVEN, MAPPED, MGCI, POINTS
from comity.model.regions import BOUNDARIES

CARD: Final = Card(
    name="mountain_green",
    version="1",
    title="Mountain Green Cover Index (15.4.2 a) by zone and bioclimatic belt, and what a reference sample makes of it",
    needs=Needs(measures=GIVEN, part=10**15, parameters=("product", BOUNDARIES), noise=False, data="rasters"),
    promises=(
        "each grid cell counts with its area on the ellipsoid and the exact part of it that lies in a zone",
        "green is what the ten classes of 15.4.2 say: croplands, grassland, trees, shrubs, flooded vegetation",
        "an index that no reference sample covers is called unvalidated: status V",
        "a belt without green has index 0; only a belt without mountain is blank",
        "the grid is never coarsened, and the index of the map alone is always published",
    ),
    bounds=Bounds(cells=1_000_000, touched=1),
    decimals=(AREA, MGCI, MAPPED, ESTIMATE, POINTS),
    citations=(
        "FAO, SDG indicator metadata 15.4.2, sub-indicator a: MGCI = 100 x green mountain area / mountain area; the "
        "ten classes of land cover are after the SEEA Central Framework",
        "Kapos, V., Rhind, J., Edwards, M., Price, M. F., Ravilious, C. (2000), Developing a map of the world's "
        "mountain forests: what is a mountain",
        "Koerner, C., Paulsen, J., Spehn, E. M. (2011), A definition of mountains and their bioclimatic belts for "
        "global comparisons of biodiversity data, Alpine Botany 121, 73-78",
        "Olofsson, P., Foody, G. M., Herold, M., Stehman, S. V., Woodcock, C. E., Wulder, M. A. (2014), Good practices "
        "for estimating area and assessing accuracy of land change, Remote Sensing of Environment 148, 42-57, eq. 9-11",
    ),
    assumptions=(
        "mountains and their belts are as the map of belts says, without error; no belt is no mountain",
        "mountain without a class of land cover (no data) is not counted",
        "reference points are a random sample within each class of the map in each zone and belt, each square metre "
        "with the same chance (cells of a geographic grid have not), and are interpreted independently of the map",
        "classes of the map with fewer than two points may hold a hundredth of a belt's area, and are taken as mapped, "
        "outside of any standard error; beyond that the belt has no estimate",
    ),
    rests=("comity.model.decimals", "comity.model.regions", "comity.model.strata"),
)

METHOD: Final = Method(card=CARD, contribute=contribute, finish=finish, sampled=sampled)
