"""The people whom the double of a provider knows, in the words of each provider."""

from typing import Any

DIRECTORY = "72f988bf-86f1-41af-91ab-2d7cd011db47"
"""A directory of Microsoft's, in the form that its ids have."""

_STANDARD = {
    "sub": "248289761001",
    "name": "Jane Doe",
    "given_name": "Jane",
    "family_name": "Doe",
    "email": "jane@acme.example",
    "email_verified": True,
    "locale": "en-GB",
}

PEOPLE: dict[str, dict[str, Any]] = {
    "oidc": {**_STANDARD, "groups": ["staff", "admins"]},
    "google": {**_STANDARD, "sub": "110169484474386276334", "hd": "acme.example"},
    "apple": {
        "sub": "001999.5f0e3f1c2c4b4a0f8d0e.0814",
        "email": "kx7f2@privaterelay.appleid.com",
        "email_verified": "true",
        "is_private_email": "true",
        "nonce_supported": True,
    },
    "microsoft": {
        "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
        "tid": DIRECTORY,
        "oid": "00000000-0000-0000-66f3-3332eca7ea81",
        "name": "Jane Doe",
        "preferred_username": "jane@acme.example",
        "email": "jane@acme.example",
        "ver": "2.0",
    },
    "linkedin": {
        "sub": "782bbtaQ",
        "name": "Jane Doe",
        "given_name": "Jane",
        "family_name": "Doe",
        "email": "jane@acme.example",
        "email_verified": "true",
        "locale": {"country": "US", "language": "en"},
    },
    "github": {
        "login": "octojane",
        "id": 583231,
        "node_id": "MDQ6VXNlcjU4MzIzMQ==",
        "type": "User",
        "name": "Jane Doe",
        "email": "shown@elsewhere.example",
    },
    "facebook": {
        "id": "10157261234567890",
        "name": "Jane Doe",
        "first_name": "Jane",
        "last_name": "Doe",
        "email": "jane@acme.example",
    },
    "discord": {
        "id": "80351110224678912",
        "username": "octojane",
        "global_name": "Jane Doe",
        "email": "jane@acme.example",
        "verified": True,
        "locale": "en-US",
    },
}

GITHUB_ADDRESSES: list[dict[str, Any]] = [
    {"email": "old@acme.example", "primary": False, "verified": True, "visibility": None},
    {"email": "jane@acme.example", "primary": True, "verified": True, "visibility": "private"},
    {
        "email": "583231+octojane@users.noreply.github.com",
        "primary": False,
        "verified": True,
        "visibility": None,
    },
]
APPLE_USER = (
    '{"name":{"firstName":"Jane","lastName":"Doe"},"email":"kx7f2@privaterelay.appleid.com"}'
)
