"""The state of a request: for one browser, one connection and one generation of it (I01, A13)."""

from dataclasses import replace

import pytest

from app.directory.connection_settings import OidcSettings
from app.directory.connections import Connection
from app.federation import state
from app.ids import new_id
from tests.doubles.oidc_party import connection_with

HERE = "browser"

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def connection() -> Connection:
    settings = OidcSettings(issuer="https://idp.example", client_id="authpage")
    return replace(connection_with(settings, "custom_oidc"), generation=3)


def test_i01_it_opens_where_it_was_issued_alone(connection: Connection) -> None:
    made = state.issue(connection, new_id("flw"), HERE)
    assert len(made.text) <= 80, "RelayState may have no more."
    assert state.open_(connection, HERE, made.text) == made
    assert state.open_(connection, "other", made.text) is None
    assert state.open_(replace(connection, id=new_id("con")), HERE, made.text) is None
    assert state.open_(replace(connection, tenant_id="tnt_2"), HERE, made.text) is None
    turned = "B" if made.text[-1] == "A" else "A"
    assert state.open_(connection, HERE, made.text[:-1] + turned) is None


def test_a13_it_knows_which_generation_it_was_made_for(connection: Connection) -> None:
    made = state.issue(connection, new_id("flw"), HERE)
    later = state.open_(replace(connection, generation=5), HERE, made.text)
    assert (made.generation, later and later.generation) == (3, 3)
    assert state.open_(replace(connection, generation=8), HERE, made.text) is None
    assert state.open_(replace(connection, generation=2), HERE, made.text) is None
