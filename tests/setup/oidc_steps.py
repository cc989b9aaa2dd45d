"""The steps of an IT admin with an OpenID provider."""

from tests.doubles import oidc_browser
from tests.doubles.oidc_provider import CLIENT_ID, SECRET, OidcProvider
from tests.setup.admin import Admin
from tests.visitors import Page


def connect(admin: Admin, provider: OidcProvider, **changed: str) -> str:
    """Choose the general guide, and enter the provider's values; the connection's path."""
    admin.press("/setup/providers", provider="generic")
    path = admin.path
    enter(admin, path, provider, **changed)
    return path


def enter(admin: Admin, path: str, provider: OidcProvider, **changed: str) -> None:
    """Enter the provider's values at a connection."""
    values = {"issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": SECRET}
    admin.press(path, **{**values, **changed})


def to_provider(admin: Admin, path: str) -> str:
    """Press the test's button; the provider's URL."""
    response = admin.post(f"{path}/test")
    assert response.status_code == 200, response.text
    url = Page(response.text).refresh_url
    assert url is not None
    return url


def bring(admin: Admin, returned: oidc_browser.Returned) -> None:
    """Come back with the provider's answer."""
    admin.follow(admin.http.get(returned.target, query_string=returned.parameters))


def try_out(admin: Admin, path: str) -> str:
    """Test a sign-in there and back; what the doctor says."""
    bring(admin, oidc_browser.visit(to_provider(admin, path)))
    return admin.diagnoses[0]
