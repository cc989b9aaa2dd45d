"""A setup link that many open at the same moment opens once."""

from collections import Counter

from flask import Flask

from app.account.refused import Refused
from app.actor import Actor
from app.setup import access
from tests.factories import Factory
from tests.races.crowd import SOME, at_once
from tests.setup.admin import link_for


def test_it_opens_once(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    token = link_for(tenant, make.organization(tenant, "Northwind Labs"))

    def open_it(_: int) -> str:
        try:
            access.enter(tenant, Actor("user"), token, "pages")
        except Refused as refusal:
            return refusal.code
        return "opened"

    assert Counter(at_once(app, open_it, SOME)) == {"opened": 1, "link_spent": SOME - 1}
    assert make.events(tenant).count("setup_link.opened") == 1
