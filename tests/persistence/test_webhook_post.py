"""Posting to addresses that others chose: real sockets on this machine, which only an allow-list lets through."""

import asyncio
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

import persistence.webhook_post
from domain.networks import read_address, read_networks
from domain.webhooks import Outcome
from persistence.webhook_post import Resolve, is_own, send
from tests.receiver import OK, Answer, receiver

HERE = read_networks("127.0.0.1/32")


def at(*addresses: str, asked: list[str] | None = None) -> Resolve:
    """A name service that has these addresses for every name."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        if asked is not None:
            asked.append(host)
        return addresses

    return resolve


async def post(url: str, **options: object) -> Outcome:
    return await send(HERE, url, {"X-Mine": "yes"}, '{"a":"ü"}', **options)


async def test_what_is_posted_arrives_as_it_is() -> None:
    async with receiver() as told:
        outcome = await post(f"http://hooks.example.org:{told.port}/in?a=b%20c", resolve=at("127.0.0.1"))
    assert (outcome.status, outcome.trouble, told.bodies) == (200, None, ['{"a":"ü"}'.encode()])
    [head] = told.heads
    assert head.startswith("post /in?a=b%20c http/1.1\r\n")
    for line in (f"host: hooks.example.org:{told.port}", "content-type: application/json", "x-mine: yes"):
        assert f"\r\n{line}\r\n" in head
    assert (head.count("\r\nhost:"), head.count("\r\nconnection: close\r\n")) == (1, 1)


async def test_a_caller_s_own_kind_of_content_stands_alone() -> None:
    async with receiver() as told:
        headers = {"Content-Type": "application/cloudevents+json", "Authorization": "Bearer x"}
        await send(HERE, f"http://127.0.0.1:{told.port}/", headers, "{}")
    assert told.heads[0].count("content-type:") == 1
    assert "content-type: application/cloudevents+json" in told.heads[0]


REFUSALS = ("the address is not on the public Internet", "the name cannot be resolved", "the address cannot be read")
INSIDE = [
    "http://127.0.0.1:{}/", "http://localhost:{}/", "http://127.1:{}/", "http://2130706433:{}/", "http://0x7f.1:{}/",
    "http://0:{}/", "http://[::1]:{}/", "http://[::ffff:127.0.0.1]:{}/", "http://[::]:{}/", "http://0177.0.0.1:{}/",
]  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
async def test_this_machine_is_out_of_reach_however_it_is_written(url: str) -> None:
    async with receiver() as told:
        outcome = await send((), url.format(told.port), {}, "{}")
    assert outcome.status is None
    assert told.connections == 0
    assert outcome.trouble in REFUSALS


@pytest.mark.parametrize("addresses", [("10.0.0.1",), ("8.8.8.8", "10.0.0.1"), ("2606:4700::1111", "::ffff:10.0.0.1")])
async def test_one_address_inside_is_enough_to_refuse_a_name(addresses: tuple[str, ...]) -> None:
    outcome = await send((), "http://hooks.example.org/", {}, "{}", resolve=at(*addresses))
    assert outcome.hopeless
    assert outcome.trouble == "the address is not on the public Internet"
    assert "10.0.0.1" not in str(outcome)


@pytest.mark.parametrize(("text", "own"), [("127.0.0.1", True), ("192.0.2.1", False), ("2001:db8::1", False)])
def test_an_address_of_this_machine_is_known_as_such(text: str, own: bool) -> None:
    assert is_own(read_address(text)) is own


async def test_this_machine_is_out_of_reach_at_its_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persistence.webhook_post, "is_own", lambda address: str(address) == "8.8.8.8")
    outcome = await send((), "http://hooks.example.org/", {}, "{}", resolve=at("1.1.1.1", "8.8.8.8"))
    assert (outcome.hopeless, outcome.trouble) == (True, "the address is not on the public Internet")


async def test_a_name_that_changes_its_answer_leads_nowhere_else() -> None:
    """It is asked once, and the connection goes to what it said then."""
    answers = [("127.0.0.1",), ("10.0.0.1",)]
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    async with receiver() as told:
        url = f"http://hooks.example.org:{told.port}/"
        assert (await post(url, resolve=rebinding)).status == 200
        assert asked == ["hooks.example.org"]
        refused = await post(url, resolve=rebinding)
    assert (refused.hopeless, told.connections) == (True, 1)


async def test_the_next_address_is_tried_where_one_takes_no_connection() -> None:
    async with receiver() as told:
        url = f"http://hooks.example.org:{told.port}/"
        allowed = read_networks("127.0.0.0/8")
        outcome = await send(allowed, url, {}, "{}", resolve=at("127.0.0.9", "127.0.0.1"))
    assert (outcome.status, told.connections) == (200, 1)


async def test_redirects_are_not_followed() -> None:
    async with receiver() as inside:
        away = f"HTTP/1.1 307 Away\r\nlocation: http://127.0.0.1:{inside.port}/\r\ncontent-length: 0\r\n\r\n"
        async with receiver(away.encode()) as told:
            outcome = await post(f"http://127.0.0.1:{told.port}/")
    assert (outcome.status, inside.connections) == (307, 0)


async def test_the_environment_sends_nothing_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver() as proxy, receiver() as told:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert (await post(f"http://127.0.0.1:{told.port}/")).status == 200
    assert (proxy.connections, told.connections) == (0, 1)


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One header after the other, for ever: no read of it takes long."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while not reader.at_eof():
        writer.write(b"x: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("slow", [_silent, _drip])
async def test_a_slow_receiver_is_not_waited_for(slow: Answer) -> None:
    async with receiver(slow) as told:
        outcome = await post(f"http://127.0.0.1:{told.port}/", total_s=0.2)
    assert outcome.trouble == "no answer within 0.2 seconds"
    assert not outcome.hopeless
    assert 150 < outcome.duration_ms < 5_000


async def test_a_name_service_that_does_not_answer_is_not_waited_for() -> None:
    async def lost(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return ()

    outcome = await post("http://hooks.example.org/", resolve=lost, total_s=0.05)
    assert outcome.trouble == "no answer within 0.05 seconds"


async def test_name_services_that_do_not_answer_hold_up_no_other_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who asked gave up long ago; their threads cannot."""
    found, answer = socket.getaddrinfo, threading.Event()

    def getaddrinfo(host: str, *more: object, **named: object) -> object:
        if host.startswith("lost"):
            answer.wait(10)
        return found("127.0.0.1", *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    try:
        async with receiver() as told:
            lost = (post(f"http://lost{number}.example.org/", total_s=0.05) for number in range(40))
            assert {one.trouble for one in await asyncio.gather(*lost)} == {"no answer within 0.05 seconds"}
            assert (await post(f"http://hooks.example.org:{told.port}/", total_s=2)).status == 200
    finally:
        answer.set()


async def test_of_a_huge_answer_the_status_is_enough() -> None:
    sent = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n")
        while not reader.at_eof():
            writer.write(b"x" * 65_536)
            sent += 65_536
            await writer.drain()

    async with receiver(endless) as told:
        outcome = await post(f"http://127.0.0.1:{told.port}/")
    assert outcome.status == 200
    assert sent < 64 * 2**20


BROKEN = [
    (b"SSH-2.0-OpenSSH_9.6\r\n", "the answer is no HTTP"),
    (b"", "the answer is no HTTP"),
    (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000, "the answer is no HTTP"),
]


@pytest.mark.parametrize(("answer", "trouble"), BROKEN)
async def test_what_is_no_answer_is_told_in_plain_words(answer: bytes, trouble: str) -> None:
    async with receiver(answer) as told:
        outcome = await post(f"http://127.0.0.1:{told.port}/")
    assert (outcome.status, outcome.trouble, outcome.hopeless) == (None, trouble, False)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of hooks.example.org, with its key, signed by itself."""
    if not (openssl := shutil.which("openssl")):
        pytest.skip("openssl is not installed")
    file = tmp_path / "certificate.pem"
    wish = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=hooks.example.org"]
    where = ["-addext", "subjectAltName=DNS:hooks.example.org", "-keyout", str(file), "-out", str(tmp_path / "public")]
    subprocess.run([openssl, "req", "-x509", *wish, *where], check=True, capture_output=True)
    with file.open("a") as both:
        both.write((tmp_path / "public").read_text())
    return file


async def test_a_receiver_must_prove_to_be_who_is_named(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Although the connection goes to an address."""
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)
    names: list[str | None] = []
    served.sni_callback = lambda _, name, __: names.append(name)
    async with receiver(OK, served) as told:
        named, other = (f"https://{name}.example.org:{told.port}/" for name in ("hooks", "other"))
        assert (await post(named, resolve=at("127.0.0.1"))).trouble == "the certificate cannot be trusted"
        trusting = ssl.create_default_context(cafile=certificate)
        monkeypatch.setattr(persistence.webhook_post, "_tls", lambda: trusting)
        assert (await post(named, resolve=at("127.0.0.1"))).status == 200
        assert (await post(other, resolve=at("127.0.0.1"))).trouble == "the certificate cannot be trusted"
        assert (await post(f"https://127.0.0.1:{told.port}/")).trouble == "the certificate cannot be trusted"
    assert names == ["hooks.example.org", "hooks.example.org", "other.example.org", None]
    assert len(told.bodies) == 1


async def test_nobody_there_and_no_such_name_are_told_apart() -> None:
    async with receiver() as told:
        port = told.port
    assert (await post(f"http://127.0.0.1:{port}/")).trouble == "no connection"

    async def unknown(host: str, port: int) -> Sequence[str]:
        raise persistence.webhook_post.socket.gaierror(-2, "Name or service not known")

    assert (await post("http://hooks.example.org/", resolve=unknown)).trouble == "the name cannot be resolved"
    assert (await post("http://hooks.example.org/", resolve=at())).trouble == "the name cannot be resolved"
    assert (await post(f"http://{'x' * 64}.example.org/")).trouble == "the name cannot be resolved"


async def test_an_address_that_nothing_can_be_sent_to_is_hopeless() -> None:
    for url in ("ftp://hooks.example.org/", "http://user:pass@127.0.0.1/", "http://[zz]/", "http:///"):
        assert (await post(url)).hopeless, url
