"""Statistical disclosure control of a member's own table: which cells may be published. Adds no noise.

Primary suppression by a threshold rule: a cell of 1 to threshold - 1 contributors is not shown. Zeros are shown as
true zeros, so that nobody of the table stands in such a cell is told; this rule does not treat that. A cell of persons
none of whom contributes (all weigh nothing) is no zero, and not shown. No total is published with the table, but a
total may be known from elsewhere, and would give a lone suppressed cell away. Therefore a cell is never suppressed
alone: its smallest neighbour in the table goes with it.

Complementary suppression against linked tables, hierarchies and published margins, with an audit of the intervals, is
a later method; so are dominance rules. Until then a member publishes nothing but this one table of a source and
period. Source: Hundepool et al. (2012), Statistical Disclosure Control, chapter 5, frequency tables.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import ConfigError
from comity.model.cube import STATUS, Cube

SUPPRESSED: Final = STATUS.index("Q")


def threshold(policy: int, norm: int) -> int:
    """The threshold that counts: the member's own, or the norm's where that asks more."""
    return max(policy, norm)


def suppress(cube: Cube, threshold: int) -> Cube:
    """The cube that may be published; cells that may not are status Q and empty in every array.

    A cell is one key of the layout, with all its measures; its contributors are the most of any measure. A lone
    suppressed cell takes the cell with the fewest contributors above zero with it, the first of equals. Where there is
    no such cell, all persons of the table stand in one small cell, and the zeros would tell in which: then the whole
    table is suppressed.

    Raises:
        ConfigError: a threshold below 1.
    """
    if threshold < 1:
        raise ConfigError("no threshold", where="threshold", found=str(threshold), wanted="1 or more")
    shape = (len(cube.layout.measures), cube.layout.cells)
    contributors = cube.contributors.reshape(shape).max(axis=0)
    peopled = (contributors > 0) | (cube.values.reshape(shape) != 0).any(axis=0)
    hidden = peopled & (contributors < threshold)
    if hidden.sum() == 1:
        others = np.flatnonzero(peopled & ~hidden)
        if others.size:
            hidden[others[np.argmin(contributors[others])]] = True
        else:
            hidden[:] = True
    hide = np.tile(hidden, shape[0])
    return Cube(
        layout=cube.layout,
        values=np.where(hide, 0, cube.values).astype("<i8"),
        sampling=np.where(hide, 0.0, cube.sampling).astype("<f8"),
        noise=np.where(hide, 0.0, cube.noise).astype("<f8"),
        status=np.where(hide, SUPPRESSED, cube.status).astype("u1"),
        contributors=np.where(hide, 0, cube.contributors).astype("<i4"),
        salt=cube.salt,
    )


def withheld(cube: Cube, threshold: int) -> NDArray[np.int64]:
    """1 for each of `layout.cells` cells that a sum without noise may not have from this member, 0 for the others.

    They are the ones that its own table would hide, so that no sum tells what a table does not (SEAL, Protect, then
    seal).
    """
    hidden = suppress(cube, threshold).status[: cube.layout.cells] == SUPPRESSED
    return np.asarray(hidden, "<i8")
