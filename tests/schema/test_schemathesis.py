"""Made-up operations of every field, over a real server: never a server error, always an answer of the right shape."""

import asyncio

import schemathesis
from graphql import parse_value
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from resolvers.context import Services
from tests.history import bug_fix, derive, ended, recorded, store
from tests.schema.asking import make_asker, serving

EXAMPLES = 3
"""Of each field of Query and Mutation."""

EXPECTED = {"BAD_USER_INPUT", "NOT_FOUND", "GRAPHQL_VALIDATION_FAILED", "QUERY_TOO_COMPLEX"}
"""What a caller who may do everything is told of nonsense."""

_TIMES = st.datetimes(timezones=st.timezones()).map(lambda at: at.replace(fold=0).isoformat(timespec="seconds"))
_LITERALS = ["{}", '{text: "x", tokenCount: 1}', '{path: "a.py", linesAdded: -1}', "[1, {a: null}]", "1.5", '"x"']

schemathesis.graphql.scalar("DateTime", (_TIMES | st.text(max_size=20)).map(nodes.String))
schemathesis.graphql.scalar("Long", st.integers(-(2**64), 2**64).map(nodes.Int))
schemathesis.graphql.scalar("JSON", st.sampled_from(_LITERALS).map(parse_value))


_SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[*HealthCheck],
)


def _examine(url: str, headers: dict[str, str]) -> int:
    operations = 0
    for found in schemathesis.graphql.from_url(url, headers=headers).get_all_operations():
        operation = found.ok()
        operations += 1

        @_SETTINGS
        @given(case=operation.as_strategy())
        def test(case: schemathesis.Case) -> None:
            response = case.call(headers=headers)
            answer = response.json()
            assert response.status_code == 200, response.text
            assert {error["extensions"]["code"] for error in answer.get("errors", [])} <= EXPECTED, (case.body, answer)
            assert "data" in answer or "errors" in answer

        test()
    return operations


async def test_made_up_operations_are_answered(judged: Services) -> None:
    ada = await make_asker(judged, scopes=frozenset({"*"}))
    one = recorded(*bug_fix(0), ended(8))
    await store(ada.ctx, one)
    await derive(ada.ctx, one)
    async with serving(ada.app) as host:
        assert await asyncio.to_thread(_examine, f"http://{host}/graphql", dict(ada.headers)) > 10
