"""What the OpenAPI document of the headless API promises beyond the screens."""

from app.headless import openapi
from tests.factories import Factory


def test_a_limit_may_come_with_the_screen_or_as_a_problem(make: Factory) -> None:
    document = openapi.document(make.default_tenant())
    limited = document["paths"]["/flows/{flow_id}"]["post"]["responses"]["429"]
    schemas = {kind: each["schema"]["$ref"] for kind, each in limited["content"].items()}
    assert schemas == {
        "application/json": "#/components/schemas/Wrong",
        "application/problem+json": "#/components/schemas/Problem",
    }
    assert "Retry-After" in limited["headers"]
