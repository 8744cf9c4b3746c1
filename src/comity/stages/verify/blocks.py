"""`blocks.json` of a raster study, held against the table that the log names: whole numbers, added up again."""

from comity import canon
from comity.assembly.facts import ConsentFacts
from comity.errors import ComityError
from comity.model.norm import Norm
from comity.model.study import Study
from comity.stages import grounds, layers
from comity.stages.publish import folder
from comity.stages.table import Table
from comity.stages.verify.reading import Folder
from comity.stages.verify.report import Claim, no, yes


def claim(files: Folder, study: Study, given: ConsentFacts, table: Table) -> Claim:
    """The parts of all blocks add up to the table, exactly; and which files they say they were computed from:
    those that study and binding ask for.

    The rasters are not here: whether a part is what they give is computed by `comity reproduce --inputs`.
    """
    try:
        found = grounds.read(*grounds.of(files.files, *folder.GROUNDS), study=study, given=given, table=table)
        norm = canon.decode(files.blob(study.norm), Norm, where="norm")
        layers.released(study, norm, found.binding, found.blocks, zones=found.zones)
    except ComityError as e:
        return no("blocks", str(e))
    made = found.blocks
    sample = f"; {len(made.fixed)} numbers of its sample are its word alone here" if made.fixed else ""
    inputs = ", ".join(f"{one.layer} ({one.product or one.name}, {one.digest})" for one in made.inputs)
    parts = f"{len(made.parts)} blocks of {made.grid.width} x {made.grid.height} cells add up to the table"
    return yes("blocks", f"{parts}; by {given.member}'s word from {len(made.inputs)} files: {inputs}{sample}")
