"""P4, P10: how often each step asks the database. A number that grows here costs every login."""

import pytest
from flask import Flask

from app import changes
from tests.factories import PASSWORD, REDIRECT_URI, Factory, MadeClient, MadeUser
from tests.performance.statements import asked
from tests.visitors import VERIFIER, HtmlVisitor


class Scene:
    """A tenant, a client and a person, with every cache warm."""

    def __init__(self, app: Flask, make: Factory) -> None:
        self.app = app
        self.tenant = make.tenant()
        self.user: MadeUser = make.user(self.tenant)
        self.client: MadeClient = make.client(self.tenant)
        self.base = self.tenant.base_url
        page = self.page()
        page.submit(email=self.user.email)
        page.submit(password=PASSWORD)
        self.signed_in = page
        self.tokens = self.token(page)
        self.userinfo()

    def page(self) -> HtmlVisitor:
        """A browser at the first page."""
        page = HtmlVisitor(self.app, self.client)
        page.open()
        return page

    def token(self, page: HtmlVisitor) -> dict[str, str]:
        """The tokens for the code that the browser came back with."""
        assert page.answer is not None
        form = self.form("authorization_code", code=page.answer["code"])
        return dict(self.post(form))

    def form(self, grant: str, **fields: str) -> dict[str, str]:
        """A form for the token endpoint."""
        return {
            "grant_type": grant,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
            "client_id": self.client.id,
            "client_secret": str(self.client.secret),
            **fields,
        }

    def post(self, form: dict[str, str]) -> dict[str, str]:
        """The token endpoint's answer."""
        response = self.app.test_client().post(f"{self.base}/oauth2/token", data=form)
        assert response.status_code == 200, response.text
        return dict(response.get_json())

    def userinfo(self) -> None:
        """Ask the userinfo endpoint."""
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        response = self.app.test_client().get(f"{self.base}/oauth2/userinfo", headers=headers)
        assert response.status_code == 200


@pytest.fixture
def scene(app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Warm, and with the look at the change counter, which is due twice a second, not due."""
    warm = Scene(app, make)
    changes.current()
    monkeypatch.setattr(changes, "_LOOK_AFTER", 10**9)
    return warm


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/oauth2/jwks",
        "/sign-in",
        "/headless/v1/openapi.json",
        "/healthz",
    ],
)
def test_p10_what_is_the_same_for_everybody_asks_nothing(scene: Scene, path: str) -> None:
    with asked(scene.app) as found:
        response = scene.app.test_client().get(scene.base + path)
    assert response.status_code in (200, 303)
    assert found.count == 0, found


def test_p10_the_start_and_the_first_page_ask_for_the_flow_alone(scene: Scene) -> None:
    with asked(scene.app) as found:
        page = scene.page()
    assert page.screen == "identify"
    assert found.count <= 1, found
    assert found.commits == 0


def test_p10_userinfo_asks_once(scene: Scene) -> None:
    with asked(scene.app) as found:
        scene.userinfo()
    assert (found.count, found.commits) == (1, 0), found


def test_p10_a_code_becomes_tokens_in_one_transaction_of_two_statements(scene: Scene) -> None:
    page = scene.page()
    page.submit(email=scene.user.email)
    page.submit(password=PASSWORD)
    with asked(scene.app) as found:
        scene.token(page)
    assert (found.count, found.commits) == (2, 1), found


def test_p10_a_refresh_is_one_transaction_of_one_statement(scene: Scene) -> None:
    form = scene.form("refresh_token", refresh_token=scene.tokens["refresh_token"])
    with asked(scene.app) as found:
        scene.post(form)
    assert (found.count, found.commits) == (1, 1), found


def test_p10_a_live_session_gets_its_code_with_few_questions(scene: Scene) -> None:
    page = scene.signed_in
    page.answer = {}
    with asked(scene.app) as found:
        page.open()
    assert "code" in page.answer
    assert found.commits == 1, found
    assert found.count <= 3, found


def test_p4_the_address_is_one_transaction(scene: Scene) -> None:
    page = scene.page()
    with asked(scene.app) as found:
        answer = page.post(email=scene.user.email)
    assert answer.status_code == 303
    assert found.commits == 1, found
    assert found.count <= 2, found


def test_p4_a_password_is_a_read_a_count_and_one_transaction(scene: Scene) -> None:
    page = scene.page()
    page.submit(email=scene.user.email)
    with asked(scene.app) as found:
        answer = page.post(password=PASSWORD)
    assert answer.status_code == 200
    assert found.commits == 2, found
    # One looks for second factors; a browser that is new costs a mail with a link, which is three.
    assert found.count <= 14, found


def test_p4_a_password_on_a_known_browser_tells_nobody(scene: Scene) -> None:
    page = scene.signed_in
    page.open(prompt="login")
    page.submit(email=scene.user.email)
    with asked(scene.app) as found:
        answer = page.post(password=PASSWORD)
    assert answer.status_code == 200
    assert found.commits == 2, found
    assert found.count <= 15, found
    assert not [each for each in found.statements if "outbox_message" in each]


def test_p10_policy_costs_a_live_session_one_question_only_where_it_asks_more(
    scene: Scene, make: Factory
) -> None:
    page = scene.signed_in
    make.authenticator(scene.tenant, scene.user)
    with asked(scene.app) as found:
        page.open(prompt="none")
    assert (page.answer or {})["error"] == "login_required"
    assert found.count <= 3, found
    assert found.commits == 0


def test_p4_a_wrong_password_costs_the_same_for_known_and_unknown(scene: Scene) -> None:
    counts = []
    for email in (scene.user.email, "nobody@example.com"):
        page = scene.page()
        page.submit(email=email)
        with asked(scene.app) as found:
            page.post(password="wrong")
        counts.append((found.count, found.commits))
    assert counts[0] == counts[1], "O12: the work must not tell whether somebody has the address."


def test_o12_a_code_costs_the_same_for_known_and_unknown(scene: Scene) -> None:
    counts = []
    for email in (scene.user.email, "nobody@example.com"):
        page = scene.page()
        page.submit(email=email)
        with asked(scene.app) as found:
            page.post("use:email_code")
        counts.append((found.count, found.commits))
    assert counts[0] == counts[1]
