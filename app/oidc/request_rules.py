"""What an authorization request must satisfy beyond what Authlib checks by itself."""

import re
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import BaseGrant, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.errors import (
    RegistrationNotSupportedError,
    RequestNotSupportedError,
    RequestURINotSupportedError,
)

from app.oidc import claims_request
from app.oidc.clients import RegisteredClient
from app.oidc.requests import ProviderRequest

PROMPTS = ("none", "login", "consent", "select_account", "create")
RESPONSE_MODES = ("query", "form_post")

_MAX_AGE = re.compile(r"[0-9]{1,9}")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( +[\x21\x23-\x5b\x5d-\x7e]+)*", re.ASCII)
_MOST_SCOPE_CHARACTERS = 1_024


class ProofKey(CodeChallenge):
    """PKCE with S256 and nothing else (RFC 7636; RFC 9700, section 2.1.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: AuthorizationCodeGrant, redirect_uri: str) -> None:
        """Raise `InvalidRequestError` unless the challenge is right, or absent and not required."""
        request, client = _request(grant), _client(grant)
        challenge = request.value("code_challenge")
        required = client.is_public or client.view.requires_pkce
        if required and not challenge:
            raise InvalidRequestError("A code_challenge is required (RFC 7636).")
        if challenge and request.value("code_challenge_method") != "S256":
            raise InvalidRequestError("The code_challenge_method must be S256.")
        super().validate_code_challenge(grant, redirect_uri)


class RequestRules:
    """An extension of Authlib's code grant; the rules run in this order, once the redirect URI is
    trusted, so that each refusal goes to the client."""

    def __call__(self, grant: BaseGrant) -> None:
        """Be asked when Authlib has checked client and redirect URI."""
        grant.register_hook("before_validate_authorization_request_payload", self.check)

    def check(self, grant: AuthorizationCodeGrant, redirect_uri: str) -> None:
        """Raise the OAuth error that the request deserves."""
        request = _request(grant)
        check_response_mode(request)
        refuse_request_objects(request)
        check_scope(request)
        ProofKey().validate_code_challenge(grant, redirect_uri)
        prompts(request)
        max_age(request)
        claims_request.parse(request.value("claims"))


def response_mode(request: ProviderRequest) -> str:
    """How the answer travels: as asked where that is possible, else in the query."""
    asked = request.value("response_mode")
    goes_to_web = urlsplit(request.value("redirect_uri") or "").scheme in ("http", "https")
    return "form_post" if asked == "form_post" and goes_to_web else "query"


def check_response_mode(request: ProviderRequest) -> None:
    """Raise `InvalidRequestError` for an unknown mode, or a form to an address not on the web."""
    asked = request.value("response_mode") or "query"
    if asked not in RESPONSE_MODES or asked != response_mode(request):
        raise InvalidRequestError("This response_mode is not supported.")


def refuse_request_objects(request: ProviderRequest) -> None:
    """Raise the error of OpenID Connect Core, section 3.1.2.6; ignoring them would be wrong."""
    if request.value("request"):
        raise RequestNotSupportedError("Request objects are not supported.")
    if request.value("request_uri"):
        raise RequestURINotSupportedError("Request URIs are not supported.")
    if request.value("registration"):
        raise RegistrationNotSupportedError("The registration parameter is not supported.")


def check_scope(request: ProviderRequest) -> None:
    """Raise `InvalidRequestError` for a scope of the wrong form (RFC 6749, section 3.3)."""
    scope = request.value("scope") or ""
    if len(scope) > _MOST_SCOPE_CHARACTERS or (scope and not _SCOPE.fullmatch(scope)):
        raise InvalidRequestError("The scope is malformed.")


def prompts(request: ProviderRequest) -> tuple[str, ...]:
    """The values of `prompt`; raises `InvalidRequestError` for unknown ones, or `none` and more."""
    values = tuple(dict.fromkeys((request.value("prompt") or "").split()))
    if any(value not in PROMPTS for value in values):
        raise InvalidRequestError("This prompt is not supported.")
    if "none" in values and len(values) > 1:
        raise InvalidRequestError("The prompt none stands alone.")
    return values


def max_age(request: ProviderRequest) -> int | None:
    """The `max_age` in seconds, None when not given; raises `InvalidRequestError`."""
    text = request.value("max_age")
    if text is None:
        return None
    if not _MAX_AGE.fullmatch(text):
        raise InvalidRequestError("The max_age is not a number of seconds.")
    return int(text)


def _request(grant: AuthorizationCodeGrant) -> ProviderRequest:
    assert isinstance(grant.request, ProviderRequest)
    return grant.request


def _client(grant: AuthorizationCodeGrant) -> RegisteredClient:
    assert isinstance(grant.client, RegisteredClient)
    return grant.client
