"""Posting to an address that a caller chose: nowhere but where they may, and never for long.

Names are resolved here, every address is looked at, and the connection is made to one that was looked at: a name that
changes its answer in between leads nowhere else. Redirects, proxies and the environment are not followed.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from time import monotonic
from typing import TypeAlias

import httpx2

from domain.networks import Address, Network, may_be_reached, read_address
from domain.webhooks import Outcome

CONNECT_S, TOTAL_S = 5.0, 10.0
_ANY_PORT = 9

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a name, best first. Raises OSError."""

_RESOLVING = ThreadPoolExecutor(64, "webhook-names")
"""Of its own: a name server that does not answer holds up no other thread of the process. Nor does it hold up other
names: who asks it gives up after TOTAL_S, but its thread stays there for half a minute or more."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """As the system does."""
    asked = asyncio.get_running_loop().run_in_executor(
        _RESOLVING, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    )
    return [str(place[0]) for *_, place in await asked]


class _Refused(Exception):
    """Nothing was sent, and nothing will be; the message is for people."""


async def send(
    allowed: Sequence[Network],
    url: str,
    headers: Mapping[str, str],
    body: str,
    *,
    resolve: Resolve = resolve,
    total_s: float = TOTAL_S,
) -> Outcome:
    """Posts JSON and says how it went; raises nothing that the receiver could cause. `allowed`: networks that may be
    reached although they are not public."""
    began = monotonic()
    try:
        async with asyncio.timeout(total_s):
            target = _target(url)
            addresses = await _addresses(target, allowed, resolve)
            status = await _send(target, addresses, headers, body.encode())
    except _Refused as refusal:
        return Outcome(_ms_since(began), trouble=str(refusal), hopeless=True)
    except (TimeoutError, httpx2.TimeoutException):
        return Outcome(_ms_since(began), trouble=f"no answer within {total_s:g} seconds")
    except (OSError, httpx2.HTTPError) as error:
        return Outcome(_ms_since(began), trouble=_words(error))
    return Outcome(_ms_since(began), status)


def _ms_since(began: float) -> int:
    return round((monotonic() - began) * 1_000)


async def _send(target: httpx2.URL, addresses: Sequence[Address], headers: Mapping[str, str], body: bytes) -> int:
    """To the first address that takes the connection; to no other once something was sent."""
    async with httpx2.AsyncClient(
        verify=_tls(), trust_env=False, follow_redirects=False, timeout=httpx2.Timeout(TOTAL_S, connect=CONNECT_S)
    ) as client:
        for address in addresses[:-1]:
            with suppress(httpx2.ConnectError, httpx2.ConnectTimeout):
                return await _ask(client, target, address, headers, body)
        return await _ask(client, target, addresses[-1], headers, body)


def _target(url: str) -> httpx2.URL:
    try:
        target = httpx2.URL(url)
    except httpx2.InvalidURL:
        raise _Refused("the address cannot be read") from None
    if target.scheme not in ("http", "https") or not target.host or target.userinfo:
        raise _Refused("the address cannot be called")
    return target


async def _addresses(target: httpx2.URL, allowed: Sequence[Network], resolve: Resolve) -> Sequence[Address]:
    """All that the name stands for. Raises _Refused as soon as one may not be reached, OSError without any."""
    port = target.port or (443 if target.scheme == "https" else 80)
    try:
        found = [read_address(text) for text in await resolve(target.raw_host.decode(), port)]
    except UnicodeError:  # a name that the name service has no form for
        found = []
    if not found:
        raise socket.gaierror
    if not all(may_be_reached(address, allowed, own=is_own(address)) for address in found):
        raise _Refused("the address is not on the public Internet")
    return list(dict.fromkeys(found))


def is_own(address: Address) -> bool:
    """Whether it is an address of this machine: what is sent there comes from there. Nothing is sent to find out."""
    with socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((str(address), _ANY_PORT))
        except OSError:  # no way leads there
            return False
        return read_address(str(probe.getsockname()[0])) == address


async def _ask(
    client: httpx2.AsyncClient, target: httpx2.URL, address: Address, headers: Mapping[str, str], body: bytes
) -> int:
    """The status of the answer, whose body is not read. The receiver is asked, and must prove to be, who is named."""
    usual = {"content-type": "application/json", "user-agent": "goalarc"}
    given = {name.lower(): value for name, value in headers.items()}
    request = client.build_request(
        "POST",
        target.copy_with(host=str(address)),
        headers={**usual, **given, "host": target.netloc.decode(), "connection": "close"},
        content=body,
        extensions={"sni_hostname": target.raw_host.decode()},
    )
    response = await client.send(request, stream=True)
    await response.aclose()
    return response.status_code


@cache
def _tls() -> ssl.SSLContext:
    """Made once: it takes as long as the rest of a delivery."""
    return httpx2.create_ssl_context(trust_env=False)


def _words(error: Exception) -> str:
    """What went wrong, without what the receiver said."""
    match error:
        case socket.gaierror():
            return "the name cannot be resolved"
        case httpx2.ConnectError():
            certificate = isinstance(_cause(error), ssl.SSLCertVerificationError)
            return "the certificate cannot be trusted" if certificate else "no connection"
        case httpx2.ProtocolError():
            return "the answer is no HTTP"
        case _:
            return "the connection broke"


def _cause(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error
