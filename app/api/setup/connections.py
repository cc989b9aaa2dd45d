"""Connecting the provider, and trying the connection out."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from app import language
from app.api.setup.door import Body, operation
from app.api.setup.problems import problem
from app.api.setup.shapes import ConnectionShown, FindingShown, say
from app.setup import connecting, trial
from app.setup.access import Access
from app.setup.connecting import Place

_Value = Annotated[str, StringConstraints(max_length=60_000)]


class Chosen(Body):
    """A provider by its key."""

    provider: str


class Entered(Body):
    """What was fetched at the provider, by field. An empty secret keeps the one that is stored."""

    values: dict[str, _Value]
    name: Annotated[str, StringConstraints(max_length=200)] = Field(
        default="", description="What people see on the button"
    )


class Status(Body):
    """Whether people may sign in by it."""

    status: Literal["active", "disabled"]


class Test(BaseModel):
    """Where the admin's browser must go. It ends on a page that says to come back."""

    go_to: str
    form: dict[str, str] | None = Field(description="To be posted there; null: a plain link")


class Findings(BaseModel):
    """Newest first."""

    findings: list[FindingShown]


_SAVING = ("bad_value", "metadata_unusable", "metadata_away")


def shown(found: Access, where: Place) -> ConnectionShown:
    """A place as JSON."""
    theirs = connecting.their_values(where)
    return ConnectionShown(
        id=where.id,
        provider=where.guide.key,
        protocol=where.guide.protocol,
        name=where.name,
        status=where.connection.status if where.connection else "begun",
        is_tested=where.is_tested,
        ours=connecting.our_values(found, where),
        theirs={name: value for name, value in theirs.items() if value},
    )


@operation(
    "POST",
    "/connections",
    "Begin with a provider: its place has the values to enter there",
    takes=Chosen,
    answers=ConnectionShown,
    status=201,
    codes=("not_found",),
)
def choose_provider(found: Access, body: Chosen) -> ConnectionShown:
    """Nobody can sign in by it yet."""
    connection_id = connecting.choose(found, body.provider)
    return shown(found, connecting.place(found, connection_id))


@operation("GET", "/connections/{connection_id}", "One connection", answers=ConnectionShown)
def get_connection(found: Access, connection_id: str) -> ConnectionShown:
    """Without its secret."""
    return shown(found, connecting.place(found, connection_id))


@operation(
    "PUT",
    "/connections/{connection_id}",
    "Enter what the provider gave",
    takes=Entered,
    answers=ConnectionShown,
    codes=_SAVING,
)
def save_connection(found: Access, body: Entered, connection_id: str) -> ConnectionShown:
    """A new one is a draft; what is there keeps its status."""
    where = connecting.place(found, connection_id)
    connecting.save(found, where, {**body.values, "name": body.name})
    return shown(found, connecting.place(found, connection_id))


@operation("DELETE", "/connections/{connection_id}", "Give up what was begun only")
def drop_connection(found: Access, connection_id: str) -> None:
    """A connection that is there already is deactivated instead."""
    connecting.drop(found, connection_id)


@operation(
    "PUT",
    "/connections/{connection_id}/status",
    "Let people sign in by it, or no more",
    takes=Status,
    answers=ConnectionShown,
    codes=("bad_value", "no_domain", "not_tested"),
)
def set_connection_status(found: Access, body: Status, connection_id: str) -> ConnectionShown:
    """Counts at once."""
    connecting.set_status(found, connection_id, body.status)
    return shown(found, connecting.place(found, connection_id))


@operation(
    "POST",
    "/connections/{connection_id}/tests",
    "Begin a test sign-in",
    answers=Test,
    status=201,
    codes=("provider_away",),
)
def begin_test(found: Access, connection_id: str) -> Test:
    """A real way to the provider and back, which signs nobody in."""
    asked = trial.begin(found, connection_id, language.current_locale())
    if asked is None:
        raise problem("provider_away")
    return Test(go_to=asked.url, form=dict(asked.form) if asked.form is not None else None)


@operation(
    "GET",
    "/connections/{connection_id}/reports",
    "What arrived lately, what was wrong, what to do",
    answers=Findings,
)
def list_reports(found: Access, connection_id: str) -> Findings:
    """Tests and sign-ins that failed, secrets masked."""
    return Findings(
        findings=[
            FindingShown(
                id=each.report.id,
                at=each.report.created_at,
                is_test=each.report.is_test,
                diagnosis=each.report.diagnosis,
                check=say(each.check),
                fix=say(each.fix) if each.fix else None,
                arrived=each.report.arrived,
            )
            for each in trial.findings(found, connection_id)
        ]
    )
