"""What the member's side reads, and what it asks its node to do: the types of `stages.answer`, without any behaviour.

`answer.next` is a pure function of a `Home`; it returns effects. The node carries them out in order, each durable
before the following one, reads the log again, and calls `next` with a new `Home`, until the effects end with `Wait`
(nothing by time before that; a new leaf may change it) or are empty (nothing more will come of this study and period).
Every effect may be carried out twice: what was asked before a crash is asked again, with the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from comity.acts.refs import Ref
from comity.acts.statement import Body
from comity.assembly.state import State
from comity.canon import Digest
from comity.model.cube import Cube
from comity.model.extract import Basis
from comity.model.policy import Policy
from comity.model.protection import Way
from comity.model.reason import Reason
from comity.model.study import Study

Memory = Mapping[str, bytes]
"""What seal.db holds of one (study, period): name -> bytes. A name that belongs to one attempt begins with its number,
"1/root"; so what an earlier attempt left behind is seen, and deleted, without being asked for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """A member's own table, at home.

    values: `layout.length` whole numbers, measure-major, before the noise of the sum; of a sum without noise those of
        the cells that the member's own table would show, and 0.
    national: the member's own table as it may be shown, but for its salt, and for the noise of each of its cells where
        it is protected by noise; None where none is asked.
    way: in which that is protected; what was made for one way is never shown by another.
    withheld: only for a study without noise: 1 for each of `layout.cells` cells that the member's own rules withhold.
    released: what is to be remembered of the table once it, or a sum without noise, is said; b"" for nothing.
    basis: what it was counted from, for the record that stays at home.
    """

    values: NDArray[np.int64]
    basis: Basis
    national: Cube | None = None
    withheld: NDArray[np.int64] | None = None
    released: bytes = field(default=b"", repr=False)
    way: Way = "suppression"


class Decision(Protocol):
    """What `stages.consent` decided: yes, or every reason against; or neither, while an officer has not answered."""

    @property
    def consents(self) -> bool: ...

    @property
    def reasons(self) -> tuple[Reason, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Home:
    """All that the decision rests on.

    state: the log up to a checkpoint under the quorum that the policy asks, every leaf read.
    now: this machine's clock, POSIX seconds.
    memory: what seal.db holds of this study and period.
    decision: None while nobody decided (an officer who did not approve): nothing is said then. Used only while there
        is neither consent nor refusal in the log.
    boxes: the answer to `Fetch`; counted: the answer to `Count`; None until asked for.
    spent: the ledger refused the last `Charge`.
    rasters: the study asks for areas, not for persons: the own table is all that is answered, and it is not salted.
    touched: cells of an own table that one person may stand in, as the norm says; 0: not known, so all of them.
    alone: whether a threshold protects an own table of this study; if not, none is consented to.
    kin: studies on the same data (norm), for the roster rule of studies without noise; None: not known, so every
        study counts as one of them.
    """

    member: str
    state: State
    now: int
    memory: Memory
    study: Study
    period: str
    decision: Decision | None
    policy: Policy
    binding: Digest
    counted: Counted | None = None
    boxes: tuple[bytes, ...] | None = None
    spent: bool = False
    rasters: bool = False
    touched: int = 0
    alone: bool = True
    kin: frozenset[Digest] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """One durable transaction in seal.db: write `put`, delete `drop` (overwritten, where the disk allows it)."""

    put: Memory = field(default_factory=dict, repr=False)
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """The record of an extract, durable at home before its commitment is said; kept for good, and never sent."""

    record: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remember:
    """The table that was decided on, true values and what is shown of them, durable at home before it is said.

    Every later table of the same people is protected together with it. Never sent.
    """

    released: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Durable in ledger.db before anything is drawn; idempotent by key.

    If it does not fit, the node calls `next` again with `spent`. epsilon, delta, rho, made: as in `budget.Cost`.
    """

    key: str
    study: Digest
    period: str
    epsilon: str
    delta: str
    rho: str = ""
    made: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Sign and post. Asked again until the state shows it: the node keeps the signed leaf and posts the same one."""

    body: Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Write to the egress journal, then put at the hub. Named by the member's own statement."""

    named_by: Ref
    bodies: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """Get the boxes addressed to this member (order: `seal.round.parcel`), then call `next` with `boxes`."""

    exchange: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Run the plan at home, then call `next` with `counted`.

    table: with what may be shown of it, which may take a while, so that the node may do other things meanwhile; a sum
        with noise needs none of it.
    """

    table: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nothing by time before this second."""

    until: int


Effect = Keep | Commit | Remember | Charge | Say | Send | Fetch | Count | Wait
