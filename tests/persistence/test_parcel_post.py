"""What answers of a server mean to somebody who sends it parcels."""

import gzip
import json
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from persistence.parcel_post import Away, ParcelPost, ParcelRefused, Receipt, SenderRefused, address_of

WORDS = '{"error": "no", "details": ["here"]}'


@dataclass
class Counter:
    """A server that gives one answer after the other."""

    answers: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    server: HTTPServer | None = None

    def send(self, *answers: tuple[int, dict[str, str], str]) -> Receipt:
        assert self.server is not None
        self.answers += answers
        post = ParcelPost(address_of(f"http://127.0.0.1:{self.server.server_port}/base/"), "gk_secret")
        try:
            return post.send(b"{}")
        finally:
            post.close()


@pytest.fixture
def counter() -> Generator[Counter]:
    state = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.asked.append((self.path, dict(self.headers), body))
            status, headers, text = state.answers.pop(0)
            self.send_response(status)
            for name, value in ({"content-length": str(len(text))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as state.server:
        thread = threading.Thread(target=state.server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield state
        state.server.shutdown()
        thread.join()


def test_a_receipt_comes_back_and_the_key_went_in_a_header(counter: Counter) -> None:
    assert counter.send((200, {}, '{"accepted": 2, "skipped": 1}')) == Receipt(accepted=2, skipped=1)
    [(path, headers, body)] = counter.asked
    assert path == "/base/v1/transcripts"
    assert headers["authorization"] == "Bearer gk_secret"
    assert (headers["content-encoding"], gzip.decompress(body)) == ("gzip", b"{}")


@pytest.mark.parametrize(
    ("status", "text", "error", "told"),
    [
        (400, WORDS, ParcelRefused, "no; here"),
        (403, '{"error": "this session belongs to somebody else"}', ParcelRefused, "somebody else"),
        (413, "<html>", ParcelRefused, "413"),
        (401, WORDS, SenderRefused, "no; here"),
        (404, "", SenderRefused, "404"),
        (302, "", SenderRefused, "302"),
        (200, "<html>", SenderRefused, "200"),
        (200, '{"accepted": "many"}', SenderRefused, "200"),
        (429, WORDS, Away, "429"),
        (500, "[]", Away, "500"),
        (503, '{"error": {"message": "x"}}', Away, "503"),
        (502, "\udcff".encode(errors="surrogateescape").decode("latin-1"), Away, "502"),
    ],
)
def test_what_an_answer_means(counter: Counter, status: int, text: str, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        counter.send((status, {"location": "http://127.0.0.1:1/"}, text))
    assert len(counter.asked) == 1


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("soon", None), ("-1", None), ("9" * 30, None)])
def test_when_to_come_back(counter: Counter, header: str, seconds: float | None) -> None:
    with pytest.raises(Away) as away:
        counter.send((503, {"retry-after": header}, ""))
    assert away.value.retry_after_s == seconds


def test_an_answer_that_breaks_off_is_none(counter: Counter) -> None:
    with pytest.raises(Away):
        counter.send((200, {"content-length": "1000"}, "{"))


def test_nobody_there() -> None:
    with pytest.raises(Away):
        ParcelPost(address_of("http://127.0.0.1:1"), "k").send(b"{}")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org",
        "http://",
        "http://u:p@x",
        "http://x?a=1",
        "http://x:99999",
        "http://[::",
        "http://a..b",
        "http://x/ä",
        "http://x/a b",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        address_of(url)


@pytest.mark.parametrize(
    ("url", "open"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://localhost", False),
        ("http://[::1]:80", False),
        ("https://example.org", False),
        ("http://example.org", True),
        ("http://10.0.0.7", True),
        ("http://127.0.0.1.example.org", True),
    ],
)
def test_who_can_read_along(url: str, open: bool) -> None:
    assert address_of(url).in_the_open is open


def test_a_message_of_the_server_stays_short(counter: Counter) -> None:
    with pytest.raises(ParcelRefused) as refused:
        counter.send((400, {}, json.dumps({"error": "x" * 9_000})))
    assert len(str(refused.value)) == 300
