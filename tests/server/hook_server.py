"""A server that answers hooks as it is told to, and remembers them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from tests.ports import free_port


@dataclass(slots=True)
class HookServer:
    """`answers` are given in order, 200 when they are used up; with a `gate`, nothing is answered until it is open."""

    port: int
    answers: list[int] = field(default_factory=list[int])
    headers: dict[str, str] = field(default_factory=dict[str, str])
    heard: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list[tuple[str, dict[str, str], bytes]])
    gate: Event | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def bodies(self) -> list[bytes]:
        return [body for _, _, body in self.heard]


@contextmanager
def answering(*answers: int, port: int | None = None, gate: Event | None = None) -> Iterator[HookServer]:
    server = HookServer(free_port() if port is None else port, list(answers), gate=gate)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if server.gate is not None:
                server.gate.wait(30)
            server.heard.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self._answer(server.answers.pop(0) if server.answers else 200)

        def do_GET(self) -> None:
            self._answer(200)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            for name, value in server.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Whoever asked may be gone, or killed."""

    with Server(("127.0.0.1", server.port), Handler) as httpd:
        Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server
        finally:
            if gate is not None:
                gate.set()
            httpd.shutdown()
