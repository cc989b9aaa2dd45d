"""Whoever is proven but may not come in leaves a trace."""

from flask import Flask

from app.actor import CLI
from app.audit.log import list_page
from app.database import read, write
from app.directory import people_status
from tests.factories import PASSWORD, Factory
from tests.visitors import HtmlVisitor


def test_the_right_password_of_a_disabled_account_is_recorded(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant())
    user, visitor = make.user(client.tenant), HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    with write(client.tenant.id) as session:
        people_status.disable(session, CLI, user.id)

    visitor.submit(password="not the right one")
    visitor.submit(password=PASSWORD)

    assert (visitor.status, visitor.message) == (422, "error.account_disabled")
    with read(client.tenant.id) as session:
        newest, former, *_ = list_page(session, subject_id=user.id).items
    assert (newest.event, former.event) == ("user.refused", "password.failed")
    assert newest.personal["address"] == "127.0.0.1"
