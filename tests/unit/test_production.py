"""Production starts with safe settings, and names every one that is not."""

import pytest

from app import create_app
from app.config import Settings, UnsafeSettings
from app.security import new_root_key

SAFE = {
    "ENVIRONMENT": "production",
    "BASE_URL": "https://login.acme.example",
    "ROOT_KEYS": new_root_key(1),
    "SMTP_URL": "smtps://mail.acme.example",
    "MAIL_FROM": "no-reply@acme.example",
}


def test_safe_settings_have_no_problems() -> None:
    assert Settings.from_environment(SAFE).problems() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_URL", "http://login.acme.example"),
        ("BASE_URL", "https://login.acme.example/path"),
        ("ROOT_KEYS", ""),
        ("OUTBOUND_ALLOW", "127.0.0.1:9"),
        ("CLOCK_OFFSET", "60"),
        ("SMTP_URL", ""),
        ("TLS_ASK_TOKEN", "too short"),
        ("MAIL_FROM", ""),
        ("MAIL_FROM", "no-reply@localhost"),
        ("MAIL_FROM", "a@b.example\r\nBcc: c@d.example"),
        ("ARGON2_MEMORY_KIB", "1024"),
        ("ARGON2_ITERATIONS", "1"),
        ("CONSOLE_URL", "https://login.acme.example"),
    ],
)
def test_each_unsafe_setting_is_named(name: str, value: str) -> None:
    (problem,) = Settings.from_environment({**SAFE, name: value}).problems()
    assert problem.startswith(name)


@pytest.mark.parametrize(
    "url", ["mail.acme.example", "http://mail.acme.example", "smtp://me:hush@mail.acme.example"]
)
def test_a_mail_server_that_cannot_be_used_is_named_at_the_start(url: str) -> None:
    settings = Settings.from_environment({"ENVIRONMENT": "test", "SMTP_URL": url})
    with pytest.raises(UnsafeSettings, match="SMTP_URL") as refused:
        create_app(settings, pages=False)
    assert "hush" not in str(refused.value)
