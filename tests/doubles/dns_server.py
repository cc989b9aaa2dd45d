"""A DNS server on loopback (RFC 1035, over UDP) whose answers a test decides."""

import socketserver
from collections import Counter

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.doubles.loopback import Loopback


class DnsServer(Loopback):
    """The server; a context manager that runs it."""

    def __init__(self) -> None:
        self.records: dict[str, list[list[str]]] = {}
        """Name -> the addresses of each answer in turn; the last one stays."""
        self.texts: dict[str, list[str]] = {}
        """Name -> its TXT records."""
        self.aliases: dict[str, str] = {}
        """Name -> the name that its CNAME leads to."""
        self.fails = False
        """Whether it answers that it cannot say (SERVFAIL)."""
        self.asked: Counter[str] = Counter()
        """Name -> how often its IPv4 addresses or its texts were asked for."""
        self.is_silent = False
        self._questions: Counter[str] = Counter()
        self._server = _Listener(self)

    def answer(self, wire: bytes) -> bytes:
        query = dns.message.from_wire(wire)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        if self.fails:
            reply.set_rcode(dns.rcode.SERVFAIL)
            return reply.to_wire()
        if question.rdtype == dns.rdatatype.TXT:
            return self._answer_texts(question.name, name, reply)
        if name in self.aliases:
            leads_to = f"{self.aliases[name]}."
            reply.answer.append(dns.rrset.from_text(question.name, 0, "IN", "CNAME", leads_to))
            name = self.aliases[name]
        is_v4 = question.rdtype == dns.rdatatype.A
        if name not in self.records:
            reply.set_rcode(dns.rcode.NXDOMAIN)
            return reply.to_wire()
        answers = self.records[name]
        wanted = [each for each in answers[0] if (":" in each) != is_v4]
        self.asked[name] += is_v4
        self._questions[name] += 1
        if self._questions[name] % 2 == 0 and len(answers) > 1:
            answers.pop(0)  # A look-up is two questions: for IPv6 and for IPv4.
        if wanted:
            reply.answer.append(
                dns.rrset.from_text_list(f"{name}.", 0, "IN", question.rdtype, wanted)
            )
        return reply.to_wire()

    def _answer_texts(self, asked: dns.name.Name, name: str, reply: dns.message.Message) -> bytes:
        self.asked[name] += 1
        if name not in self.texts and name not in self.records:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif self.texts.get(name):
            quoted = [f'"{text}"' for text in self.texts[name]]
            reply.answer.append(dns.rrset.from_text_list(asked, 0, "IN", "TXT", quoted))
        return reply.to_wire()


class _Listener(socketserver.ThreadingUDPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, peer: DnsServer) -> None:
        self.peer = peer
        super().__init__(("127.0.0.1", 0), _Question)


class _Question(socketserver.BaseRequestHandler):
    server: _Listener

    def handle(self) -> None:
        wire, sock = self.request
        if not self.server.peer.is_silent:
            sock.sendto(self.server.peer.answer(wire), self.client_address)
