"""What is told, how it is signed, what may be asked for, and when it is tried again."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from domain.errors import Invalid
from domain.webhooks import (
    MOST_HEADERS,
    MOST_TRIES,
    MOST_URL,
    MOST_VALUE,
    PAUSES,
    RESERVED,
    Hook,
    Outcome,
    Step,
    WebhookId,
    WebhookState,
    after,
    checked,
    error_of,
    event_body,
    secret_from,
    shown,
    signed,
)

ID = WebhookId(UUID("01890a5d-ac96-774b-bcce-b302099a8057"))
NOW = datetime(2026, 3, 2, 8, 1, 30, 123456, tzinfo=UTC)
SECRET = secret_from(bytes(range(32)))
BODY = event_body(
    ID, "report.completed", {"jobId": "job_1", "reportId": "r", "status": "succeeded", "said": "grün"}, NOW
)


def test_an_event_is_as_its_readers_know_it() -> None:
    assert orjson.loads(BODY) == {
        "id": "evt_01890a5dac96774bbcceb302099a8057",
        "type": "report.completed",
        "createdAt": "2026-03-02T08:01:30.123Z",
        "timestamp": "2026-03-02T08:01:30.123Z",
        "data": {"jobId": "job_1", "reportId": "r", "status": "succeeded", "said": "grün"},
    }


def is_genuine(body: bytes, header: str, secret: str, now: datetime) -> bool:
    """As the published client of the older system verifies."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    if abs(now.timestamp() - int(parts["t"])) > 300:
        return False
    expected = hmac.new(secret.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts["v1"])


def test_the_signature_is_that_of_the_contract() -> None:
    headers = signed(SECRET, ID, BODY, NOW)
    assert SECRET == "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert headers["mappa-signature"] == headers["conduit-signature"]
    assert headers["conduit-signature"].startswith("t=1772438490,v1=")
    verified = signed("whsec_dGVzdA==", ID, '{"a":1}', NOW)["conduit-signature"]
    assert verified == "t=1772438490,v1=" + KNOWN
    for body, secret, now, genuine in [
        (BODY, SECRET, NOW, True),
        (BODY, SECRET, NOW + timedelta(seconds=299), True),
        (BODY, SECRET, NOW + timedelta(seconds=302), False),
        (BODY + " ", SECRET, NOW, False),
        (BODY, secret_from(bytes(32)), NOW, False),
    ]:
        assert is_genuine(body.encode(), headers["conduit-signature"], secret, now) is genuine


# printf '1772438490.{"a":1}' | openssl dgst -sha256 -hmac 'whsec_dGVzdA=='
KNOWN = "8c4b908088782e6bfbb266743846c6a3ab5a90b3c778b72706582084eb28f6aa"


def test_the_libraries_of_standard_webhooks_verify_it() -> None:
    now = datetime.now(UTC)
    headers = signed(SECRET, ID, BODY, now)
    assert Webhook(SECRET).verify(BODY, headers)["type"] == "report.completed"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY + " ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, signed(SECRET, ID, BODY, now - timedelta(minutes=6)))


def test_each_try_waits_longer_and_the_sixth_is_the_last() -> None:
    failed = Outcome(10, 500)
    steps = [after(number, failed) for number in range(1, 8)]
    assert [step.pause for step in steps[:5]] == list(PAUSES) == sorted(PAUSES)
    assert steps[5:] == [Step(WebhookState.FAILED)] * 2
    assert MOST_TRIES == 6
    assert after(0, failed).pause == PAUSES[0], "it was sent again while this try ran"


OVER, AGAIN, DONE = WebhookState.FAILED, WebhookState.PENDING, WebhookState.DELIVERED
OUTCOMES = [
    (Outcome(1, 200), DONE, None),
    (Outcome(1, 204), DONE, None),
    (Outcome(1, 299), DONE, None),
    (Outcome(1, 199), AGAIN, "answered 199"),
    (Outcome(1, 302), AGAIN, "answered 302: redirects are not followed"),
    (Outcome(1, 404), AGAIN, "answered 404"),
    (Outcome(1, 410), AGAIN, "answered 410"),
    (Outcome(1, 503), AGAIN, "answered 503"),
    (Outcome(1, trouble="no connection"), AGAIN, "no connection"),
    (Outcome(1, trouble="not there", hopeless=True), OVER, "not there"),
]


