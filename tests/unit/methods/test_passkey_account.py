"""Passkeys of one's own account, as pages and API use them. (SECURITY K11, M09)"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app import clock
from app.account import passkeys
from app.account.owner import Owner
from app.account.refused import NotRecent, Refused
from app.directory.errors import NotFound
from app.flow.assurance import TWO_FACTORS
from tests.unit.methods.conftest import Bench


def _owner(bench: Bench) -> Owner:
    return Owner(
        tenant=bench.tenant,
        actor=bench.actor,
        user_id=bench.user.id,
        session_id="ses_here",
        auth_time=clock.now(),
        acr=TWO_FACTORS,
        locale="en",
    )


def test_a_passkey_is_made_named_and_removed(bench: Bench) -> None:
    owner = _owner(bench)
    credential = bench.authenticator.create(passkeys.begin(owner))
    made = passkeys.finish(owner, credential, "Phone").passkey
    assert [each.label for each in passkeys.list_of(owner)] == ["Phone"]
    passkeys.rename(owner, made.id, "Work phone")
    assert passkeys.get(owner, made.id).label == "Work phone"
    with pytest.raises(Refused):
        passkeys.rename(owner, made.id, " \u202e ")
    passkeys.remove(owner, made.id)
    assert passkeys.list_of(owner) == []
    purposes = [purpose for purpose, _ in bench.make.mails(bench.tenant)]
    assert purposes == ["passkey_added", "passkey_removed"]
    told = [each for each in bench.make.events(bench.tenant) if each.startswith("passkey.")]
    assert told == ["passkey.added", "passkey.renamed", "passkey.removed"]


@pytest.mark.parametrize(
    "act",
    [
        passkeys.begin,
        lambda owner: passkeys.finish(owner, "{}"),
        lambda owner: passkeys.remove(owner, "crd_any"),
    ],
)
def test_k11_a_stale_session_changes_no_passkey(
    bench: Bench, act: Callable[[Owner], object]
) -> None:
    owner = _owner(bench)
    stale = replace(owner, auth_time=clock.now() - 601 * clock.SECOND)
    with pytest.raises(NotRecent):
        act(stale)


def test_k01_an_answer_counts_once_and_in_its_own_session(bench: Bench) -> None:
    owner = _owner(bench)
    credential = bench.authenticator.create(passkeys.begin(owner))
    with pytest.raises(Refused, match="passkey_expired"):
        passkeys.finish(replace(owner, session_id="ses_other"), credential)
    passkeys.finish(owner, credential)
    with pytest.raises(Refused, match="passkey_exists"):
        passkeys.finish(owner, credential)


def test_the_last_way_in_stays(bench: Bench) -> None:
    only = {"sign_in": ["passkey"], "sign_up": ["passkey"]}
    tenant = bench.make.tenant(methods=only)
    alone = bench.elsewhere(tenant, bench.make.user(tenant, password=None))
    made = alone.enrolled()
    owner = _owner(alone)
    with pytest.raises(Refused, match="last_way_in"):
        passkeys.remove(owner, passkeys.list_of(owner)[0].id)
    assert [each.external_id for each in passkeys.list_of(owner)] == [made.external_id]


def test_somebody_elses_passkey_is_not_there(bench: Bench) -> None:
    bench.enrolled()
    theirs = passkeys.list_of(_owner(bench))[0].id
    other = _owner(bench.elsewhere(bench.tenant, bench.make.user(bench.tenant)))
    for act in (
        lambda: passkeys.remove(other, theirs),
        lambda: passkeys.rename(other, theirs, "Mine"),
        lambda: passkeys.get(other, theirs),
    ):
        with pytest.raises(NotFound):
            act()
    assert len(passkeys.list_of(_owner(bench))) == 1


def test_a_tenant_without_passkeys_makes_none(bench: Bench) -> None:
    none = {"sign_in": ["password"], "sign_up": ["password"], "second": ["totp"]}
    tenant = bench.make.tenant(methods=none)
    owner = _owner(bench.elsewhere(tenant, bench.make.user(tenant)))
    assert not passkeys.is_offered(owner)
    with pytest.raises(NotFound):
        passkeys.begin(owner)


def test_the_browser_is_told_of_this_persons_passkeys_alone(bench: Bench) -> None:
    made = bench.enrolled()
    bench.elsewhere(bench.tenant, bench.make.user(bench.tenant)).enrolled()
    told = passkeys.known(_owner(bench)).document()
    assert told["allAcceptedCredentialIds"] == [made.external_id]
    assert told["rpId"] == bench.tenant.rp_id
    assert told["name"] == bench.user.email
