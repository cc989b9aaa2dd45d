"""What can go wrong between an app and its AuthPage. All of it is an `AuthPageError`."""


class AuthPageError(Exception):
    """The base of every error that this package raises."""


class ConfigurationError(AuthPageError):
    """A setting is missing or unsafe. Raised while the app starts, never during a request."""


class ProviderUnavailable(AuthPageError):
    """AuthPage did not answer, or answered with a server error. Trying again may help."""


class NoAnswer(ProviderUnavailable):
    """The connection failed or the answer was lost. Whether AuthPage acted is unknown."""


class InvalidResponse(AuthPageError):
    """An answer came, but it is not one that this app may act on (state, issuer, shape)."""


class InvalidToken(AuthPageError):
    """A token failed verification. The message names the check, never the token."""


class LoginRequired(AuthPageError):
    """Nobody is signed in, or the session has ended. The person must sign in again."""


class OAuthError(AuthPageError):
    """AuthPage refused a request with an OAuth error (RFC 6749 sections 4.1.2.1 and 5.2)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