@pytest.mark.parametrize(("outcome", "state", "error"), OUTCOMES)
def test_only_an_answer_of_the_200s_is_a_success(outcome: Outcome, state: WebhookState, error: str | None) -> None:
    assert after(1, outcome).state is state
    assert error_of(outcome) == error


GOOD_URLS = [
    "https://hooks.example.org", "http://hooks.example.org:8080/a/b?c=d&e=%20", "HTTPS://Hooks.Example.org/x",
    "https://93.184.216.34/", "https://[2606:4700::1]:8443/in", "https://xn--mller-kva.example/", "http://127.0.0.1:1/",
]  # fmt: skip
BAD_URLS = [
    "", "hooks.example.org", "//hooks.example.org", "ftp://hooks.example.org", "file:///etc/passwd", "gopher://a/b",
    "javascript:alert(1)", "https://", "https:///path", "https://:443/", "https://a:0/", "https://a:65536/",
    "https://a:b/", "https://user:pass@hooks.example.org/", "https://user@hooks.example.org/", "https://a@/",
    "https://hooks.example.org/a b", "https://hooks.example.org/\r\nx: y", "https://hooks.example.org/\x00",
    "https://hooks.example.org\\@evil.example/", "https://münchen.example/", " https://hooks.example.org",
    "https://hooks.example.org/\n", "https://[::1/", "https://[zz]/", "https://a/" + "x" * MOST_URL,
    "\ud800https://a/", "https://a/\ud800",
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD_URLS)
def test_an_address_on_the_web_is_taken_as_it_is(url: str) -> None:
    assert checked(Hook(url)).url == url


@pytest.mark.parametrize("url", BAD_URLS)
def test_other_addresses_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(Hook(url))
    [detail] = refused.value.details
    assert detail.startswith("url: ")
    assert "example" not in str(refused.value)


HOST = "https://hooks.example.org/"
GOOD_HEADERS = [
    {},
    {
        "Authorization": "Bearer s3cret",
        "X-Empty": "",
        "x-a": "a b\tc",
        "Content-Type": "application/json",
        "Accept": "*/*",
    },
    {f"x-{number}": "v" * MOST_VALUE for number in range(MOST_HEADERS)},
]
BAD_HEADERS = [
    {"x": "a\r\nhost: evil"}, {"x": "a\nb"}, {"x": "a\x00"}, {"x": "grün"}, {"x": " a"}, {"x": "a "}, {"x\r\ny": "a"},
    {"": "a"}, {"a b": "c"}, {"a:": "c"}, {"x" * 101: "a"}, {"x": "v" * (MOST_VALUE + 1)}, {"X-A": "1", "x-a": "2"},
    {f"x-{number}": "v" for number in range(MOST_HEADERS + 1)}, *({name.title(): "x"} for name in sorted(RESERVED)),
]  # fmt: skip


@pytest.mark.parametrize("headers", GOOD_HEADERS)
def test_headers_of_the_caller_are_taken(headers: dict[str, str]) -> None:
    assert checked(Hook(HOST, headers)).headers == headers


@pytest.mark.parametrize("headers", BAD_HEADERS)
def test_headers_that_would_forge_or_break_a_request_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        checked(Hook(HOST, headers))
    assert "headers: " in str(refused.value)
    assert "evil" not in str(refused.value)


def test_what_may_be_secret_is_not_shown() -> None:
    assert shown("https://a.example/in?token=t#f") == "https://a.example/in"
    assert "s3cret" not in repr(Hook("https://a.example/in?token=s3cret", {"authorization": "s3cret"}))


def test_the_check_that_the_documentation_shows_works() -> None:
    shown = (Path(__file__).parents[2] / "docs/webhooks.md").read_text().partition("```python\n")[2].partition("```")[0]
    scope: dict[str, Callable[[bytes, str, str], bool]] = {}
    exec(compile(shown, "webhooks.md", "exec"), scope)
    now = datetime.now(UTC)
    for at, body, secret, genuine in [
        (now, BODY, SECRET, True),
        (now, BODY + " ", SECRET, False),
        (now, BODY, secret_from(bytes(32)), False),
        (now - timedelta(minutes=6), BODY, SECRET, False),
    ]:
        header = signed(SECRET, ID, BODY, at)["conduit-signature"]
        assert scope["is_genuine"](body.encode(), header, secret) is genuine
    assert not any(scope["is_genuine"](b"", header, SECRET) for header in ("", "t=,v1=", "t=x", "v1=ab", "t=1"))
