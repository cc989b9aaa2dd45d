"""How often codes and links are sent and guessed: by account, place, network and client."""

from app import limits
from app.directory.people import Person
from app.directory.settings import Limits
from app.identifiers import Identifier
from app.limits import Limit
from app.methods.base import Situation


def of_sending(
    channel: str, situation: Situation, person: Person | None, place: Identifier | None
) -> tuple[Limit, ...]:
    """What counts a message of a flow to `place`: as `of_message` does, and the client."""
    figures = situation.tenant.settings.limits
    account = situation.account(person)
    is_known = situation.is_known(person)
    counted = of_message(
        channel, figures, account, place, situation.actor.address, is_known=is_known
    )
    if not situation.client_id:
        return counted
    client = Limit(f"{channel}.client", situation.client_id, figures.codes_per_client)
    return (*counted, client)


def of_message(
    channel: str,
    figures: Limits,
    account: str,
    place: Identifier | None,
    address: str | None,
    *,
    is_known: bool = False,
) -> tuple[Limit, ...]:
    """What counts a message to `place`: the account under whatever name it is called, the place
    itself and the network that asks for it. A known browser of the owner counts on its own."""
    # As many counters for nobody as for somebody: the work must not tell.
    somewhere = f"{place.kind} {place.key}" if place else account
    keys = (f"account {account}", f"place {somewhere}")
    return (
        *(
            Limit(f"{channel}.address", _own(key, is_known=is_known), figures.codes_per_address)
            for key in keys
        ),
        Limit(f"{channel}.network", limits.network(address), figures.codes_per_network),
    )


def of_guessing(situation: Situation, person: Person | None) -> Limit:
    """What counts a guess: the account, whichever way its codes came."""
    most = situation.tenant.settings.limits.wrong_codes_per_account
    key = _own(situation.account(person), is_known=situation.is_known(person))
    return Limit("sent_code.guess", key, most)


def _own(key: str, *, is_known: bool) -> str:
    """A browser that its owner has signed in on before counts on its own, so that a stranger's
    guesses elsewhere lock nobody out."""
    return f"{key} known" if is_known else key
