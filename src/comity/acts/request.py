"""A signed request to the hub that is no statement: for the boxes addressed to its signer. Never a leaf."""

from dataclasses import dataclass

from comity.acts.refs import Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The payload of a DSSE envelope of type `dsse.REQUEST`."""

    actor: str
    exchange: int  # leaf index of `exchange/opened`
    head: Head
    origin: str
