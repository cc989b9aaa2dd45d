"""An identity provider on loopback, built on pysaml2 and Debian's xmlsec1: a program of its own.

It signs in whomever the test scripted, by a login form that submits itself, and speaks metadata,
redirect and POST bindings, encryption and single logout. `tests.doubles.saml_provider` starts it
and steers it by /control.
"""

import html
import json
import sys
import time
import warnings
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.doubles import xmlsec1
from tests.doubles.saml_keys import KeyFiles, make_keys
from tests.doubles.saml_script import PERSISTENT, Script

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pysaml2 names ciphers that cryptography is giving up.
    from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
    from saml2.config import IdPConfig
    from saml2.metadata import entity_descriptor
    from saml2.saml import NAME_FORMAT_UNSPECIFIED, NameID
    from saml2.server import Server

_HEADERS = [("Content-Type", "text/html; charset=utf-8")]

Reply = tuple[int, list[tuple[str, str]], str]


class Provider:
    """The provider. Nothing but its metadata works before `trust`."""

    def __init__(self, folder: Path) -> None:
        self.script = Script()
        self.seen: list[dict[str, Any]] = []
        """What pysaml2 read in messages that it verified, and logout responses as they came."""
        self._folder = folder
        self._keys = [make_keys(folder, "first")]
        self._sp: str | None = None
        self._pending: dict[str, tuple[Any, str]] = {}
        self.http = _Listener(self)
        self._idp = self._configured()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    @property
    def entity_id(self) -> str:
        return f"{self.base}/entity"

    @property
    def keys(self) -> KeyFiles:
        """The key that signs."""
        return self._keys[-1]

    def act_out(self, script: dict[str, Any]) -> None:
        """Let this person sign in from now on."""
        self.script = Script(**script)

    def report(self) -> list[dict[str, Any]]:
        """What was seen so far."""
        return self.seen

    def trust(self, metadata: str) -> None:
        """Take the metadata of the service provider."""
        self._sp = metadata
        self._idp = self._configured()

    def publish_next_key(self) -> None:
        """Publish a second certificate; the first key goes on signing."""
        self._keys.insert(0, make_keys(self._folder, f"key{len(self._keys)}"))
        self._idp = self._configured()

    def sign_with_next_key(self) -> None:
        """Let the second key sign, and withdraw the first."""
        self._keys = self._keys[:1]
        self._idp = self._configured()

    def metadata(self) -> str:
        """The provider's own metadata."""
        return str(entity_descriptor(self._idp.config))

    def unsolicited(self, acs_url: str, sp_entity_id: str) -> dict[str, str]:
        """The form of a response that nobody asked for."""
        return _fields(self._response(None, acs_url, sp_entity_id, None), "")

    def logout_location(self, name_id: str, slo_url: str, relay_state: str = "") -> str:
        """A signed request to end the person's session with us, as the URL to go to."""
        request = self._logout_request(name_id, slo_url, signs=False)
        info = self._idp.apply_binding(
            BINDING_HTTP_REDIRECT, str(request), slo_url, relay_state, sign=True
        )
        return str(dict(info["headers"])["Location"])

    def logout_form(self, name_id: str, slo_url: str, *, signs: bool = True) -> dict[str, str]:
        """The same as a form, signed inside."""
        request = self._logout_request(name_id, slo_url, signs=signs)
        return _fields(str(request), "", "SAMLRequest")

    def serve(self, method: str, path: str, query: str, form: Mapping[str, str]) -> Reply:
        """Answer a request of a browser, or of whoever wants the metadata."""
        given = dict(form) if method == "POST" else dict(parse_qsl(query))
        binding = BINDING_HTTP_POST if method == "POST" else BINDING_HTTP_REDIRECT
        if path == "/metadata":
            return 200, [("Content-Type", "application/samlmetadata+xml")], self.metadata()
        if path == "/sso":
            return self._ask(given, binding)
        if path == "/login":
            return self._sign_in(given)
        if path == "/slo":
            return self._log_out(given, binding)
        return 404, _HEADERS, "no such page"

    def _ask(self, given: Mapping[str, str], binding: str) -> Reply:
        """The login form, filled in with the scripted person."""
        parsed = self._idp.parse_authn_request(
            given["SAMLRequest"],
            binding,
            relay_state=given.get("RelayState"),
            sigalg=given.get("SigAlg"),
            signature=given.get("Signature"),
        )
        request, policy = parsed.message, parsed.message.name_id_policy
        self.seen.append(
            {
                "kind": "authn_request",
                "force_authn": request.force_authn,
                "acs_url": request.assertion_consumer_service_url,
                "name_id_format": policy.format if policy else None,
            }
        )
        self._pending[parsed.message.id] = (parsed.message, given.get("RelayState", ""))
        return 200, _HEADERS, page("/login", {"request": parsed.message.id})

    def _sign_in(self, given: Mapping[str, str]) -> Reply:
        request, relay_state = self._pending.pop(given["request"])
        info = self._idp.response_args(request, [BINDING_HTTP_POST])
        document = self._response(
            request.id, info["destination"], info["sp_entity_id"], info["name_id_policy"]
        )
        return 200, _HEADERS, page(info["destination"], _fields(document, relay_state))

    def _response(
        self, request_id: str | None, acs_url: str, sp_entity_id: str, policy: Any
    ) -> str:
        script = self.script
        if script.refuses:
            refusal = self._idp.create_error_response(
                request_id, acs_url, ("urn:oasis:names:tc:SAML:2.0:status:AuthnFailed", "no")
            )
            return str(refusal)
        document = str(
            self._idp.create_authn_response(
                script.attributes,
                request_id,
                acs_url,
                sp_entity_id,
                name_id_policy=policy,
                name_id=NameID(format=script.name_id_format, text=script.subject),
                authn={"class_ref": script.context, "authn_instant": int(time.time())},
                sign_assertion=True,
                sign_response=script.signs_response and not script.encrypts,
            )
        )
        if not script.encrypts:
            return document
        certificate = self._idp.metadata.certs(sp_entity_id, "spsso", "encryption")[0][1]
        return xmlsec1.encrypt(document, _wrapped(certificate))

    def _log_out(self, given: Mapping[str, str], binding: str) -> Reply:
        if "SAMLResponse" in given:
            document = self._idp.unravel(given["SAMLResponse"], binding)
            self.seen.append({"kind": "logout_response", "document": document.decode()})
            return 200, _HEADERS, "signed out"
        parsed = self._idp.parse_logout_request(
            given["SAMLRequest"],
            binding,
            relay_state=given.get("RelayState"),
            sigalg=given.get("SigAlg"),
            signature=given.get("Signature"),
        )
        self.seen.append(
            {
                "kind": "logout_request",
                "name_id": parsed.message.name_id.text,
                "session_indexes": [each.text for each in parsed.message.session_index],
            }
        )
        answer = self._idp.create_logout_response(parsed.message, [BINDING_HTTP_REDIRECT])
        info = self._idp.apply_binding(
            BINDING_HTTP_REDIRECT,
            str(answer),
            answer.destination,
            given.get("RelayState", ""),
            response=True,
            sign=True,
        )
        return 303, list(info["headers"]), ""

    def _logout_request(self, name_id: str, slo_url: str, *, signs: bool) -> Any:
        _, request = self._idp.create_logout_request(
            slo_url,
            self.entity_id,
            name_id=NameID(format=PERSISTENT, text=name_id),
            session_indexes=[*self.script.ends],
            sign=signs,
        )
        return request

    def _configured(self) -> Server:
        bindings = (BINDING_HTTP_REDIRECT, BINDING_HTTP_POST)
        document: dict[str, Any] = {
            "entityid": self.entity_id,
            "xmlsec_binary": "/usr/bin/xmlsec1",
            "key_file": str(self.keys.key),
            "cert_file": str(self.keys.certificate),
            "additional_cert_files": [str(each.certificate) for each in self._keys[:-1]],
            "service": {
                "idp": {
                    "endpoints": {
                        "single_sign_on_service": [(f"{self.base}/sso", each) for each in bindings],
                        "single_logout_service": [(f"{self.base}/slo", each) for each in bindings],
                    },
                    "want_authn_requests_signed": True,
                    "signing_algorithm": xmlsec1.RSA_SHA256,
                    "digest_algorithm": xmlsec1.SHA256,
                    "policy": {
                        "default": {
                            "lifetime": {"minutes": 5},
                            "name_form": NAME_FORMAT_UNSPECIFIED,
                        }
                    },
                }
            },
        }
        if self._sp is not None:
            document["metadata"] = {"inline": [self._sp]}
        return Server(config=IdPConfig().load(document))


