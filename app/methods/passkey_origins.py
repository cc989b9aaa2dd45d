"""Where a tenant's passkeys may be used from: its settings say so, never the request."""

from urllib.parse import urlsplit

from app.config import settings
from app.directory.tenants import Tenant
from app.methods.passkey_challenge import encoded

MOST_RELATED = 5
"""Browsers read five names of other sites in `/.well-known/webauthn` and ignore the rest."""
_DEFAULT_PORTS = {"https": 443, "http": 80}


def expected(tenant: Tenant) -> list[str]:
    """Every origin that an answer may come from, exactly as clients write it: the tenant's own, its
    related ones, and its Android apps (WebAuthn Level 3, section 13.4.9)."""
    return [own(tenant), *related(tenant), *_apps(tenant)]


def own(tenant: Tenant) -> str:
    """The origin of the tenant's pages, at its issuer whatever host a request came to."""
    return _origin(tenant.issuer)


def related(tenant: Tenant) -> list[str]:
    """The other origins that the settings name, as far as they are hosts of this very tenant."""
    named = [_origin(str(url)) for url in tenant.settings.passkeys.related_origins]
    scheme = urlsplit(tenant.issuer).scheme
    hosts = {f"{scheme}://{host}" for host in tenant.hosts}
    allowed = [origin for origin in dict.fromkeys(named) if origin in hosts - {own(tenant)}]
    return allowed[:MOST_RELATED]


def is_alone(tenant: Tenant) -> bool:
    """Whether no other tenant has passkeys under the same RP ID, so that a browser may be told to
    forget one that this tenant does not know."""
    return urlsplit(settings().base_url).hostname != tenant.rp_id


def _apps(tenant: Tenant) -> list[str]:
    return [
        f"android:apk-key-hash:{encoded(bytes.fromhex(fingerprint.replace(':', '')))}"
        for app in tenant.settings.passkeys.android_apps
        for fingerprint in app.fingerprints
    ]


def _origin(url: str) -> str:
    """Scheme, host and port, the port left out where it is the scheme's own (RFC 6454)."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"
