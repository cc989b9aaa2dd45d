"""How often codes and links are sent and guessed: by account, place, network and client."""

from app import limits
from app.directory.people import Person
from app.identifiers import Identifier
from app.limits import Limit
from app.methods.base import Situation


def of_sending(
    channel: str, situation: Situation, person: Person | None, place: Identifier | None
) -> list[Limit]:
    """What counts a message to `place`: the account under whatever name it is called, the place
    itself, the network that asks for it and the client."""
    figures = situation.tenant.settings.limits
    account = situation.account(person)
    # As many counters for nobody as for somebody: the work must not tell.
    somewhere = f"{place.kind} {place.key}" if place else account
    network = limits.network(situation.actor.address)
    counted = [
        Limit(f"{channel}.address", _known(situation, person, key), figures.codes_per_address)
        for key in (f"account {account}", f"place {somewhere}")
    ]
    counted.append(Limit(f"{channel}.network", network, figures.codes_per_network))
    if situation.client_id:
        client = Limit(f"{channel}.client", situation.client_id, figures.codes_per_client)
        counted.append(client)
    return counted


def of_guessing(situation: Situation, person: Person | None) -> Limit:
    """What counts a guess: the account, whichever way its codes came."""
    most = situation.tenant.settings.limits.wrong_codes_per_account
    return Limit("sent_code.guess", _known(situation, person, situation.account(person)), most)


def _known(situation: Situation, person: Person | None, key: str) -> str:
    """A browser that its owner has signed in on before counts on its own, so that a stranger's
    guesses elsewhere lock nobody out."""
    return f"{key} known" if situation.is_known(person) else key
