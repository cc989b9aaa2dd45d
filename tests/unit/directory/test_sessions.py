"""Sessions: what ends them, how the cookie rotates (F09), what the device list shows (F16)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from app import clock
from app.actor import CLI, Actor
from app.database import EVERYWHERE, read, write
from app.directory import devices, people_status, sessions, tenants
from app.directory.errors import NotFound
from app.directory.permissions import Forbidden
from app.directory.sessions import LiveSession, NotActive, Opened, SignedIn
from app.directory.tenants import Tenant
from app.extensions import db
from app.models import Browser
from tests.unit.directory.conftest import Somebody, make_user

_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def opened(tenant: Tenant, user: Somebody, cookie: str | None = None) -> Opened:
    with write(tenant.id) as session:
        return sessions.open(
            session,
            Actor("user", user.id, address="203.0.113.9", user_agent=_FIREFOX),
            tenant,
            cookie_value=cookie,
            user_id=user.id,
            amr=["pwd"],
            acr=None,
            auth_time=clock.now(),
        )


def signed_in(tenant: Tenant, cookie: str | None) -> SignedIn | None:
    with read(tenant.id) as session:
        return sessions.of_browser(session, tenant, cookie)


def on_browser(tenant: Tenant, cookie: str) -> tuple[LiveSession, ...]:
    found = signed_in(tenant, cookie)
    assert found is not None
    return found.sessions


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that go to the database meanwhile."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_session_is_found_by_its_cookie(tenant: Tenant) -> None:
    jane = make_user(tenant)
    made = opened(tenant, jane)
    (live,) = on_browser(tenant, made.cookie_value)
    assert (live.id, live.user_id, live.email) == (made.session_id, jane.id, jane.email)
    assert (live.amr, live.browser_id) == (("pwd",), made.browser_id)
    assert made.is_new_browser


@pytest.mark.parametrize(
    "cookie",
    [None, "", "x", "x" * 43, "x" * 8_192, "é" * 43, "\x00" * 43, "a.b.c", "%00"],
)
def test_c05_malformed_cookie_is_nobody(tenant: Tenant, cookie: str | None) -> None:
    assert signed_in(tenant, cookie) is None


def test_f09_cookie_changes_at_every_sign_in_and_the_old_value_is_dead(tenant: Tenant) -> None:
    jane = make_user(tenant)
    first = opened(tenant, jane)
    second = opened(tenant, jane, first.cookie_value)
    assert second.browser_id == first.browser_id
    assert not second.is_new_browser
    assert second.cookie_value != first.cookie_value
    assert second.session_id != first.session_id
    assert signed_in(tenant, first.cookie_value) is None
    assert [live.id for live in on_browser(tenant, second.cookie_value)] == [second.session_id]


def test_f09_planted_cookie_never_becomes_a_session(tenant: Tenant) -> None:
    jane = make_user(tenant)
    planted = "A" * 43
    made = opened(tenant, jane, planted)
    assert made.cookie_value != planted
    assert signed_in(tenant, planted) is None


def test_two_people_share_a_browser_newest_first(tenant: Tenant) -> None:
    jane, bob = make_user(tenant, "jane"), make_user(tenant, "bob")
    first = opened(tenant, jane)
    clock.move(1)
    second = opened(tenant, bob, first.cookie_value)
    assert [live.user_id for live in on_browser(tenant, second.cookie_value)] == [jane.id, bob.id][
        ::-1
    ]


def test_cookie_of_one_tenant_is_nothing_to_another(tenant: Tenant, other_tenant: Tenant) -> None:
    made = opened(tenant, make_user(tenant))
    assert signed_in(other_tenant, made.cookie_value) is None


def test_idle_session_is_not_live(tenant: Tenant) -> None:
    made = opened(tenant, make_user(tenant))
    clock.move(tenant.settings.lifetimes.session_idle - 1)
    assert len(on_browser(tenant, made.cookie_value)) == 1
    clock.move(2)
    assert on_browser(tenant, made.cookie_value) == ()


def test_touch_prolongs_but_never_past_the_absolute_life(tenant: Tenant) -> None:
    jane = make_user(tenant)
    made = opened(tenant, jane)
    lives = tenant.settings.lifetimes
    for _ in range(lives.session_absolute // (lives.session_idle // 2)):
        (live,) = on_browser(tenant, made.cookie_value)
        with write(tenant.id) as session:
            sessions.touch(session, Actor("user", jane.id), tenant, live)
        clock.move(lives.session_idle // 2)
    assert on_browser(tenant, made.cookie_value) == ()


def test_touch_writes_at_most_once_a_minute(tenant: Tenant) -> None:
    jane = make_user(tenant)
    made = opened(tenant, jane)
    (live,) = on_browser(tenant, made.cookie_value)
    needed_at_once = live.needs_touch
    clock.move(61)
    assert (needed_at_once, live.needs_touch) == (False, True)
    for _ in range(2):
        with write(tenant.id) as session:
            sessions.touch(session, Actor("user", jane.id), tenant, live)
        clock.move(1)
    (touched,) = on_browser(tenant, made.cookie_value)
    assert touched.last_seen_at >= live.last_seen_at + 61_000
    assert touched.last_seen_at < clock.now() - 1_000


def test_raised_epoch_of_the_tenant_ends_its_sessions(tenant: Tenant, other_tenant: Tenant) -> None:
    made = opened(tenant, make_user(tenant))
    theirs = opened(other_tenant, make_user(other_tenant))
    with write(EVERYWHERE) as session:
        tenants.end_everything(session, CLI, tenant.id)
    renewed = tenants.by_id(tenant.id)
    assert renewed is not None
    assert on_browser(renewed, made.cookie_value) == ()
    assert len(on_browser(other_tenant, theirs.cookie_value)) == 1


def test_raised_epoch_of_the_installation_ends_every_session(tenant: Tenant) -> None:
    jane = make_user(tenant)
    made = opened(tenant, jane)
    with write(EVERYWHERE) as session:
        tenants.end_everything(session, CLI)
    renewed = tenants.by_id(tenant.id)
    assert renewed is not None
    assert on_browser(renewed, made.cookie_value) == ()
    with read(tenant.id) as session:
        assert sessions.list_of_user(session, jane.id) == []


def test_session_of_a_disabled_user_is_not_live(tenant: Tenant) -> None:
    jane = make_user(tenant)
    made = opened(tenant, jane)
    with write(tenant.id) as session:
        people_status.disable(session, CLI, jane.id)
    assert on_browser(tenant, made.cookie_value) == ()
    with write(tenant.id) as session:
        people_status.enable(session, CLI, jane.id)
    assert on_browser(tenant, made.cookie_value) == ()


def test_disabled_user_gets_no_session(tenant: Tenant) -> None:
    jane = make_user(tenant)
    with write(tenant.id) as session:
        people_status.disable(session, CLI, jane.id)
    with pytest.raises(NotActive):
        opened(tenant, jane)


def test_ending_one_session_leaves_the_other_person_signed_in(tenant: Tenant) -> None:
    jane, bob = make_user(tenant, "jane"), make_user(tenant, "bob")
    first = opened(tenant, jane)
    second = opened(tenant, bob, first.cookie_value)
    with write(tenant.id) as session:
        assert sessions.end(session, Actor("user", jane.id), first.session_id, "signed_out")
        assert not sessions.end(session, CLI, first.session_id, "signed_out")
    (left,) = on_browser(tenant, second.cookie_value)
    assert left.user_id == bob.id


def test_ending_an_unknown_session(tenant: Tenant) -> None:
    with pytest.raises(NotFound), write(tenant.id) as session:
        sessions.end(session, CLI, "ses_nothing", "signed_out")


def test_browser_ends_whole_by_any_of_its_people_and_nobody_else(tenant: Tenant) -> None:
    jane, bob, eve = (make_user(tenant, name) for name in ("jane", "bob", "eve"))
    first = opened(tenant, jane)
    second = opened(tenant, bob, first.cookie_value)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        sessions.end_browser(session, Actor("user", eve.id), second.browser_id)
    with write(tenant.id) as session:
        assert sessions.end_browser(session, Actor("user", jane.id), second.browser_id) == 2
    assert on_browser(tenant, second.cookie_value) == ()


def test_signing_out_everywhere_spares_the_session_in_use(tenant: Tenant) -> None:
    jane = make_user(tenant)
    here, there = opened(tenant, jane), opened(tenant, jane)
    with write(tenant.id) as session:
        ended = sessions.end_all_of_user(
            session, Actor("user", jane.id), jane.id, "signed_out", here.session_id
        )
    assert ended == 1
    assert len(on_browser(tenant, here.cookie_value)) == 1
    assert on_browser(tenant, there.cookie_value) == ()


def test_device_list_tells_browser_and_system(tenant: Tenant) -> None:
    jane = make_user(tenant)
    opened(tenant, jane)
    with read(tenant.id) as session:
        (listed,) = sessions.list_of_user(session, jane.id)
    assert (listed.software, listed.system) == ("Firefox 128", "Linux")
    assert listed.address == "203.0.113.9"


@pytest.mark.parametrize(
    "header",
    [
        "Mozilla/5.0 " + "x" * 65_536,
        "Firefox/<script>alert(1)</script>",
        "Firefox/128\u202e.0 \u2066evil\u2069",
        "\x00\x1b[31mFirefox/1.0",
        "MyApp-" + "é" * 500 + "/1.0",
    ],
)
def test_f16_device_text_is_short_and_cannot_turn_the_page_around(header: str) -> None:
    device = devices.of_user_agent(header)
    for shown in (device.software or "", device.system or ""):
        assert len(shown) <= 60
        assert shown.isprintable()


def test_no_user_agent_is_an_unknown_device() -> None:
    assert devices.of_user_agent(None) == devices.UNKNOWN
    assert devices.of_user_agent("") == devices.UNKNOWN


def test_cookie_is_kept_as_a_keyed_hash(tenant: Tenant) -> None:
    """L13: a stolen database opens no session."""
    made = opened(tenant, make_user(tenant))
    with read(tenant.id) as session:
        row = session.get(Browser, (tenant.id, made.browser_id))
    assert row is not None
    assert made.cookie_value not in str(vars(row))


def test_looking_up_a_browser_is_one_statement(tenant: Tenant) -> None:
    made = opened(tenant, make_user(tenant))
    with statements() as seen:
        signed_in(tenant, made.cookie_value)
    assert len(seen) == 1


def test_opening_a_session_is_few_statements(tenant: Tenant) -> None:
    """P10: a login's last transaction has nine statements in all."""
    jane = make_user(tenant)
    with statements() as seen:
        made = opened(tenant, jane)
    assert len([each for each in seen if not each.startswith("BEGIN")]) == 3
    with statements() as seen:
        opened(tenant, jane, made.cookie_value)
    assert len([each for each in seen if not each.startswith("BEGIN")]) == 4
