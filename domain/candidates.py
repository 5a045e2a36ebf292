"""Candidates: who was invited to an assessment, and how far they are with it (domain reference, section 16.5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.access import CandidateStatus, is_email
from domain.errors import Fault, Invalid, NotFound
from domain.values import AssessmentId, KeyId, OrgId, SessionId, UserId

MOST_KEYS = 50
"""So many keys are made in one call."""
_NAME_CHARS = 200

OLDER_NAMES = {"redeemed": CandidateStatus.ACTIVE}


class CandidateErrorCode(StrEnum):
    """Why keys for candidates are not made, or one is not changed."""

    OUT_OF_RANGE = "out_of_range"
    INVALID_EMAIL = "invalid_email"
    INVALID_NAME = "invalid_name"
    UNKNOWN_ASSESSMENT = "unknown_assessment"
    PAST_EXPIRY = "past_expiry"
    INVALID_ID = "invalid_id"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody to make a key for; both may be unknown."""

    email: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An invited candidate: the key, never its secret, and how far its owner is.

    `user_id` is the developer whose work it will be. `session_id` is None until the first event, and again after that
    session was deleted.
    """

    id: KeyId
    org_id: OrgId
    assessment_id: AssessmentId
    user_id: UserId
    email: str | None
    name: str | None
    status: CandidateStatus
    session_id: SessionId | None
    created_at: datetime
    expires_at: datetime | None
    redeemed_at: datetime | None = None
    completed_at: datetime | None = None
    revoked_at: datetime | None = None

    def as_of(self, now: datetime) -> "Candidate":
        """The same with the status that it has by now: an unfinished key runs out at its time."""
        over = self.expires_at is not None and self.expires_at <= now
        lapsed = over and self.status in (CandidateStatus.PENDING, CandidateStatus.ACTIVE)
        return replace(self, status=CandidateStatus.EXPIRED) if lapsed else self

    def marked(self, status: CandidateStatus, now: datetime) -> "Candidate":
        """As a reviewer says. Raises Invalid for a key that ran out and is to be used again."""
        again = status in (CandidateStatus.PENDING, CandidateStatus.ACTIVE)
        if again and self.expires_at is not None and self.expires_at <= now:
            message = f"this key ran out at {self.expires_at:%Y-%m-%d %H:%M} UTC: make a new one"
            raise _refused(CandidateErrorCode.PAST_EXPIRY, message, "status")
        used_at = None if status is CandidateStatus.PENDING else self.redeemed_at
        if status in (CandidateStatus.ACTIVE, CandidateStatus.COMPLETED):
            used_at = used_at or now
        done_at = now if status is CandidateStatus.COMPLETED else None
        kept = None if again else self.completed_at
        return replace(self, status=status, redeemed_at=used_at, completed_at=kept or done_at)


@dataclass(frozen=True, slots=True)
class CandidateFilter:
    """Which candidates: all given conditions must hold; `status` is that of the moment."""

    assessment_id: AssessmentId | None = None
    status: CandidateStatus | None = None


def read_status(text: str) -> CandidateStatus:
    """The status of that name, or of an older one. Raises Invalid."""
    if text in OLDER_NAMES:
        return OLDER_NAMES[text]
    try:
        return CandidateStatus(text)
    except ValueError:
        raise Invalid(f"{text!r} is no status: there are {', '.join(CandidateStatus)}") from None


def checked(invited: Sequence[Invited]) -> list[Invited]:
    """Those to make keys for, trimmed; addresses in lower case. Raises Invalid with a fault for whatever is wrong."""
    if not 1 <= len(invited) <= MOST_KEYS:
        message = f"make between 1 and {MOST_KEYS} keys at once"
        raise _refused(CandidateErrorCode.OUT_OF_RANGE, message, "candidates")
    cleaned = [Invited(_trimmed(one.email, lower=True), _trimmed(one.name)) for one in invited]
    faults = tuple(fault for index, one in enumerate(cleaned) for fault in _faults(index, one))
    if faults:
        raise Invalid(faults[0].message, tuple(fault.message for fault in faults), faults)
    return cleaned


def _trimmed(text: str | None, lower: bool = False) -> str | None:
    """None for what is blank."""
    kept = (text or "").strip()
    return (kept.lower() if lower else kept) or None


def _faults(index: int, one: Invited) -> list[Fault]:
    place, faults = ("candidates", str(index)), list[Fault]()
    if one.email is not None and not is_email(one.email):
        message = f"{one.email[:200]!r} is no e-mail address"
        faults.append(Fault(CandidateErrorCode.INVALID_EMAIL, message, (*place, "email")))
    if one.name is not None and not (one.name.isprintable() and len(one.name) <= _NAME_CHARS):
        message = f"a name is one line of at most {_NAME_CHARS} printable characters"
        faults.append(Fault(CandidateErrorCode.INVALID_NAME, message, (*place, "name")))
    return faults


def no_such_candidate() -> NotFound:
    """The key is not there, is revoked, is no candidate's, or is another organisation's: nobody can tell which."""
    message = "no such candidate"
    return NotFound(message, Fault(CandidateErrorCode.NOT_FOUND, message, ("id",)))


def unknown_assessment() -> NotFound:
    message = "no such assessment"
    return NotFound(message, Fault(CandidateErrorCode.UNKNOWN_ASSESSMENT, message, ("assessment",)))


def _refused(code: CandidateErrorCode, message: str, field: str) -> Invalid:
    return Invalid(message, faults=(Fault(code, message, (field,)),))
