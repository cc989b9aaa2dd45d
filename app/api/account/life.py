"""`/activity`, `/export` and `/deletion`."""

from typing import Annotated

from pydantic import BaseModel, Field

from app import language
from app.account import activity, deletion, export
from app.account.activity import Happening as HappeningRow
from app.account.owner import Owner
from app.api.account.door import Query, Reply, operation
from app.api.account.shapes import Moment
from app.directory.errors import NotFound
from app.directory.listing import LARGEST
from app.text import translate


class PageAsked(Query):
    """Which page."""

    after: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="The `next_cursor` of the page before"
    )
    limit: Annotated[int, Field(ge=1, le=LARGEST)] = 50


class Happening(BaseModel):
    """One thing that happened."""

    id: str
    at: Moment
    event: str
    text: str = Field(description="In the language of the request")
    by: str = Field(description="`user`, `admin`, `client`, `cli` or `system`")
    software: str | None
    system: str | None
    address: str | None


class Activity(BaseModel):
    """What happened, newest first."""

    items: list[Happening]
    next_cursor: str | None


class Export(BaseModel):
    """All that is kept about the person; secrets are never in it."""

    data: dict[str, object]


class Deletion(BaseModel):
    """A deletion that was asked for."""

    due_at: Moment


@operation("GET", "/activity", "What happened lately", query=PageAsked, answers=Activity)
def list_activity(owner: Owner, page: PageAsked) -> Activity:
    """Sign-ins, changes and refusals."""
    found = activity.recent(owner, page.after, page.limit)
    shown = [_happening(owner, each) for each in found.items]
    return Activity(items=shown, next_cursor=found.next_cursor)


@operation("GET", "/export", "All data of the account", answers=Export, sensitive=True)
def export_account(owner: Owner) -> Reply:
    """One JSON document, to be kept."""
    headers = {"Content-Disposition": 'attachment; filename="account.json"'}
    return Reply(Export(data=export.of(owner)), headers)


@operation(
    "POST",
    "/deletion",
    "Ask for the account to be deleted",
    answers=Deletion,
    status=201,
    creates=True,
    sensitive=True,
)
def ask_deletion(owner: Owner) -> Deletion:
    """After the tenant's waiting time; until then it can be taken back."""
    return Deletion(due_at=deletion.ask(owner))


@operation("DELETE", "/deletion", "Keep the account after all", codes=("not_found",))
def cancel_deletion(owner: Owner) -> None:
    """404 where no deletion was asked for."""
    if not deletion.cancel(owner):
        raise NotFound("deletion")


def _happening(owner: Owner, each: HappeningRow) -> Happening:
    overrides = owner.tenant.settings.texts.overrides
    return Happening(
        id=each.id,
        at=each.at,
        event=each.event,
        text=translate(language.current_locale(), each.text_id, {}, overrides),
        by=each.by,
        software=each.software,
        system=each.system,
        address=each.address,
    )
