"""The way over HTTP: the driver as the server opens it, against chDB behind ClickHouse's HTTP interface."""

from collections.abc import Generator
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qsl, urlsplit

import pytest

from domain.insights.errors import InvalidQuery, TooCostly
from persistence.insights.clickhouse.client import Server, open_server
from tests.clickhouse.test_client import AWKWARD


class _Http(ThreadingHTTPServer):
    """Knows the part of the interface that the driver uses: parameters in the address or in a form."""

    daemon_threads = True

    def __init__(self) -> None:
        import chdb

        super().__init__(("127.0.0.1", 0), _Handler)
        self.engine = chdb.connect(":memory:")
        self.lock = Lock()
        self.asked: list[tuple[str, dict[str, str], str | None]] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Http

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        values = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "multipart" in self.headers.get("Content-Type", ""):
            form = _form(self.headers["Content-Type"], body)
            values, body = {**values, **form}, b""
        query = values.pop("query", "") + ("\n" if body else "") + body.decode()
        format = self.headers.get("X-ClickHouse-Format") or values.pop("default_format", "TabSeparated")
        self.server.asked.append((query, values, self.headers.get("Authorization")))
        bound = {name.removeprefix("param_"): value for name, value in values.items() if name.startswith("param_")}
        try:
            with self.server.lock:
                self._answer(200, self.server.engine.query(query, format, params=bound).bytes() or b"")
        except Exception as error:
            self._answer(500, str(error).encode(), str(error).partition("Code: ")[2].partition(".")[0])

    def _answer(self, status: int, body: bytes, code: str | None = None) -> None:
        self.send_response(status)
        if code:
            self.send_header("X-ClickHouse-Exception-Code", code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


def _form(content_type: str, body: bytes) -> dict[str, str]:
    message = BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    parts: list[Message] = message.get_payload()  # type: ignore[assignment]
    return {
        str(part.get_param("name", header="Content-Disposition")): part.get_payload(decode=True).decode()
        for part in parts
    }


@pytest.fixture(scope="module")
def http() -> Generator[_Http]:
    server = _Http()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
async def server(http: _Http) -> Server:
    return open_server(f"http://goalarc:p%40ss@127.0.0.1:{http.server_port}/default")


async def test_values_and_settings_arrive(server: Server, http: _Http) -> None:
    asked = "SELECT {text:String} AS text, {texts:Array(String)} AS texts"
    bound = {"text": AWKWARD, "texts": [AWKWARD, ""]}
    assert await server.rows(asked, bound, {"max_execution_time": 7}) == [bound]
    query, values, authorization = http.asked[-1]
    assert query.startswith(asked)
    assert (values["max_execution_time"], values["wait_end_of_query"]) == ("7", "1")
    assert values["query_id"]
    assert authorization == "Basic Z29hbGFyYzpwQHNz"
    many = {f"p{number}": "x" * 1000 for number in range(300)}
    wanted = " + ".join(f"length({{{name}:String}})" for name in many)
    assert await server.rows(f"SELECT {wanted} AS length", many) == [{"length": 300_000}]
    await server.close()


async def test_rows_are_inserted(server: Server) -> None:
    await server.command("CREATE TABLE wired (id UInt32, text String) ENGINE = MergeTree ORDER BY id")
    await server.insert("wired", ['{"id": 1, "text": "it\'s \\n"}', '{"id": 2, "text": "é"}'])
    await server.command(
        "ALTER TABLE wired DELETE WHERE id IN {ids:Array(UInt32)} SETTINGS mutations_sync = 1", {"ids": [2]}
    )
    assert await server.rows("SELECT * FROM wired ORDER BY id", {}) == [{"id": 1, "text": "it's \n"}]
    await server.close()


async def test_errors_have_their_numbers(server: Server) -> None:
    with pytest.raises(TooCostly):
        await server.rows(
            "SELECT sleep(3) SETTINGS max_execution_time = 1, function_sleep_max_microseconds_per_block = 0", {}
        )
    with pytest.raises(InvalidQuery):
        await server.rows("SELECT match('a', '(')", {})
    await server.close()
