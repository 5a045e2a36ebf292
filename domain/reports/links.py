"""Links to one report that need no key: signed under a secret of the organisation, and good for some days.

A token holds which report it opens and until when, and a MAC over both. Nothing of it is stored: another secret makes
all links of the organisation bad at once.
"""

import base64
import hmac
import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.reports.records import ReportId
from domain.values import OrgId

LIFE = timedelta(days=7)
"""At least so long a link is good, unless it is made bad before."""

SECRET_BYTES = 32

_BODY = struct.Struct(">B16s16sI")
_VERSION = 1
_TOKEN = re.compile(r"[A-Za-z0-9_-]{92}")
_PURPOSE = b"goalarc report link\0"
"""Keeps these apart from whatever else may be signed under the same secret."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where a report is looked at, and where it is as PDF."""

    page: str
    pdf: str


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says; only `is_good` tells whether it may be believed."""

    org_id: OrgId
    report_id: ReportId
    expires_at: datetime
    mac: bytes

    def is_good(self, secret: bytes, now: datetime) -> bool:
        """Whether it was signed under this secret and has not expired; a bad one takes as long as a good one."""
        expected = _mac(_body(self.org_id, self.report_id, self.expires_at), secret)
        return hmac.compare_digest(self.mac, expected) and now < self.expires_at


def expiry(now: datetime) -> datetime:
    """When a link that is made now ends: at a full hour, so that who asks again soon gets the same link."""
    return (now.astimezone(UTC) + LIFE + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)


def sign(org_id: OrgId, report_id: ReportId, expires_at: datetime, secret: bytes) -> str:
    """The token, of letters that need no escape in an address."""
    body = _body(org_id, report_id, expires_at)
    return base64.urlsafe_b64encode(body + _mac(body, secret)).decode()


def read(token: str) -> Token | None:
    """None for what was never a token of ours."""
    if not _TOKEN.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token)
    version, org, report, expires = _BODY.unpack(raw[: _BODY.size])
    if version != _VERSION:
        return None
    ends = datetime.fromtimestamp(expires, UTC)
    return Token(OrgId(UUID(bytes=org)), ReportId(UUID(bytes=report)), ends, raw[_BODY.size :])


def links(base_url: str, token: str) -> Links:
    """The addresses below that of the server."""
    page = f"{base_url.rstrip('/')}/shared/{token}"
    return Links(page, f"{page}.pdf")


def _body(org_id: OrgId, report_id: ReportId, expires_at: datetime) -> bytes:
    return _BODY.pack(_VERSION, org_id.bytes, report_id.bytes, int(expires_at.timestamp()))


def _mac(body: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, _PURPOSE + body, "sha256")
