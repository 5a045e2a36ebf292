"""Who is asking and what they may do: organisations, developers, keys, scopes, the caller."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import available_timezones

from domain.errors import Forbidden, Invalid
from domain.languages import Language
from domain.score_versions import ScoreVersion
from domain.values import AssessmentId, KeyId, OrgId, SessionId, UserId


class KeyKind(StrEnum):
    """The five kinds of key; the prefix of a secret shows its kind to people, never to the code."""

    DEVELOPER = "developer"
    PERSONAL = "personal"
    SERVICE = "service"
    REVIEWER = "reviewer"
    CANDIDATE = "candidate"


class Scope(StrEnum):
    """What a key may do. `ORG_READ` widens every read from the key's developer to the whole organisation."""

    SESSIONS_READ = "sessions:read"
    SESSIONS_WRITE = "sessions:write"
    SESSIONS_DELETE = "sessions:delete"
    EVENTS_WRITE = "events:write"
    MEDIA_WRITE = "media:write"
    SCORES_READ = "scores:read"
    LABELS_WRITE = "labels:write"
    INSIGHT_READ = "insight:read"
    INSIGHT_WRITE = "insight:write"
    QUERY_READ = "query:read"
    SHARING_READ = "sharing_configuration:read"
    SHARING_WRITE = "sharing_configuration:write"
    ALERT_READ = "alert:read"
    ALERT_WRITE = "alert:write"
    ACTIVITY_READ = "activity_log:read"
    ORG_READ = "org:read"
    ADMIN = "admin"


ALL_SCOPES = "*"
"""Stands for every scope there is."""

_SCOPE = re.compile(r"\*|admin|[a-z_]{1,40}:[a-z_]{1,40}")


def is_scope(text: str) -> bool:
    """Whether it is written as scopes are; those of other systems are kept, and open nothing here."""
    return _SCOPE.fullmatch(text) is not None


_INSIGHTS = frozenset(
    {
        Scope.INSIGHT_READ,
        Scope.INSIGHT_WRITE,
        Scope.QUERY_READ,
        Scope.SHARING_READ,
        Scope.SHARING_WRITE,
        Scope.ALERT_READ,
        Scope.ALERT_WRITE,
        Scope.ACTIVITY_READ,
    }
)
_OWN = _INSIGHTS | {
    Scope.SESSIONS_READ,
    Scope.SESSIONS_WRITE,
    Scope.EVENTS_WRITE,
    Scope.SCORES_READ,
    Scope.LABELS_WRITE,
}

DEFAULT_SCOPES: dict[KeyKind, frozenset[str]] = {
    KeyKind.DEVELOPER: _OWN,
    KeyKind.PERSONAL: _OWN,
    KeyKind.SERVICE: frozenset({Scope.SESSIONS_READ, Scope.SCORES_READ, Scope.ORG_READ, Scope.MEDIA_WRITE}),
    KeyKind.REVIEWER: frozenset(
        {Scope.SESSIONS_READ, Scope.SESSIONS_WRITE, Scope.SESSIONS_DELETE, Scope.SCORES_READ, Scope.ORG_READ}
    ),
    KeyKind.CANDIDATE: frozenset({Scope.SESSIONS_READ, Scope.SESSIONS_WRITE, Scope.EVENTS_WRITE}),
}
"""What a key of each kind may do unless made with scopes of its own."""


@dataclass(frozen=True, slots=True)
class Org:
    id: OrgId
    slug: str
    environment_id: int
    settings: "OrgSettings"


@dataclass(frozen=True, slots=True)
class OrgSettings:
    """Settings of an organisation; the defaults are those of a new one."""

    redaction: bool = True
    split_on_commit: bool = False
    score_default: ScoreVersion = ScoreVersion.V3
    """What is shown to developers who prefer nothing."""
    retention_days: int | None = None
    """Sessions whose last activity is older are erased; None: kept for good."""
    ai_processing: bool = True
    """Whether a language model may be asked to write about their sessions, where the server has one."""
    language: Language = Language.EN
    """In which is written what nobody asked for in another one."""


