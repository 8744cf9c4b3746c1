"""`comity assembly hubs`: where the log was kept, from which leaf on, and by whose decision."""

from typing import TYPE_CHECKING, Any

from comity.cli import options, show

if TYPE_CHECKING:
    from comity.assembly.state import State


def hubs(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Every hub that kept the log: its name for it, from which leaf on, at which motion; and one that is chosen.

    A statement names the log as it was called at its leaf; a checkpoint bears the name and key that stood at its size.

    Example: `comity assembly hubs --hub https://hub.example.org`
    """
    with options.reading(hub, home, charter) as reading:
        rows = list(_rows(reading.log.state))
    show.rows(rows, ("since", "origin", "motion", "address"), as_json=as_json, none="The log has no charter yet.")


def _rows(state: "State") -> "list[dict[str, Any]]":
    from comity.assembly import hosts, witnesses

    rows: list[dict[str, Any]] = [{"since": 0, "origin": hosts.origin_at(state, 0), "motion": None, "address": None}]
    for change in state.successions:
        terms = state.motions[change.motion.index].terms
        address = terms.hub.hub.address if terms and terms.hub else None
        rows.append(
            {"since": change.ref.index, "origin": change.after, "motion": change.motion.index, "address": address}
        )
    rows[-1]["address"] = witnesses.charter_of(state).hub.address
    chosen = hosts.awaited(state)
    if chosen is not None:
        host = chosen.host
        rows.append(
            {
                "since": None,
                "origin": host.origin,
                "motion": chosen.motion.index,
                "address": f"{host.hub.address} (chosen, has not begun)",
            }
        )
    return rows
