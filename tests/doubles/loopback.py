"""What the doubles that listen on loopback have in common."""

import threading
from socketserver import BaseServer
from types import TracebackType
from typing import Any, Self


class Loopback:
    """A server that a thread runs as long as its context is open."""

    _server: BaseServer

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        address: Any = self._server.server_address
        port: int = address[1]
        return port

    @property
    def address(self) -> str:
        """Host and port, as OUTBOUND_ALLOW lists them and the setting DNS_RESOLVER takes them."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"
