"""Requests as an attacker makes them."""

from flask import Flask
from werkzeug.test import TestResponse

from app.config import Settings
from tests.factories import PASSWORD, Factory, MadeClient
from tests.visitors import HtmlVisitor


def signed_in(app: Flask, make: Factory) -> HtmlVisitor:
    """A browser on which a new user of a new tenant is signed in."""
    tenant = make.tenant()
    user, client = make.user(tenant), make.client(tenant)
    page = HtmlVisitor(app, client)
    page.open()
    page.submit(email=user.email)
    page.submit(password=PASSWORD)
    assert page.answer is not None
    return page


def at_identify(app: Flask, client: MadeClient) -> HtmlVisitor:
    """A browser at the first page of a flow."""
    page = HtmlVisitor(app, client)
    page.open()
    assert page.screen == "identify"
    return page


def with_changes(settings: Settings, **changes: object) -> Settings:
    """These settings with some changed."""
    return Settings.model_validate({**settings.model_dump(exclude_unset=True), **changes})


def is_signed_in(response: TestResponse) -> bool:
    """Whether an answer to /account is the account's page."""
    return response.status_code == 200
