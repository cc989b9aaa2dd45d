"""A tenant written down: the settings, roles and clients that a file owns.

The file says what shall be; `reconciling` compares it with what is. It holds no secrets, so that it
can be kept beside the code of an application.
"""

from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from app.directory import settings_store
from app.directory.errors import Refused
from app.directory.settings_store import BadSettings
from app.directory.wrong_values import sentence_of

LARGEST = 1_000_000
"""Bytes of a file."""

ClientId = Annotated[str, StringConstraints(pattern=r"^cli_[0-9a-z_]{1,60}$")]
RoleKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class BadFile(Refused):
    """The file describes no tenant; `problems` says why, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileRole(_Part):
    """A role of the tenant."""

    key: RoleKey
    name: Name
    mfa_required: bool = False


class FileClient(_Part):
    """A client, under an id that the file chooses. What is left out has its default."""

    id: ClientId
    name: Name
    kind: Literal["web", "spa", "native"] = "web"
    redirect_uris: list[str] = []
    post_logout_redirect_uris: list[str] = []
    origins: list[str] = []
    scopes: list[str] | None = None
    grant_types: list[str] | None = None
    is_first_party: bool = True
    home_url: str | None = None
    logo_url: str | None = None
    policy_url: str | None = None
    terms_url: str | None = None
    requires_pkce: bool = True
    id_token_alg: Literal["RS256", "ES256", "EdDSA"] = "RS256"  # noqa: S105
    access_token_format: Literal["jwt", "opaque"] = "jwt"  # noqa: S105

    def registration(self) -> dict[str, Any]:
        """What the directory is told of it, beside id, name and kind."""
        told = self.model_dump(exclude={"id", "name", "kind"})
        return {name: value for name, value in told.items() if value is not None or "url" in name}


class TenantFile(_Part):
    """What the file says."""

    version: Literal[1]
    tenant: str
    """The slug."""
    settings: dict[str, dict[str, Any]] = {}
    """Section -> its members; what is left out has its default."""
    roles: Annotated[list[FileRole], Field(max_length=200)] = []
    clients: Annotated[list[FileClient], Field(max_length=1_000)] = []


def read(text: str) -> TenantFile:
    """The tenant that a YAML text describes, each section of it checked; raises `BadFile`."""
    if len(text.encode()) > LARGEST:
        raise BadFile(["The file is larger than 1 MB."])
    try:
        found = TenantFile.model_validate(yaml.load(text, Loader=_Plain))  # noqa: S506 (safer yet)
    except yaml.YAMLError as error:
        raise BadFile([f"This is not YAML: {_first_line(error)}"]) from None
    except ValidationError as error:
        raise BadFile([_told(each["loc"], sentence_of(each)) for each in error.errors()]) from None
    problems = [problem for name in found.settings for problem in _problems_of(name, found)]
    problems += _named_twice("roles", [role.key for role in found.roles])
    problems += _named_twice("clients", [client.id for client in found.clients])
    if problems:
        raise BadFile(problems)
    return found


def write(file: TenantFile) -> str:
    """The same as YAML, members in the order of this module."""
    document = file.model_dump(mode="json", exclude_defaults=True) | {"version": 1}
    ordered = {name: document[name] for name in TenantFile.model_fields if name in document}
    return str(yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=100))


class _Plain(yaml.SafeLoader):
    """Values alone: no tags, and no aliases, by which a short file can say a long one."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """A node; raises `YAMLError` for an alias."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not taken")
        return super().compose_node(parent, index)


def _problems_of(section: str, file: TenantFile) -> list[str]:
    try:
        settings_store.parse(section, file.settings[section])
    except BadSettings as refusal:
        return [f"settings.{section}: {problem}" for problem in refusal.problems]
    return []


def _named_twice(part: str, names: list[str]) -> list[str]:
    return [
        f"{part}: {name} stands there twice." for name in sorted({*names}) if names.count(name) > 1
    ]


def _told(place: tuple[int | str, ...], sentence: str) -> str:
    return f"{'.'.join(map(str, place)) or 'file'}: {sentence}"


def _first_line(error: yaml.YAMLError) -> str:
    return " ".join(str(error).split())[:200]
