"""The guides, by provider."""

from app.directory.errors import NotFound
from app.setup.guide import Guide
from app.setup.oidc_guides import OIDC_GUIDES
from app.setup.saml_guides import SAML_GUIDES
from app.setup.social_guides import SOCIAL

GUIDES: dict[str, Guide] = {each.key: each for each in (*OIDC_GUIDES, *SAML_GUIDES)}
"""Those for an organization's own provider."""
SOCIAL_GUIDES: dict[str, Guide] = {each.key: each for each in SOCIAL}
"""Those for a provider that everybody in a tenant may sign in by."""
ALL = GUIDES | SOCIAL_GUIDES


def find(key: str, *, is_social: bool = False) -> Guide:
    """The guide for this provider, of an organization or of the whole tenant; raises `NotFound`."""
    known = SOCIAL_GUIDES if is_social else GUIDES
    if key not in known:
        raise NotFound("provider")
    return known[key]


def of(key: str) -> Guide:
    """The guide with this key, whichever kind it is; raises KeyError."""
    return ALL[key]
