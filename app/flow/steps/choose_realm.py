"""Where to prove it: at the provider of the address's organization, or here where that is allowed.
Asked before any code or link exists."""

from app.directory import connections
from app.flow import realm
from app.flow.facts import Facts, Named
from app.flow.realm import BREAK_GLASS, LOCAL, Candidate, Realm
from app.flow.run import Run
from app.flow.screen import Action, Screen, Text, Values, visible
from app.flow.steps import last_used, sign_up_form, upstream
from app.flow.steps.base import CHANGE, Landed, Result, Unprepared
from app.flow.steps.connect import CONNECT
from app.methods.base import Answers, Refused

_HERE = Action("here", Text("action.another_way"), "link", sends_fields=False)


class ChooseRealm(Unprepared):
    """Skipped for addresses that no organization with a connection has claimed."""

    key = "realm"

    def needed(self, run: Run) -> str | None:
        """Until it is known where the address signs in."""
        facts = run.facts
        is_open = facts.identifier is not None and facts.realm is None
        is_away = upstream.awaited(run) is not None
        return "realm_choice" if is_open and not is_away and not facts.proofs else None

    def screen(self, run: Run) -> Screen:
        """The address, a button for each connection, and the way to sign in here where there is
        one."""
        assert run.facts.identifier is not None
        found = realm_of(run, run.facts.identifier)
        organization: Values = {"organization": found.organization_name or ""}
        words = "realm.required" if found.is_required else "realm.optional"
        screen = Screen(
            name="realm",
            title=Text("realm.title", organization),
            subtitle=Text(words, organization),
            actions=(*_ways(run, found), *_ways_out(found)),
            display={"identifier": visible(run.facts.identifier.value)},
        )
        return last_used.marked(run, screen)

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Leave for a connection, or stay here."""
        assert run.facts.identifier is not None
        if action.startswith(CONNECT):
            return picked(run, action.removeprefix(CONNECT), answers)
        found = realm_of(run, run.facts.identifier)
        is_local = not found.is_required
        return Landed(run.facts.learn(realm=LOCAL if is_local else BREAK_GLASS))

    def forget(self, facts: Facts) -> Facts:
        """Where to prove it is open again."""
        return facts.learn(realm=None, connection=None)


def realm_of(run: Run, named: Named) -> Realm:
    """Where the identifier signs in; only an address has a domain."""
    email = named.email
    if email is None:
        return realm.NO_DOMAIN
    return realm.discover(email.domain, run.connections(run.tenant.id, email.domain))


def settled_realm(run: Run, named: Named) -> str | None:
    """`local` where there is nothing to choose; None while the person has to."""
    return LOCAL if realm_of(run, named).is_local else None


def picked(run: Run, connection_id: str, told: Answers) -> Landed | Refused:
    """Off to the connection that a button named, with what the client tells of somebody new."""
    connection = connections.find_usable(run.tenant.id, connection_id)
    if connection is None:
        return Refused(code="connection_disabled")
    errors = sign_up_form.errors_of_given(run, told)
    if errors:
        return Refused(errors=errors, code="invalid_fields")
    return upstream.leaving(run, connection, told)


def _ways(run: Run, found: Realm) -> tuple[Action, ...]:
    """A button for each, the one that was used last on this browser in front."""
    last = (run.asked.last_used or "").removeprefix("enterprise:")
    ways = sorted(found.candidates, key=lambda each: each.connection_id != last)
    return tuple(
        Action(
            f"{CONNECT}{each.connection_id}",
            Text("action.continue_to", {"name": each.name}),
            "primary" if number == 0 else "secondary",
            sends_fields=False,
            provider=_provider_of(run, each),
        )
        for number, each in enumerate(ways)
    )


def _provider_of(run: Run, candidate: Candidate) -> str | None:
    found = connections.find_usable(run.tenant.id, candidate.connection_id)
    return found.provider if found else None


def _ways_out(found: Realm) -> tuple[Action, ...]:
    """A door that sends nothing stays open for owners who may break the glass."""
    is_open = not found.is_required or found.has_break_glass
    return (_HERE, CHANGE) if is_open else (CHANGE,)
