"""Z22, F14, T04: root keys that are missing, wrong or on their way out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from app import create_app, migration, single_use
from app.config import Settings, UnsafeSettings
from app.database import write
from app.directory.tenants import Tenant
from app.extensions import db
from app.keys import signing
from app.limits import Limit, count
from app.security import CannotUnseal, keyring, new_root_key
from tests.conftest import Client
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.security.doors import with_changes
from tests.visitors import HtmlVisitor

OLD, NEW, LOST = new_root_key(1), new_root_key(2), new_root_key(1)


@contextmanager
def _running(settings: Settings, url: str, *keys: str) -> Iterator[Flask]:
    """The application on that database under these root keys."""
    app = create_app(with_changes(settings, database_url=url, root_keys=keys))
    app.test_client_class = Client
    with app.app_context():
        yield app
        db.engine.dispose()


def _production(settings: Settings, folder: Path, *keys: str) -> Settings:
    return with_changes(
        settings,
        environment="production",
        base_url="https://id.example.com",
        data_dir=folder,
        root_keys=keys,
        smtp_url="smtps://mail.example.com",
        mail_from="no-reply@id.example.com",
        argon2_memory_kib=19_456,
        argon2_iterations=2,
        worker="separate",
    )


def test_z22_production_never_makes_a_root_key(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UnsafeSettings, match="ROOT_KEYS must be set"):
        create_app(_production(settings, tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "key",
    ["x", "1:", "1:AAAA", "1:" + "A" * 43, "0:" + "A" * 43 + "=", "-1:" + "A" * 43 + "=",
     "70000:" + "A" * 43 + "=", "A" * 43 + "=", "1:" + "é" * 43],
)  # fmt: skip
def test_t04_a_malformed_root_key_is_refused(settings: Settings, tmp_path: Path, key: str) -> None:
    with pytest.raises(UnsafeSettings, match="ROOT_KEYS"):
        create_app(_production(settings, tmp_path, key))


def test_t04_two_keys_of_one_version_are_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UnsafeSettings, match="ROOT_KEYS"):
        create_app(_production(settings, tmp_path, OLD, LOST))


def test_f14_fallbacks_are_whole_keys(settings: Settings, empty_database_url: str) -> None:
    with _running(settings, empty_database_url, OLD, NEW) as app:
        fallbacks = app.config["SECRET_KEY_FALLBACKS"]
        assert isinstance(fallbacks, list)
        assert {len(key) for key in (*fallbacks, app.secret_key or "")} == {64}
        assert app.secret_key not in fallbacks


class Before:
    """What was made under the old key alone."""

    def __init__(self, app: Flask) -> None:
        make = Factory()
        make.default_tenant()
        self.tenant: Tenant = make.tenant(limits={"passwords_per_account_and_network": 3})
        self.user: MadeUser = make.user(self.tenant)
        self.client: MadeClient = make.client(self.tenant)
        self.signed_in = HtmlVisitor(app, self.client)
        self.signed_in.open()
        self.signed_in.submit(email=self.user.email)
        self.signed_in.submit(password=PASSWORD)
        self.running = HtmlVisitor(app, self.client)
        self.running.open()
        self.sealed = keyring().seal(b"a provider's secret", "context")
        with write(self.tenant.id) as session:
            self.row_id = single_use.issue(
                session,
                "email_code",
                subject="s",
                binding="b",
                secret="123456",
                lives=600,
                epoch=self.tenant.epoch,
                max_attempts=5,
            )
            assert single_use.mark(session, "jti", "seen", until=10**15)
        self.limit = Limit("a.limit", "key", 1)
        assert count(self.tenant.id, self.limit) is None

    def browser(self, app: Flask, former: HtmlVisitor) -> HtmlVisitor:
        """The same browser before the application under other keys."""
        page = HtmlVisitor(app, self.client)
        page.http._cookies = dict(former.http._cookies or {})
        page.page, page.url = former.page, former.url
        return page


def test_f14_what_the_old_key_made_is_still_good_beside_the_new_one(
    settings: Settings, empty_database_url: str
) -> None:
    with _running(settings, empty_database_url, OLD) as app:
        migration.upgrade()
        before = Before(app)
    with _running(settings, empty_database_url, NEW, OLD) as app:
        page = before.browser(app, before.signed_in)
        assert page.get(f"{page.base}/account").status_code == 200
        flow = before.browser(app, before.running)
        flow.submit(email=before.user.email)
        assert flow.status == 400, "The token in a form is good under the newest key alone."
        flow.follow(flow.get(before.running.url))
        flow.submit(email=before.user.email)
        assert flow.screen == "password"
        flow.submit(password=PASSWORD)
        assert flow.answer is not None
        assert keyring().unseal(before.sealed, "context") == b"a provider's secret"
        assert signing.sign(before.tenant, {"sub": "x"}, "JWT", "RS256")
        row = single_use.try_once(
            before.tenant.id, "email_code", before.row_id, binding="b", epoch=before.tenant.epoch
        )
        assert row is not None
        assert row.is_secret("123456")
        with write(before.tenant.id) as session:
            assert not single_use.mark(session, "jti", "seen", until=10**15), "A replay got in."
        assert keyring().seal(b"x", "context")[:2] == (2).to_bytes(2, "big")
        assert keyring().hash("purpose", "x") == next(keyring().hashes("purpose", "x"))
        renewed = before.browser(app, flow)
        assert renewed.get(f"{page.base}/account").status_code == 200
        newest = before.browser(app, renewed)
    with _running(settings, empty_database_url, NEW) as app:
        late = before.browser(app, newest)
        assert late.get(f"{late.base}/account").status_code == 200, "Signed in under the new key."
        gone = before.browser(app, before.signed_in)
        assert gone.get(f"{gone.base}/account").status_code == 303, "The old key is gone."


def test_z22_under_another_key_nothing_opens_and_nothing_is_made_anew(
    settings: Settings, empty_database_url: str
) -> None:
    with _running(settings, empty_database_url, OLD) as app:
        migration.upgrade()
        before = Before(app)
    with _running(settings, empty_database_url, LOST) as app:
        with pytest.raises(CannotUnseal):
            keyring().unseal(before.sealed, "context")
        page = before.browser(app, before.signed_in)
        assert page.get(f"{page.base}/account").status_code == 303
        with pytest.raises(CannotUnseal):
            signing.sign(before.tenant, {"sub": "x"}, "JWT", "RS256")
        published = page.get(f"{page.base}/oauth2/jwks").get_json()["keys"]
        assert len(published) == 1, "No key was made in place of the one that cannot be opened."
