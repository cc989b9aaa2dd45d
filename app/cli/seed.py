"""`authpage seed`: example data."""

from app.cli import demo
from app.cli.groups import Group
from app.cli.output import Record, prints
from app.config import Settings, settings

group = Group("seed", help="Fill the database with example data.")


@group.command("demo")
@prints
def seed_demo() -> Record:
    """Make the demo tenants, users, organizations and clients; harmless when they are there."""
    told = demo.seed(settings())
    return Record(_members(settings(), told), "The demo is ready.")


def _members(chosen: Settings, told: dict[str, str]) -> dict[str, object]:
    base = told["OIDC_ISSUER"]
    return {
        "issuer": base,
        "demo_app": f"http://localhost:{chosen.demo_port}",
        "client_id": told["OIDC_CLIENT_ID"],
        "third_party_client_id": told["THIRD_PARTY_OIDC_CLIENT_ID"],
        "users": [*demo.PEOPLE],
        "password": demo.PASSWORD,
        "tenants": {
            each.slug: base if each.slug == "default" else f"{base}/t/{each.slug}"
            for each in demo.TENANTS
        },
    }