def page(action: str, fields: Mapping[str, str]) -> str:
    """A page whose form submits itself where scripts run, and has a button where not."""
    inputs = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in fields.items()
    )
    return (
        '<!doctype html><html lang="en"><title>Provider</title><h1>Provider</h1>'
        f'<form method="post" action="{html.escape(action)}">{inputs}<button>Go on</button></form>'
        "<script>document.forms[0].submit()</script></html>"
    )


def _fields(document: str, relay_state: str, name: str = "SAMLResponse") -> dict[str, str]:
    fields = {name: xmlsec1.base64_of(document)}
    return {**fields, "RelayState": relay_state} if relay_state else fields


def _wrapped(certificate: str) -> str:
    body = "".join(certificate.split())
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, peer: Provider) -> None:
        self.peer = peer
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Listener

    def do_GET(self) -> None:
        self._answer("GET", {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        if self.path == "/control":
            asked = json.loads(body)
            found = getattr(self.server.peer, asked["do"])(**asked["with"])
            self._send(200, [("Content-Type", "application/json")], json.dumps(found))
        else:
            self._answer("POST", dict(parse_qsl(body)))

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""

    def _answer(self, method: str, form: Mapping[str, str]) -> None:
        url = urlsplit(self.path)
        self._send(*self.server.peer.serve(method, url.path, url.query, form))

    def _send(self, status: int, headers: list[tuple[str, str]], body: str) -> None:
        raw = body.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


if __name__ == "__main__":
    provider = Provider(Path(sys.argv[1]))
    print(provider.http.server_address[1], flush=True)
    provider.http.serve_forever()
