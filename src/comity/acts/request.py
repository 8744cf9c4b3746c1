"""A signed request to the hub that is no statement: for the boxes addressed to its signer. Never a leaf.

Boxes are those of one exchange, or of one estimate: the draft for its country, a counter-value for its custodian.
"""

from dataclasses import dataclass

from comity.acts.refs import Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The payload of a DSSE envelope of type `dsse.REQUEST`."""

    actor: str
    exchange: int  # leaf index of `exchange/opened`, or of `estimate/proposed`
    head: Head
    origin: str
