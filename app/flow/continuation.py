"""What a flow completes, as a typed value; the edge maps it to the completion."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Authorize(BaseModel):
    """An authorization request, with its parameters as they came."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["authorize"] = "authorize"
    payload: dict[str, str]
    answer_as: Literal["go_to", "code"] = "go_to"
    """Headless only: `code` hands the code to a native client, without a session."""
    browser: str | None = None
    """The browser in which a headless flow must end, when it began in one."""


class Account(BaseModel):
    """A page of AuthPage itself, by its path below the tenant's base URL."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["account"] = "account"
    path: str = "/account"


Continuation = Annotated[Authorize | Account, Field(discriminator="kind")]
continuations: TypeAdapter[Authorize | Account] = TypeAdapter(Continuation)
