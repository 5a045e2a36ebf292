"""Keys that administrators hand out: what a wish must keep to, what scopes let a key do, and how far it reaches."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.access import (
    ALL_SCOPES,
    DEFAULT_SCOPES,
    ApiKey,
    CandidateStatus,
    KeyKind,
    Scope,
    is_email,
    is_scope,
    is_time_zone,
)
from domain.errors import Fault, Invalid
from domain.values import UserId

MOST_SCOPES = 50


class KeyState(StrEnum):
    """Whether a key still opens anything."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class KeyReach(StrEnum):
    """Whose work a key may see, as far as its scopes let it see any."""

    ONE_SESSION = "one_session"
    OWN_WORK = "own_work"
    ORGANISATION = "organisation"


class ApiKeyErrorCode(StrEnum):
    """Why a key is not made or not revoked."""

    INVALID_ID = "invalid_id"
    NOT_FOUND = "not_found"
    INVALID_EMAIL = "invalid_email"
    INVALID_TIME_ZONE = "invalid_time_zone"
    INVALID_EXPIRY = "invalid_expiry"
    INVALID_SCOPE = "invalid_scope"
    SCOPE_NOT_HELD = "scope_not_held"
    CANDIDATE = "candidate"
    BEING_ERASED = "being_erased"
    LAST_ADMINISTRATOR = "last_administrator"


MEANINGS: dict[Scope, str] = {
    Scope.SESSIONS_READ: "Read sessions, timelines and prompts.",
    Scope.SESSIONS_WRITE: "Register sessions, change their title, end and metadata.",
    Scope.SESSIONS_DELETE: "Delete sessions for good.",
    Scope.EVENTS_WRITE: "Send events.",
    Scope.MEDIA_WRITE: "Upload transcripts for reports.",
    Scope.SCORES_READ: "Read goal arcs, verdicts and scores, and follow them.",
    Scope.LABELS_WRITE: "Rename its developer's own arcs, appeal their verdicts, split and merge them.",
    Scope.INSIGHT_READ: "Read saved insights with their results.",
    Scope.INSIGHT_WRITE: "Save, change and delete insights.",
    Scope.QUERY_READ: "Run queries over events.",
    Scope.SHARING_READ: "See how an insight is shared.",
    Scope.SHARING_WRITE: "Share insights by a link.",
    Scope.ALERT_READ: "See thresholds and alerts.",
    Scope.ALERT_WRITE: "Make thresholds and alerts.",
    Scope.ACTIVITY_READ: "See who changed which insight.",
    Scope.ORG_READ: "See everybody of the organisation, not only its own developer.",
    Scope.ADMIN: "Make and revoke keys, change settings, erase developers, judge again.",
}
"""What each scope lets a key do, for people."""


@dataclass(frozen=True, slots=True)
class KeyFilter:
    """Which keys; all given conditions must hold."""

    user_id: UserId | None = None
    kind: KeyKind | None = None
    state: KeyState | None = None


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """A key that somebody asks for; without scopes it gets those usual for its kind. `time_zone` is that of a developer
    who is new."""

    email: str
    kind: KeyKind
    scopes: tuple[str, ...] = ()
    admin: bool = False
    time_zone: str | None = None
    expires_at: datetime | None = None

    @property
    def address(self) -> str:
        return self.email.strip().lower()

    @property
    def granted(self) -> frozenset[str]:
        return granted(self.kind, self.scopes, self.admin)


def granted(kind: KeyKind, scopes: Iterable[str], admin: bool) -> frozenset[str]:
    """What a key may do: the scopes given or else those usual for its kind; who administers sees everybody."""
    usual = frozenset(scopes) or DEFAULT_SCOPES[kind]
    return usual | {Scope.ADMIN, Scope.ORG_READ} if admin else usual


def checked(wish: KeyRequest, held: Set[str], now: datetime) -> KeyRequest:
    """The wish, if a key with the scopes `held` may grant it. Raises Invalid with all that stands against it."""
    faults = tuple(_faults(wish, held, now))
    if faults:
        raise Invalid(faults[0].message, faults=faults)
    return wish


def _faults(wish: KeyRequest, held: Set[str], now: datetime) -> Iterator[Fault]:
    if wish.kind is KeyKind.CANDIDATE:
        yield Fault(ApiKeyErrorCode.CANDIDATE, "invite candidates to an assessment: that makes their keys", ("kind",))
    if not is_email(wish.address):
        yield Fault(ApiKeyErrorCode.INVALID_EMAIL, f"{wish.email!r} is no e-mail address", ("email",))
    if wish.time_zone is not None and not is_time_zone(wish.time_zone):
        message = f"{wish.time_zone!r} is no IANA time zone"
        yield Fault(ApiKeyErrorCode.INVALID_TIME_ZONE, message, ("timeZone",))
    if wish.expires_at is not None and wish.expires_at <= now:
        yield Fault(ApiKeyErrorCode.INVALID_EXPIRY, "it would have expired already", ("expiresAt",))
    yield from _scope_faults(wish, held)


def _scope_faults(wish: KeyRequest, held: Set[str]) -> Iterator[Fault]:
    """Nobody hands out what their own key may not do."""
    field = ("scopes",)
    if len(wish.scopes) > MOST_SCOPES:
        yield Fault(ApiKeyErrorCode.INVALID_SCOPE, f"at most {MOST_SCOPES} scopes", field)
        return
    unread = [scope for scope in wish.scopes if not is_scope(scope)]
    if unread:
        message = f"{unread[0]!r} is no scope: they look like sessions:read"
        yield Fault(ApiKeyErrorCode.INVALID_SCOPE, message, field)
    elif ALL_SCOPES not in held and (lacking := sorted(wish.granted - held)):
        message = f"your own key lacks {', '.join(lacking)}: leave that out, or use a key that has it"
        yield Fault(ApiKeyErrorCode.SCOPE_NOT_HELD, message, field)


def state_of(key: ApiKey, now: datetime) -> KeyState:
    if key.revoked_at is not None:
        return KeyState.REVOKED
    over = key.expires_at is not None and key.expires_at <= now
    return KeyState.EXPIRED if over or key.candidate_status is CandidateStatus.EXPIRED else KeyState.ACTIVE


def administers(key: ApiKey, now: datetime) -> bool:
    """Whether it may administer now."""
    return state_of(key, now) is KeyState.ACTIVE and bool(key.scopes & {Scope.ADMIN, ALL_SCOPES})


def check_revocable(key: ApiKey, administrators: Sequence[ApiKey], now: datetime) -> None:
    """An organisation keeps a key that may administer. Raises Invalid."""
    if administers(key, now) and not any(other.id != key.id and administers(other, now) for other in administrators):
        message = "this is the last key that may administer: make another one first"
        raise _refused(ApiKeyErrorCode.LAST_ADMINISTRATOR, message, "id")


def no_such_key() -> Invalid:
    return _refused(ApiKeyErrorCode.NOT_FOUND, "no such key", "id")


def owner_being_erased() -> Invalid:
    message = "this developer is being erased: wait until that is done"
    return _refused(ApiKeyErrorCode.BEING_ERASED, message, "email")


def _refused(code: ApiKeyErrorCode, message: str, field: str) -> Invalid:
    return Invalid(message, faults=(Fault(code, message, (field,)),))


def reach(kind: KeyKind, scopes: Set[str]) -> KeyReach:
    """How far a key of that kind reaches with these scopes."""
    if kind is KeyKind.CANDIDATE:
        return KeyReach.ONE_SESSION
    return KeyReach.ORGANISATION if scopes & {Scope.ORG_READ, ALL_SCOPES} else KeyReach.OWN_WORK
