"""A norm: how something is measured, as one bundle with a digest. In force only by the members' decision.

The noun that every room uses, out of `model.bundle`, where its parts, its folder and its versions have a file each.
Says nothing about any member's data.
"""

from comity.model.bundle.faults import faults
from comity.model.bundle.folder import read, write
from comity.model.bundle.norm import Norm
from comity.model.bundle.parts import Authority, Protection, Variable
from comity.model.structure import Code, Codelist, Dimension, Measure, Structure

__all__ = [
    "Authority",
    "Code",
    "Codelist",
    "Dimension",
    "Measure",
    "Norm",
    "Protection",
    "Structure",
    "Variable",
    "faults",
    "read",
    "write",
]
