"""D05: what opens the setup portal, and what is entered there in confidence, is in no log line and
in no row; the link's token leaves the address at once."""

import io
import logging
from collections.abc import Iterator

import pytest
from flask import Flask

from app import log
from app.directory.tenants import Tenant
from tests.doubles import oidc_browser
from tests.doubles.oidc_provider import SECRET, OidcProvider
from tests.security.belongings import rows_of
from tests.security.doors import with_changes
from tests.setup.admin import Admin, link_for
from tests.setup.oidc_steps import bring, connect, to_provider


@pytest.fixture
def lines(app: Flask) -> Iterator[io.StringIO]:
    """Everything that is logged, at the most talkative level."""
    chosen = app.config["AUTHPAGE"]
    stream = io.StringIO()
    log.configure(with_changes(chosen, log_level="debug"), stream)
    yield stream
    log.configure(chosen)


def test_d05_no_secret_of_the_setup_is_logged_or_stored(
    app: Flask, tenant: Tenant, corp: str, provider: OidcProvider, lines: io.StringIO
) -> None:
    token, admin = link_for(tenant, corp), Admin(app, tenant)
    admin.go(f"/setup?token={token}")
    assert "token=" not in admin.url
    assert token not in admin.text
    admin.press("/setup")
    cookie = admin.http.get_cookie("authpage_setup", path=admin.base.removeprefix(admin.origin))
    assert cookie is not None
    path = connect(admin, provider)
    returned = oidc_browser.visit(to_provider(admin, path))
    bring(admin, returned)
    assert admin.diagnoses == ["email_not_theirs"]
    secrets = {
        "link": token.partition(".")[2],
        "session": cookie.value.partition(".")[2],
        "client secret": SECRET,
        "code": returned.parameters["code"],
    }
    for handler in logging.getLogger().handlers:
        if isinstance(handler, log.Sink):
            handler.close()
    written, rows = lines.getvalue(), str(rows_of(tenant))
    assert "/setup" in written, "Nothing was logged."
    for name, secret in secrets.items():
        assert secret, name
        assert secret not in written, f"{name} is in the log"
        assert secret not in rows, f"{name} is in the database"
