"""What a goal arc is made up of beside its prompts: the tools called in it, and what it undid."""

import resolvers.ingest
from domain.ingest.batch import Batch, SessionFacts
from domain.values import SessionId
from resolvers.context import Services
from tests.history import PROJECT, bug_fix, derive, ended, recorded
from tests.schema.asking import make_asker

PARTS = """
{ sessions { nodes {
  rawId tools { name callCount errorCount }
  subSessions { id reworked { id } rework { by { id } } tools { name callCount errorCount } }
} } }
"""


async def test_an_arc_tells_its_tools_and_what_it_undid(services: Services) -> None:
    """One arc a session, so that both count the same calls."""
    asker = await make_asker(services)
    lines = [f"line {n}" for n in range(20)]
    work = {
        "earlier": [*bug_fix(0, added=lines), ended(9)],
        "later": [*bug_fix(60, removed=lines, added=["all new"] * 20), ended(69)],
    }
    for name, events in work.items():
        told = recorded(*events, id=SessionId(f"{asker.slug}-{name}"))
        batch = Batch("test", {told.id: SessionFacts("claude-code", PROJECT)}, told.events)
        await resolvers.ingest.save_batch(asker.ctx.services, asker.ctx.caller, batch)
        await derive(asker.ctx, told)
    later, earlier = (await asker.data(PARTS))["sessions"]["nodes"]
    for session in (later, earlier):
        [arc] = session["subSessions"]
        assert arc["tools"] == session["tools"] != []
    [undone], [undoing] = earlier["subSessions"], later["subSessions"]
    assert undone["rework"] == {"by": {"id": undoing["id"]}}
    assert undoing["reworked"] == [{"id": undone["id"]}]
    assert undone["reworked"] == []
