"""The buttons that lead to providers."""

from app.directory import connections
from app.directory.connections import Connection
from app.flow.run import Run
from app.flow.screen import Action, Text

CONNECT = "connect:"
"""What the action of such a button begins with; the connection's id follows."""


def button(connection: Connection) -> Action:
    """The button of one connection."""
    words = "action.continue_with" if connection.is_social else "action.continue_to"
    return Action(
        f"{CONNECT}{connection.id}",
        Text(words, {"name": connection.name}),
        "secondary",
        sends_fields=False,
        provider=connection.provider,
    )


def social(run: Run) -> tuple[Action, ...]:
    """A button for each provider that everybody may use; none where access is recovered."""
    if run.flow.kind == "recover":
        return ()
    return tuple(button(each) for each in connections.usable(run.tenant.id) if each.is_social)
