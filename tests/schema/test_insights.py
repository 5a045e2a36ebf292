"""Insights as front ends ask for them: every kind in, every kind out, kept, run, followed, and down to the arcs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import pytest

from domain.access import KeyKind
from domain.insights.query import read
from domain.insights.saved import InsightChange, InsightId
from domain.values import JsonObject, JsonValue
from resolvers.context import Services
from resolvers.insights import create_insight, get_insight
from schema import nodes
from schema.insight_queries import StoredQuery, shown_document
from tests.history import arcs, bug_fix, derive, ended, recorded, store
from tests.make_alerts import happened, make_alert, make_threshold
from tests.make_context import NOW
from tests.make_insights import made
from tests.schema.asking import Asker, make_asker, socket
from tests.schema.test_sql_counts import statements

EVENTS = """event name where { everyNeeded conditions { __typename
  ... on InsightComparison { property { key source } operator values } } }"""
ASKED = "range { dateFrom dateTo exact } where { everyNeeded } subject"
BREAKDOWN = "breakdown { properties { key source } valueCount withoutRest }"
QUERY = f"""query {{ __typename
  ... on TrendsQuery {{ {ASKED} {BREAKDOWN} interval display compared comparedWith formulas {{ formula name }}
    series {{ math of {{ key source }} events {{ {EVENTS} }} }} }}
  ... on FunnelQuery {{ {ASKED} {BREAKDOWN} steps {{ {EVENTS} }} order view attribution attributionStep interval
    window {{ count unit }} exclusions {{ afterStep beforeStep events {{ event }} }} firstStep lastStep binCount }}
  ... on RetentionQuery {{ {ASKED} {BREAKDOWN} target {{ event }} returning {{ event }} interval periodCount
    kind cumulative }}
  ... on PathsQuery {{ {ASKED} startEvent endEvent excludedEvents stepCount edgeCount minEdgeCount maxEdgeCount
    cleaning {{ regex alias }} }}
  ... on LifecycleQuery {{ {ASKED} events {{ event }} interval }}
  ... on StickinessQuery {{ {ASKED} stuck: series {{ event }} interval cumulative }}
  ... on SqlQuery {{ statement values {{ name text number }} range {{ dateFrom }} }}
  ... on StoredQuery {{ storedKind }} }}"""
RESULT = """result { __typename
  ... on TrendsResult { resolved { from to timeZone interval } moreHidden
    lines { series event name label math breakdown ofRest days labels values count aggregatedValue previous } }
  ... on FunnelResult { groups { breakdown steps { step event name count
    averageConversionSeconds medianConversionSeconds } } }
  ... on FunnelTimesResult { bins { startSeconds count } averageSeconds }
  ... on FunnelTrendsResult { lines { breakdown days labels enteredCounts convertedCounts rates } }
  ... on RetentionResult { periodLabels cohorts { day label count returnedCounts breakdown } }
  ... on PathsResult { pathEdges { step source target count averageConversionSeconds } }
  ... on LifecycleResult { event lines { status label days labels counts count } }
  ... on StickinessResult { cumulative lines { series event name label bucketCounts labels counts count } }
  ... on SqlResult { statement moreHidden columns { name type } rows { cells { text number truth } } } }"""
OUTCOME = f"outcome {{ cached lastRefreshAt staleAt nextRefreshAt cursor run {{ queryId state }} {RESULT} }}"
INSIGHT = f"""id rawId shortId name derivedName description type tags favorited saved folder
  createdAt updatedAt lastModifiedAt lastViewedAt createdBy {{ id }} lastModifiedBy {{ id }} {QUERY}"""
ERRORS = "userErrors { field code message }"
CREATE = (
    f"mutation ($input: CreateInsightInput!) {{ createInsight(input: $input) {{ insight {{ {INSIGHT} }} {ERRORS} }} }}"
)
UPDATE = (
    f"mutation ($input: UpdateInsightInput!) {{ updateInsight(input: $input) {{ insight {{ {INSIGHT} }} {ERRORS} }} }}"
)
DELETE = f"mutation ($input: DeleteInsightInput!) {{ deleteInsight(input: $input) {{ insight {{ name }} {ERRORS} }} }}"
RESTORE = (
    f"mutation ($input: RestoreInsightInput!) {{ restoreInsight(input: $input) {{ insight {{ name }} {ERRORS} }} }}"
)
TAG = f"""mutation ($input: UpdateInsightTagsInput!) {{ updateInsightTags(input: $input) {{
  insights {{ tags }} skipped {{ insightId reason }} {ERRORS} }} }}"""
RUN = f"mutation ($input: RunInsightInput!) {{ runInsight(input: $input) {{ {OUTCOME} {ERRORS} }} }}"
ONE = f"query ($id: ID!) {{ insight(id: $id) {{ {INSIGHT} }} }}"
DRILL = """query ($id: ID, $asked: InsightQueryInput, $point: InsightPointInput!, $first: Int, $after: String) {
  drillDown(id: $id, query: $asked, point: $point) { hiddenCount
    subSessions(first: $first, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } } }"""
COMMIT: JsonObject = {"event": "commit"}
COMMITS: JsonObject = {"trends": {"series": [COMMIT]}}


@pytest.fixture
async def dev(services: Services) -> Asker:
    """A key that sees the whole organisation."""
    return await make_asker(services, admin=True, scopes=(*DEFAULT, "org:read", "scores:read"))


DEFAULT = (
    "insight:read", "insight:write", "query:read", "alert:read", "alert:write", "activity_log:read",
    "sharing_configuration:read", "sharing_configuration:write",
)  # fmt: skip


async def create(asker: Asker, query: JsonValue = None, **input: JsonValue) -> JsonObject:
    payload = (await asker.data(CREATE, input={"query": query, **input}))["createInsight"]
    assert payload["userErrors"] == []
    return payload["insight"]


class Kind(NamedTuple):
    """A query as it is given, what of it is shown again, and what it comes to."""

    given: JsonObject
    shown: JsonObject
    result: str


WHERE: JsonObject = {
    "any": [
        {"compare": {"property": {"key": "agent"}, "values": ["codex"]}},
        {
            "all": [
                {"compare": {"property": {"key": "email", "source": "PERSON"}, "operator": "CONTAINS", "values": ["a"]}}
            ]
        },
    ]
}
RANGE: JsonObject = {"dateFrom": "2026-02-20", "dateTo": "2026-03-02"}
BY: JsonObject = {"properties": [{"key": "agent", "source": "EVENT"}], "valueCount": 3, "withoutRest": True}
KINDS: Mapping[str, Kind] = {
    "trends": Kind(
        {"trends": {
            "series": [
                {**COMMIT, "name": "Commits", "where": WHERE},
                {"event": "ai_response", "math": "SUM", "of": {"key": "cost_usd"}},
            ],
            "interval": "WEEK", "range": RANGE, "breakdown": BY, "display": "BAR",
            "compared": True, "comparedWith": "-1w",
            "formulas": [{"formula": "A / B", "name": "Share"}], "subject": "SESSION",
        }},
        {"interval": "WEEK", "display": "BAR", "compared": True, "comparedWith": "-1w", "subject": "SESSION",
         "breakdown": BY,
         "formulas": [{"formula": "A / B", "name": "Share"}], "range": {**RANGE, "exact": False}},
        "TrendsResult",
    ),
    "funnel": Kind(
        {"funnel": {
            "steps": [{"event": "prompt"}, COMMIT], "order": "STRICT", "subject": "ARC",
            "window": {"count": 2, "unit": "HOUR"},
            "exclusions": [{"events": {"event": "revert"}, "afterStep": 0, "beforeStep": 1}],
        }},
        {"order": "STRICT", "window": {"count": 2, "unit": "HOUR"}, "subject": "ARC", "view": "STEPS",
         "exclusions": [{"afterStep": 0, "beforeStep": 1, "events": {"event": "revert"}}]},
        "FunnelResult",
    ),
    "times": Kind(
        {"funnel": {"steps": [{"event": "prompt"}, COMMIT], "view": "TIME_TO_CONVERT", "binCount": 4}},
        {"view": "TIME_TO_CONVERT", "binCount": 4, "subject": "DEVELOPER"},
        "FunnelTimesResult",
    ),
    "over_time": Kind(
        {"funnel": {"steps": [{"event": "prompt"}, COMMIT], "view": "OVER_TIME"}},
        {"view": "OVER_TIME"},
        "FunnelTrendsResult",
    ),
    "retention": Kind(
        {"retention": {"target": {"event": "prompt"}, "returning": COMMIT, "interval": "WEEK", "periodCount": 4,
                       "kind": "FIRST_TIME", "cumulative": True}},
        {"target": {"event": "prompt"}, "returning": COMMIT, "interval": "WEEK", "periodCount": 4, "kind": "FIRST_TIME",
         "cumulative": True},
        "RetentionResult",
    ),
    "paths": Kind(
        {"paths": {"startEvent": "prompt", "excludedEvents": ["edit"], "stepCount": 3, "edgeCount": 9,
                   "minEdgeCount": 1, "cleaning": [{"regex": "^test_.*", "alias": "test"}]}},
        {"startEvent": "prompt", "endEvent": None, "excludedEvents": ["edit"], "stepCount": 3, "edgeCount": 9,
         "minEdgeCount": 1, "maxEdgeCount": None, "cleaning": [{"regex": "^test_.*", "alias": "test"}]},
        "PathsResult",
    ),
    "lifecycle": Kind({"lifecycle": {"events": COMMIT}}, {"events": COMMIT, "interval": "DAY"}, "LifecycleResult"),
    "stickiness": Kind(
        {"stickiness": {"series": [COMMIT], "interval": "WEEK", "cumulative": True}},
        {"stuck": [COMMIT], "interval": "WEEK", "cumulative": True},
        "StickinessResult",
    ),
    "sql": Kind(
        {"sql": {"statement": "SELECT event, count() AS n FROM events WHERE event = {name} GROUP BY event",
                 "values": [{"name": "name", "text": "commit"}, {"name": "least", "number": 2}]}},
        {"statement": "SELECT event, count() AS n FROM events WHERE event = {name} GROUP BY event", "range": None,
         "values": [
             {"name": "name", "text": "commit", "number": None}, {"name": "least", "text": None, "number": 2.0},
         ]},
        "SqlResult",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
async def test_every_kind_is_shown_as_it_was_given_and_comes_to_its_result(dev: Asker, kind: Kind) -> None:
    await happened(dev.ctx, made("prompt", NOW - timedelta(hours=30)), made("commit", NOW - timedelta(hours=29)))
    insight = await create(dev, kind.given, name="One")
    assert {name: insight["query"][name] for name in kind.shown} == kind.shown
    stored = await get_insight(dev.ctx, InsightId(int(insight["rawId"])))
    assert stored.query is not None
    assert read(stored.query).document == stored.query, "what REST shows is what it takes"
    payload = (await dev.data(RUN, input={"id": insight["id"]}))["runInsight"]
    assert payload["userErrors"] == []
    assert payload["outcome"]["result"]["__typename"] == kind.result
    again = (await dev.data(RUN, input={"query": kind.given}))["runInsight"]["outcome"]
    assert (again["cached"], again["result"]) == (True, payload["outcome"]["result"])


async def test_numbers_are_those_that_happened(dev: Asker) -> None:
    await happened(dev.ctx, *(made("commit", NOW - timedelta(days=1), session="s") for _ in range(3)))
    answer = await dev.data(RUN, input={"query": COMMITS})
    [line] = answer["runInsight"]["outcome"]["result"]["lines"]
    assert (line["days"][-2:], line["values"][-2:], line["count"]) == (["2026-03-01", "2026-03-02"], [3, 0], 3)
    table = {"sql": {"statement": "SELECT event, count() AS n, count() > 2, NULL FROM events GROUP BY event"}}
    result = (await dev.data(RUN, input={"query": table}))["runInsight"]["outcome"]["result"]
    [row] = result["rows"]
    assert [cell["text"] for cell in row["cells"]] == ["commit", "3", "true", None]
    assert [cell["number"] for cell in row["cells"]] == [None, 3, None, None]
    assert [column["name"] for column in result["columns"]][:2] == ["event", "n"]


async def test_lines_and_steps_bear_the_names_they_were_given(dev: Asker) -> None:
    named: JsonObject = {**COMMIT, "name": "Saved"}

    async def result(**query: JsonValue) -> JsonObject:
        return (await dev.data(RUN, input={"query": query}))["runInsight"]["outcome"]["result"]

    lines = (await result(trends={"series": [named, {**COMMIT, "math": "DAU"}]}))["lines"]
    assert [(one["name"], one["label"], one["math"]) for one in lines] == [
        ("Saved", "commit", "TOTAL"),
        (None, "commit", "DAU"),
    ]
    formula = {"series": [named], "formulas": [{"formula": "A * 2", "name": "Twice"}]}
    [line] = (await result(trends=formula))["lines"]
    assert (line["name"], line["math"]) == ("Twice", None)
    [line] = (await result(stickiness={"series": [named]}))["lines"]
    assert line["name"] == "Saved"
    [group] = (await result(funnel={"steps": [named, COMMIT]}))["groups"]
    assert [step["name"] for step in group["steps"]] == ["Saved", "commit"]


async def test_missing_values_and_the_rest_of_a_breakdown_are_told_apart(dev: Asker) -> None:
    at = NOW - timedelta(days=1)
    for agent, count in {"codex": 3, None: 2, "other": 1}.items():
        await happened(dev.ctx, *(made("commit", at, agent=agent) for _ in range(count)))
    by = {"properties": [{"key": "agent"}], "valueCount": 2}
    answer = await dev.data(RUN, input={"query": {"trends": {"series": [COMMIT], "breakdown": by}}})
    lines = answer["runInsight"]["outcome"]["result"]["lines"]
    assert [(one["label"], one["breakdown"], one["ofRest"], one["count"]) for one in lines] == [
        ("codex", ["codex"], False, 3),
        ("none", [None], False, 2),
        ("others", lines[2]["breakdown"], True, 1),
    ]


async def test_an_insight_is_made_changed_deleted_and_brought_back(dev: Asker) -> None:
    me = {"id": nodes.encode("Developer", dev.ctx.caller.user_id)}
    insight = await create(dev, COMMITS, name="Commits", tags=["B", "a ", "b"], favorited=True, folder="team")
    assert (insight["type"], insight["tags"], insight["createdBy"]) == ("TRENDS", ["a", "b"], me)
    assert (insight["saved"], insight["favorited"], insight["folder"]) == (True, True, "team")
    for id in (insight["id"], insight["rawId"], insight["shortId"]):
        assert (await dev.data(ONE, id=id))["insight"]["name"] == "Commits"
    changed = await dev.data(UPDATE, input={"id": insight["id"], "name": None, "tags": [], "query": KINDS["sql"].given})
    changed = changed["updateInsight"]["insight"]
    assert (changed["name"], changed["tags"], changed["type"], changed["favorited"]) == (None, [], "SQL", True)
    assert (await dev.data(DELETE, input={"id": insight["id"]}))["deleteInsight"]["userErrors"] == []
    assert (await dev.data(ONE, id=insight["id"]))["insight"] is None
    gone = (await dev.data(UPDATE, input={"id": insight["id"], "name": "x"}))["updateInsight"]
    assert [error["code"] for error in gone["userErrors"]] == ["NOT_FOUND"]
    assert (await dev.data(RESTORE, input={"id": insight["id"]}))["restoreInsight"]["userErrors"] == []
    assert (await dev.data(ONE, id=insight["id"]))["insight"]["query"]["__typename"] == "SqlQuery"
    told = await dev.data(
        "{ insightActivity { totalCount nodes { kind insightId developer { id } "
        "changes { field action before after } } } }"
    )
    assert [one["kind"] for one in told["insightActivity"]["nodes"]] == ["RESTORED", "DELETED", "UPDATED", "CREATED"]
    assert told["insightActivity"]["nodes"][0] == {
        "kind": "RESTORED", "insightId": insight["id"], "developer": me,
        "changes": [{"field": "deleted", "action": "CHANGED", "before": True, "after": False}],
    }  # fmt: skip


async def test_lists_are_filtered_sorted_and_paged(dev: Asker) -> None:
    for name, query in (("Alpha", COMMITS), ("beta", KINDS["sql"].given), ("Gamma", COMMITS)):
        await create(dev, query, name=name, tags=[name], favorited=name == "beta")
    query = """query ($filter: InsightFilterInput, $sort: InsightSortInput, $first: Int, $after: String) {
      insights(filter: $filter, sort: $sort, first: $first, after: $after) {
        totalCount nodes { name } pageInfo { hasNextPage endCursor } } }"""

    async def names(**asked: JsonValue) -> list[str]:
        return [one["name"] for one in (await dev.data(query, **asked))["insights"]["nodes"]]

    assert await names(sort={"by": "NAME", "direction": "DESC"}) == ["Gamma", "beta", "Alpha"]
    assert await names(filter={"type": "SQL"}) == await names(filter={"favorited": True}) == ["beta"]
    assert await names(filter={"tags": ["ALPHA", "gamma"]}) == ["Alpha", "Gamma"]
    assert await names(filter={"search": "AMM"}) == ["Gamma"]
    for wrong in ({"tags": ["a\0"]}, {"search": "\0"}, {"folder": "\0"}):
        assert await dev.code(query, filter=wrong) == "BAD_USER_INPUT"
    mine = nodes.encode("Developer", dev.ctx.caller.user_id)
    assert len(await names(filter={"createdByIds": [mine]})) == 3
    page = (await dev.data(query, first=2, sort={"by": "NAME", "direction": "ASC"}))["insights"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    assert await names(first=2, sort={"by": "NAME", "direction": "ASC"}, after=page["pageInfo"]["endCursor"]) == [
        "Gamma"
    ]
    assert (await dev.data("{ insightTags }"))["insightTags"] == ["alpha", "beta", "gamma"]


async def test_insights_are_found_by_their_folder(dev: Asker) -> None:
    for name, folder in {"a": "Weekly", "b": "Team", "c": None, "d": "Weekly", "e": "Old"}.items():
        made = await create(dev, name=name, folder=folder)
    await dev.data("mutation ($id: ID!) { deleteInsight(input: {id: $id}) { userErrors { code } } }", id=made["id"])
    query = """query ($folder: String) { insightFolders
      insights(filter: {folder: $folder}, sort: {by: NAME, direction: ASC}) { totalCount nodes { name } } }"""
    found = await dev.data(query, folder="Weekly")
    assert found["insightFolders"] == ["Team", "Weekly"]
    assert found["insights"] == {"totalCount": 2, "nodes": [{"name": "a"}, {"name": "d"}]}
    assert (await dev.data(query, folder="weekly"))["insights"]["totalCount"] == 0


async def test_tags_of_many_are_changed(dev: Asker) -> None:
    insight = await create(dev, COMMITS, tags=["a"])
    payload = await dev.data(TAG, input={"ids": [insight["id"], "99"], "action": "ADD", "tags": ["B"]})
    assert payload["updateInsightTags"] == {
        "insights": [{"tags": ["a", "b"]}],
        "skipped": [{"insightId": nodes.encode("Insight", 99), "reason": "Not found"}],
        "userErrors": [],
    }
    payload = await dev.data(TAG, input={"ids": [insight["id"]], "action": "ADD", "tags": []})
    assert [error["code"] for error in payload["updateInsightTags"]["userErrors"]] == ["INVALID"]


BAD_PATTERN: JsonObject = {"compare": {"property": {"key": "agent"}, "operator": "REGEX", "values": ["("]}}
WRONG: list[tuple[JsonObject, str]] = [
    ({"trends": {"series": []}}, "trends.series"),
    ({"trends": {"series": [COMMIT, {"event": "commit", "math": "SUM"}]}}, "trends.series.1.of"),
    ({"trends": {"series": [COMMIT], "range": {"dateFrom": "soon"}}}, "trends.range.dateFrom"),
    ({"trends": {"series": [COMMIT], "formulas": [{"formula": "A +"}]}}, "trends.formulas"),
    ({"trends": {"series": [COMMIT], "where": {"all": [{"any": [BAD_PATTERN]}]}}},
     "trends.where.all.0.any.0.compare.values"),
    ({"trends": {"series": [COMMIT], "comparedWith": "soon"}}, "trends.comparedWith"),
    ({"funnel": {"steps": [COMMIT]}}, "funnel.steps"),
    ({"funnel": {"steps": [COMMIT, {"event": "push", "where": BAD_PATTERN}]}}, "funnel.steps.1.where.compare.values"),
    ({"funnel": {"steps": [COMMIT] * 2, "window": {"count": 0}}}, "funnel.window.count"),
    ({"retention": {"periodCount": 1000}}, "retention.periodCount"),
    ({"paths": {"cleaning": [{"regex": "(", "alias": "x"}]}}, "paths.cleaning.0.regex"),
    ({"lifecycle": {"events": {"where": BAD_PATTERN}}}, "lifecycle.events.where.compare.values"),
    ({"stickiness": {"series": [COMMIT], "where": BAD_PATTERN}}, "stickiness.where.compare.values"),
    ({"sql": {"statement": ""}}, "sql.statement"),
]  # fmt: skip


async def test_what_cannot_be_asked_is_an_error_at_its_place(dev: Asker) -> None:
    for query, place in WRONG:
        payload = (await dev.data(RUN, input={"query": query}))["runInsight"]
        assert payload["outcome"] is None
        [error] = payload["userErrors"]
        assert (error["code"], error["field"]) == ("INVALID_QUERY", ["query", *place.split(".")])
        kind, rest = place.split(".", 1)
        assert error["message"].startswith(f"{rest}: "), kind


async def test_an_error_names_the_place_of_other_input(dev: Asker) -> None:
    async def place(mutation: str, **input: JsonValue) -> list[str]:
        payload = next(iter((await dev.data(mutation, input=input)).values()))
        return [".".join(error["field"]) for error in payload["userErrors"]]

    insight = await create(dev, {"funnel": {"steps": [COMMIT]}})
    assert await place(RUN, id=insight["id"]) == ["id"]
    assert await place(RUN, query=COMMITS, clientQueryId="") == ["clientQueryId"]
    assert await place(CREATE, query={"trends": {"series": []}}) == ["query.trends.series"]
    assert await place(TAG, ids=[insight["id"], "none"], action="ADD", tags=["a"]) == ["ids.1"]
    forget = """mutation ($input: DeleteInsightPasswordInput!) {
      deleteInsightPassword(input: $input) { userErrors { field } } }"""
    assert await place(forget, id=insight["id"], passwordId="none") == ["passwordId"]


async def test_conditions_are_only_so_deep(dev: Asker) -> None:
    where: JsonObject = {"compare": {"property": {"key": "agent"}, "values": ["x"]}}
    for _ in range(12):
        where = {"all": [where]}
    assert await dev.code(RUN, input={"query": {"trends": {"series": [COMMIT], "where": where}}}) == "BAD_USER_INPUT"


async def test_one_that_cannot_be_computed_lets_the_others_be(dev: Asker) -> None:
    for query in (COMMITS, {"funnel": {"steps": [COMMIT]}}, COMMITS):
        await create(dev, query)
    answer = await dev.ask("{ insights { nodes { outcome(refresh: FORCE_BLOCKING) { result { __typename } } } } }")
    outcomes = [one["outcome"] for one in answer["data"]["insights"]["nodes"]]
    assert outcomes == [{"result": {"__typename": "TrendsResult"}}, None, {"result": {"__typename": "TrendsResult"}}]
    [error] = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["insights", "nodes", 1, "outcome"], "BAD_USER_INPUT")


async def test_exactly_one_of_insight_and_query_is_run(dev: Asker) -> None:
    for input in ({}, {"id": "1", "query": COMMITS}):
        payload = (await dev.data(RUN, input=input))["runInsight"]
        assert [error["code"] for error in payload["userErrors"]] == ["INVALID"]
    assert await dev.code(RUN, input={"query": {}}) == "BAD_USER_INPUT"


async def test_a_stored_query_shows_its_kind_alone(dev: Asker) -> None:
    document: JsonObject = {"kind": "DataTableNode", "source": {"kind": "EventsQuery", "select": ["*"]}}
    made = await create_insight(dev.ctx, InsightChange(query=document))
    shown = (await dev.data(ONE, id=str(made.id)))["insight"]
    assert (shown["type"], shown["query"]) == ("JSON", {"__typename": "StoredQuery", "storedKind": "EventsQuery"})
    payload = (await dev.data(RUN, input={"id": str(made.id)}))["runInsight"]
    assert [error["code"] for error in payload["userErrors"]] == ["NOT_SUPPORTED"]


def test_a_query_that_is_taken_no_longer_is_only_stored() -> None:
    shown = shown_document({"kind": "InsightVizNode", "source": {"kind": "TrendsQuery", "series": [], "old": 1}})
    assert isinstance(shown, StoredQuery)
    assert shown.kind == "TrendsQuery"


async def test_a_run_in_the_background_is_asked_after_and_taken_back(dev: Asker) -> None:
    run = {"query": COMMITS, "refresh": "FORCE_ASYNC", "clientQueryId": "mine"}
    outcome = (await dev.data(RUN, input=run))["runInsight"]["outcome"]
    assert (outcome["result"], outcome["run"]["queryId"], outcome["run"]["state"]) == (None, "mine", "WAITING")
    ask = "query ($id: String!) { insightRun(queryId: $id) { run { state failure { code } } outcome { cached } } }"
    assert (await dev.data(ask, id="mine"))["insightRun"]["run"]["state"] == "WAITING"
    cancel = 'mutation { cancelInsightRun(input: {queryId: "mine"}) { queryId userErrors { code } } }'
    assert (await dev.data(cancel))["cancelInsightRun"] == {"queryId": "mine", "userErrors": []}
    assert (await dev.data(ask, id="mine"))["insightRun"]["run"] == {
        "state": "CANCELLED",
        "failure": {"code": "CANCELLED"},
    }
    assert await dev.code(ask, id="other") == "NOT_FOUND"


async def test_a_result_is_followed(dev: Asker) -> None:
    await dev.data(RUN, input={"query": COMMITS})
    follow = """subscription ($asked: InsightQueryInput, $after: String) { insightResult(query: $asked, after: $after) {
      cursor result { ... on TrendsResult { lines { count } } } } }"""
    async with socket(dev.app) as ours:
        await ours.init({"Authorization": f"Bearer {dev.secret}"})
        await ours.subscribe(follow, asked=COMMITS)
        first = (await ours.next())["insightResult"]
        assert first["result"]["lines"] == [{"count": 0}]
        await happened(dev.ctx, made("commit", NOW - timedelta(days=1)))
        await dev.data(RUN, input={"query": COMMITS, "refresh": "FORCE_BLOCKING"})
        second = (await ours.next())["insightResult"]
        assert second["result"]["lines"] == [{"count": 1}]
    async with socket(dev.app) as ours:
        await ours.init({"Authorization": f"Bearer {dev.secret}"})
        await ours.subscribe(follow, asked=COMMITS, after=first["cursor"])
        assert (await ours.next())["insightResult"] == second


async def test_advice_is_given(dev: Asker) -> None:
    insight = await create(dev, KINDS["retention"].given)
    query = (
        f"query ($id: ID!) {{ insightSuggestions(id: $id) {{ title description {QUERY} }} insightAnalysis(id: $id) }}"
    )
    told = await dev.data(query, id=insight["id"])
    assert {"StickinessQuery", "LifecycleQuery"} <= {one["query"]["__typename"] for one in told["insightSuggestions"]}
    assert told["insightAnalysis"] == ""
    name = """mutation ($input: GenerateInsightMetadataInput!) { generateInsightMetadata(input: $input) {
      name description userErrors { code } } }"""
    by_id, by_query = [
        (await dev.data(name, input=input))["generateInsightMetadata"]
        for input in ({"id": insight["id"]}, {"query": KINDS["retention"].given})
    ]
    assert by_id == by_query
    assert by_id["name"]


SHARE = "mutation ($input: UpdateInsightSharingInput!) { updateInsightSharing(input: $input) { userErrors { code } } }"
SHARING = "sharing { enabled accessToken passwordNeeded passwords { rawId note } }"


async def test_an_insight_is_shared(dev: Asker) -> None:
    insight = await create(dev, COMMITS)
    shown = f"query ($id: ID!) {{ insight(id: $id) {{ {SHARING} }} }}"
    never = (await dev.data(shown, id=insight["id"]))["insight"]["sharing"]
    assert never == {"enabled": False, "accessToken": None, "passwordNeeded": False, "passwords": []}

    async def change(name: str, **input: JsonValue) -> JsonObject:
        type = name[0].upper() + name[1:]
        more = "password" if name == "createInsightPassword" else ""
        query = f"mutation ($input: {type}Input!) {{ {name}(input: $input) {{ {SHARING} {more} {ERRORS} }} }}"
        return (await dev.data(query, input={"id": insight["id"], **input}))[name]

    early = await change("createInsightPassword")
    assert [error["code"] for error in early["userErrors"]] == ["INVALID"]
    shared = await change("updateInsightSharing", enabled=True, passwordNeeded=True)
    assert shared["sharing"]["enabled"]
    again = await change("refreshInsightSharing")
    assert again["sharing"]["accessToken"] not in (None, shared["sharing"]["accessToken"])
    made = await change("createInsightPassword", password="long enough", note="board")
    assert (made["password"], made["sharing"]["passwords"][0]["note"]) == ("long enough", "board")
    gone = await change("deleteInsightPassword", passwordId=made["sharing"]["passwords"][0]["rawId"])
    assert gone["sharing"]["passwords"] == []
    assert (await dev.data(shown, id=insight["id"]))["insight"]["sharing"] == gone["sharing"]


_NONE = UUID(int=1)
NEEDED = [
    ('{ insight(id: "1") { id } }', "insight:read"),
    ("{ insights { nodes { id } } }", "insight:read"),
    ("{ insightTags }", "insight:read"),
    ("{ insightFolders }", "insight:read"),
    ("{ insightActivity { nodes { kind } } }", "activity_log:read"),
    ('{ insightSuggestions(id: "1") { title } }', "insight:read"),
    ('{ insightAnalysis(id: "1") }', "insight:read"),
    ('{ insightRun(queryId: "x") { run { state } } }', "query:read"),
    ('{ drillDown(id: "1", point: {trends: {}}) { hiddenCount } }', "insight:read"),
    ('{ drillDown(query: {sql: {statement: "SELECT 1"}}, point: {trends: {}}) { hiddenCount } }', "query:read"),
    ("mutation { createInsight(input: {}) { userErrors { code } } }", "insight:write"),
    ('mutation { updateInsight(input: {id: "1"}) { userErrors { code } } }', "insight:write"),
    ('mutation { deleteInsight(input: {id: "1"}) { userErrors { code } } }', "insight:write"),
    ('mutation { restoreInsight(input: {id: "1"}) { userErrors { code } } }', "insight:write"),
    ('mutation { updateInsightTags(input: {ids: ["1"], action: SET, tags: []}) { insights { id } } }', "insight:write"),
    ('mutation { runInsight(input: {id: "1"}) { userErrors { code } } }', "insight:read"),
    ('mutation { runInsight(input: {query: {sql: {statement: "SELECT 1"}}}) { userErrors { code } } }', "query:read"),
    ('mutation { cancelInsightRun(input: {queryId: "x"}) { queryId } }', "insight:write"),
    ('mutation { generateInsightMetadata(input: {query: {sql: {statement: "SELECT 1"}}}) { name } }', "insight:write"),
    ('mutation { updateInsightSharing(input: {id: "1"}) { userErrors { code } } }', "sharing_configuration:write"),
    ('mutation { refreshInsightSharing(input: {id: "1"}) { userErrors { code } } }', "sharing_configuration:write"),
    ('mutation { createInsightPassword(input: {id: "1"}) { userErrors { code } } }', "sharing_configuration:write"),
    (f'mutation {{ deleteInsightPassword(input: {{id: "1", passwordId: "{_NONE}"}}) {{ sharing {{ enabled }} }} }}',
     "sharing_configuration:write"),
]  # fmt: skip


async def test_every_operation_wants_its_scope(dev: Asker, services: Services) -> None:
    await create(dev, COMMITS)
    keys: dict[str, Asker] = {}
    for query, scope in NEEDED:
        if scope not in keys:
            rest = tuple(one for one in (*DEFAULT, "scores:read") if one != scope)
            keys[scope] = await make_asker(services, dev.slug, scopes=rest)
        assert await keys[scope].code(query) == "FORBIDDEN", query


async def test_others_find_nothing(dev: Asker, services: Services) -> None:
    insight = await create(dev, COMMITS)
    eve = await make_asker(services, admin=True, scopes=(*DEFAULT, "scores:read"))
    assert (await eve.data(ONE, id=insight["id"]))["insight"] is None
    assert (await eve.data("query ($id: ID!) { node(id: $id) { id } }", id=insight["id"]))["node"] is None
    for query, input in (
        (UPDATE, {"name": "x"}), (DELETE, {}), (RESTORE, {}), (RUN, {}),
        (SHARE, {}),
    ):  # fmt: skip
        [payload] = (await eve.data(query, input={"id": insight["id"], **input})).values()
        assert [error["code"] for error in payload["userErrors"]] == ["NOT_FOUND"], query
    assert await eve.code("query ($id: ID!) { insightSuggestions(id: $id) { title } }", id=insight["id"]) == "NOT_FOUND"
    assert (
        await eve.code("query ($id: ID!) { insightActivity(id: $id) { totalCount } }", id=insight["id"]) == "NOT_FOUND"
    )
    assert await eve.code(DRILL, id=insight["id"], point={"trends": {}}) == "NOT_FOUND"


LISTED = """{ insights { nodes { name createdBy { id } lastModifiedBy { id } outcome { cached result { __typename } }
  sharing { enabled passwords { rawId } }
  thresholds { name alerts { state subscribers { id } insight { id } } createdBy { id } }
  alerts { state threshold { id } insight { id } } query { __typename } } } }"""


async def test_a_list_costs_as_many_statements_as_one(dev: Asker) -> None:
    counts: list[int] = []
    for _ in range(2):
        for _ in range(3):
            await make_alert(dev.ctx, await make_threshold(dev.ctx))
        with statements() as seen:
            listed = await dev.data(LISTED)
        assert all(one["thresholds"][0]["alerts"] and one["alerts"] for one in listed["insights"]["nodes"])
        counts.append(len(seen))
    assert counts[0] == counts[1]


DAY: JsonObject = {"dateFrom": "2026-03-02", "dateTo": "2026-03-03"}
PROMPT: JsonObject = {"event": "prompt"}
POINTS: list[tuple[JsonObject, JsonObject]] = [
    ({"trends": {"series": [PROMPT], "range": DAY}}, {"trends": {"bucket": 0}}),
    ({"trends": {"series": [PROMPT], "range": DAY}}, {"trends": {}}),
    ({"funnel": {"steps": [{"event": "arc_opened"}, PROMPT], "range": DAY, "subject": "ARC"}}, {"funnel": {"step": 1}}),
    ({"trends": {"series": [PROMPT], "range": {"dateFrom": "2026-03-03", "dateTo": "2026-03-03"}, "compared": True}},
     {"trends": {"bucket": 0, "previous": True}}),
    ({"funnel": {"steps": [{"event": "arc_opened"}, PROMPT], "range": DAY, "subject": "ARC", "view": "OVER_TIME"}},
     {"funnel": {"step": 1, "bucket": 0}}),
    ({"funnel": {"steps": [{"event": "arc_opened"}, PROMPT], "range": DAY, "subject": "ARC", "view": "TIME_TO_CONVERT",
                 "breakdown": BY}}, {"funnel": {"step": 1, "leastSeconds": 0}}),
    ({"retention": {"target": PROMPT, "range": DAY, "periodCount": 1}}, {"retention": {"cohort": 0}}),
    ({"lifecycle": {"events": PROMPT, "range": DAY}}, {"lifecycle": {"status": "NEW", "bucket": 0}}),
    ({"stickiness": {"series": [PROMPT], "range": DAY}}, {"stickiness": {"bucketCount": 1}}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "point"), POINTS)
async def test_a_number_leads_to_the_arcs_behind_it(
    ada: Asker, judged: Services, query: JsonObject, point: JsonObject
) -> None:
    own = [await _work(ada, hour) for hour in range(2)]
    boss = await make_asker(judged, ada.slug, KeyKind.PERSONAL, scopes=(*DEFAULT, "scores:read"))
    theirs = await _work(boss, 3)
    found = (await ada.data(DRILL, asked=query, point=point))["drillDown"]
    assert ([one["id"] for one in found["subSessions"]["nodes"]], found["hiddenCount"]) == (own[::-1], 0)
    seen = (await boss.data(DRILL, asked=query, point=point))["drillDown"]
    assert ([one["id"] for one in seen["subSessions"]["nodes"]], seen["hiddenCount"]) == ([theirs], 2)
    assert seen["subSessions"]["totalCount"] == 1


async def _work(asker: Asker, hour: int) -> str:
    """The id of an arc of a session."""
    one = recorded(*bug_fix(60 * hour), ended(60 * hour + 8))
    await store(asker.ctx, one)
    await derive(asker.ctx, one)
    [arc] = await arcs(asker.ctx, one)
    return nodes.encode("SubSession", arc.id)


async def test_arcs_behind_a_number_come_in_pages(ada: Asker) -> None:
    own = [await _work(ada, hour) for hour in range(3)]
    query, point = POINTS[1]
    insight = await create(ada, query)
    page = (await ada.data(DRILL, id=insight["id"], point=point, first=2))["drillDown"]["subSessions"]
    rest = await ada.data(DRILL, id=insight["id"], point=point, first=2, after=page["pageInfo"]["endCursor"])
    assert [one["id"] for one in (*page["nodes"], *rest["drillDown"]["subSessions"]["nodes"])] == own[::-1]
    assert (page["pageInfo"]["hasNextPage"], page["totalCount"]) == (True, 3)
    backwards = DRILL.replace("first: $first, after: $after", "last: 1").replace(", $first: Int, $after: String", "")
    assert await ada.code(backwards, id=insight["id"], point=point) == "BAD_USER_INPUT"
    assert await ada.code(DRILL, id=insight["id"], point={"funnel": {"step": 0}}) == "BAD_USER_INPUT"
    assert await ada.code(DRILL, id=insight["id"], point={"trends": {"previous": True}}) == "BAD_USER_INPUT"
    sql = await ada.ask(DRILL, asked=KINDS["sql"].given, point=point)
    assert "sub_session_id" in sql["errors"][0]["message"]
