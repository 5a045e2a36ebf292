"""Who may see what, and who counts as the same for that."""

from dataclasses import replace
from uuid import uuid4

from domain.access import Caller, KeyKind, OrgSettings, Scope
from domain.values import KeyId, OrgId, SessionId, UserId


def _caller(*scopes: Scope) -> Caller:
    user, key = UserId(uuid4()), KeyId(uuid4())
    return Caller(OrgId(uuid4()), 1, user, "UTC", key, KeyKind.DEVELOPER, frozenset(scopes), OrgSettings())


def test_readers_of_a_whole_organisation_share_what_they_see() -> None:
    one = _caller(Scope.SCORES_READ, Scope.ORG_READ)
    other = replace(one, user_id=UserId(uuid4()), key_id=KeyId(uuid4()))
    assert one.shared() == other.shared()
    assert one.user_id not in (one.shared().user_id, one.shared().visible_user)


def test_two_keys_of_a_developer_share_and_two_developers_do_not() -> None:
    one = _caller(Scope.SCORES_READ)
    assert one.shared() == replace(one, key_id=KeyId(uuid4())).shared()
    assert one.shared().visible_user == one.user_id
    assert one.shared() != replace(one, user_id=UserId(uuid4())).shared()


def test_what_decides_over_sight_is_never_shared() -> None:
    one = _caller(Scope.SCORES_READ, Scope.ORG_READ)
    for other in (
        replace(one, org_id=OrgId(uuid4())),
        replace(one, scopes=frozenset({Scope.ORG_READ})),
        replace(one, kind=KeyKind.CANDIDATE),
        replace(one, session_id=SessionId("s")),
        replace(one, time_zone="Europe/Berlin"),
    ):
        assert one.shared() != other.shared()
