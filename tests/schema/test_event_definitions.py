"""What the graph tells of the events that insights count."""

from datetime import timedelta

from pydantic import TypeAdapter

from domain.access import Scope
from domain.insights.catalogue import EVENTS, EVERYWHERE, PROPERTIES
from domain.insights.sql_views import VIEWS
from domain.times import rfc3339
from persistence.database import Tenant
from resolvers.context import Services
from tests.history import LATER
from tests.make_insights import Made, made, put_events
from tests.schema.asking import Asker, make_asker

EVENT_DEFINITIONS = "{ eventDefinitions { name derived propertyNames recentCount firstSeenAt lastSeenAt } }"
PROPERTY_DEFINITIONS = """query ($event: String) {
  propertyDefinitions(event: $event) { name source type eventNames sampleValues } }"""
_LISTED = TypeAdapter(list[dict[str, object]])
HOUR = timedelta(hours=1)


async def put(asker: Asker, *events: Made) -> None:
    async with asker.ctx.services.database.write(Tenant(asker.ctx.caller.org_id)) as db:
        await put_events(db, asker.ctx.caller.org_id, events)


async def listed(asker: Asker, query: str, field: str, event: str | None = None) -> list[dict[str, object]]:
    return _LISTED.validate_python((await asker.data(query, event=event))[field])


async def event_definition(asker: Asker, name: str) -> dict[str, object]:
    told = await listed(asker, EVENT_DEFINITIONS, "eventDefinitions")
    return next(one for one in told if one["name"] == name)


async def property_definitions(asker: Asker, event: str | None = None) -> dict[tuple[str, str], dict[str, object]]:
    told = await listed(asker, PROPERTY_DEFINITIONS, "propertyDefinitions", event)
    return {(str(one["source"]), str(one["name"])): one for one in told}


async def test_all_events_are_told_whether_seen_or_not(ada: Asker) -> None:
    told = await listed(ada, EVENT_DEFINITIONS, "eventDefinitions")
    assert [one["name"] for one in told] == list(EVENTS)
    assert await event_definition(ada, "edit") == {
        "name": "edit",
        "derived": True,
        "propertyNames": list(EVENTS["edit"].properties),
        "recentCount": 0,
        "firstSeenAt": None,
        "lastSeenAt": None,
    }


async def test_seen_is_what_happened_until_now(ada: Asker) -> None:
    """Also what happened long ago; what lies ahead, as arcs that will have held, has not happened."""
    user = ada.ctx.caller.user_id
    times = (LATER - timedelta(days=40), LATER - 3 * HOUR, LATER - HOUR, LATER + HOUR)
    await put(ada, *(made("arc_held", ts, user) for ts in times))
    found = await event_definition(ada, "arc_held")
    assert found["recentCount"] == 2
    assert (found["firstSeenAt"], found["lastSeenAt"]) == (rfc3339(times[0]), rfc3339(times[2]))


async def test_only_what_a_key_sees_is_counted(judged: Services, ada: Asker, eve: Asker) -> None:
    bob = await make_asker(judged, ada.slug)
    lead = await make_asker(judged, ada.slug, scopes=frozenset({Scope.INSIGHT_READ, Scope.ORG_READ}))
    for asker, agent in ((ada, "codex"), (bob, "cursor"), (eve, "opencode")):
        user, ts = asker.ctx.caller.user_id, LATER - HOUR
        await put(asker, made("edit", ts, user), made("session_started", ts, user, agent=agent))
    assert [(await event_definition(asker, "edit"))["recentCount"] for asker in (ada, lead)] == [1, 2]
    agents = [(await property_definitions(asker))["EVENT", "agent"]["sampleValues"] for asker in (ada, lead)]
    assert agents == [["codex"], ["codex", "cursor"]]


async def test_definitions_need_a_scope(judged: Services) -> None:
    blind = await make_asker(judged, scopes=frozenset({Scope.SESSIONS_READ}))
    assert await blind.code(EVENT_DEFINITIONS) == "FORBIDDEN"
    assert await blind.code(PROPERTY_DEFINITIONS) == "FORBIDDEN"


async def test_all_properties_are_told(ada: Asker) -> None:
    found = await property_definitions(ada)
    assert list(found) == [(source.name, key) for source, key in PROPERTIES]
    assert found["EVENT", "duration_ms"]["type"] == "NUMBER"
    assert found["EVENT", "duration_ms"]["sampleValues"] == []
    assert "bug_fix" in str(found["EVENT", "intent"]["sampleValues"])
    assert found["EVENT", "flag"]["eventNames"] == ["integrity_flag"]
    assert found["PERSON", "user_id"]["eventNames"] == found["EVENT", "project"]["eventNames"] == list(EVENTS)


async def test_properties_of_one_event(ada: Asker) -> None:
    found = await property_definitions(ada, "push")
    assert {key for source, key in found if source == "EVENT"} == {*EVERYWHERE, *EVENTS["push"].properties}
    assert await property_definitions(ada, "$pageview") == {}


async def test_sample_values_are_a_few_of_the_most_frequent(ada: Asker) -> None:
    """None of what is older than what counts as lately, and none from elsewhere than from names."""
    user = ada.ctx.caller.user_id
    often = [made("tool_use", LATER - HOUR, user, tool="Bash") for _ in range(2)]
    seldom = [made("tool_use", LATER - HOUR, user, tool=f"tool-{number:02}", secret="x") for number in range(12)]
    old = [made("tool_use", LATER - timedelta(days=31), user, tool="Old") for _ in range(9)]
    await put(ada, *often, *seldom, *old)
    found = (await property_definitions(ada))["EVENT", "tool"]["sampleValues"]
    assert found == ["Bash", *(f"tool-{number:02}" for number in range(9))]


async def test_views_of_sql_are_told_with_their_columns(ada: Asker) -> None:
    told = await listed(ada, "{ sqlViews { name description columns { name type description } } }", "sqlViews")
    assert [one["name"] for one in told] == list(VIEWS)
    arcs = next(one for one in told if one["name"] == "arcs")
    assert arcs["columns"] == [
        {"name": one.name, "type": one.type.value, "description": one.says} for one in VIEWS["arcs"].columns
    ]
