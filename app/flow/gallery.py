"""One example of every screen, made by the real steps: for the OpenAPI document and previews."""

from dataclasses import replace

from app import clock
from app.actor import Actor
from app.directory.connection_settings import OidcSettings
from app.directory.connections import Connection
from app.directory.sessions import LiveSession
from app.directory.tenants import Tenant
from app.flow import engine
from app.flow.asked import Asked, Invited
from app.flow.continuation import Authorize
from app.flow.facts import START, Belonging, Facts, Named, Notice, PendingSignUp, Proof
from app.flow.outcome import Show
from app.flow.realm import Candidate, DomainClaim
from app.flow.run import Flow, Kind, Run
from app.flow.screen import Screen
from app.flow.steps import enrol_totp, invited, passkey_making, show_recovery_codes, upstream
from app.methods.base import Challenge, Purpose
from app.methods.passkey_registration import Holder
from app.methods.totp_enrolment import PendingTotp

_ADDRESS = Named(kind="email", value="jane@example.com", key="jane@example.com")
_NUMBER = Named(kind="phone", value="+1 415-555-0123", key="+14155550123")
_INVITED = Invited(
    id="inv_example",
    version=1,
    email=_ADDRESS.value,
    organization_id="org_1",
    organization="Northwind Labs",
    roles=("member",),
)
_SENT = ("magic_link", "sms_code")

_SEED = "EXAMPLEONLYNOTASECRET234567ABCDE"
_WAITING = PendingTotp(
    _SEED, f"otpauth://totp/Acme:jane@example.com?secret={_SEED}&issuer=Acme", clock.HOUR
)


def screens(tenant: Tenant, locale: str = "en") -> dict[str, Screen]:
    """Every screen by its name, as this tenant's settings make it, with invented people in it."""
    shown = [engine.show(run) for run in _runs(tenant, locale)]
    found = [each.screen for each in shown if isinstance(each, Show)]
    made = (
        enrol_totp.screen_of(_WAITING),
        *_making_passkeys(tenant, locale),
        _away(tenant, locale),
        invited.screen_of_gone(),
        invited.screen_of_refused(_INVITED, "bob@example.com"),
    )
    return {screen.name: screen for screen in (*found, *made)}


def _making_passkeys(tenant: Tenant, locale: str) -> list[Screen]:
    run = _run(tenant, locale, "sign_in", START, Asked())
    holder = Holder(b"example", "jane@example.com", "Jane Doe")
    return [
        passkey_making.screen_for_new(run, name, holder)
        for name in ("create_passkey", "offer_passkey")
    ]


def _away(tenant: Tenant, locale: str) -> Screen:
    """Before the browser leaves for a provider."""
    connection = Connection(
        id="con_example",
        tenant_id=tenant.id,
        organization_id="org_1",
        organization_is_active=True,
        provider="custom_oidc",
        name="Northwind Labs",
        status="active",
        settings=OidcSettings(issuer="https://login.northwind.example", client_id="example"),
        generation=1,
        metadata_due_at=None,
        row_version=1,
    )
    facts = START.learn(identifier=_ADDRESS, connection=connection.id)
    return upstream.screen(_run(tenant, locale, "sign_in", facts, Asked()), connection)


def _claims(_tenant_id: str, _domain: str) -> list[DomainClaim]:
    """A company with two providers, and other ways in beside them."""
    companies = (Candidate("con_1", "Northwind Labs"), Candidate("con_2", "Northwind Japan"))
    return [DomainClaim("dom_1", "example.com", "org_1", "Northwind Labs", companies)]