Setting = bool | ScoreVersion | Language | int | None
_SWITCH = {"on": True, "off": False}
_VALUES: dict[str, Mapping[str, Setting]] = {
    "redaction": _SWITCH,
    "ai_processing": _SWITCH,
    "split_on_commit": _SWITCH,
    "score_default": {str(version): version for version in ScoreVersion},
    "language": {str(language): language for language in Language},
}


_RETENTION, MOST_RETENTION_DAYS = "retention_days", 36_500


def read_setting(name: str, text: str) -> Setting:
    """The value that is written `text`. Raises Invalid for a setting or a value that does not exist."""
    if name == _RETENTION:
        return _days(text)
    if name not in _VALUES:
        raise Invalid(f"no setting {name}: there are {', '.join([*_VALUES, _RETENTION])}")
    if text not in _VALUES[name]:
        raise Invalid(f"{name} is {' or '.join(_VALUES[name])}, not {text!r}")
    return _VALUES[name][text]


def _days(text: str) -> int | None:
    if text == "off":
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= MOST_RETENTION_DAYS):
        raise Invalid(f"{_RETENTION} is 1-{MOST_RETENTION_DAYS} or off, not {text!r}")
    return int(text)


def setting_text(value: Setting) -> str:
    """As `read_setting` takes it."""
    match value:
        case ScoreVersion() | Language():
            return value
        case None | False:
            return "off"
        case True:
            return "on"
        case int():
            return str(value)


_EMAIL = re.compile(r"[^@\s\x00\ud800-\udfff]{1,64}@[^@\s\x00\ud800-\udfff]{1,190}")


def is_email(text: str) -> bool:
    """Whether it looks like an address; whether anybody reads it is not our business."""
    return _EMAIL.fullmatch(text) is not None


def is_time_zone(name: str) -> bool:
    """Whether it is an IANA name. The zone a machine is set to is no name that others know."""
    return name != "localtime" and name in available_timezones()


@dataclass(frozen=True, slots=True)
class User:
    """A developer. `time_zone` is an IANA name; windows and days are cut in it."""

    id: UserId
    email: str
    time_zone: str
    score_version: ScoreVersion | None = None
    """Which one they like to be shown; None: as the organisation has it."""
    number: int = 0
    """Stands for them where another system's users are known by whole numbers; it never changes."""


class CandidateStatus(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    COMPLETED = "completed"
    EXPIRED = "expired"
    HIRED = "hired"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as listed: never its secret, of which only the digest is stored."""

    id: KeyId
    org_id: OrgId
    user_id: UserId
    kind: KeyKind
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    assessment_id: AssessmentId | None = None
    candidate_status: CandidateStatus | None = None
    session_id: SessionId | None = None
    budget: int | None = None
    """Points of cost that it may ask of the graph in a minute; None: as many as any key."""


_NOBODY = UserId(UUID(int=0))


@dataclass(frozen=True, slots=True)
class Caller:
    """The one answer to "who asks", whichever header the key came in."""

    org_id: OrgId
    environment_id: int
    user_id: UserId
    time_zone: str
    key_id: KeyId
    kind: KeyKind
    scopes: frozenset[str]
    settings: OrgSettings
    assessment_id: AssessmentId | None = None
    session_id: SessionId | None = None
    """The one session a candidate key is bound to; None until it sent its first event."""
    budget: int | None = None

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or ALL_SCOPES in self.scopes

    def require(self, scope: Scope) -> None:
        """Raises Forbidden when the key lacks `scope`."""
        if not self.may(scope):
            raise Forbidden(f"this key lacks the scope {scope}")

    def shared(self) -> "Caller":
        """The same rights without the person: equal for all callers who may see the same."""
        return replace(self, user_id=self.visible_user or _NOBODY, key_id=KeyId(UUID(int=0)), budget=None)

    @property
    def visible_user(self) -> UserId | None:
        """The only developer whose rows this caller may see; None means everybody in the organisation."""
        return None if self.may(Scope.ORG_READ) else self.user_id

    @property
    def insights_of(self) -> UserId | None:
        """Whose events this caller's insights count; None means everybody's, as for personal keys: the system they come
        from knows projects, and events of insights hold no words that anybody wrote."""
        return None if self.kind is KeyKind.PERSONAL else self.visible_user
