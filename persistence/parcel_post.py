"""Sending parcels to a server that may be elsewhere, over HTTP."""

import gzip
import ssl
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson
from pydantic import BaseModel, ValidationError

_PATH = "/v1/transcripts"
_TIMEOUT_S = 60.0
_IDLE_S = 2.0
"""A connection that rested longer may be closed on the other side."""
_MOST_ANSWER_BYTES = 64 * 2**10
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_OF_THIS_PARCEL = {400, 403, 413}
_REASON_CHARS = 300


class Receipt(BaseModel):
    accepted: int
    skipped: int


class Address(NamedTuple):
    secure: bool
    host: str
    port: int | None
    base: str

    @property
    def here(self) -> bool:
        """Whether it is this machine."""
        with suppress(ValueError):
            return ip_address(self.host).is_loopback
        return self.host == "localhost"

    @property
    def in_the_open(self) -> bool:
        """Whether others on the way could read along."""
        return not self.secure and not self.here


class Away(Exception):
    """The server does not answer, or not now; `retry_after_s` says when to come back, if it said so."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class ParcelRefused(Exception):
    """This parcel will never be taken; others may."""


class SenderRefused(Exception):
    """Nothing will be taken: the key is not good, or there is no such server."""


def address_of(url: str) -> Address:
    """Raises ValueError for what is no plain http or https address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"not an http or https address: {url}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address has neither a login nor a query")
    if not (parts.path.isascii() and parts.path.isprintable() and " " not in parts.path):
        raise ValueError(f"the path of an address is written in plain characters: {url}")
    parts.hostname.encode("idna")  # no name has a part that is empty or too long
    return Address(parts.scheme == "https", parts.hostname, parts.port, parts.path.rstrip("/"))


class ParcelPost:
    """One connection, opened when needed. Redirects are not followed: the key is for this server alone."""

    def __init__(self, address: Address, key: str) -> None:
        self._address = address
        self._headers = {
            "authorization": f"Bearer {key}",
            "content-type": "application/json",
            "content-encoding": "gzip",
            "user-agent": "goalarc-watch",
        }
        self._connection: HTTPConnection | None = None
        self._used_at = 0.0

    def send(self, parcel: bytes) -> Receipt:
        """Returns once the server has committed it. Raises Away, ParcelRefused or SenderRefused."""
        try:
            connection = self._open()
            connection.request("POST", self._address.base + _PATH, gzip.compress(parcel, 6, mtime=0), self._headers)
            with connection.getresponse() as answer:
                whole = answer.length is not None and answer.length <= _MOST_ANSWER_BYTES
                body = answer.read() if whole else answer.read(_MOST_ANSWER_BYTES)
        except (OSError, HTTPException) as error:
            self.close()
            raise Away(str(error) or type(error).__name__) from None
        self._used_at = time.monotonic()
        if not whole:
            self.close()
        return _receipt(answer, body)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> HTTPConnection:
        if self._connection is not None and time.monotonic() - self._used_at > _IDLE_S:
            self.close()
        if self._connection is None:
            host, port = self._address.host, self._address.port
            if self._address.secure:
                context = ssl.create_default_context()
                self._connection = HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=context)
            else:
                self._connection = HTTPConnection(host, port, timeout=_TIMEOUT_S)
        return self._connection


def _receipt(answer: HTTPResponse, body: bytes) -> Receipt:
    status = answer.status
    if status in _PASSING:
        raise Away(f"{status} {_reason(body)}", _seconds(answer.headers.get("retry-after")))
    if status in _OF_THIS_PARCEL:
        raise ParcelRefused(_reason(body) or f"the server refuses it (status {status})")
    if status == 401:
        raise SenderRefused(f"the server does not know this key: {_reason(body)}")
    with suppress(ValidationError):
        if status == 200:
            return Receipt.model_validate_json(body)
    raise SenderRefused(f"nobody there takes transcripts (status {status})")


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 6 else None


def _reason(body: bytes) -> str:
    """As the server words it; of anybody else's answer nothing, it may be a page."""
    try:
        told = orjson.loads(body)
        parts = [told["error"], *told.get("details", [])]
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""
    return "; ".join(map(str, parts))[:_REASON_CHARS]
