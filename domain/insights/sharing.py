"""Insights by links that need no key: an address with a random token, and passwords where one is asked for.

A token holds which organisation it belongs to, because nothing can be looked up before that is known, and 192 random
bits. It opens one insight and nothing else, so it is kept as it is: whoever may see the sharing of an insight sees it.
"""

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, NewType
from uuid import UUID

from domain.insights.saved import InsightId, invalid
from domain.values import UNSET, JsonObject, OrgId, Unset, UserId

SharePasswordId = NewType("SharePasswordId", UUID)

SECRET_BYTES = 24
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 200
LONGEST_NOTE = 100
MOST_PASSWORDS = 10
"""At once, because each that is there costs whoever gives one a sixth of a second."""

SETTINGS = frozenset({"whitelabel", "noHeader", "legend", "detailed", "hideExtraDetails", "showInspector", "hideTitle"})
"""Switches of the page that are kept; others are dropped."""


@dataclass(frozen=True, slots=True)
class SharePassword:
    """One that opens the link; of itself only a hash is kept."""

    id: SharePasswordId
    note: str | None
    created_at: datetime
    created_by: UserId


@dataclass(frozen=True, slots=True)
class NewSharePassword:
    """A password just made, in clear: the only time it is shown."""

    password: SharePassword
    clear: str


@dataclass(frozen=True, slots=True)
class Sharing:
    """How an insight is shared; one that never was has no `created_at` and no token."""

    insight_id: InsightId
    created_at: datetime | None = None
    enabled: bool = False
    access_token: str | None = None
    settings: JsonObject | None = None
    password_required: bool = False
    passwords: tuple[SharePassword, ...] = ()


@dataclass(frozen=True, slots=True)
class SharingChange:
    """What is to be changed; fields that are not given keep their value."""

    enabled: bool | Unset = UNSET
    settings: JsonObject | Unset | None = UNSET
    password_required: bool | Unset = UNSET


class PasswordNeeded(Exception):
    """The link is there and asks for a password; `refused`: not for the one that was given. No error of a client's:
    whoever opens the link answers with a form."""

    def __init__(self, refused: bool) -> None:
        super().__init__("this password does not open it" if refused else "this link asks for a password")
        self.refused = refused


class Token(NamedTuple):
    """What a token says."""

    org_id: OrgId
    secret: bytes


_TOKEN = re.compile(r"[A-Za-z0-9_-]{54}")
_UUID_BYTES = 16


def token(org_id: OrgId, secret: bytes) -> str:
    """Of letters that need no escape in an address."""
    return base64.urlsafe_b64encode(org_id.bytes + secret).decode().rstrip("=")


def read(text: str) -> Token | None:
    """None for what was never a token of ours; links to reports are longer."""
    if not _TOKEN.fullmatch(text):
        return None
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    read = Token(OrgId(UUID(bytes=raw[:_UUID_BYTES])), raw[_UUID_BYTES:])
    return read if token(*read) == text else None


def known(settings: JsonObject | None) -> JsonObject | None:
    """The switches that the page knows."""
    return None if settings is None else {name: value for name, value in settings.items() if name in SETTINGS}


def check_password(clear: str | None, note: str | None) -> None:
    """Raises Invalid, naming the field."""
    if clear and not SHORTEST_PASSWORD <= len(clear) <= LONGEST_PASSWORD:
        raise invalid("raw_password", f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if note is not None and len(note) > LONGEST_NOTE:
        raise invalid("note", f"A note has {LONGEST_NOTE} characters at most")
