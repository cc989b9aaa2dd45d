"""Authenticators and recovery codes of one's own account (M03, M04, M09)."""

from dataclasses import replace
from typing import Any

import pytest

from app import clock
from app.account import recovery_codes, totp
from app.account.owner import Owner
from app.account.refused import NotRecent, Refused
from app.actor import Actor
from app.directory import authenticators
from app.directory.errors import NotFound
from app.flow.assurance import ONE_FACTOR, TWO_FACTORS
from tests.factories import Factory
from tests.journeys.second import code_of


def _owner(make: Factory, **sections: Any) -> Owner:
    """Somebody who signed in just now, with two factors."""
    tenant = make.tenant(**sections)
    user = make.user(tenant)
    return Owner(
        tenant, Actor("user", user.id), user.id, "ses_here", clock.now(), TWO_FACTORS, "en"
    )


def _added(owner: Owner, label: str | None = None) -> totp.Confirmed:
    begun = totp.begin(owner)
    return totp.confirm(owner, begun.id, code_of(begun.pending.secret), label)


def test_the_first_app_brings_recovery_codes_and_the_second_does_not(make: Factory) -> None:
    owner = _owner(make)
    first, second = _added(owner, "Phone"), _added(owner)
    assert len(first.recovery_codes) == recovery_codes.count(owner) == 10
    assert second.recovery_codes == ()
    assert [each.label for each in totp.list_of(owner)] == ["Phone", None]
    told = [mail.values["label"] for p, mail in make.mails(owner.tenant) if p == "factor_added"]
    assert told == ["Phone", "Authenticator app"]


def test_m03_what_was_confirmed_is_shown_no_more(make: Factory) -> None:
    owner = _owner(make)
    elsewhere = replace(owner, session_id="ses_other")
    begun = totp.begin(owner)
    code = code_of(begun.pending.secret)
    assert totp.waiting(owner, begun.id) == begun
    with pytest.raises(Refused, match="code_expired"):
        totp.waiting(elsewhere, begun.id)
    with pytest.raises(NotFound):
        totp.confirm(elsewhere, begun.id, code)
    totp.confirm(owner, begun.id, code)
    with pytest.raises(Refused, match="code_expired"):
        totp.waiting(owner, begun.id)
    with pytest.raises(Refused) as refused:
        totp.confirm(owner, begun.id, code)
    assert refused.value.code == "code_expired"


def test_a_wrong_first_code_adds_nothing(make: Factory) -> None:
    owner = _owner(make)
    begun = totp.begin(owner)
    for typed, text_id in (
        (code_of(begun.pending.secret, 7), "error.totp_wrong"),
        ("abc", "error.totp_digits"),
    ):
        with pytest.raises(Refused) as refused:
            totp.confirm(owner, begun.id, typed)
        assert (refused.value.text.id, refused.value.field) == (text_id, "code")
    assert totp.list_of(owner) == ()


def test_m09_an_old_or_half_session_changes_nothing(make: Factory) -> None:
    owner = _owner(make)
    added = _added(owner)
    begun = totp.begin(owner)
    old = replace(owner, auth_time=clock.now() - clock.DAY)
    half = replace(owner, acr=ONE_FACTOR)
    for stale in (old, half):
        for act in (
            lambda who=stale: totp.begin(who),
            lambda who=stale: totp.confirm(who, begun.id, code_of(begun.pending.secret)),
            lambda who=stale: totp.remove(who, added.authenticator.id),
            lambda who=stale: recovery_codes.regenerate(who),
        ):
            with pytest.raises(NotRecent):
                act()
    assert [each.id for each in totp.list_of(owner)] == [added.authenticator.id]
    assert recovery_codes.count(owner) == 10


def test_m09_the_last_factor_stays_where_one_is_required(make: Factory) -> None:
    owner = _owner(make, policy={"mfa": "required"}, methods={"second": ["totp"]})
    first = _added(owner).authenticator
    with pytest.raises(Refused) as refused:
        totp.remove(owner, first.id)
    assert refused.value.code == "last_factor"
    _added(owner)
    totp.remove(owner, first.id)
    assert len(totp.list_of(owner)) == 1


def test_with_the_last_factor_go_the_recovery_codes(make: Factory) -> None:
    owner = _owner(make)
    added = _added(owner, "Phone").authenticator
    totp.remove(owner, added.id)
    assert totp.list_of(owner) == ()
    assert recovery_codes.count(owner) == 0
    with pytest.raises(Refused) as refused:
        recovery_codes.regenerate(owner)
    assert refused.value.code == "no_second_factor"
    told = [mail.values["label"] for p, mail in make.mails(owner.tenant) if p == "factor_removed"]
    assert told == ["Phone"]


def test_m04_new_codes_replace_the_old_ones_and_the_owner_is_told(make: Factory) -> None:
    owner = _owner(make)
    old = _added(owner).recovery_codes
    new = recovery_codes.regenerate(owner)
    assert not set(old) & set(new)
    assert recovery_codes.count(owner) == 10
    assert [p for p, _ in make.mails(owner.tenant)].count("recovery_codes_made") == 1


def test_names_are_cleaned_and_may_be_taken_away(make: Factory) -> None:
    owner = _owner(make)
    added = _added(owner).authenticator
    totp.rename(owner, added.id, "  <b>Work</b>\u202e\n phone " + "x" * 500)
    renamed = totp.get(owner, added.id).label
    assert renamed is not None
    assert renamed.startswith("<b>Work</b> phone xxx")
    assert len(renamed) == authenticators.LONGEST_LABEL
    totp.rename(owner, added.id, " ")
    assert totp.get(owner, added.id).label is None
    with pytest.raises(NotFound):
        totp.rename(owner, "crd_\x00", "x")


def test_one_person_may_have_five(make: Factory) -> None:
    owner = _owner(make)
    for _ in range(authenticators.MOST):
        _added(owner)
    with pytest.raises(Refused) as refused:
        totp.begin(owner)
    assert refused.value.code == "too_many_authenticators"


def test_a_tenant_without_apps_offers_none(make: Factory) -> None:
    owner = _owner(make, methods={"second": ["passkey"]})
    assert not totp.is_offered(owner)
    with pytest.raises(NotFound):
        totp.begin(owner)
