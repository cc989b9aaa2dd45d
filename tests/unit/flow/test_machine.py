"""What a flow still has to learn, in order, and what it may not skip. No database, no web."""

from dataclasses import replace
from typing import Any

import pytest

from app import clock
from app.actor import Actor
from app.directory.sessions import LiveSession
from app.directory.settings import TenantSettings
from app.directory.tenants import Tenant
from app.flow.asked import Asked
from app.flow.continuation import Account, Authorize
from app.flow.facts import START, Belonging, Facts, Named, PendingSignUp, Proof
from app.flow.machine import back_to_start, next_step, permitted
from app.flow.run import Flow, Kind, Run

ADDRESS = Named(kind="email", value="jane@example.com", key="jane@example.com")


def _tenant(**sections: dict[str, Any]) -> Tenant:
    return Tenant(
        id="ten_1",
        slug="acme",
        name="Acme",
        kind="live",
        status="active",
        issuer="https://acme.example",
        rp_id="acme.example",
        epoch=1,
        settings=TenantSettings.model_validate(sections),
    )


def _run(
    facts: Facts = START, kind: Kind = "sign_in", asked: Asked | None = None, **sections: Any
) -> Run:
    tenant = _tenant(**sections)
    flow = Flow(
        id="flw_1",
        kind=kind,
        binding="",
        continuation=Account() if kind == "step_up" else Authorize(payload={}),
        asked=asked or Asked(),
        epoch=tenant.epoch,
        expires_at=clock.now() + clock.HOUR,
        facts=facts,
    )
    return Run(tenant, flow, Actor("user"), "en")


def _needed(run: Run) -> str | None:
    found = next_step(run)
    return found[1] if found else None


def _proven(method: str = "password", at: int | None = None) -> Facts:
    proof = Proof(method=method, amr=("pwd",), at=clock.now() if at is None else at)
    return START.learn(
        identifier=ADDRESS, realm="local", user_id="usr_1", address_verified=True, proofs=(proof,)
    )


def _belonging(name: str) -> Belonging:
    return Belonging(
        organization_id=f"org_{name}", name=name, slug=name, roles=("member",), member_count=1
    )


def test_a_sign_in_learns_one_thing_after_the_other() -> None:
    assert _needed(_run()) == "no_identifier"
    assert _needed(_run(START.learn(identifier=ADDRESS, realm="local"))) == "no_proof"
    assert _needed(_run(_proven().learn(address_verified=False))) == "address_unverified"
    assert _needed(_run(_proven())) is None


def test_a_proof_older_than_asked_does_not_count() -> None:
    asked = Asked(fresh_after=1_000)
    assert _needed(_run(_proven(at=999), asked=asked)) == "stale_proof"
    assert _needed(_run(_proven(at=1_000), asked=asked)) is None


def test_a_sign_up_has_no_user_before_its_code() -> None:
    assert _needed(_run(kind="sign_up")) == "not_registered"
    pending = START.learn(identifier=ADDRESS, realm="local", sign_up=PendingSignUp())
    assert _needed(_run(pending, kind="sign_up")) == "sign_up_pending"


def test_l06_a_recovery_takes_no_proof_but_the_mailed_code() -> None:
    for method in ("password", "session"):
        assert _needed(_run(_proven(method), kind="recover")) == "no_mailed_proof"
    assert _needed(_run(_proven("email_code"), kind="recover")) == "password_to_be_set"
    done = _proven("email_code").learn(password_set=True)
    assert _needed(_run(done, kind="recover")) is None


@pytest.mark.parametrize(
    ("choice", "count", "reason"),
    [
        ("off", 2, None),
        ("optional", 0, None),
        ("optional", 1, None),
        ("optional", 2, "organization_choice"),
        ("required", 0, "organization_required"),
        ("required", 1, None),
        ("required", 2, "organization_choice"),
    ],
)
def test_an_organization_is_asked_for_when_there_is_a_choice(
    choice: str, count: int, reason: str | None
) -> None:
    belongings = tuple(_belonging(f"n{number}") for number in range(count))
    run = _run(_proven().learn(belongings=belongings), organizations={"choice": choice})
    assert _needed(run) == reason


