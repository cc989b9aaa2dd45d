"""What an authorization request still needs before it gets a code, each with its machine reason.

Pure: what is known comes in, what is missing comes out (OpenID Connect Core, sections 3.1.2.1,
3.1.2.3 and 3.1.2.6).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from app import clock
from app.addresses import BadAddress, parse_email
from app.directory import policy
from app.directory.memberships import MembershipView
from app.directory.sessions import LiveSession
from app.directory.settings import TenantSettings
from app.flow import assurance
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
    is_trusted: bool = False
    """Whether the browser is trusted not to need the person's second factor."""
    is_anonymous: bool = False
    """Whether it is a user who has not said who they are: nobody whom a second factor could
    protect, and no member of anything. Where the tenant makes such users, they stay."""
    providers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By the id of an organization that asks this person for single sign-on: the providers of its
    own, or of one above it, as sessions name their methods."""


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


def known_address(request: AuthorizationRequest, sessions: Collection[LiveSession]) -> str | None:
    """The address to fill in where the one person who is signed in must be proven again. None where
    it might be somebody else, where a new account is wanted, and where the client draws the pages:
    it learns nothing of who is signed in here."""
    if request.login_hint or "create" in request.prompts or request.client.ui_url:
        return None
    suitable = [each for each in sessions if _suits(request, each)]
    return suitable[0].email if len(suitable) == 1 else None


def organization_of(
    request: AuthorizationRequest, settings: TenantSettings, standing: Standing
) -> str | Missing | None:
    """The id of the organization to act for, None for the person alone, or that one is missing."""
    memberships = standing.memberships
    if request.organization is not None:
        named = [m for m in memberships if request.organization in (m.organization_id, m.slug)]
        return named[0].organization_id if named else Missing.ORGANIZATION
    choice = "off" if standing.is_anonymous else settings.organizations.choice
    if choice == "off" or not (memberships or choice == "required"):
        return None
    if len(memberships) == 1:
        return memberships[0].organization_id
    if standing.last_organization in {m.organization_id for m in memberships}:
        return standing.last_organization
    alone = standing.has_acted and standing.last_organization is None and choice == "optional"
    return None if alone else Missing.ORGANIZATION


def missing(
    request: AuthorizationRequest,
    settings: TenantSettings,
    standing: Standing,
    live: LiveSession,
) -> tuple[Missing, ...]:
    """What else must be asked of the person whose session was chosen; empty when nothing is."""
    found = []
    if not is_proven_enough(request, settings, standing, live):
        found.append(Missing.LOGIN)
    if isinstance(organization_of(request, settings, standing), Missing):
        found.append(Missing.ORGANIZATION)
    if needs_consent(request, standing.consented):
        found.append(Missing.CONSENT)
    return tuple(found)


def is_proven_enough(
    request: AuthorizationRequest,
    settings: TenantSettings,
    standing: Standing,
    live: LiveSession,
) -> bool:
    """Whether the session is proven as strongly as the request and policy ask, by a method that the
    organization takes. What a client merely wishes for is not insisted on where nobody may be
    asked (`prompt=none`)."""
    chosen = organization_of(request, settings, standing)
    acting = next((m for m in standing.memberships if m.organization_id == chosen), None)
    decision = policy.decide(settings, user_requires_mfa=live.mfa_required, acting=acting)
    providers = standing.providers.get(acting.organization_id) if acting else None
    if providers:
        is_accepted = bool(providers & {*live.methods})
    else:
        is_accepted = policy.takes_all(acting) or bool({*live.methods} & {*decision.methods})
    if not is_accepted:
        return False
    is_wish = "none" in request.prompts and not request.essential_acr
    by_client = 0 if is_wish else assurance.demanded(request.acr)
    is_due = policy.is_second_due(
        decision,
        opted_in=policy.has_opted_in(settings, live.factors),
        is_trusted=standing.is_trusted and request.max_age is None,
    )
    is_spared = standing.is_anonymous or _is_putting_off(settings, live)
    by_policy = 2 if is_due and not is_spared else 1
    return max(1, assurance.level_of(live.acr)) >= max(by_policy, by_client)


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
        acr=request.acr,
        essential_acr=request.essential_acr,
    )


def flow_kind(request: AuthorizationRequest) -> Literal["sign_in", "sign_up"]:
    """Which flow the request starts: `prompt=create` asks for a new account."""
    return "sign_up" if "create" in request.prompts else "sign_in"


def _suits(request: AuthorizationRequest, session: LiveSession) -> bool:
    if request.subject is not None:
        return session.user_id == request.subject
    return request.login_hint is None or _names(request.login_hint, session.email)


def _is_putting_off(settings: TenantSettings, live: LiveSession) -> bool:
    """Whether the person has no factor yet, and went past the demand for one when they signed in:
    then this sign-in goes on without."""
    return not live.factors and 0 < live.enrolments_put_off <= settings.policy.enrolments_put_off


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
