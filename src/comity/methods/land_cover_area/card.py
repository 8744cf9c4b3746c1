"""The card of `land_cover_area/1`: area by class of a map and zone, at one date or two."""

from typing import Final

from comity.methods.card import Bounds, Card, Method, Needs
from comity.methods.land_cover_area.contribute import contribute, sampled
from comity.methods.land_cover_area.finish import finish
from comity.methods.land_cover_area.measures import (
    ADJUSTED,
    ADJUSTED_CHANGE,
    AREA,
    CHANGE,
    GIVEN,
    POINTS,
    RATE,
    SHARE,
)
from comity.model.regions import BOUNDARIES

CARD: Final = Card(
    name="land_cover_area",
    version="1",
    title="Area by class of a map and zone, at one date or two, and what a reference sample makes of it",
    needs=Needs(measures=GIVEN, part=10**15, parameters=("from", "to", BOUNDARIES), noise=False, data="rasters"),
    promises=(
        "each grid cell counts with its area on the ellipsoid and the exact part of it that lies in a zone",
        "parts add up to their totals as published: areas are whole square metres",
        "a map's area is never called validated without a reference sample: status V",
        "a change between two products, or two versions of one, is marked as a break: status B",
        "a class that is not there has area 0; only what cannot exist is blank",
    ),
    bounds=Bounds(cells=1_000_000, touched=1),
    decimals=(AREA, SHARE, CHANGE, RATE, ADJUSTED, ADJUSTED_CHANGE, POINTS),
    citations=(
        "Olofsson, P., Foody, G. M., Herold, M., Stehman, S. V., Woodcock, C. E., Wulder, M. A. (2014), Good practices "
        "for estimating area and assessing accuracy of land change, Remote Sensing of Environment 148, 42-57, eq. 9-11",
        "Cochran, W. G. (1977), Sampling Techniques, 3rd ed., 5A.9: stratification after selection",
        "United Nations et al. (2014), System of Environmental-Economic Accounting 2012: Central Framework, 5.6: land "
        "cover accounts",
    ),
    assumptions=(
        "what is in no class at a date (no data) is not counted; shares are of the area that has a class",
        "reference points are a random sample within each class of the map in each zone, each square metre with the "
        "same chance (cells of a geographic grid have not), and are interpreted independently of the map",
        "classes of the map with fewer than two points in a zone may hold a hundredth of its area: they are in its "
        "sums as mapped, outside of any standard error, and have no estimate; beyond that the zone has none",
        "an error of several classes together is an upper bound",
    ),
    rests=("comity.model.decimals", "comity.model.regions", "comity.model.strata"),
)

METHOD: Final = Method(card=CARD, contribute=contribute, finish=finish, sampled=sampled)
