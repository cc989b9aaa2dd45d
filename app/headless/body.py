"""The bodies that the headless API takes."""

import json
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from app.headless.problems import problem
from app.json_body import read_json

Short = Annotated[str, StringConstraints(max_length=2_048)]
Body = TypeVar("Body", bound=BaseModel)


class InvitationLink(BaseModel):
    """What the link of an invitation carries."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Short = Field(description="The `invitation` of the link")
    token: Short = Field(description="The `token` of the link")


class Start(BaseModel):
    """Starts a flow."""

    model_config = ConfigDict(extra="forbid", strict=True)

    authorize: dict[str, Annotated[str, StringConstraints(max_length=8_192)]] = Field(
        description="The parameters of the authorization request (RFC 6749, section 4.1.1)"
    )
    kind: Literal["sign_in", "sign_up", "recover"] | None = Field(
        None, description="Which flow; by default what `prompt` asks for"
    )
    response: Literal["go_to", "code"] = Field(
        "go_to", description="`code` gives a native client the code as JSON, without a session"
    )
    anonymous: bool = Field(
        False, description="Make a user who has not said who they are, and finish at once"
    )
    anonymous_token: Annotated[str, StringConstraints(max_length=8_192)] | None = Field(
        None, description="Access token of the anonymous user who signs up or in here"
    )
    invitation: InvitationLink | None = Field(
        None, description="Accept this invitation when the flow finishes"
    )


class TakeOver(BaseModel):
    """Goes on with a flow that the authorization endpoint sent to the client's own UI."""

    model_config = ConfigDict(extra="forbid", strict=True)

    request: Annotated[str, StringConstraints(max_length=8_192)] | None = Field(
        None, description="The `request` parameter that came with the redirect, if one did"
    )


class Answer(BaseModel):
    """One action, with the fields of the screen beside it."""

    model_config = ConfigDict(extra="allow", strict=True)
    __pydantic_extra__: dict[str, Short] = Field(init=False)

    action: Annotated[str, StringConstraints(max_length=64)] = "continue"
    screen: Short | None = Field(
        None, description="Name of the screen that is answered; if the flow left it, it says where"
    )
    metadata: dict[str, Any] | None = Field(
        None, description="At sign-up: the user's public metadata"
    )
    credential: Annotated[str, StringConstraints(max_length=16_384)] | None = Field(
        None, description="JSON text of what `PublicKeyCredential.toJSON()` gives"
    )

    def answers(self) -> dict[str, str]:
        """The fields as the engine takes them."""
        fields = dict(self.__pydantic_extra__ or {})
        if self.credential is not None:
            fields["credential"] = self.credential
        if self.metadata is not None:
            fields["metadata"] = json.dumps(self.metadata)
        return fields


class ConfirmLink(BaseModel):
    """Confirms a mailed link for the flow that it was mailed for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    flow_id: Short = Field(description="The `flow` of the link")
    token: Short = Field(description="The `token` of the link")
    number: Short = Field(description="The two digits that stand where the flow began")


def read(model: type[Body]) -> Body:
    """The body of the current request as `model`; raises `Problem`."""
    try:
        return model.model_validate(read_json())
    except ValidationError as error:
        fields = {".".join(map(str, each["loc"])): each["msg"] for each in error.errors()}
        raise problem("invalid_request", errors=fields) from None
