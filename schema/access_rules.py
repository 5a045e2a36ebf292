"""What each kind of key may do and see, and what each scope is for."""

from collections.abc import Sequence
from typing import NamedTuple

import strawberry

from domain.access import DEFAULT_SCOPES, KeyKind, Scope
from domain.api_keys import MEANINGS, KeyReach, reach
from schema.values import describe

describe(
    KeyKind,
    "What an API key is for. Its scopes, not its kind, decide what it may do.",
    {
        "developer": "A developer's own key, for capture and for reading one's own work.",
        "personal": "A developer's key for scripts, with scopes as chosen.",
        "service": "Another system's key: reads the whole organisation.",
        "reviewer": "A reviewer's key: reads the whole organisation and may delete sessions.",
        "candidate": "A candidate's code, tied to the one session it sends.",
    },
)
describe(
    KeyReach,
    "Whose work a key may see, as far as its scopes let it see any. Nothing of another organisation, ever.",
    {
        "one_session": "The one session that a candidate's key sends.",
        "own_work": "That of the developer whose key it is.",
        "organisation": "That of everybody in the organisation.",
    },
)


class KindShown(NamedTuple):
    """A kind of key, and what it may do unless made with scopes of its own."""

    kind: KeyKind
    scopes: Sequence[str]
    reach: KeyReach


class ScopeShown(NamedTuple):
    name: str
    meaning: str


@strawberry.type(description="What keys of one kind may do, and see, unless made with scopes of their own.")
class KeyKindRule:
    kind: KeyKind = strawberry.field(description="Which one.")
    scopes: list[str] = strawberry.field(description="What they may do, such as `sessions:read`.")
    reach: KeyReach = strawberry.field(description="Whose work they may see.")


@strawberry.type(description="What one scope lets a key do.")
class ScopeRule:
    name: str = strawberry.field(description="How it is written, such as `sessions:read`.")
    meaning: str = strawberry.field(description="A sentence for people.")


@strawberry.type(description="Who may do and see what, whatever the organisation: it is the same on every server.")
class AccessRules:
    @strawberry.field(description="Each kind of key.", graphql_type=list[KeyKindRule])
    @staticmethod
    def kinds() -> list[KindShown]:
        return [KindShown(kind, sorted(DEFAULT_SCOPES[kind]), reach(kind, DEFAULT_SCOPES[kind])) for kind in KeyKind]

    @strawberry.field(description="Each scope that opens anything.", graphql_type=list[ScopeRule])
    @staticmethod
    def scopes() -> list[ScopeShown]:
        return [ScopeShown(scope, MEANINGS[scope]) for scope in Scope]


@strawberry.type
class AccessRuleQueries:
    @strawberry.field(description="What each kind of key may do and see, and what each scope is for.")
    @staticmethod
    def access_rules() -> AccessRules:
        return AccessRules()
