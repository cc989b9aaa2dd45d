"""Sign-in and security: what proves the person, and how to change it."""

from werkzeug.wrappers import Response

from app.account import identities, passkeys, password, profile, recovery_codes, totp
from app.account.owner import Owner
from app.pages.account import forms
from app.pages.account.door import blueprint, for_owner


@blueprint.get("/security")
@for_owner()
def show_security(owner: Owner) -> Response:
    """Password, passkeys, authenticators, recovery codes and linked identities, each where the
    tenant has it."""
    linked = identities.list_of(owner)
    return forms.draw(
        owner,
        "security",
        "security",
        "account.security.title",
        person=profile.of(owner),
        offers_password=password.is_offered(owner),
        offers_passkeys=passkeys.is_offered(owner),
        passkeys=passkeys.list_of(owner),
        known=passkeys.known(owner).document(),
        offers_authenticators=totp.is_offered(owner),
        authenticators=totp.list_of(owner),
        codes_of_use=recovery_codes.are_of_use(owner),
        codes_left=recovery_codes.count(owner),
        linked=linked,
        linkable=identities.linkable(owner, linked),
    )
