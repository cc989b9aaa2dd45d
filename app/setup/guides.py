"""The guides, by provider."""

from app.directory.errors import NotFound
from app.setup.guide import Guide
from app.setup.oidc_guides import OIDC_GUIDES
from app.setup.saml_guides import SAML_GUIDES

GUIDES: dict[str, Guide] = {each.key: each for each in (*OIDC_GUIDES, *SAML_GUIDES)}


def find(key: str) -> Guide:
    """The guide for this provider; raises `NotFound`."""
    if key not in GUIDES:
        raise NotFound("provider")
    return GUIDES[key]
