"""What arcs cost, and that some of it is a lower bound, as the graph tells it."""

from domain.timeline import Kind, Tokens
from tests.history import bug_fix, derive, ended, recorded, store
from tests.make import event
from tests.schema.asking import Asker

QUERY = """query ($id: ID!) { session(id: $id) { costUsd tokens { total }
  subSessions { costUsd tokensAreLowerBound tokens { input output cacheRead cacheWrite } } } }"""


async def test_an_arc_tells_what_it_cost_and_whether_it_was_more(ada: Asker) -> None:
    used = {"model": "claude-opus-4-6", "tokens": Tokens(1000, 100, 10_000, 2000)}
    low = event(Kind.API_REQUEST, 1, **used, data={"outputIsLowerBound": True})
    one, other = recorded(*bug_fix(0), low, ended(8)), recorded(*bug_fix(90, "b.py"), ended(98))
    await store(ada.ctx, one, other)
    await derive(ada.ctx, one, other)
    tokens = {"input": 1000, "output": 100, "cacheRead": 10_000, "cacheWrite": 2000}
    arc = {"costUsd": 0.025, "tokensAreLowerBound": True, "tokens": tokens}
    told = (await ada.data(QUERY, id=one.id))["session"]
    assert told == {"costUsd": 0.025, "tokens": {"total": 13_100}, "subSessions": [arc]}
    [silent] = (await ada.data(QUERY, id=other.id))["session"]["subSessions"]
    assert (silent["costUsd"], silent["tokensAreLowerBound"]) == (None, False)
