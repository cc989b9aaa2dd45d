"""What an authorization request still needs before it gets a code, each with its machine reason.

Pure: what is known comes in, what is missing comes out (OpenID Connect Core, sections 3.1.2.1,
3.1.2.3 and 3.1.2.6).
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from app import clock
from app.addresses import BadAddress, parse_email
from app.directory.organizations import MembershipView
from app.directory.sessions import LiveSession
from app.directory.settings import TenantSettings
from app.flow.asked import Asked
from app.oidc.authorization import AuthorizationRequest


class Missing(StrEnum):
    """What has to be asked; the value is the error that `prompt=none` gets instead."""

    LOGIN = "login_required"
    ACCOUNT = "account_selection_required"
    ORGANIZATION = "interaction_required"
    CONSENT = "consent_required"


@dataclass(frozen=True)
class Standing:
    """What is known of the person that a request would be answered for."""

    consented: frozenset[str] = frozenset()
    """Scopes that the person allowed this client before."""
    memberships: tuple[MembershipView, ...] = ()
    last_organization: str | None = None
    """Id of the organization that this session acted for last."""
    has_acted: bool = False
    """Whether this session acted for itself or an organization before."""


def choose_session(
    request: AuthorizationRequest, settings: TenantSettings, sessions: Collection[LiveSession]
) -> LiveSession | Missing:
    """The one session that may answer the request, or why there is none."""
    suitable = [each for each in sessions if _suits(request, each)]
    if not suitable or {"login", "create"} & {*request.prompts}:
        return Missing.LOGIN
    if "select_account" in request.prompts:
        return Missing.ACCOUNT
    named = request.subject is not None or request.login_hint is not None
    if len(suitable) > 1 and settings.accounts.chooser and not named:
        return Missing.ACCOUNT
    newest = suitable[0]
    return Missing.LOGIN if newest.auth_time < (fresh_after(request) or 0) else newest


def organization_of(
    request: AuthorizationRequest, settings: TenantSettings, standing: Standing
) -> str | Missing | None:
    """The id of the organization to act for, None for the person alone, or that one is missing."""
    memberships = standing.memberships
    if request.organization is not None:
        named = [m for m in memberships if request.organization in (m.organization_id, m.slug)]
        return named[0].organization_id if named else Missing.ORGANIZATION
    choice = settings.organizations.choice
    if choice == "off" or not (memberships or choice == "required"):
        return None
    if len(memberships) == 1:
        return memberships[0].organization_id
    if standing.last_organization in {m.organization_id for m in memberships}:
        return standing.last_organization
    alone = standing.has_acted and standing.last_organization is None and choice == "optional"
    return None if alone else Missing.ORGANIZATION


def missing(
    request: AuthorizationRequest, settings: TenantSettings, standing: Standing
) -> tuple[Missing, ...]:
    """What else must be asked of the person whose session was chosen; empty when nothing is."""
    found = []
    if isinstance(organization_of(request, settings, standing), Missing):
        found.append(Missing.ORGANIZATION)
    if needs_consent(request, standing.consented):
        found.append(Missing.CONSENT)
    return tuple(found)


def needs_consent(request: AuthorizationRequest, consented: frozenset[str]) -> bool:
    """Whether the person must be asked to allow the scopes."""
    if "consent" in request.prompts:
        return True
    if request.client.is_first_party:
        return False
    return not request.is_client_assured or not frozenset(request.scopes_to_allow) <= consented


def fresh_after(request: AuthorizationRequest) -> int | None:
    """From when on proofs count, in milliseconds, for a request that comes now; None: all do."""
    if {"login", "create"} & {*request.prompts}:
        return clock.now()
    return None if request.max_age is None else clock.now() - request.max_age * clock.SECOND


def asked(request: AuthorizationRequest) -> Asked:
    """What the flow that answers this request is asked to do."""
    always = "consent" in request.prompts
    return Asked(
        client_id=request.client.id,
        client_name=request.client.name,
        fresh_after=fresh_after(request),
        choose_account="select_account" in request.prompts,
        organization=request.organization,
        scopes=request.scopes_to_allow,
        third_party=always or not request.client.is_first_party,
        always_consent=always or not request.is_client_assured,
        login_hint=request.login_hint,
        ui_locales=request.ui_locales,
        subject=request.subject,
        acr=request.claims.acr or request.acr_values,
        essential_acr=bool(request.claims.acr),
    )


def flow_kind(request: AuthorizationRequest) -> Literal["sign_in", "sign_up"]:
    """Which flow the request starts: `prompt=create` asks for a new account."""
    return "sign_up" if "create" in request.prompts else "sign_in"


def _suits(request: AuthorizationRequest, session: LiveSession) -> bool:
    if request.claims.acr and session.acr not in request.claims.acr:
        return False
    if request.subject is not None:
        return session.user_id == request.subject
    return request.login_hint is None or _names(request.login_hint, session.email)


def _names(hint: str, email: str | None) -> bool:
    """Whether the hint is the address; a hint of another kind names nobody and excludes nobody."""
    try:
        wanted = parse_email(hint).key
    except BadAddress:
        return True
    try:
        return email is not None and parse_email(email).key == wanted
    except BadAddress:
        return False
