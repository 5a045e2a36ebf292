"""Keys that administrators hand out: what a wish must keep to, what is revocable, how far a key reaches."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.access import DEFAULT_SCOPES, ApiKey, CandidateStatus, KeyKind, Scope
from domain.api_keys import (
    MEANINGS,
    ApiKeyErrorCode,
    KeyReach,
    KeyRequest,
    KeyState,
    check_revocable,
    checked,
    reach,
    state_of,
)
from domain.errors import Invalid
from domain.values import KeyId, OrgId, UserId

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BEFORE, LATER = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
ADMIN = DEFAULT_SCOPES[KeyKind.DEVELOPER] | {Scope.ADMIN, Scope.ORG_READ}
DEVELOPER = KeyRequest(" Kim@Example.org ", KeyKind.DEVELOPER)
C = ApiKeyErrorCode


def a_key(*scopes: str, **changes: object) -> ApiKey:
    ids = (KeyId(uuid4()), OrgId(UUID(int=1)), UserId(UUID(int=2)))
    key = ApiKey(*ids, KeyKind.DEVELOPER, frozenset(scopes), BEFORE, None, None, None)
    return replace(key, **changes)


@pytest.mark.parametrize(
    ("wish", "granted"),
    [
        (DEVELOPER, DEFAULT_SCOPES[KeyKind.DEVELOPER]),
        (replace(DEVELOPER, admin=True), ADMIN),
        (replace(DEVELOPER, scopes=("org:read",)), {"org:read"}),
        (replace(DEVELOPER, scopes=("org:read",), admin=True), {"org:read", "admin"}),
        (replace(DEVELOPER, kind=KeyKind.PERSONAL, expires_at=LATER, time_zone="Asia/Tokyo"), None),
    ],
)
def test_a_wish_is_granted(wish: KeyRequest, granted: Iterable[str] | None) -> None:
    assert checked(wish, ADMIN, NOW) is wish
    assert wish.address == "kim@example.org"
    assert wish.granted == (DEFAULT_SCOPES[wish.kind] if granted is None else granted)


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"kind": KeyKind.CANDIDATE}, [(C.CANDIDATE, "kind")]),
        ({"email": "kim"}, [(C.INVALID_EMAIL, "email")]),
        ({"time_zone": "Mars/Olympus"}, [(C.INVALID_TIME_ZONE, "timeZone")]),
        ({"time_zone": "localtime"}, [(C.INVALID_TIME_ZONE, "timeZone")]),
        ({"expires_at": NOW}, [(C.INVALID_EXPIRY, "expiresAt")]),
        ({"scopes": ("nonsense",)}, [(C.INVALID_SCOPE, "scopes")]),
        ({"scopes": ("a:b",) * 51}, [(C.INVALID_SCOPE, "scopes")]),
        ({"scopes": ("sessions:delete",)}, [(C.SCOPE_NOT_HELD, "scopes")]),
        ({"scopes": ("dashboard:read",)}, [(C.SCOPE_NOT_HELD, "scopes")]),
        ({"scopes": ("*",)}, [(C.SCOPE_NOT_HELD, "scopes")]),
        ({"kind": KeyKind.REVIEWER}, [(C.SCOPE_NOT_HELD, "scopes")]),
        ({"email": "", "scopes": ("x",)}, [(C.INVALID_EMAIL, "email"), (C.INVALID_SCOPE, "scopes")]),
    ],
)
def test_all_that_stands_against_a_wish_is_told(
    changes: dict[str, object], faults: list[tuple[ApiKeyErrorCode, str]]
) -> None:
    with pytest.raises(Invalid) as refused:
        checked(replace(DEVELOPER, **changes), ADMIN, NOW)
    assert [(fault.code, *(fault.field or ())) for fault in refused.value.faults] == faults


def test_what_is_lacking_is_named_and_whoever_may_do_all_grants_all() -> None:
    wish = replace(DEVELOPER, kind=KeyKind.REVIEWER)
    with pytest.raises(Invalid, match="lacks sessions:delete:"):
        checked(wish, ADMIN, NOW)
    with pytest.raises(Invalid, match="lacks admin, org:read:"):
        checked(replace(DEVELOPER, admin=True), DEFAULT_SCOPES[KeyKind.DEVELOPER], NOW)
    for scopes in ((), ("*",), ("dashboard:read",)):
        checked(replace(wish, scopes=scopes), {"*"}, NOW)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, KeyState.ACTIVE),
        ({"expires_at": LATER}, KeyState.ACTIVE),
        ({"expires_at": NOW}, KeyState.EXPIRED),
        ({"candidate_status": CandidateStatus.ACTIVE}, KeyState.ACTIVE),
        ({"candidate_status": CandidateStatus.EXPIRED}, KeyState.EXPIRED),
        ({"expires_at": BEFORE, "revoked_at": BEFORE}, KeyState.REVOKED),
    ],
)
def test_the_state_of_a_key(changes: dict[str, object], state: KeyState) -> None:
    assert state_of(a_key(**changes), NOW) is state


@pytest.mark.parametrize(
    ("others", "kept"),
    [
        ([], False),
        ([a_key("admin")], True),
        ([a_key("*")], True),
        ([a_key("org:read")], False),
        ([a_key("admin", revoked_at=BEFORE), a_key("admin", expires_at=NOW)], False),
    ],
)
def test_one_key_that_administers_stays(others: list[ApiKey], kept: bool) -> None:
    for key in (a_key("admin"), a_key("*")):
        if kept:
            check_revocable(key, [key, *others], NOW)
            continue
        with pytest.raises(Invalid) as refused:
            check_revocable(key, [key, *others], NOW)
        assert refused.value.faults[0].code is C.LAST_ADMINISTRATOR
    for key in (a_key("sessions:read"), a_key("admin", revoked_at=BEFORE), a_key("admin", expires_at=NOW)):
        check_revocable(key, [key, *others], NOW)


@pytest.mark.parametrize(
    ("kind", "scopes", "far"),
    [
        (KeyKind.DEVELOPER, {"sessions:read"}, KeyReach.OWN_WORK),
        (KeyKind.DEVELOPER, {"org:read"}, KeyReach.ORGANISATION),
        (KeyKind.PERSONAL, {"*"}, KeyReach.ORGANISATION),
        (KeyKind.SERVICE, DEFAULT_SCOPES[KeyKind.SERVICE], KeyReach.ORGANISATION),
        (KeyKind.CANDIDATE, {"org:read"}, KeyReach.ONE_SESSION),
    ],
)
def test_how_far_a_key_reaches(kind: KeyKind, scopes: set[str], far: KeyReach) -> None:
    assert reach(kind, scopes) is far


def test_every_scope_has_a_meaning_and_stands_in_the_documentation() -> None:
    assert list(MEANINGS) == list(Scope)
    page = (Path(__file__).parents[2] / "docs" / "graphql.md").read_text()
    table = page[page.index("| scope | lets it |") : page.index("A candidate's key sees")]
    rows = [row for row in table.splitlines() if row.startswith("| `")]
    assert {scope for row in rows for scope in re.findall(r"`([a-z_:]+)`", row.split("|")[1])} == {*Scope}
