"""Users who have not said who they are: made by an app's own request, and told by their token."""

from dataclasses import replace

from app import clock, completion, tenancy, visitor
from app.completion import Completed, Ticket
from app.database import read, write
from app.directory import anonymous, people
from app.flow import envelope, store
from app.flow.assurance import ANONYMOUS
from app.flow.continuation import Authorize
from app.flow.envelope import Opening
from app.flow.facts import Proof
from app.flow.run import Run
from app.headless.problems import problem
from app.ids import new_id
from app.oidc import families, prompts, tokens
from app.oidc.authorization import AuthorizationRequest
from app.security import random_token


def mint(
    asked: AuthorizationRequest, continuation: Authorize, locale: str
) -> tuple[Run, Completed | Ticket]:
    """A new anonymous user, signed in at once: the finished flow and what it came to.

    Raises `Problem` for a client that may not, and when the network or the client has made too
    many.
    """
    tenant = tenancy.current()
    if not asked.client.allows_anonymous:
        raise problem("anonymous_not_allowed")
    exceeded = anonymous.count(tenant, asked.client.id, visitor.actor().address)
    if exceeded:
        raise problem("rate_limited", retry_after=exceeded.retry_after)
    run = _run(asked, continuation, locale)
    complete = completion.code_only if continuation.answer_as == "code" else completion.ticket
    with write(tenant.id) as session:
        flow = store.save(session, run.flow, finished=True)
        user_id = run.facts.user_id
        assert user_id is not None
        acting = run.acting(user_id)
        people.create(session, acting, user_id=user_id, locale=locale, is_anonymous=True)
        return replace(run, flow=flow), complete(session, run)


def of_token(asked: AuthorizationRequest, token: str) -> str:
    """The id of the anonymous user whose access token the client sent; raises `Problem` unless the
    token is good now and was given to this very client."""
    tenant = tenancy.current()
    access = tokens.read_access_token(tenant, token)
    if access is None or access.client_id != asked.client.id:
        raise problem("anonymous_token_invalid")
    with read(tenant.id) as session:
        family = families.find(session, access.family_id)
    if family is None or not family.is_good(tenant) or not family.is_anonymous:
        raise problem("anonymous_token_invalid")
    return family.user_id


def _run(asked: AuthorizationRequest, continuation: Authorize, locale: str) -> Run:
    """A flow that has learned all it can; nobody holds a token of it."""
    tenant = tenancy.current()
    opening = Opening("sign_in", continuation, prompts.asked(asked), binding=random_token())
    flow = replace(envelope.start(tenant, opening), is_headless=True)
    facts = flow.facts.learn(
        user_id=new_id("usr"),
        address_verified=True,
        proofs=(Proof(method=ANONYMOUS, amr=(), at=clock.now()),),
        is_new_user=True,
    )
    return Run(tenant, flow.learned(facts), visitor.actor(), locale)
