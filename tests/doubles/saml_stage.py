"""A connection, its provider's keys, and us: what tests of the SAML protocol stand on."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.directory.connection_settings import SamlSettings
from app.directory.connections import Connection
from app.federation import saml_keys, saml_sp
from app.federation.identity import UpstreamRefused
from app.federation.saml_sp import Assertion, ServiceProvider
from tests.doubles import saml_forge
from tests.doubles.saml_forge import Letter
from tests.doubles.saml_keys import KeyFiles, make_keys

ENTITY = "https://idp.example/entity"
BASE = "https://login.example/connections/con_1"
REQUEST = "_request"


@dataclass(frozen=True)
class Stage:
    """Everything that a response is made of and judged by."""

    provider: KeyFiles
    stranger: KeyFiles
    sp: ServiceProvider
    connection: Connection

    @property
    def letter(self) -> Letter:
        """An honest response to the request."""
        return Letter(
            issuer=ENTITY,
            audience=self.sp.entity_id,
            recipient=self.sp.acs_url,
            destination=self.sp.acs_url,
            in_response_to=REQUEST,
        )

    def response(self, **changes: Any) -> str:
        """A response by the provider, as XML."""
        return saml_forge.response(self.letter.changed(**changes), self.provider)

    def with_settings(self, **changes: Any) -> "Stage":
        """The same with other settings of the connection."""
        settings = SamlSettings.model_validate({**self.connection.settings.model_dump(), **changes})
        return replace(self, connection=replace(self.connection, settings=settings))

    def finish(self, document: str | bytes, *, is_asked: bool = True) -> Assertion:
        """What we make of a response that was posted."""
        return self.finish_form(saml_forge.form(document), is_asked=is_asked)

    def finish_form(self, form: dict[str, str], *, is_asked: bool = True) -> Assertion:
        """What we make of a form."""
        return saml_sp.finish(
            self.connection,
            sp=self.sp,
            form=form,
            keep={"request_id": REQUEST} if is_asked else None,
            is_in_claimed_domain=lambda domain: domain == "example.com",
        )

    def diagnosis(self, document: str | bytes, *, is_asked: bool = True) -> str:
        """Why we refuse a response; fails when we do not."""
        return self.diagnosis_of_form(saml_forge.form(document), is_asked=is_asked)

    def diagnosis_of_form(self, form: dict[str, str], *, is_asked: bool = True) -> str:
        """Why we refuse a form; fails when we do not."""
        try:
            taken = self.finish_form(form, is_asked=is_asked)
        except UpstreamRefused as refused:
            return refused.diagnosis
        raise AssertionError(f"taken as {taken.identity.subject}")


def set_stage(folder: Path) -> Stage:
    """A stage with fresh keys."""
    provider = make_keys(folder, "provider")
    settings = SamlSettings(
        issuer=ENTITY,
        sso_url="https://idp.example/sso",
        slo_url="https://idp.example/slo",
        certificates=(provider.pem,),
        email_is_proof="domain",
    )
    connection = Connection(
        id="con_1",
        tenant_id="ten_1",
        organization_id="org_1",
        organization_is_active=True,
        provider="generic_saml",
        name="Acme",
        status="active",
        settings=settings,
        generation=1,
        metadata_due_at=None,
        row_version=1,
    )
    keys = saml_keys.new_pair()
    sp = ServiceProvider(f"{BASE}/metadata", f"{BASE}/acs", f"{BASE}/slo", keys)
    return Stage(provider, make_keys(folder, "stranger"), sp, connection)
