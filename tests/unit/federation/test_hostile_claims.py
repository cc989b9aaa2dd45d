"""Whatever JSON a provider signs or tells, it ends in an identity that can be kept, or in a named
refusal that can be stored and shown."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import clock
from app.directory.connection_settings import OidcSettings
from app.directory.connections import Connection
from app.federation import claims, discovery, id_token, jose, providers
from app.federation.diagnosis import DIAGNOSES
from app.federation.identity import Identity, UpstreamRefused
from app.federation.network import Budget, Reply
from app.federation.token_request import Tokens
from app.federation.user_parameter import with_posted_name
from tests.doubles.oidc_keys import SigningKeys
from tests.doubles.oidc_party import VALUES, connection_with, reaching

_leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(st.characters(), max_size=40)
    | st.sampled_from(["0", "null", "true", "a@b.example", "https://x", "{tenantid}", "\ud800"])
)
_json = st.recursive(
    _leaves,
    lambda inside: (
        st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=8), inside, max_size=4)
    ),
    max_leaves=8,
)
_names = st.sampled_from(
    [
        "iss",
        "aud",
        "azp",
        "sub",
        "iat",
        "exp",
        "nbf",
        "nonce",
        "at_hash",
        "auth_time",
        "acr",
        "amr",
        "sid",
        "tid",
        "oid",
        "hd",
        "email",
        "groups",
        "email_verified",
        "name",
        "given_name",
        "family_name",
        "locale",
        "id",
        "verified",
        "login",
        "_claim_names",
    ]
)
_changes = st.dictionaries(_names, _json, min_size=1, max_size=4)
_keys = SigningKeys()
_PRESETS = ("custom_oidc", "microsoft", "entra", "google_workspace", "apple", "linkedin")


class _Published(Budget):
    """A provider that publishes one document, and no network."""

    def __init__(self, document: Any) -> None:
        super().__init__()
        self._body = json.dumps(document).encode()

    def get(self, url: str, **_: Any) -> Reply:
        return Reply(200, "application/json", self._body, "200 after 0.0 s")


def _connection(preset: str) -> tuple[Connection, OidcSettings]:
    connection = connection_with(providers.find(preset).settings(VALUES), preset)
    assert isinstance(connection.settings, OidcSettings)
    return connection, connection.settings


def _demand_keepable(outcome: Identity | UpstreamRefused) -> None:
    if isinstance(outcome, Identity):
        kept = outcome.model_dump_json()
        assert Identity.model_validate_json(kept) == outcome
        assert claims.is_usable_subject(outcome.subject)
        return
    assert outcome.diagnosis in DIAGNOSES
    json.dumps(outcome.arrived, allow_nan=False).encode()
    assert all("\ud800" not in str(part) for part in outcome.arrived.items())


@settings(deadline=None, max_examples=120)
@given(preset=st.sampled_from(_PRESETS), changed=_changes)
def test_any_signed_claims_end_well(preset: str, changed: dict[str, Any]) -> None:
    connection, chosen = _connection(preset)
    now = clock.now_seconds()
    good = {"iss": chosen.issuer, "aud": chosen.client_id, "sub": "s", "iat": now, "exp": now + 60}
    token = _keys.sign(_keys.header(), {**good, "nonce": "n", **changed})
    published = _Published(_keys.document())
    try:
        tokens = Tokens(token, "at")
        keep = {"nonce": "n", "max_age": "60"}
        proven = id_token.check(
            connection, chosen, tokens, jwks_url="https://k", keep=keep, budget=published
        )
        claims.demand_subject(proven)
        outcome: Identity | UpstreamRefused = claims.identity(
            connection, proven, {}, lambda domain: True
        )
    except UpstreamRefused as refused:
        outcome = refused
    _demand_keepable(outcome)


@settings(deadline=None, max_examples=120)
@given(preset=st.sampled_from([*providers.PRESETS]), proven=_changes, told=_changes)
def test_any_profile_ends_well(preset: str, proven: dict[str, Any], told: dict[str, Any]) -> None:
    connection = connection_with(providers.find(preset).settings(VALUES), preset)
    proven.pop("auth_time", None)  # Was checked with the token.
    try:
        outcome: Identity | UpstreamRefused = claims.identity(
            connection, proven, told, lambda domain: True
        )
    except UpstreamRefused as refused:
        outcome = refused
    _demand_keepable(outcome)


@settings(deadline=None, max_examples=80)
@given(
    document=st.dictionaries(
        st.sampled_from(
            [
                "issuer",
                "authorization_endpoint",
                "token_endpoint",
                "jwks_uri",
                "userinfo_endpoint",
                "end_session_endpoint",
            ]
        ),
        _json,
    )
)
def test_any_discovery_document_ends_well(document: dict[str, Any]) -> None:
    connection, chosen = _connection("custom_oidc")
    with reaching(), pytest.raises(UpstreamRefused) as caught:
        discovery.find(connection, chosen, _Published({"issuer": chosen.issuer, **document}))
    _demand_keepable(caught.value)


@settings(deadline=None, max_examples=80)
@given(
    changed=st.dictionaries(
        st.sampled_from(["kty", "crv", "n", "e", "x", "y", "alg", "use", "key_ops", "kid", "d"]),
        _json,
        min_size=1,
    ),
    alg=st.sampled_from(jose.ALGORITHMS),
)
def test_any_published_key_ends_well(changed: dict[str, Any], alg: str) -> None:
    connection, chosen = _connection("custom_oidc")
    published = {**_keys.published[0], **changed}
    good = _keys.sign(_keys.header(), {"sub": "s"})
    token = ".".join([_part({"alg": alg, "kid": "first"}), *good.split(".")[1:]])
    with pytest.raises(UpstreamRefused) as caught:
        id_token.check(
            connection,
            chosen,
            Tokens(token, None),
            jwks_url="https://k",
            keep={"nonce": "n"},
            budget=_Published({"keys": [published, 7, None]}),
        )
    _demand_keepable(caught.value)


@settings(deadline=None)
@given(token=st.text(st.sampled_from("eyJhbGciOiJSUzI1NiJ9.-_=\x00é"), max_size=200))
def test_any_text_is_a_token_or_malformed(token: str) -> None:
    with contextlib.suppress(jose.Malformed):
        assert jose.read_header(token).alg


@settings(deadline=None)
@given(posted=_json)
def test_any_user_parameter_is_a_name_or_nothing(posted: Any) -> None:
    found = with_posted_name({"sub": "s"}, json.dumps(posted))
    assert found["sub"] == "s"


def _part(document: dict[str, Any]) -> str:
    from tests.doubles.oidc_keys import _encoded

    return _encoded(json.dumps(document).encode())