def test_x09_only_the_organization_that_is_asked_for_will_do() -> None:
    asked = Asked(organization="n1")
    theirs = _proven().learn(belongings=(_belonging("n1"), _belonging("n2")))
    assert _needed(_run(theirs, asked=asked)) is None
    others = _proven().learn(belongings=(_belonging("n2"),))
    assert _needed(_run(others, asked=asked)) == "organization_not_theirs"


def test_consent_is_for_third_parties_and_for_what_is_new() -> None:
    asked = Asked(client_id="cli_1", scopes=("openid", "email"), third_party=True)
    assert _needed(_run(_proven(), asked=asked)) == "consent_missing"
    assert _needed(_run(_proven().learn(granted=("openid",)), asked=asked)) == "consent_missing"
    known = _proven().learn(granted=("email", "openid"))
    assert _needed(_run(known, asked=asked)) is None
    always = asked.model_copy(update={"always_consent": True})
    assert _needed(_run(known, asked=always)) == "consent_prompt"
    assert _needed(_run(known.learn(consented=asked.scopes), asked=always)) is None
    own = asked.model_copy(update={"third_party": False})
    assert _needed(_run(_proven(), asked=own)) is None


@pytest.mark.parametrize(
    ("kind", "methods"),
    [
        ("sign_up", {"sign_up_open": False}),
        ("recover", {"recovery_open": False}),
        ("recover", {"sign_in": ["email_code"]}),
        ("verify", {}),
    ],
)
def test_what_the_tenant_does_not_offer_is_a_sign_in(kind: Kind, methods: dict[str, Any]) -> None:
    assert permitted(_run(kind=kind, methods=methods)).flow.kind == "sign_in"


def test_verification_is_of_somebody_signed_in() -> None:
    assert permitted(_run(_proven(), kind="verify")).flow.kind == "verify"


def test_back_to_the_start_keeps_nothing_but_the_hint() -> None:
    facts = _proven().learn(hint="jane@example.com", organization="org_1", consented=("openid",))
    assert back_to_start(_run(facts)).facts == START.learn(hint="jane@example.com")


def test_the_chooser_is_for_accounts_of_this_browser() -> None:
    asked = Asked(choose_account=True)
    assert _needed(_run(asked=asked)) == "no_identifier"
    live = LiveSession(
        "ses_1", "usr_1", "brw_1", 0, ("pwd",), None, None, None, "active", 0, clock.now()
    )
    run = _run(asked=asked)
    here = Run(run.tenant, run.flow, run.actor, "en", sessions=(live,))
    assert _needed(here) == "select_account"


def test_nobody_is_asked_for_whom_they_act_on_the_way_to_their_own_account() -> None:
    many = _proven().learn(belongings=(_belonging("n1"), _belonging("n2")))
    run = _run(many, organizations={"choice": "required"})
    assert _needed(run) == "organization_choice"
    own = replace(run, flow=replace(run.flow, continuation=Account()))
    assert _needed(own) is None


def test_an_organization_whose_methods_were_not_given_asks_at_the_app_only() -> None:
    strict = _belonging("n1").model_copy(update={"methods": ("email_code",)})
    facts = _proven().learn(belongings=(strict,))
    assert _needed(_run(facts)) == "method_not_accepted"
    assert _needed(_run(facts, "recover")) == "no_mailed_proof"
    mailed = _proven("email_code").learn(belongings=(strict.model_copy(update={"methods": ()}),))
    assert _needed(_run(mailed, "recover")) == "password_to_be_set"
    own = replace(_run(facts), flow=replace(_run(facts).flow, continuation=Account()))
    assert _needed(own) is None
