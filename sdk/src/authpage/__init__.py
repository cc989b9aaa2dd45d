"""AuthPage for relying apps. `Client` speaks the protocol; `authpage.flask` signs people in."""

from authpage.client import AuthorizationRequest, Client, TokenSet
from authpage.errors import (
    AuthPageError,
    ConfigurationError,
    InvalidResponse,
    InvalidToken,
    LoginRequired,
    OAuthError,
    ProviderUnavailable,
)
from authpage.provider import Provider
from authpage.return_to import safe_return_to
from authpage.sessions import MemorySessionStore, Session, SessionStore
from authpage.sqlite_store import SqliteSessionStore
from authpage.tokens import AccessToken, AccessTokenVerifier, InsufficientScope

__all__ = [
    "AccessToken",
    "AccessTokenVerifier",
    "AuthPageError",
    "AuthorizationRequest",
    "Client",
    "ConfigurationError",
    "InsufficientScope",
    "InvalidResponse",
    "InvalidToken",
    "LoginRequired",
    "MemorySessionStore",
    "OAuthError",
    "Provider",
    "ProviderUnavailable",
    "Session",
    "SessionStore",
    "SqliteSessionStore",
    "TokenSet",
    "safe_return_to",
]
