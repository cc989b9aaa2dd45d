"""G24: what is secret between us and an identity provider is in no log line and in no row of ours:
client secrets and keys are sealed, and codes and tokens are not kept in clear."""

from typing import Any

import pytest
from flask import Flask

from app.database import read
from app.directory import connections
from tests.doubles.oidc_party import PRIVATE_KEY
from tests.doubles.oidc_provider import SECRET, OidcProvider
from tests.factories import Factory
from tests.journeys.federation import met
from tests.security.belongings import rows_of
from tests.security.lines import Lines
from tests.visitors import HtmlVisitor


def _heard(provider: OidcProvider) -> list[str]:
    """Have the provider remember the ID tokens that it signs."""
    signed: list[str] = []

    def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
        signed.append(provider.keys.sign(header, claims))
        return signed[-1]

    provider.script.signs = sign
    return signed


@pytest.mark.parametrize("preset", ["custom_oidc", "apple", "github"])
def test_g24_nothing_secret_of_a_sign_in_elsewhere_is_logged_or_kept_in_clear(
    app: Flask, make: Factory, lines: Lines, preset: str
) -> None:
    tenant = make.tenant()
    changed: dict[str, Any] = {} if preset == "github" else {"logs_out_upstream": True}
    with met(app, make, tenant, preset, **changed) as upstream:
        provider, id_tokens = upstream.provider, _heard(upstream.provider)
        for is_good in (True, False):
            if not is_good:
                provider.script.token_error = (400, {"error": "invalid_client"})
            visitor = HtmlVisitor(app, make.client(tenant))
            visitor.open()
            upstream.pass_through(visitor)
            assert (visitor.answer is not None) is is_good
        asked = [each.query for each in provider.asked if "state" in each.query]
        posted = [each.form for each in provider.asked if "code" in each.form]
    secrets = {SECRET, PRIVATE_KEY.splitlines()[1], *provider.tokens, *id_tokens}
    for name in ("code_verifier", "client_secret", "client_assertion"):
        secrets |= {form[name] for form in posted if name in form}
    secrets |= {query[name] for query in asked for name in ("nonce", "state") if name in query}
    secrets |= {*provider.grants}
    texts, rows = lines.written(), rows_of(tenant)
    rows.pop("upstream_message", None)  # What was posted lies there, for two minutes.
    assert "/connections/<connection_id>/callback" in texts, "Nothing was logged."
    assert [each for each in secrets if each in texts] == []
    assert [each for each in secrets if each in str(rows)] == []


def test_a_client_secret_is_sealed_for_its_connection(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    document = {"protocol": "oidc", "issuer": "https://idp.example", "client_id": "c"}
    made = [make.connection(tenant, document, secret=SECRET) for _ in range(2)]
    rows = rows_of(tenant)["connection"]
    assert SECRET not in str(rows)
    with read(tenant.id) as session:
        assert {connections.secret_of(session, each.id) for each in made} == {SECRET}