def _runs(tenant: Tenant, locale: str) -> list[Run]:
    identified = START.learn(identifier=_ADDRESS, realm="local")
    pending = identified.learn(sign_up=PendingSignUp(display_name="Jane Doe"))
    proven = identified.learn(
        user_id="usr_example",
        person="Jane Doe",
        address_verified=True,
        proofs=(Proof(method="password", amr=("pwd",), at=clock.now()),),
        belongings=_belongings(),
    )
    several = Asked(client_id="cli_example", client_name="Acme Dashboard", choose_account=True)
    third = Asked(client_id="cli_x", client_name="Planner", scopes=("openid",), third_party=True)
    named = proven.learn(organization="org_1")
    unproven = proven.learn(account="other", address_verified=False)

    def run(kind: Kind, facts: Facts, asked: Asked = several) -> Run:
        return _run(tenant, locale, kind, facts, asked)

    return [
        run("sign_in", START.learn(account="other")),
        run("sign_in", START),
        replace(
            run("sign_in", START.learn(identifier=_ADDRESS, account="other")), connections=_claims
        ),
        run("sign_in", identified.learn(account="other", method="password")),
        run("sign_in", identified.learn(account="other", method="passkey")),
        run("sign_up", START),
        run("sign_in", unproven.learn(challenge=_challenge("verify"))),
        *(_sent(run("sign_in", identified.learn(account="other")), key) for key in _SENT),
        run("sign_up", pending.learn(challenge=_challenge("sign_up"))),
        run("recover", proven.learn(proofs=(_by_mail(),))),
        run("sign_in", proven.learn(account="other")),
        run("sign_in", proven.learn(account="other", creating_organization=True)),
        run("sign_in", named.learn(account="other"), third),
        run("sign_in", named.learn(account="other", notice=Notice(id="email_code.resent"))),
        run("sign_in", named.learn(account="other", breached=True, breached_sign_ins_left=2)),
        *_second_factors(run("sign_in", named.learn(account="other", mfa_required=True))),
    ]


def _second_factors(run: Run) -> list[Run]:
    """Of somebody who needs a second factor: one who has some, and one who has none yet."""
    has = run.facts.learn(factors=("recovery_code", "totp"))
    codes = show_recovery_codes.sealed(run, tuple(f"ABCD-EF{number:02}" for number in range(10)))
    enough = (*run.facts.proofs, Proof(method="totp", amr=("otp",), at=clock.now()))
    return [
        run.learned(run.facts.learn(put_offs_left=1)),
        run.learned(has.learn(method="totp")),
        run.learned(has.learn(method="recovery_code")),
        run.learned(has.learn(proofs=enough, recovery_codes=codes)),
    ]


def _run(tenant: Tenant, locale: str, kind: Kind, facts: Facts, asked: Asked) -> Run:
    flow = Flow(
        id="flw_example",
        kind=kind,
        binding="",
        continuation=Authorize(payload={}),
        asked=asked,
        epoch=tenant.epoch,
        expires_at=clock.now() + clock.HOUR,
        facts=facts,
        is_headless=True,
    )
    return Run(tenant, flow, Actor("system"), locale, sessions=(_session(),))


def _sent(run: Run, method: str) -> Run:
    """Waiting for what was sent, by a method that not every tenant has."""
    challenge = _challenge("sign_in").model_copy(update={"method": method, "number": "47"})
    typed = _NUMBER if method == "sms_code" else _ADDRESS
    return run.learned(run.facts.learn(identifier=typed, method=method, challenge=challenge))


def _by_mail() -> Proof:
    return Proof(method="email_code", amr=("otp",), at=clock.now())


def _belongings() -> tuple[Belonging, ...]:
    names = ("Northwind Labs", "Contoso", "Fabrikam Trading")
    return tuple(
        Belonging(
            organization_id=f"org_{number}",
            name=name,
            slug=name.split()[0].lower(),
            roles=("member",),
            member_count=8 * number,
        )
        for number, name in enumerate(names, 1)
    )


def _challenge(purpose: Purpose) -> Challenge:
    now = clock.now()
    return Challenge(
        method="email_code",
        purpose=purpose,
        row_id="otc_example",
        destination="j•••@example.com",
        resend_at=now + 24 * clock.SECOND,
        expires_at=now + 10 * clock.MINUTE,
    )


def _session() -> LiveSession:
    now = clock.now()
    return LiveSession(
        id="ses_example",
        user_id="usr_example",
        browser_id="brw_example",
        auth_time=now,
        amr=("pwd",),
        acr=None,
        email="jane@example.com",
        display_name="Jane Doe",
        user_status="active",
        last_seen_at=now,
        expires_at=now + clock.DAY,
    )
