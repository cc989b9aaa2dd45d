"""A tenant of its own for each test, with people, clients and browsers that speak the protocol."""

import base64
import hashlib
import itertools
import json
import secrets
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import KeySet
from sqlalchemy import func, select
from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse

from app import clock
from app.actor import CLI
from app.addresses import parse_email
from app.audit import log
from app.database import EVERYWHERE, Session, read, write
from app.directory import (
    clients,
    grants,
    organizations,
    people,
    people_status,
    sessions,
    settings_store,
    tenants,
)
from app.directory.clients import ClientView
from app.directory.tenants import Tenant
from app.keys import rotation
from app.models import TokenFamily

REDIRECT_URI = "https://app.example/callback"
NATIVE_URI = "com.example.app:/callback"
SIGNED_OUT_URI = "https://app.example/signed-out"

_numbers = itertools.count(1)


@dataclass
class Party:
    """A relying party: its registration, its secret, and the PKCE verifier of its last request."""

    view: ClientView
    secret: str | None
    redirect_uri: str = REDIRECT_URI
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    @property
    def headers(self) -> dict[str, str]:
        """Its client_secret_basic authentication; nothing for a public client."""
        if self.secret is None:
            return {}
        pair = f"{self.view.id}:{self.secret}".encode()
        return {"Authorization": "Basic " + base64.b64encode(pair).decode()}

    def request(self, **changes: str | None) -> dict[str, str]:
        """The parameters of an authorization request; None leaves one out."""
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.view.id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile email",
            "state": "the state",
            "nonce": "the nonce",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in parameters.items() if value is not None}

    def code_form(self, code: str, **changes: str | None) -> dict[str, str]:
        """The form that redeems a code; None leaves a field out."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            "client_id": None if self.secret else self.view.id,
            **changes,
        }
        return {name: value for name, value in form.items() if value is not None}

    def refresh_form(self, refresh_token: str, **changes: str | None) -> dict[str, str]:
        """The form that spends a refresh token."""
        form: dict[str, str | None] = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": None if self.secret else self.view.id,
            **changes,
        }
        return {name: value for name, value in form.items() if value is not None}


class Provider:
    """One tenant of the application under test, seen from outside, with doors to its inside."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.slug = f"t{next(_numbers)}-{secrets.token_hex(3)}"
        with app.app_context(), write(EVERYWHERE) as session:
            self.tenant_id = tenants.create(session, CLI, self.slug, "Acme")
        with self.writing() as session:
            rotation.create_first(session)

    @property
    def tenant(self) -> Tenant:
        """The tenant as it is now."""
        with self.app.app_context():
            found = tenants.by_id(self.tenant_id)
        assert found is not None
        return found

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction inside the tenant. Requests never share its application context."""
        with self.app.app_context(), write(self.tenant_id) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A look inside the tenant."""
        with self.app.app_context(), read(self.tenant_id) as session:
            yield session

    @property
    def issuer(self) -> str:
        return self.tenant.issuer

    def settle(self, section: str, **values: Any) -> None:
        """Publish settings of one section."""
        with self.writing() as session:
            settings_store.publish(session, CLI, section, values)

    def party(self, **registration: Any) -> Party:
        """Register a client; a confidential first party unless said otherwise."""
        kind = registration.pop("kind", "web")
        uri = NATIVE_URI if kind == "native" else REDIRECT_URI
        registration.setdefault("redirect_uris", [uri])
        with self.writing() as session:
            view, secret = clients.create(session, CLI, name="The App", kind=kind, **registration)
        return Party(view, secret, registration["redirect_uris"][0])

    def person(self, email: str = "jane@example.com", name: str | None = "Jane Doe") -> str:
        """Make a user whose address is verified; returns the id."""
        with self.writing() as session:
            return people.create(
                session, CLI, email=parse_email(email), email_verified=True, display_name=name
            )

    def organization(self, name: str, user_id: str, *roles: str) -> str:
        """Make an organization with one member; returns its id."""
        with self.writing() as session:
            made = organizations.create(session, CLI, name=name)
            organizations.join(session, CLI, made, user_id, roles or ("member",))
            return made

    def consent(self, user_id: str, party: Party, *scopes: str) -> str:
        """Let the user have allowed the scopes; returns the grant's id."""
        with self.writing() as session:
            return grants.remember(session, CLI, user_id, party.view.id, scopes).id

    def disable(self, party: Party) -> None:
        with self.writing() as session:
            clients.disable(session, CLI, party.view.id)

    def disable_user(self, user_id: str) -> None:
        with self.writing() as session:
            people_status.disable(session, CLI, user_id)

    def set_password(self, user_id: str) -> None:
        with self.writing() as session:
            people.set_password(session, CLI, user_id, "$argon2id$not-a-real-hash")

    def end_session(self, session_id: str) -> None:
        with self.writing() as session:
            sessions.end(session, CLI, session_id, "test")

    def end_all_sessions(self, user_id: str) -> None:
        with self.writing() as session:
            sessions.end_all_of_user(session, CLI, user_id, "test")

    def end_everything(self) -> None:
        """Raise the tenant's epoch."""
        with self.app.app_context(), write(EVERYWHERE) as session:
            tenants.end_everything(session, CLI, self.tenant_id)

    def leave(self, organization_id: str, user_id: str) -> None:
        with self.writing() as session:
            organizations.leave(session, CLI, organization_id, user_id)

    def revoke_consent(self, grant_id: str) -> None:
        with self.writing() as session:
            grants.revoke(session, CLI, grant_id)

    def browser(self) -> Browser:
        """A browser that nobody is signed in on."""
        return self.app.test_client()

    def sign_in(self, browser: Browser, user_id: str, *, ago: int = 0) -> str:
        """Open a session on the browser, as a flow `ago` seconds ago would have; returns its id."""
        cookie, tenant = browser.get_cookie("authpage_session", path=self.path), self.tenant
        with self.writing() as session:
            opened = sessions.open(
                session,
                CLI,
                tenant,
                cookie_value=cookie.value if cookie else None,
                user_id=user_id,
                amr=["pwd"],
                acr="urn:authpage:acr:1fa",
                auth_time=clock.now() - ago * clock.SECOND,
            )
        browser.set_cookie("authpage_session", opened.cookie_value, path=self.path)
        return opened.session_id

    @property
    def path(self) -> str:
        return urlsplit(self.issuer).path

    def url(self, path: str, parameters: Any = None) -> str:
        query = f"?{urlencode(parameters, doseq=True)}" if parameters else ""
        return f"{self.issuer}{path}{query}"

    def authorize(self, browser: Browser, parameters: Any) -> TestResponse:
        return browser.get(self.url("/oauth2/authorize", parameters))

    def code(self, browser: Browser, party: Party, **changes: str | None) -> str:
        """A code for the request of a signed-in browser."""
        answer = answer_of(self.authorize(browser, party.request(**changes)))
        assert "code" in answer, answer
        return answer["code"]

    def token(self, party: Party, form: dict[str, str], **changes: Any) -> TestResponse:
        """What the token endpoint answers to the party's form."""
        return self.app.test_client().post(
            self.url("/oauth2/token"), data=form, **{"headers": party.headers, **changes}
        )

    def tokens(self, browser: Browser, party: Party, **changes: str | None) -> dict[str, Any]:
        """The tokens of a whole silent sign-in."""
        response = self.token(party, party.code_form(self.code(browser, party, **changes)))
        assert response.status_code == 200, response.text
        return dict(response.get_json())

    def userinfo(self, access_token: str) -> TestResponse:
        return self.app.test_client().get(
            self.url("/oauth2/userinfo"), headers={"Authorization": f"Bearer {access_token}"}
        )

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a JWT, its signature verified with the published keys."""
        keys = KeySet.import_key_set(
            self.app.test_client().get(self.url("/oauth2/jwks")).get_json()
        )
        header = header_of(token)
        key = next(key for key in keys.keys if key.kid == header["kid"])
        with warnings.catch_warnings():  # joserfc would like to see EdDSA under another name.
            warnings.simplefilter("ignore", SecurityWarning)
            return dict(jwt.decode(token, key, algorithms=[header["alg"]]).claims)

    def family_count(self) -> int:
        """How many token families the tenant has."""
        with self.reading() as session:
            query = select(func.count()).where(TokenFamily.tenant_id == self.tenant_id)
            return session.scalars(query.select_from(TokenFamily)).one()

    def events(self, event: str) -> int:
        """How often an event is in the audit log."""
        with self.reading() as session:
            return len(log.list_page(session, event=event).items)


def answer_of(response: TestResponse) -> dict[str, str]:
    """The parameters that a redirect carries to the client."""
    assert response.status_code == 303, (response.status_code, response.text[:500])
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query, strict_parsing=True))


def header_of(token: str) -> dict[str, Any]:
    part = token.split(".", maxsplit=1)[0]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def half_hash(token: str, alg: str) -> str:
    """The `at_hash` of a token (OpenID Connect Core, section 3.1.3.6)."""
    make = hashlib.sha512 if alg == "EdDSA" else hashlib.sha256
    digest = make(token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")
