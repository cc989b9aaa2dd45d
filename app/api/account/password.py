"""`/password` and `/username`."""

from app.account import password, username
from app.account.owner import Owner
from app.api.account.door import Body, operation
from app.api.account.shapes import Short


class NewPassword(Body):
    """The password that is to be."""

    new_password: Short
    current_password: Short | None = None


class NewUsername(Body):
    """The username that is to be."""

    username: Short


@operation(
    "PUT",
    "/password",
    "Set or change the password, by the current one or after a recent sign-in",
    takes=NewPassword,
    sensitive=True,
    codes=("weak_password", "wrong_password", "not_found", "rate_limited", "busy"),
)
def set_password(owner: Owner, sent: NewPassword) -> None:
    """Ends every other session and every token, this one too."""
    password.change(owner, sent.new_password, current=sent.current_password)


@operation(
    "DELETE",
    "/password",
    "Remove the password",
    sensitive=True,
    codes=("last_way_in", "not_found"),
)
def remove_password(owner: Owner) -> None:
    """Never the last way in."""
    password.remove(owner)


@operation(
    "PUT",
    "/username",
    "Choose a username",
    takes=NewUsername,
    sensitive=True,
    codes=("invalid_username", "username_taken", "not_found"),
)
def set_username(owner: Owner, sent: NewUsername) -> None:
    """In place of any other."""
    username.choose(owner, sent.username)
