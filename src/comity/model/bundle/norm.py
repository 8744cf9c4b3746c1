"""The bundle that is voted on: everything that a norm says, as one record with one digest.

Its folder is read and written by `bundle.folder`; what contradicts itself is found by `bundle.faults`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from comity import canon
from comity.canon import Digest
from comity.errors import FormatError
from comity.model.bundle.parts import Authority, Counting, Mapped, Protection, Question, Rule, Texts, Variable
from comity.model.structure import Structure


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """How something is measured.

    contact: the office that answers for it, never a person.
    metadata: concept of the SDG metadata structure, such as COLL_METHOD -> language -> text.
    map_from_previous: what became of the codes of the version that it replaces.
    """

    id: str
    version: str  # semantic version
    title: str
    goal: str
    related: bool  # related to the goal, not an indicator of it
    authority: Authority
    replaces: str | None = None  # id/version
    contact: str = ""
    structure: Structure
    variables: tuple[Variable, ...]
    unit: str  # id of the variable that names the privacy unit
    period: str  # id of the variable that names the period
    protection: Protection
    method: Counting | None = None
    questions: tuple[Question, ...] = ()
    rules: tuple[Rule, ...] = ()
    metadata: dict[str, Texts] = field(default_factory=dict)
    map_from_previous: tuple[Mapped, ...] = ()
    disclaimer: str

    @property
    def digest(self) -> Digest:
        """What motions and studies name."""
        return canon.digest(canon.encode(self))

    @property
    def name(self) -> str:
        """Its id and version, as people and other norms call it."""
        return f"{self.id}/{self.version}"

    def parts(self) -> Iterator[str]:
        """What a member may keep apart from when it applies the norm: `kind:id`, such as `question:Q7`."""
        structure = self.structure
        yield from (f"dimension:{dimension.id}" for dimension in structure.dimensions)
        yield from (f"measure:{measure.id}" for measure in structure.measures)
        yield from (f"code:{listed.id}.{code.id}" for listed in structure.codelists for code in listed.codes)
        yield from (f"variable:{variable.id}" for variable in self.variables)
        yield from (f"question:{question.id}" for question in self.questions)
        yield from (f"rule:{rule.id}" for rule in self.rules)
        yield from (f"metadata:{concept}" for concept in self.metadata)
        yield from (f"protection:{name}" for name in ("unit", "cells", "threshold"))
        if self.method is not None:
            yield "method:" + self.method.name

    def variable(self, id: str) -> Variable:
        """A variable by id."""
        for variable in self.variables:
            if variable.id == id:
                return variable
        raise FormatError("no such variable", where=self.id, found=id, wanted=", ".join(v.id for v in self.variables))

    def filling(self, dimension: str) -> Variable:
        """The variable that fills a dimension; FormatError if there is not exactly one."""
        found = [variable for variable in self.variables if variable.concept == dimension]
        if len(found) != 1:
            raise FormatError(
                "a dimension needs exactly one variable of its concept",
                where=f"{self.id}: {dimension}",
                found=", ".join(v.id for v in found),
            )
        return found[0]
