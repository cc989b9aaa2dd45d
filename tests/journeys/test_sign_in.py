"""From the app through AuthPage and back, as pages and as JSON."""

from collections.abc import Callable

from tests.factories import PASSWORD, Factory
from tests.visitors import Visitor

Visit = Callable[..., Visitor]


def test_a_password_leads_back_to_the_app_with_a_code(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    visitor = visit(make.client(tenant))
    assert visitor.screen == "identify"
    visitor.submit(email=user.email)
    assert visitor.screen == "password"
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None
    assert visitor.answer["state"] == "a-state"
    assert visitor.answer["iss"] == tenant.issuer
    assert len(visitor.answer["code"]) >= 22
